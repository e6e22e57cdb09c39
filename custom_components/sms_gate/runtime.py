"""What one loaded entry consists of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry

if TYPE_CHECKING:
    from .account.context import Account
    from .account.coordinator import SmsGateCoordinator
    from .account.phone_monitor import PhoneStates
    from .receive.pipeline import Intake
    from .receive.receiver import Receiving
    from .receive.signature import SignatureWatch
    from .send.outbox import Tracker


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
