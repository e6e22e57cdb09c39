"""What the gateway says, as frozen objects. Nothing of Home Assistant here.

Shapes: https://docs.sms-gate.app/integration/api/ and, for webhooks,
https://docs.sms-gate.app/features/webhooks/. Texts and numbers are left out of
every ``repr``, so that whatever logs an object does not log a message.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from .fields import (
    as_object,
    int_field,
    list_field,
    opt_int_field,
    opt_str_field,
    opt_time_field,
    rfc3339,
    str_field,
    time_field,
)


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
    """

    id: str
    device_id: str
    state: str
    recipients: tuple[Recipient, ...]
    states: Mapping[str, datetime] = field(default_factory=dict)
    text: str | None = field(default=None, repr=False)
    data: str | None = field(default=None, repr=False)
    port: int | None = None
    is_encrypted: bool = False

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read the answer of ``POST /messages`` or ``GET /messages/{id}``."""
        data = as_object(payload, "message")
        content = as_object(data.get("textMessage") or {}, "textMessage")
        binary = as_object(data.get("dataMessage") or {}, "dataMessage")
        states = as_object(data.get("states") or {}, "states")
        return cls(
            id=str_field(data, "id"),
            device_id=str_field(data, "deviceId"),
            state=str_field(data, "state"),
            recipients=tuple(
                map(Recipient.from_payload, list_field(data, "recipients"))
            ),
            states={state: time_field(states, state) for state in states},
            text=opt_str_field(content, "text"),
            data=opt_str_field(binary, "data"),
            port=opt_int_field(binary, "port"),
            is_encrypted=data.get("isEncrypted") is True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """What ``POST /messages`` is asked to send: ``text``, or ``data`` and ``port``.

    ``id`` (<= 36 characters) is chosen here, so that a repeated request cannot
    send twice. ``ttl`` is in seconds (>= 5), times are aware.
    """

    id: str
    phone_numbers: tuple[str, ...] = field(repr=False)
    text: str | None = field(default=None, repr=False)
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

    def as_payload(self) -> dict[str, Any]:
        """Return the request's body; what is not set stays away."""
        payload: dict[str, Any] = {
            "id": self.id,
            "phoneNumbers": list(self.phone_numbers),
            "withDeliveryReport": self.delivery_report,
        }
        if self.text is not None:
            payload["textMessage"] = {"text": self.text}
        if self.data is not None:
            payload["dataMessage"] = {"data": self.data, "port": self.port}
        if self.is_encrypted:
            payload["isEncrypted"] = True
        optional = {
            "simNumber": self.sim_number,
            "deviceId": self.device_id,
            "ttl": self.ttl,
            "validUntil": self.valid_until and rfc3339(self.valid_until),
            "scheduleAt": self.schedule_at and rfc3339(self.schedule_at),
            "priority": self.priority,
        }
        payload.update(
            (key, value) for key, value in optional.items() if value is not None
        )
        return payload


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
    """A phone of the account; ``sim_cards`` is None where it did not tell."""

    id: str
    name: str
    last_seen: datetime | None = None
    sim_cards: tuple[SimCard, ...] | None = None

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of ``GET /devices`` (phone: ``GET /device``)."""
        data = as_object(payload, "device")
        return cls(
            id=str_field(data, "id"),
            name=opt_str_field(data, "name") or "",
            last_seen=opt_time_field(data, "lastSeen"),
            sim_cards=None
            if data.get("simCards") is None
            else tuple(map(SimCard.from_payload, list_field(data, "simCards"))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One attachment of a downloaded MMS; ``size`` is in bytes.

    A webhook brings its content along as base64 (``data``), the phone's inbox hands
    it out as it is (``content``). Neither ever reaches the event bus.
    """

    part_id: int
    content_type: str
    name: str | None = field(default=None, repr=False)
    size: int | None = None
    data: str | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    media_content_id: str | None = None

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of ``attachments``, of a webhook or of the inbox."""
        data = as_object(payload, "attachments")
        return cls(
            part_id=int_field(data, "partId"),
            content_type=str_field(data, "contentType"),
            name=opt_str_field(data, "name"),
            size=opt_int_field(data, "size"),
            data=opt_str_field(data, "data"),
        )

    def read(self, limit: int) -> bytes | None:
        """Return the content, None where there is none of at most ``limit`` bytes."""
        if self.content is not None:
            return self.content if len(self.content) <= limit else None
        if self.data is None or len(self.data) > limit * 4 // 3 + 4:
            return None
        try:
            return b64decode(self.data, validate=True)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """A message in the phone's inbox; ``text`` is whole for an SMS.

    For data it is hexadecimal and cut after 64 bytes, for an MMS a preview.
    ``attachments`` is None where an older app does not list them.
    """

    id: str
    type: str
    sender: str = field(repr=False)
    recipient: str | None = field(default=None, repr=False)
    sim_number: int | None = None
    text: str = field(repr=False)
    created_at: datetime
    attachments: tuple[Attachment, ...] | None = field(default=None, repr=False)

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of the phone's ``GET /inbox``."""
        data = as_object(payload, "inbox")
        return cls(
            id=str_field(data, "id"),
            type=str_field(data, "type"),
            sender=str_field(data, "sender"),
            recipient=opt_str_field(data, "recipient"),
            sim_number=opt_int_field(data, "simNumber"),
            text=opt_str_field(data, "contentPreview") or "",
            created_at=time_field(data, "createdAt"),
            attachments=None
            if data.get("attachments") is None
            else tuple(map(Attachment.from_payload, list_field(data, "attachments"))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A registration at the gateway: one event, one address.

    The address holds this entry's secret and stays out of the ``repr``.
    """

    id: str
    url: str = field(repr=False)
    event: str

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of ``GET /webhooks``."""
        data = as_object(payload, "webhook")
        return cls(
            id=str_field(data, "id"),
            url=str_field(data, "url"),
            event=str_field(data, "event"),
        )


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
        checks = as_object(data.get("checks") or {}, "checks")
        return cls(
            status=str_field(data, "status"),
            version=opt_str_field(data, "version"),
            checks={name: _check(check) for name, check in checks.items()},
        )


def _check(payload: object) -> HealthCheck:
    """Read one item of ``checks``."""
    data = as_object(payload, "checks")
    return HealthCheck(
        value=int_field(data, "observedValue"), status=str_field(data, "status")
    )
