"""The gateway's messages, phones, webhooks and settings, as frozen objects.

Shapes: https://docs.sms-gate.app/integration/api/ and features/webhooks/ there. Texts
and numbers are in no ``repr``, so that whatever logs an object logs no message.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from .decoding import decode_base64
from .fields import (
    Items,
    address_field,
    as_object,
    id_field,
    int_field,
    list_field,
    object_field,
    opt_address_field,
    opt_int_field,
    opt_str_field,
    opt_time_field,
    or_none,
    parse_items,
    rfc3339,
    str_field,
    time_field,
)

# A server's column for a content, as JSON (``modules/messages/models.go``: text)
MAX_STORED_BYTES: Final = 65_535
# More attachments, SIM cards or readings than there are; the rest is left out
MAX_LISTED: Final = 100
# As long as what Go's ``encoding/json`` writes for a character
_GO_ESCAPES: Final = {
    **dict.fromkeys((*range(0x20), *map(ord, "<>&\u2028\u2029")), "\\u0000"),
    **dict.fromkeys(map(ord, '"\\\b\f\n\r\t'), "\\n"),
}


class MessageState(StrEnum):
    """States of an outgoing message; the gateway may add others."""

    PENDING = "Pending"
    CANCELLING = "Cancelling"
    CANCELLED = "Cancelled"
    PROCESSED = "Processed"
    SENT = "Sent"
    DELIVERED = "Delivered"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One recipient of an outgoing message and how far it got."""

    phone_number: str = field(repr=False)
    state: str
    error: str | None = field(default=None, repr=False)

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of ``recipients``."""
        data = as_object(payload, "recipients")
        return cls(
            phone_number=str_field(data, "phoneNumber"),
            state=str_field(data, "state"),
            error=opt_str_field(data, "error"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An outgoing message as the gateway knows it.

    ``state`` is a string, not an enum: an unknown state is data, not an error.
    ``content_hash`` is what a server keeps of a text: its SHA-256 in hexadecimal.
    """

    id: str
    device_id: str
    state: str
    recipients: tuple[Recipient, ...]
    states: Mapping[str, datetime] = field(default_factory=dict)
    text: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)
    data: str | None = field(default=None, repr=False)
    port: int | None = None
    content_hash: str | None = field(default=None, repr=False)
    is_encrypted: bool = False

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read the answer of ``POST /messages`` or ``GET /messages/{id}``."""
        data = as_object(payload, "message")
        content = object_field(data, "textMessage") or object_field(data, "mmsMessage")
        binary = object_field(data, "dataMessage")
        return cls(
            id=id_field(data, "id"),
            device_id=str_field(data, "deviceId"),
            state=str_field(data, "state"),
            recipients=tuple(
                map(Recipient.from_payload, list_field(data, "recipients"))
            ),
            states=dict(parse_items(object_field(data, "states").items(), _state)),
            text=opt_str_field(content, "text"),
            subject=opt_str_field(content, "subject"),
            data=opt_str_field(binary, "data"),
            port=opt_int_field(binary, "port"),
            content_hash=opt_str_field(object_field(data, "hashedMessage"), "hash"),
            is_encrypted=data.get("isEncrypted") is True,
        )


def _state(item: tuple[str, object]) -> tuple[str, datetime]:
    return item[0], time_field({"states": item[1]}, "states")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingAttachment:
    """One file of an outgoing MMS; ``data`` is base64."""

    content_type: str
    name: str | None = field(default=None, repr=False)
    data: str = field(repr=False)

    def as_payload(self) -> dict[str, str]:
        """Return one item of ``attachments``."""
        name = {} if self.name is None else {"name": self.name}
        return {"contentType": self.content_type, **name, "data": self.data}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """The body of ``POST /messages``: an SMS, an MMS, or ``data`` for a ``port``.

    It is an MMS with a subject or attachments, which apps can send since 1.74 and
    servers cannot pass on yet; no report says that an MMS was delivered.
    ``id`` (<= 36 characters) is chosen here, so that a repeated request cannot
    send twice. ``ttl`` is in seconds (>= 5), times are aware.
    """

    id: str
    phone_numbers: tuple[str, ...] = field(repr=False)
    text: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)
    attachments: tuple[OutgoingAttachment, ...] = field(default=(), repr=False)
    data: str | None = field(default=None, repr=False)
    port: int | None = None
    sim_number: int | None = None
    device_id: str | None = None
    ttl: int | None = None
    valid_until: datetime | None = None
    schedule_at: datetime | None = None
    priority: int | None = None
    delivery_report: bool = True
    is_encrypted: bool = False
    skip_phone_validation: bool = False

    @property
    def is_mms(self) -> bool:
        """Return True if it goes out as an MMS."""
        return self.subject is not None or bool(self.attachments)

    @property
    def stored_bytes(self) -> int:
        """The size of its content in a server's database.

        A server answers 500 where this is more than ``MAX_STORED_BYTES``; a phone
        has no such limit. Ask after encryption.
        """
        content = (self.text or "") if self.data is None else self.data
        port = "" if self.data is None else f',"port":{self.port}'
        escaped = content.translate(_GO_ESCAPES)
        return len(f'{{"text":"{escaped}"{port}}}'.encode(errors="replace"))

    def as_payload(self) -> dict[str, Any]:
        """Return the request's body, without what is not set."""
        optional = {
            "isEncrypted": self.is_encrypted or None,
            "simNumber": self.sim_number,
            "deviceId": self.device_id,
            "ttl": self.ttl,
            "validUntil": self.valid_until and rfc3339(self.valid_until),
            "scheduleAt": self.schedule_at and rfc3339(self.schedule_at),
            "priority": self.priority,
        }
        return {
            "id": self.id,
            "phoneNumbers": list(self.phone_numbers),
            "withDeliveryReport": self.delivery_report,
            **self._content(),
            **_without_none(optional),
        }

    def _content(self) -> dict[str, Any]:
        if self.is_mms:
            words = _without_none({"subject": self.subject, "text": self.text})
            files = [item.as_payload() for item in self.attachments]
            return {"mmsMessage": {**words, "attachments": files}}
        if self.data is not None:
            return {"dataMessage": {"data": self.data, "port": self.port}}
        return {"textMessage": {"text": self.text}}


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimCard:
    """A SIM in a phone; servers show only the last four digits of its numbers."""

    sim_number: int
    slot_index: int | None = None
    phone_number: str | None = field(default=None, repr=False)
    carrier_name: str | None = None
    iccid: str | None = field(default=None, repr=False)

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of ``simCards``."""
        data = as_object(payload, "simCards")
        return cls(
            sim_number=int_field(data, "simNumber"),
            slot_index=opt_int_field(data, "slotIndex"),
            phone_number=opt_str_field(data, "phoneNumber"),
            carrier_name=opt_str_field(data, "carrierName"),
            iccid=opt_str_field(data, "iccid"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A phone of the account; ``sim_cards`` is None where it does not list them."""

    id: str
    name: str
    last_seen: datetime | None = None
    sim_cards: tuple[SimCard, ...] | None = None

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of ``GET /devices`` (phone: ``GET /device``)."""
        data = as_object(payload, "device")
        return cls(
            id=id_field(data, "id"),
            name=or_none(opt_str_field, data, "name") or "",
            last_seen=or_none(opt_time_field, data, "lastSeen"),
            sim_cards=_opt_items(data, "simCards", SimCard.from_payload),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One attachment of a downloaded MMS; ``size`` is in bytes.

    A webhook carries its content as base64 (``data``), the phone's inbox returns the
    bytes (``content``); neither reaches the bus. ``is_picture`` once it was looked at.
    """

    part_id: int
    content_type: str
    name: str | None = field(default=None, repr=False)
    size: int | None = None
    data: str | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    media_content_id: str | None = None
    is_picture: bool = False

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of ``attachments``, of a webhook or of the inbox."""
        data = as_object(payload, "attachments")
        return cls(
            part_id=int_field(data, "partId"),
            content_type=id_field(data, "contentType"),
            name=opt_str_field(data, "name"),
            size=opt_int_field(data, "size"),
            data=opt_str_field(data, "data", limit=None),
        )

    def read(self, limit: int) -> bytes | None:
        """Return the content, None where it is missing or larger than ``limit``."""
        content = self.content
        if self.data is not None and len(self.data) <= limit * 4 // 3 + 4:
            with suppress(ValueError):
                content = decode_base64(self.data)
        return None if content is None or len(content) > limit else content


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """A message in the phone's inbox; ``text`` is whole for an SMS.

    For data it is hexadecimal and cut after 64 bytes, for an MMS a preview.
    ``attachments`` is None where an older app does not list them. A server that has
    an inbox holds it encrypted.
    """

    id: str
    type: str
    sender: str = field(repr=False)
    recipient: str | None = field(default=None, repr=False)
    sim_number: int | None = None
    text: str = field(repr=False)
    created_at: datetime
    attachments: tuple[Attachment, ...] | None = field(default=None, repr=False)
    is_encrypted: bool = False

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of ``GET /inbox``."""
        data = as_object(payload, "inbox")
        return cls(
            id=id_field(data, "id"),
            type=str_field(data, "type"),
            sender=address_field(data, "sender"),
            recipient=opt_address_field(data, "recipient"),
            sim_number=opt_int_field(data, "simNumber"),
            text=opt_str_field(data, "contentPreview") or "",
            created_at=time_field(data, "createdAt"),
            attachments=_opt_items(data, "attachments", Attachment.from_payload),
            is_encrypted=data.get("isEncrypted") is True,
        )


def _opt_items[T](
    data: Mapping[str, Any], key: str, parse: Callable[[object], T]
) -> Items[T] | None:
    if data.get(key) is None:
        return None
    return parse_items(list_field(data, key), parse, MAX_LISTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A registration at the gateway: one event, one address, one or every phone.

    The address holds this entry's secret and stays out of the ``repr``.
    """

    id: str
    url: str = field(repr=False)
    event: str
    device_id: str | None = None

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of ``GET /webhooks``."""
        data = as_object(payload, "webhook")
        return cls(
            id=id_field(data, "id"),
            url=str_field(data, "url"),
            event=str_field(data, "event"),
            device_id=opt_str_field(data, "deviceId"),
        )

    def as_payload(self) -> dict[str, Any]:
        """Return the body of ``POST /webhooks``."""
        payload = {"id": self.id, "url": self.url, "event": self.event}
        return _without_none({**payload, "deviceId": self.device_id})


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One reading of the phone: its value and ``pass``, ``warn`` or ``fail``."""

    value: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The phone's state: app version and readings by the gateway's names."""

    status: str
    version: str | None
    checks: Mapping[str, HealthCheck]

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read ``health`` of a ping, or the body of the phone's ``GET /health``."""
        data = as_object(payload, "health")
        checks = object_field(data, "checks")
        return cls(
            status=str_field(data, "status"),
            version=opt_str_field(data, "version"),
            checks=dict(parse_items(checks.items(), _check, MAX_LISTED)),
        )


def _check(item: tuple[str, object]) -> tuple[str, HealthCheck]:
    data = as_object(item[1], "checks")
    value, status = int_field(data, "observedValue"), str_field(data, "status")
    return item[0], HealthCheck(value=value, status=status)
