"""What one loaded account consists of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .client import GatewayClient
from .phone_numbers import PhoneBook
from .phones import Phones
from .sealing import Sealing
from .signature import SignatureWatch

if TYPE_CHECKING:
    from .coordinator import SmsGateCoordinator
    from .intake import Intake
    from .phone_states import PhoneStates
    from .receiving import Receiving
    from .tracker import Tracker


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What all parts of an account share."""

    hass: HomeAssistant
    entry: ConfigEntry
    client: GatewayClient
    phones: Phones
    phone_book: PhoneBook
    sealing: Sealing


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsGateData:
    """The parts of one account, made when its entry loads."""

    account: Account
    coordinator: SmsGateCoordinator
    phone_states: PhoneStates
    intake: Intake
    tracker: Tracker
    receiving: Receiving
    signatures: SignatureWatch


type SmsGateConfigEntry = ConfigEntry[SmsGateData]
