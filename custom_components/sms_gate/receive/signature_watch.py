"""What happens when the signatures of webhooks are wrong for long."""

from collections.abc import Mapping
import time
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..const import CONF_SIGNING_KEY
from ..gateway.signature import Signature, check_signature, is_plausible

REFUSALS_UNTIL_ISSUE: Final = 3
# Enough for any SMS; only to try another key with
_KEPT_BYTES: Final = 64 * 1024
_ISSUES: Final = {
    Signature.INVALID: IssueKind.WRONG_SIGNING_KEY,
    Signature.OUT_OF_WINDOW: IssueKind.PHONE_CLOCK_WRONG,
}


class SignatureWatch:
    """Creates one issue where webhooks are refused, instead of flooding the log.

    The phone tries for two days, so nothing is lost once the cause is gone.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin without refusals: the key may be another one since the last load."""
        self._hass = hass
        self._entry = entry
        self._key: str | None = entry.options.get(CONF_SIGNING_KEY)
        self._refusals: dict[Signature, int] = {}
        self._refused: tuple[dict[str, str], bytes] | None = None
        self._delete_issues()

    @callback
    def may_accept(self, headers: Mapping[str, str]) -> bool:
        """Return False where no body could be accepted with these headers."""
        if not self._key or is_plausible(headers):
            return True
        self._refuse(Signature.INVALID)
        return False

    def check(self, headers: Mapping[str, str], body: bytes) -> Signature:
        """Check a webhook; without a key of the account everything is valid."""
        if not self._key:
            return Signature.VALID
        return check_signature(headers, body, self._key)

    @callback
    def accepts(
        self, result: Signature, headers: Mapping[str, str], body: bytes
    ) -> bool:
        """Note the result of a check; return True if it is a valid one."""
        if result is not Signature.VALID:
            if result is Signature.INVALID and len(body) <= _KEPT_BYTES:
                self._refused = (dict(headers), body)
            self._refuse(result, headers.get("X-Timestamp", ""))
            return False
        if self._refusals:
            self._refusals.clear()
            self._delete_issues()
        return True

    @callback
    def is_signed_with(self, key: str) -> bool | None:
        """Return True if a key is the right one for the last webhook with a wrong one.

        None where no such webhook is known.
        """
        if self._refused is None:
            return None
        return check_signature(*self._refused, key) is not Signature.INVALID

    def _refuse(self, result: Signature, timestamp: str = "") -> None:
        count = self._refusals[result] = self._refusals.get(result, 0) + 1
        if count != REFUSALS_UNTIL_ISSUE:
            return
        placeholders = None
        if result is Signature.OUT_OF_WINDOW:
            minutes = round(abs(time.time() - int(timestamp)) / 60)
            placeholders = {"minutes": str(minutes)}
        async_create_issue(
            self._hass, self._entry, _ISSUES[result], placeholders=placeholders
        )

    def _delete_issues(self) -> None:
        for kind in _ISSUES.values():
            async_delete_issue(self._hass, self._entry, kind)
