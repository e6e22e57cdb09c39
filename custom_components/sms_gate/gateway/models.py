"""What the gateway says, as frozen objects. Nothing of Home Assistant here.

Shapes: https://docs.sms-gate.app/integration/api/ and, for webhooks,
https://docs.sms-gate.app/features/webhooks/. Texts and numbers are left out of
every ``repr``, so that whatever logs an object does not log a message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from .attachment import Attachment
from .fields import (
    items,
    mapping,
    number,
    optional_number,
    optional_text,
    optional_time,
    rfc3339,
    text,
    time,
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
        data = mapping(payload, "recipients")
        return cls(
            phone_number=text(data, "phoneNumber"),
            state=text(data, "state"),
            error=optional_text(data, "error"),
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
        data = mapping(payload, "message")
        content = mapping(data.get("textMessage") or {}, "textMessage")
        binary = mapping(data.get("dataMessage") or {}, "dataMessage")
        states = mapping(data.get("states") or {}, "states")
        return cls(
            id=text(data, "id"),
            device_id=text(data, "deviceId"),
            state=text(data, "state"),
            recipients=tuple(map(Recipient.from_payload, items(data, "recipients"))),
            states={state: time(states, state) for state in states},
            text=optional_text(content, "text"),
            data=optional_text(binary, "data"),
            port=optional_number(binary, "port"),
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
        data = mapping(payload, "simCards")
        return cls(
            sim_number=number(data, "simNumber"),
            slot_index=optional_number(data, "slotIndex"),
            phone_number=optional_text(data, "phoneNumber"),
            carrier_name=optional_text(data, "carrierName"),
            iccid=optional_text(data, "iccid"),
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
        data = mapping(payload, "device")
        return cls(
            id=text(data, "id"),
            name=optional_text(data, "name") or "",
            last_seen=optional_time(data, "lastSeen"),
            sim_cards=None
            if data.get("simCards") is None
            else tuple(map(SimCard.from_payload, items(data, "simCards"))),
        )


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
        data = mapping(payload, "inbox")
        return cls(
            id=text(data, "id"),
            type=text(data, "type"),
            sender=text(data, "sender"),
            recipient=optional_text(data, "recipient"),
            sim_number=optional_number(data, "simNumber"),
            text=optional_text(data, "contentPreview") or "",
            created_at=time(data, "createdAt"),
            attachments=None
            if data.get("attachments") is None
            else tuple(map(Attachment.from_payload, items(data, "attachments"))),
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
        data = mapping(payload, "webhook")
        return cls(
            id=text(data, "id"), url=text(data, "url"), event=text(data, "event")
        )
