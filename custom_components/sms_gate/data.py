"""What one loaded account consists of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry

from .client import GatewayClient
from .phone_numbers import PhoneBook
from .phones import Phones

if TYPE_CHECKING:
    from .coordinator import SmsGateCoordinator
    from .intake import Intake
    from .tracker import Tracker


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsGateData:
    """The parts of one account, made when its entry loads."""

    client: GatewayClient
    phone_book: PhoneBook
    phones: Phones
    intake: Intake
    tracker: Tracker
    coordinator: SmsGateCoordinator


type SmsGateConfigEntry = ConfigEntry[SmsGateData]
