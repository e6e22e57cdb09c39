"""What all parts of one account share."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..gateway.client import GatewayClient
from .cipher import Cipher
from .contacts import Contacts
from .phones import Phones


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What all parts of an account share."""

    hass: HomeAssistant
    entry: ConfigEntry
    client: GatewayClient
    phones: Phones
    contacts: Contacts
    cipher: Cipher
