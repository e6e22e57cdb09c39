"""What all parts of one account share."""

from dataclasses import dataclass, field
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

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
