"""The events that phones report by webhook, as one frozen kind of object.

Shapes: https://docs.sms-gate.app/features/webhooks/ and the app's
``modules/webhooks/payload``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property, partial
from typing import Any, Final, NamedTuple

from .errors import InvalidPayloadError
from .fields import (
    Items,
    as_object,
    id_field,
    list_field,
    opt_address_field,
    opt_int_field,
    opt_str_field,
    opt_time_field,
    parse_items,
    str_field,
)
from .models import MAX_LISTED, Attachment, Health, SimCard

type Release = tuple[int, ...]


class EventKind(StrEnum):
    """The gateway's events, by the names its webhooks are registered for."""

    SMS_RECEIVED = "sms:received"
    SMS_DATA_RECEIVED = "sms:data-received"
    MMS_RECEIVED = "mms:received"
    MMS_DOWNLOADED = "mms:downloaded"
    SMS_SENT = "sms:sent"
    SMS_DELIVERED = "sms:delivered"
    SMS_FAILED = "sms:failed"
    SMS_CANCELLED = "sms:cancelled"
    SYSTEM_PING = "system:ping"
    APP_STARTED = "app:started"

    @property
    def key(self) -> str:
        """The name in Home Assistant's spelling, for example ``sms_received``."""
        return self.value.replace(":", "_").replace("-", "_")


INBOUND = frozenset(
    {
        EventKind.SMS_RECEIVED,
        EventKind.SMS_DATA_RECEIVED,
        EventKind.MMS_RECEIVED,
        EventKind.MMS_DOWNLOADED,
    }
)
OUTBOUND = frozenset(
    {
        EventKind.SMS_SENT,
        EventKind.SMS_DELIVERED,
        EventKind.SMS_FAILED,
        EventKind.SMS_CANCELLED,
    }
)

MESSAGES = INBOUND | OUTBOUND

# Several messages in one event, in the order they came; apps since July 2026
BATCHES: Mapping[str, EventKind] = {
    kind.value.replace(":", ":batch:", 1): kind for kind in INBOUND
}

# The app that first knew an event; where none is named, the oldest one did. Source: the
# app's release notes, and its ``modules/webhooks/domain/WebHookEvent``
EVENTS_SINCE: Mapping[str, Release] = {
    EventKind.SMS_DATA_RECEIVED: (1, 39),
    EventKind.MMS_RECEIVED: (1, 47),
    EventKind.MMS_DOWNLOADED: (1, 56),
    EventKind.APP_STARTED: (1, 66),
    EventKind.SMS_CANCELLED: (1, 67),
    **dict.fromkeys(BATCHES, (1, 71)),
}
# Until a phone's app is known, it is asked for what the apps of 2025 know already: one that
# meets an unknown event in a server's list ignores the whole list, and receives nothing
ASSUMED_RELEASE: Final[Release] = (1, 39)

_HASH_DIGITS: Final = 8
# In base64; no data SMS has more parts
_MAX_DATA_LENGTH: Final = 65_536


@dataclass(frozen=True, kw_only=True)
class GatewayEvent:
    """One event of one phone; fields that its kind does not have are None.

    ``device_id`` is the gateway's. ``sender`` and ``recipient`` are as the phone
    wrote them. ``timestamp`` has the phone's offset; ping and start have none.
    ``inbox_id`` and ``is_cut`` (``data`` is only a beginning) come from the inbox.
    """

    kind: EventKind
    event_id: str
    device_id: str
    timestamp: datetime | None = None
    message_id: str | None = None
    sender: str | None = field(default=None, repr=False)
    recipient: str | None = field(default=None, repr=False)
    sim_number: int | None = None
    message: str | None = field(default=None, repr=False)
    data: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)
    body: str | None = field(default=None, repr=False)
    attachments: tuple[Attachment, ...] | None = field(default=None, repr=False)
    size: int | None = None
    content_class: str | None = None
    transaction_id: str | None = None
    parts_count: int | None = None
    reason: str | None = field(default=None, repr=False)
    health: Health | None = field(default=None, repr=False)
    sim_cards: tuple[SimCard, ...] | None = field(default=None, repr=False)

    inbox_id: str | None = None
    is_cut: bool = False

    @property
    def peer(self) -> str | None:
        """The number at the other end: who wrote, or who was written to."""
        return self.sender if self.kind in INBOUND else self.recipient

    @cached_property
    def content_id(self) -> str | None:
        """The id of an inbound message in the phone's inbox.

        A webhook shows a hash's 32 bits as hexadecimal, the inbox with a sign and
        with the kind in front; an MMS is known there by a hash of its id. Source: the
        app's ``ReceiverService.process`` and ``IncomingMessagesService.buildId``.
        """
        if self.inbox_id is not None or self.message_id is None:
            return self.inbox_id
        match self.kind:
            case EventKind.MMS_RECEIVED:
                return f"mms-header:{java_hash(self.transaction_id or '')}"
            case EventKind.MMS_DOWNLOADED:
                return f"mms:{java_hash(self.message_id)}"
            case EventKind.SMS_DATA_RECEIVED:
                return f"data:{_signed(self.message_id)}"
            case _:
                return f"text:{_signed(self.message_id)}"


def java_hash(text: str) -> int:
    """Return the hash code that Java gives a text: 32 bits with a sign."""
    value = 0
    for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"):
        value = (31 * value + unit) & 0xFFFFFFFF
    return value - ((value & 0x80000000) << 1)


def _signed(message_id: str) -> str:
    """Return 32 hexadecimal bits as a number with a sign, anything else as it is."""
    if len(message_id) > _HASH_DIGITS:
        return message_id
    try:
        value = int(message_id, 16)
    except ValueError:
        return message_id
    return str(value - ((value & 0x80000000) << 1))


def release_of(version: str | None) -> Release:
    """Return the numbers of an app's version, empty where it has none."""
    numbers = (version or "").split("-", maxsplit=1)[0].split(".")
    return tuple(map(int, numbers)) if all(map(str.isdecimal, numbers)) else ()


def events_known_to(release: Release) -> tuple[str, ...]:
    """Return the events that an app of a release knows, batches included."""
    release = release or ASSUMED_RELEASE
    return tuple(
        event
        for event in (*EventKind, *BATCHES)
        if release >= EVENTS_SINCE.get(event, ())
    )


def parse_events(body: object) -> Items[GatewayEvent]:
    """Read a webhook's body: one event, or the messages of a batch in their order.

    Raises:
        InvalidPayloadError: no event of the gateway can be read from the body.
    """
    envelope = as_object(body, "body")
    name = str_field(envelope, "event")
    ids = id_field(envelope, "id"), id_field(envelope, "deviceId")
    if (kind := BATCHES.get(name)) is not None:
        batch = list_field(as_object(envelope.get("payload"), "payload"), "messages")
        events = parse_items(batch, partial(_read, _SHAPES[kind.value], *ids))
        if not events:
            raise InvalidPayloadError("messages holds no message")
        return events
    if (shape := _SHAPES.get(name)) is None:
        raise InvalidPayloadError("event is unknown")
    return Items((_read(shape, *ids, envelope.get("payload")),))


class _Shape(NamedTuple):
    """What a kind of event has beside the fields of all messages."""

    kind: EventKind
    details: Callable[[Mapping[str, Any]], dict[str, Any]]
    time_key: str | None = None


def _read(
    shape: _Shape, event_id: str, device_id: str, payload: object
) -> GatewayEvent:
    """Read one event; older apps send ``phoneNumber`` alone."""
    kind, read_details, time_key = shape
    data = as_object(payload, "payload")
    details = read_details(data)
    if time_key is None:
        return GatewayEvent(
            kind=kind, event_id=event_id, device_id=device_id, **details
        )
    sender, recipient = (
        opt_address_field(data, "sender"),
        opt_address_field(data, "recipient"),
    )
    if sender is None and kind in INBOUND:
        sender = opt_address_field(data, "phoneNumber")
    elif recipient is None and kind in OUTBOUND:
        recipient = opt_address_field(data, "phoneNumber")
    return GatewayEvent(
        kind=kind,
        event_id=event_id,
        device_id=device_id,
        timestamp=opt_time_field(data, time_key),
        message_id=id_field(data, "messageId"),
        sender=sender,
        recipient=recipient,
        sim_number=opt_int_field(data, "simNumber"),
        **details,
    )


def _nothing(_payload: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _received(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"message": str_field(payload, "message")}


def _data_received(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": str_field(payload, "data", _MAX_DATA_LENGTH)}


def _mms_received(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "subject": opt_str_field(payload, "subject"),
        "size": opt_int_field(payload, "size"),
        "content_class": opt_str_field(payload, "contentClass"),
        "transaction_id": payload.get("transactionId")
        and id_field(payload, "transactionId"),
    }


def _mms_downloaded(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "subject": opt_str_field(payload, "subject"),
        "body": opt_str_field(payload, "body"),
        "attachments": parse_items(
            list_field(payload, "attachments"),
            Attachment.from_payload,
            MAX_LISTED,
        ),
    }


def _sent(payload: Mapping[str, Any]) -> dict[str, Any]:
    count = opt_int_field(payload, "partsCount")
    return {"parts_count": count if count and count > 0 else None}


def _failed(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": opt_str_field(payload, "reason")}


def _ping(payload: Mapping[str, Any]) -> dict[str, Any]:
    health = payload.get("health")
    return {"health": None if health is None else Health.from_payload(health)}


def _started(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sim_cards": parse_items(
            list_field(payload, "simCards"), SimCard.from_payload, MAX_LISTED
        )
    }


# By name: an enum as a key would cost more than all the reading
_SHAPES: Final[Mapping[str, _Shape]] = {
    shape.kind.value: shape
    for shape in (
        _Shape(EventKind.SMS_RECEIVED, _received, "receivedAt"),
        _Shape(EventKind.SMS_DATA_RECEIVED, _data_received, "receivedAt"),
        _Shape(EventKind.MMS_RECEIVED, _mms_received, "receivedAt"),
        _Shape(EventKind.MMS_DOWNLOADED, _mms_downloaded, "receivedAt"),
        _Shape(EventKind.SMS_SENT, _sent, "sentAt"),
        _Shape(EventKind.SMS_DELIVERED, _nothing, "deliveredAt"),
        _Shape(EventKind.SMS_FAILED, _failed, "failedAt"),
        _Shape(EventKind.SMS_CANCELLED, _nothing, "cancelledAt"),
        _Shape(EventKind.SYSTEM_PING, _ping),
        _Shape(EventKind.APP_STARTED, _started),
    )
}
