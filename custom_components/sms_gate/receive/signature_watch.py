"""The phone's signature of a webhook, and what happens when it is wrong for long."""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..const import CONF_SIGNING_KEY
from ..gateway.signature import is_signed

REFUSALS_TO_TELL: Final = 3


class SignatureWatch:
    """Tells the user once that the key is wrong, instead of flooding the log.

    The phone tries for two days, so nothing is lost once the key is right.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin without refusals."""
        self._hass = hass
        self._entry = entry
        self._refusals = 0

    @callback
    def accepts(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Check a webhook; without a key of the account everything is accepted."""
        key: str | None = self._entry.options.get(CONF_SIGNING_KEY)
        if key and not is_signed(headers, body, key):
            self._refusals += 1
            if self._refusals == REFUSALS_TO_TELL:
                async_create_issue(self._hass, self._entry, IssueKind.WRONG_SIGNING_KEY)
            return False
        if self._refusals:
            self._refusals = 0
            async_delete_issue(self._hass, self._entry, IssueKind.WRONG_SIGNING_KEY)
        return True
