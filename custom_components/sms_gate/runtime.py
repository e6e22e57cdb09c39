"""What one loaded entry consists of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry

if TYPE_CHECKING:
    from .account.context import Account
    from .account.coordinator import SmsGateCoordinator
    from .messages.store import MessageStore
    from .receive.pipeline import Pipeline
    from .receive.receiver import Receiver
    from .send.line_test import LineTester
    from .send.outbox import Outbox
    from .send.sender import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsGateData:
    """The parts of one account, made when its entry loads."""

    account: Account
    coordinator: SmsGateCoordinator
    pipeline: Pipeline
    outbox: Outbox
    sender: Sender
    messages: MessageStore
    line_tester: LineTester
    receiving: Receiver


type SmsGateConfigEntry = ConfigEntry[SmsGateData]
