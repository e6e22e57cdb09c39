"""How far an outgoing message got."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
import re
from typing import Final

from .events import EventKind
from .models import Message, MessageState, Recipient

_RANKS: Final[Mapping[str, int]] = {
    MessageState.PENDING: 0,
    MessageState.CANCELLING: 0,
    MessageState.PROCESSED: 1,
    MessageState.SENT: 2,
    MessageState.DELIVERED: 3,
    MessageState.CANCELLED: 4,
    MessageState.FAILED: 4,
}
STATE_OF: Final[Mapping[EventKind, MessageState]] = {
    EventKind.SMS_SENT: MessageState.SENT,
    EventKind.SMS_DELIVERED: MessageState.DELIVERED,
    EventKind.SMS_FAILED: MessageState.FAILED,
    EventKind.SMS_CANCELLED: MessageState.CANCELLED,
}
_FAILED_RANK: Final = 4
_FULL_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}")
# No state of the gateway: nobody knows what became of it
UNKNOWN: Final = "Unknown"


def rank(state: str) -> int:
    """Return how far a state is; an unknown one counts as pending."""
    return _RANKS.get(state, 0)


def advance(
    message: Message, phone_number: str, state: str, error: str | None
) -> Message:
    """Return the message with one recipient further on, never further back."""
    recipients = tuple(
        replace(recipient, state=state, error=error)
        if recipient.phone_number == phone_number
        and rank(state) > rank(recipient.state)
        else recipient
        for recipient in message.recipients
    )
    return replace(message, recipients=recipients, state=overall(recipients))


def absorb(known: Message, answer: Message) -> Message:
    """Return the known message, each recipient as far as the gateway's answer says.

    A server hashes numbers within about a minute, changes their order, and leaves
    short codes and encrypted numbers at Pending for ever, while the message's own
    state goes on. So numbers are looked up in all their forms, and the message's
    state is the least that every recipient has reached.
    """
    recipients = tuple(
        _further(item, find_recipient(answer, item.phone_number), answer.state)
        for item in known.recipients
    )
    return replace(
        known,
        device_id=answer.device_id,
        recipients=recipients,
        state=overall(recipients),
        states={**known.states, **answer.states},
    )


def find_recipient(answer: Message, phone_number: str) -> Recipient | None:
    """Return a recipient by its number, with the server's plus, or by its digest."""
    plus = f"+{phone_number.removeprefix('+')}"

    def find(*forms: str) -> Recipient | None:
        return next((it for it in answer.recipients if it.phone_number in forms), None)

    return find(phone_number, plus) or find(_digest(phone_number), _digest(plus))


def without_added_plus(message: Message) -> Message:
    """Return the message with short codes as they are: a server makes them ``+5555``."""
    return replace(
        message,
        recipients=tuple(
            it
            if _FULL_NUMBER.fullmatch(it.phone_number)
            else replace(it, phone_number=it.phone_number.removeprefix("+"))
            for it in message.recipients
        ),
    )


def _digest(phone_number: str) -> str:
    """Return the 16 characters a server keeps instead of a number."""
    return sha256(phone_number.encode()).hexdigest()[:16]


def _further(known: Recipient, reported: Recipient | None, least: str) -> Recipient:
    """Return the recipient in the furthest of three states."""
    best = known
    if reported is not None and rank(reported.state) > rank(best.state):
        best = replace(known, state=reported.state, error=reported.error)
    if rank(least) > rank(best.state):
        best = replace(known, state=least, error=reported.error if reported else None)
    return best


def overall(recipients: tuple[Recipient, ...]) -> str:
    """Return the message's state from its recipients', as the app computes it.

    Source: the app's ``data/entities/MessageWithRecipients``.
    """
    states = [recipient.state for recipient in recipients]
    for state in (
        MessageState.PENDING,
        MessageState.CANCELLING,
        MessageState.CANCELLED,
        MessageState.PROCESSED,
    ):
        if state in states:
            return state
    for state in (MessageState.FAILED, MessageState.DELIVERED):
        if all(item == state for item in states):
            return state
    return MessageState.SENT


def end(message: Message, state: str, error: str | None = None) -> Message:
    """Return the message, in this state for every recipient that was still pending."""
    recipients = tuple(
        it if rank(it.state) else replace(it, state=state, error=error)
        for it in message.recipients
    )
    return replace(message, recipients=recipients)


def settled(message: Message, target: MessageState) -> bool:
    """Return True if every recipient got as far as the target, or to an end."""
    return all(rank(item.state) >= rank(target) for item in message.recipients)


def failed_recipients(message: Message) -> tuple[Recipient, ...]:
    """Return the recipients that failed or were cancelled."""
    return tuple(it for it in message.recipients if rank(it.state) == _FAILED_RANK)
