"""The states of a message and of its recipients."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What the gateway calls the stages of a message."""

    PENDING = "Pending"
    CANCELLING = "Cancelling"
    CANCELLED = "Cancelled"
    PROCESSED = "Processed"
    SENT = "Sent"
    DELIVERED = "Delivered"
    FAILED = "Failed"


@dataclass(slots=True)
class Recipient:
    """One recipient of a message, keyed by the number as it was given."""

    number: str
    state: State = State.PENDING
    error: str | None = None


def combined(recipients: Collection[Recipient]) -> State:
    """Return the state of a whole message as the phone computes it."""
    states = {recipient.state for recipient in recipients}
    for waiting in (State.PENDING, State.CANCELLING, State.CANCELLED, State.PROCESSED):
        if waiting in states:
            return waiting
    if states == {State.FAILED}:
        return State.FAILED
    if states == {State.DELIVERED}:
        return State.DELIVERED
    return State.SENT
