"""The phone's signature of a webhook, and what happens when it is wrong for long."""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_SIGNING_KEY, DOMAIN
from ..gateway.signature import is_signed

REFUSALS_TO_TELL: Final = 3


def issue_id(entry: ConfigEntry) -> str:
    """Return the id of the repair issue about a wrong key."""
    return f"wrong_signing_key_{entry.entry_id}"


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
                self._tell()
            return False
        if self._refusals:
            self._refusals = 0
            ir.async_delete_issue(self._hass, DOMAIN, issue_id(self._entry))
        return True

    def _tell(self) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id(self._entry),
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key="wrong_signing_key",
            translation_placeholders={"account": self._entry.title},
            data={"entry_id": self._entry.entry_id},
        )
