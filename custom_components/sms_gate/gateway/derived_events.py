"""Events that no webhook delivered, derived from the phone's inbox or a message's states."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from .events import EventKind, GatewayEvent
from .message_status import STATE_OF, rank
from .models import InboxMessage, Message, MessageState, Recipient

_KIND_OF_TYPE: Final = {
    "SMS": EventKind.SMS_RECEIVED,
    "DATA_SMS": EventKind.SMS_DATA_RECEIVED,
    "MMS": EventKind.MMS_RECEIVED,
    "MMS_DOWNLOADED": EventKind.MMS_DOWNLOADED,
}
# The app's own words for an MMS without any; a webhook brings null.
# Source: the app's ``IncomingMessagesService.toPreview``
_WORDLESS: Final = {
    EventKind.MMS_RECEIVED: "MMS notification",
    EventKind.MMS_DOWNLOADED: "MMS content",
}
_CUT: Final = "..."
_KIND_OF_STATE: Final[Mapping[str, EventKind]] = {
    state: kind for kind, state in STATE_OF.items()
}


def event_from_inbox(message: InboxMessage, device_id: str) -> GatewayEvent | None:
    """Return the event of a message; None for an unknown type."""
    if (kind := _KIND_OF_TYPE.get(message.type)) is None:
        return None
    preview = None if message.text == _WORDLESS.get(kind) else message.text
    is_data = kind is EventKind.SMS_DATA_RECEIVED
    return GatewayEvent(
        kind=kind,
        event_id=message.id,
        device_id=device_id,
        timestamp=message.created_at,
        message_id=_message_id(message.id),
        sender=message.sender,
        recipient=message.recipient,
        sim_number=message.sim_number,
        inbox_id=message.id,
        is_cut=is_data and message.text.endswith(_CUT),
        message=preview if kind is EventKind.SMS_RECEIVED else None,
        data=_base64(message.text) if is_data else None,
        subject=preview if kind is EventKind.MMS_RECEIVED else None,
        body=preview if kind is EventKind.MMS_DOWNLOADED else None,
        attachments=message.attachments,
    )


def _message_id(inbox_id: str) -> str:
    """Return the id a webhook shows: 32 bits in hexadecimal, without a sign."""
    prefix, _, number = inbox_id.partition(":")
    if prefix not in ("text", "data"):
        return inbox_id
    try:
        return f"{int(number) & 0xFFFFFFFF:x}"
    except ValueError:
        return inbox_id


def _base64(preview: str) -> str:
    """Return data as a webhook brings it.

    The app keeps 64 bytes of it, and nothing else of it anywhere: its export knows
    SMS and MMS only.
    """
    try:
        return b64encode(bytes.fromhex(preview.removesuffix(_CUT))).decode()
    except ValueError:
        return ""


def events_from_states(known: Message, now: Message) -> Iterator[GatewayEvent]:
    """Return an event for each step that a recipient made between the two."""
    for before, after in zip(known.recipients, now.recipients, strict=True):
        if rank(after.state) <= rank(before.state):
            continue
        was_sent = rank(before.state) >= rank(MessageState.SENT)
        if after.state == MessageState.DELIVERED and not was_sent:
            yield _state_event(now, after, MessageState.SENT)
        if after.state in _KIND_OF_STATE:
            yield _state_event(now, after, MessageState(after.state))


def _state_event(
    message: Message, recipient: Recipient, state: MessageState
) -> GatewayEvent:
    """Return one event; the gateway keeps times per message, not per recipient."""
    return GatewayEvent(
        kind=_KIND_OF_STATE[state],
        event_id=str(uuid4()),
        device_id=message.device_id,
        timestamp=message.states.get(state, datetime.now(UTC)),
        message_id=message.id,
        recipient=recipient.phone_number,
        reason=recipient.error if state is MessageState.FAILED else None,
    )
