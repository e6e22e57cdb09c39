"""What all parts of one account share."""

from dataclasses import dataclass, field
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import CONF_MODE, Mode
from ..gateway.client import GatewayClient
from ..gateway.fields import Items
from .cipher import Cipher
from .contacts import Contacts
from .last_known import LastKnown
from .phones import Phones

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What all parts of an account share."""

    hass: HomeAssistant
    entry: ConfigEntry
    client: GatewayClient
    last_known: LastKnown
    phones: Phones
    contacts: Contacts
    cipher: Cipher
    _logged: set[str] = field(default_factory=set, init=False, repr=False)

    @property
    def has_inbox(self) -> bool:
        """Return True if received messages can be read at the gateway."""
        return has_inbox(self.entry, self.last_known)

    def log_skipped(self, name: str, items: Items[Any]) -> None:
        """Log once that items of a list cannot be read."""
        if items.skipped and name not in self._logged:
            self._logged.add(name)
            _LOGGER.warning(
                "%s: left out %s of the %s, which cannot be read",
                self.entry.title,
                items.skipped,
                name,
            )


def has_inbox(entry: ConfigEntry, last_known: LastKnown) -> bool:
    """Return True if an account's received messages can be read at its gateway."""
    return entry.data[CONF_MODE] == Mode.LOCAL or last_known.has_inbox
