"""What is kept of a message: one record per message and recipient."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import json
import time
from typing import Final

from ..account.bus_event import SmsGateEvent
from ..gateway.events import INBOUND, EventKind
from ..gateway.message_status import STATE_OF
from ..gateway.models import Message, MessageState, OutgoingMessage
from ..receive.dedup import identity
from ..receive.pipeline import event_identity

_MMS_HEADER: Final = "mms_header"
_LONGEST_ERROR: Final = 500
_KINDS: Final = {
    EventKind.SMS_RECEIVED: "sms",
    EventKind.SMS_DATA_RECEIVED: "data",
    EventKind.MMS_RECEIVED: _MMS_HEADER,
    EventKind.MMS_DOWNLOADED: "mms",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A message to or from one number; ``number`` is as it was shown or dialled.

    ``written_to`` is the number that the conversation is found by. ``files`` is JSON,
    times are Unix seconds.
    """

    identity: bytes
    is_outgoing: bool
    kind: str
    number: str = field(repr=False)
    written_to: str = field(repr=False)
    text: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)
    files: str | None = field(default=None, repr=False)
    state: str | None = None
    time: float
    kept: float
    states: Mapping[str, float] = field(default_factory=dict)
    message_id: str | None = None
    phone: str | None = None
    sim: int | None = None
    is_unread: bool = False

    @property
    def size(self) -> int:
        """About how much memory its texts need."""
        return sum(map(len, (self.text or "", self.subject or "", self.files or "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a message got to one recipient, or, without a number, to all."""

    message_id: str
    number: str | None = field(repr=False)
    state: str
    error: str | None = field(default=None, repr=False)
    time: float | None = None
    parts: int | None = None
    size: int = 0


def received(event: SmsGateEvent, *, again: bool) -> Record | None:
    """Return the record of a received message; ``again`` marks one that fired before."""
    inner = event.event
    if (kind := _KINDS.get(inner.kind)) is None or not inner.sender:
        return None
    data, now = event.as_data(), time.time()
    came = min(inner.timestamp.timestamp() if inner.timestamp else now, now)
    files = [
        {
            "name": item["name"],
            "content_type": item["content_type"],
            "size": item["size"],
            "media_content_id": item["media_content_id"],
        }
        for item in data.get("attachments", ())
    ]
    return Record(
        identity=event_identity(inner),
        is_outgoing=False,
        kind=kind,
        number=inner.sender,
        written_to=event.contact.phone_number if event.contact else inner.sender,
        text=data.get("message") or data.get("body"),
        subject=data.get("subject"),
        files=json.dumps(files) if files else None,
        time=came,
        kept=came if again else now,
        message_id=inner.message_id,
        phone=inner.device_id,
        sim=inner.sim_number,
        is_unread=not again,
    )


def sent(message: OutgoingMessage) -> Iterator[Record]:
    """Yield a record for each recipient of a message that is about to be submitted."""
    now = time.time()
    files = [
        {"name": item.name, "content_type": item.content_type, "size": len(item.data)}
        for item in message.attachments
    ]
    states = (
        {"Scheduled": message.schedule_at.timestamp()} if message.schedule_at else {}
    )
    for number in message.phone_numbers:
        yield Record(
            identity=identity("sent", message.id, number),
            is_outgoing=True,
            kind="mms" if message.is_mms else "sms" if message.data is None else "data",
            number=number,
            written_to=number,
            text=message.text if message.data is None else _as_text(message.data),
            subject=message.subject,
            files=json.dumps(files) if files else None,
            state=MessageState.PENDING,
            time=now,
            kept=now,
            states={MessageState.PENDING: now, **states},
            message_id=message.id,
            phone=message.device_id,
            sim=message.sim_number,
        )


def _as_text(data: str) -> str | None:
    try:
        text = b64decode(data, validate=True).decode()
    except ValueError:
        return None
    return text if text.isprintable() else None


def reported(event: SmsGateEvent) -> Progress | None:
    """Return what a phone reports of a message."""
    inner = event.event
    if inner.kind in INBOUND or (state := STATE_OF.get(inner.kind)) is None:
        return None
    return Progress(
        message_id=inner.message_id or "",
        number=inner.recipient,
        state=state,
        error=inner.reason and inner.reason[:_LONGEST_ERROR],
        time=inner.timestamp.timestamp() if inner.timestamp else None,
        parts=inner.parts_count,
    )


def answered(message: Message) -> Iterator[Progress]:
    """Yield how far a message got to each of its recipients."""
    for recipient in message.recipients:
        moment = message.states.get(recipient.state)
        yield Progress(
            message_id=message.id,
            number=recipient.phone_number,
            state=recipient.state,
            error=recipient.error and recipient.error[:_LONGEST_ERROR],
            time=moment.timestamp() if moment else None,
        )
