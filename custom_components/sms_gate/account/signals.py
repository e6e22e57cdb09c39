"""What the parts of one account tell each other. Signals never cross accounts."""

from datetime import datetime

from homeassistant.util.signal_type import SignalType

from ..const import DOMAIN
from ..gateway.events import EventKind
from ..gateway.models import Message, OutgoingMessage
from .bus_event import SmsGateEvent


def signal_event(entry_id: str) -> SignalType[SmsGateEvent]:
    """A phone told something new."""
    return SignalType(f"{DOMAIN}_event_{entry_id}")


def signal_again(entry_id: str) -> SignalType[SmsGateEvent]:
    """A phone told again what is known; for those who may have lost it."""
    return SignalType(f"{DOMAIN}_again_{entry_id}")


def signal_outgoing(entry_id: str) -> SignalType[OutgoingMessage]:
    """A message is about to be submitted."""
    return SignalType(f"{DOMAIN}_outgoing_{entry_id}")


def signal_progress(entry_id: str) -> SignalType[Message]:
    """A message from here got further, or did not leave."""
    return SignalType(f"{DOMAIN}_progress_{entry_id}")


def signal_line_test(entry_id: str) -> SignalType[SmsGateEvent]:
    """A phone told something of a line test, which is nobody's message."""
    return SignalType(f"{DOMAIN}_line_test_{entry_id}")


def signal_contact_event(entry_id: str, contact_id: str) -> SignalType[SmsGateEvent]:
    """The same, for one contact: others need not be asked."""
    return SignalType(f"{DOMAIN}_event_{entry_id}_{contact_id}")


def signal_contacts() -> SignalType[()]:
    """The contacts of any account changed; for triggers."""
    return SignalType(f"{DOMAIN}_contacts")


def signal_pending(entry_id: str) -> SignalType[()]:
    """The number of messages that wait to be sent changed."""
    return SignalType(f"{DOMAIN}_pending_{entry_id}")


def signal_kind(kind: EventKind) -> SignalType[SmsGateEvent]:
    """A phone of any account told something of this kind; for triggers."""
    return SignalType(f"{DOMAIN}_{kind.key}")


def signal_phone_back(entry_id: str) -> SignalType[datetime]:
    """A phone is back online; carries its last sign of life before."""
    return SignalType(f"{DOMAIN}_phone_back_{entry_id}")
