"""One message under way. Nothing of Home Assistant here."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from ..gateway.message_status import absorb, advance, settled
from ..gateway.models import Message, MessageState, OutgoingMessage, Recipient

KEEP_SECONDS: Final = 3 * 24 * 3600
MAX_PAUSE: Final = 3600.0


@dataclass(slots=True, kw_only=True)
class TrackedMessage:
    """A message and when to ask for it next; times are Unix seconds.

    ``parts`` is how many SMS each recipient was counted as, 0 where that is not known.
    ``is_lost`` is set once the gateway no longer knows a message that it accepted.
    """

    id: str
    message: Message
    wants_delivery: bool
    since: float
    until: float
    next_check: float
    pause: float
    parts: int = 0
    sim_number: int | None = None
    is_lost: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def start(
        cls,
        outgoing: OutgoingMessage,
        message: Message,
        now: float,
        pause: float,
        parts: int,
    ) -> Self:
        """Begin to follow a message that is about to be submitted."""
        begins = outgoing.schedule_at.timestamp() if outgoing.schedule_at else now
        return cls(
            id=outgoing.id,
            message=message,
            # No report says that an MMS was delivered
            wants_delivery=outgoing.delivery_report and not outgoing.is_mms,
            since=now,
            until=max(begins, now) + KEEP_SECONDS,
            next_check=max(begins, now) + pause,
            pause=pause,
            parts=parts,
            sim_number=outgoing.sim_number,
        )

    @classmethod
    def restore(cls, stored: Mapping[str, Any], now: float, pause: float) -> Self:
        """Go on following a message after a restart."""
        return cls(
            id=str(stored["id"]),
            message=Message(
                id=str(stored["id"]),
                device_id=str(stored["device_id"]),
                state=MessageState.PENDING,
                recipients=tuple(
                    Recipient(phone_number=str(number), state=str(state))
                    for number, state in stored["recipients"]
                ),
            ),
            wants_delivery=bool(stored["wants_delivery"]),
            parts=int(stored.get("parts", 0)),
            sim_number=stored.get("sim_number"),
            since=float(stored["since"]),
            until=float(stored["until"]),
            next_check=now + pause,
            pause=pause,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what to store.

        Servers hash numbers after a minute, so they cannot be asked for again.
        """
        return {
            "id": self.id,
            "device_id": self.message.device_id,
            "recipients": [
                [item.phone_number, item.state] for item in self.message.recipients
            ],
            "wants_delivery": self.wants_delivery,
            "parts": self.parts,
            "sim_number": self.sim_number,
            "since": self.since,
            "until": self.until,
        }

    @property
    def target(self) -> MessageState:
        """The state after which nothing more is expected."""
        return MessageState.DELIVERED if self.wants_delivery else MessageState.SENT

    @property
    def due(self) -> float:
        """When it is to be sent, in Unix seconds."""
        return self.until - KEEP_SECONDS

    @property
    def is_over(self) -> bool:
        """Return True if the last state is reached."""
        return settled(self.message, self.target)

    @property
    def is_pending(self) -> bool:
        """Return True if the phone has not sent it yet."""
        return not settled(self.message, MessageState.SENT)

    def merge(self, answer: Message) -> None:
        """Record the gateway's answer, but nothing that is behind what is known."""
        self._set(absorb(self.message, answer))

    def advance(self, phone_number: str | None, state: str, error: str | None) -> None:
        """Record one recipient's state."""
        if len(self.message.recipients) == 1:
            phone_number = self.message.recipients[0].phone_number
        if phone_number is not None:
            self._set(advance(self.message, phone_number, state, error))

    def lose(self) -> None:
        """Record that the gateway does not know the message."""
        self.is_lost = True
        self._wake()

    def _set(self, message: Message) -> None:
        self.is_lost = False
        if message != self.message:
            self.message = message
            self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    def hurry(self, now: float) -> None:
        """Have the gateway asked at once, without a longer pause afterwards."""
        self.next_check = now
        self.pause /= 2

    def checked(self, now: float) -> None:
        """Wait longer before the gateway is asked again."""
        self.pause = min(self.pause * 2, MAX_PAUSE)
        self.next_check = now + self.pause
