"""A message as the server keeps it: the database row and the cached answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
import hashlib
import time

from virtual_gateway.states import Recipient, State
from virtual_gateway.times import relayed_time, server_time, stored_time

from .message_input import MessageInput


@dataclass(frozen=True)
class StateReport:
    """What a phone tells the server about one message."""

    id: str
    state: State
    recipients: tuple[Recipient, ...]
    states: dict[State, int]
    offset: timedelta


@dataclass
class ServerMessage:
    """One message of the account."""

    id: str
    phone_id: str
    number: int
    input: MessageInput
    recipients: dict[str, Recipient]
    deadline: float | None = None
    due: float | None = None
    created_ns: int = field(default_factory=time.time_ns)
    state: State = State.PENDING
    states: dict[State, int] = field(default_factory=dict)
    is_hashed: bool = False

    def __post_init__(self) -> None:
        """Note the first state."""
        self.states.setdefault(State.PENDING, self.created_ms)

    @property
    def created_ms(self) -> int:
        """Return when the message was accepted, in milliseconds."""
        return self.created_ns // 1_000_000

    @property
    def text(self) -> str | None:
        """Return the text as it was posted, encrypted or not."""
        return self.input.text

    def accepted(self) -> dict[str, object]:
        """Return the answer to the posting."""
        pending = {State.PENDING.value: server_time(self.created_ns)}
        return self._answer(self.state, self.recipients.values(), pending)

    def listed(self, *, with_content: bool) -> dict[str, object]:
        """Return the message as the list shows it, straight from the database."""
        states = {state.value: stored_time(at) for state, at in self.states.items()}
        return self._answer(
            self.state, self.recipients.values(), states, with_content=with_content
        )

    def apply(self, report: StateReport) -> dict[str, object]:
        """Take a phone's report: the row keeps known numbers, the answer repeats it."""
        self.state = _reported(report.state)
        for state, at in report.states.items():
            self.states.setdefault(state, at)
        recipients = [_relayed(recipient) for recipient in report.recipients]
        if self.is_hashed:
            recipients = [_hashed(recipient) for recipient in recipients]
        for recipient in recipients:
            if recipient.number in self.recipients:
                self.recipients[recipient.number] = recipient
        states = {
            state.value: relayed_time(at, report.offset)
            for state, at in report.states.items()
        }
        return self._answer(self.state, recipients, states)

    def hash(self) -> None:
        """Replace content and numbers by hashes, as the server does after a while."""
        waiting = self.state in {State.PENDING, State.CANCELLING}
        if waiting or self.input.is_encrypted or self.is_hashed:
            return
        self.is_hashed = True
        hashed = [_hashed(recipient) for recipient in self.recipients.values()]
        self.recipients = {recipient.number: recipient for recipient in hashed}

    def _answer(
        self,
        state: State,
        recipients: Iterable[Recipient],
        states: dict[str, str],
        *,
        with_content: bool = True,
    ) -> dict[str, object]:
        """Return the JSON of the message; nothing stands for null."""
        answer: dict[str, object] = {
            "id": self.id,
            "deviceId": self.phone_id,
            "state": state.value,
            "isHashed": self.is_hashed,
            "isEncrypted": self.input.is_encrypted,
            "recipients": [_recipient_json(recipient) for recipient in recipients],
            "states": dict(sorted(states.items())),
        }
        if with_content and self.is_hashed:
            content = self.input.text or self.input.data or ""
            answer["hashedMessage"] = {"hash": _sha256(content)}
        elif with_content and self.input.text is not None:
            answer["textMessage"] = {"text": self.input.text}
        elif with_content:
            answer["dataMessage"] = {"data": self.input.data, "port": self.input.port}
        return answer


def _recipient_json(recipient: Recipient) -> dict[str, object]:
    """Return a recipient; an error only where there is one."""
    shown: dict[str, object] = {
        "phoneNumber": recipient.number,
        "state": recipient.state.value,
    }
    if recipient.error is not None:
        shown["error"] = recipient.error
    return shown


def _sha256(text: str) -> str:
    """Return the hash of a text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _hashed(recipient: Recipient) -> Recipient:
    """Return a recipient whose number is hashed to 16 characters."""
    number = _sha256(recipient.number)[:16]
    return Recipient(number, recipient.state, recipient.error)


def _reported(state: State) -> State:
    """Return the state the server keeps: what a phone knows is no longer pending."""
    return State.PROCESSED if state is State.PENDING else state


def _relayed(recipient: Recipient) -> Recipient:
    """Return a reported recipient; the server puts a plus before every number."""
    number = recipient.number
    if not number.startswith("+"):
        number = f"+{number}"
    return Recipient(number, _reported(recipient.state), recipient.error)
