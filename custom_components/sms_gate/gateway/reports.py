"""What the phone's webhooks would have said, read from the gateway's message."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from .events import EventKind, GatewayEvent
from .message_status import rank
from .models import Message, MessageState, Recipient

_KIND_OF: Final = {
    MessageState.SENT: EventKind.SMS_SENT,
    MessageState.DELIVERED: EventKind.SMS_DELIVERED,
    MessageState.FAILED: EventKind.SMS_FAILED,
    MessageState.CANCELLED: EventKind.SMS_CANCELLED,
}


def reports(known: Message, now: Message) -> Iterator[GatewayEvent]:
    """Return an event for each step that a recipient made between the two."""
    for before, after in zip(known.recipients, now.recipients, strict=True):
        if rank(after.state) <= rank(before.state):
            continue
        was_sent = rank(before.state) >= rank(MessageState.SENT)
        if after.state == MessageState.DELIVERED and not was_sent:
            yield _report(now, after, MessageState.SENT)
        if after.state in _KIND_OF:
            yield _report(now, after, MessageState(after.state))


def _report(
    message: Message, recipient: Recipient, state: MessageState
) -> GatewayEvent:
    """Return one event; the gateway keeps times per message, not per recipient."""
    return GatewayEvent(
        kind=_KIND_OF[state],
        event_id=str(uuid4()),
        device_id=message.device_id,
        timestamp=message.states.get(state, datetime.now(UTC)),
        message_id=message.id,
        recipient=recipient.phone_number,
        reason=recipient.error if state is MessageState.FAILED else None,
    )
