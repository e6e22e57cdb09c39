"""An event once Home Assistant knows whose it is."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Final
import unicodedata

from ..gateway.events import INBOUND, EventKind, GatewayEvent
from .contacts import Contact

PRIVATE_FIELDS: Final = frozenset(
    {
        "sender",
        "recipient",
        "contact",
        "message",
        "data",
        "subject",
        "body",
        "attachments",
        "reason",
        "sim_cards",
    }
)


@dataclass(frozen=True, kw_only=True)
class SmsGateEvent:
    """The only currency between the pipeline and entities, triggers and the outbox.

    ``device_id`` is the phone's in Home Assistant's device registry.
    """

    event: GatewayEvent
    entry_id: str
    device_id: str
    contact: Contact | None = field(repr=False)
    late: bool = False
    answers_question: bool = False

    def as_data(self) -> dict[str, Any]:
        """Return the data of the event on the bus, as the contract names it."""
        return dict(self._data)

    @cached_property
    def _data(self) -> dict[str, Any]:
        event = self.event
        return {
            "config_entry_id": self.entry_id,
            "device_id": self.device_id,
            "gateway_device_id": event.device_id,
            "event_id": event.event_id,
            "message_id": event.message_id,
            "sender": event.sender,
            "recipient": event.recipient,
            "contact": self.contact.name if self.contact else None,
            "sim_number": event.sim_number,
            "timestamp": event.timestamp.isoformat() if event.timestamp else None,
            **({"late": self.late} if event.kind in INBOUND else {}),
            **{
                name: read(event) for name, read in _DETAILS.get(event.kind, {}).items()
            },
            # Only where it is so: an automation must not take a part for the whole
            **({"answers_question": True} if self.answers_question else {}),
            **({"truncated": True} if event.is_cut else {}),
        }


def _field(name: str) -> Callable[[GatewayEvent], Any]:
    """Read a plain field."""
    return lambda event: getattr(event, name)


def _fields(*names: str) -> Mapping[str, Callable[[GatewayEvent], Any]]:
    """Read plain fields under their own names."""
    return {name: _field(name) for name in names}


def _attachments(event: GatewayEvent) -> list[dict[str, Any]]:
    """Describe attachments; their content never goes over the bus."""
    return [
        {
            "part_id": item.part_id,
            "content_type": item.content_type,
            "name": item.name,
            "size": item.size,
            "media_content_id": item.media_content_id,
        }
        for item in event.attachments or ()
    ]


def _data_text(event: GatewayEvent) -> str | None:
    """Return data as text where it is one."""
    try:
        text = b64decode(event.data or "", validate=True).decode()
    except ValueError:
        return None
    return text if all(map(_is_text, set(text))) else None


def _is_text(char: str) -> bool:
    """Tell a character of a text, a space or a mark of direction from other data."""
    return char.isprintable() or char.isspace() or unicodedata.category(char) == "Cf"


def _health(event: GatewayEvent) -> dict[str, Any] | None:
    """Describe the phone's state."""
    return asdict(event.health) if event.health else None


def _sim_cards(event: GatewayEvent) -> list[dict[str, Any]]:
    """Describe the SIM cards."""
    return [asdict(card) for card in event.sim_cards or ()]


_DETAILS: Mapping[EventKind, Mapping[str, Callable[[GatewayEvent], Any]]] = {
    EventKind.SMS_RECEIVED: _fields("message"),
    EventKind.SMS_DATA_RECEIVED: {**_fields("data"), "message": _data_text},
    EventKind.MMS_RECEIVED: _fields(
        "subject", "size", "content_class", "transaction_id"
    ),
    EventKind.MMS_DOWNLOADED: {
        **_fields("subject", "body"),
        "attachments": _attachments,
    },
    EventKind.SMS_SENT: _fields("parts_count"),
    EventKind.SMS_FAILED: _fields("reason"),
    EventKind.SYSTEM_PING: {"health": _health},
    EventKind.APP_STARTED: {"sim_cards": _sim_cards},
}
