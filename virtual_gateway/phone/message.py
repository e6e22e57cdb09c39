"""A message as the phone keeps it."""

from dataclasses import dataclass, field
from typing import Literal

from virtual_gateway.states import Recipient, State, combined
from virtual_gateway.times import now_ms

type Source = Literal["Local", "Cloud"]
EXPEDITED = 100


@dataclass(frozen=True)
class MmsFile:
    """One file of an MMS to be sent; its data as they were posted."""

    content_type: str
    name: str | None
    data: str


@dataclass(frozen=True)
class MmsContent:
    """What an MMS to be sent consists of."""

    subject: str | None
    text: str | None
    files: tuple[MmsFile, ...]

    def as_json(self) -> dict[str, object]:
        """Return the content as the phone shows it."""
        files = [
            {"contentType": item.content_type, "name": item.name, "data": item.data}
            for item in self.files
        ]
        shown = {"subject": self.subject, "text": self.text}
        return {key: item for key, item in shown.items() if item is not None} | {
            "attachments": [
                {key: item for key, item in file.items() if item is not None}
                for file in files
            ]
        }


@dataclass
class PhoneMessage:
    """One outgoing message in the phone's database."""

    id: str
    source: Source
    text: str | None
    data: str | None
    port: int | None
    recipients: dict[str, Recipient]
    is_encrypted: bool = False
    with_delivery_report: bool = True
    skip_validation: bool = False
    sim_number: int | None = None
    schedule_at: int | None = None
    priority: int = 0
    deadline: float | None = None
    due: float | None = None
    created_ms: int = field(default_factory=now_ms)
    row: int = 0
    state: State = State.PENDING
    states: dict[State, int] = field(default_factory=dict)
    parts: int | None = None
    processed_ms: int | None = None
    mms: MmsContent | None = None
    clear_text: str | None = None
    clear_numbers: dict[str, str] = field(default_factory=dict)

    def set_state(self, number: str | None, state: State, error: str | None) -> None:
        """Move one recipient or all of them; what failed stays failed."""
        numbers = self.recipients if number is None else (number,)
        for item in numbers:
            recipient = self.recipients[item]
            if recipient.state is not State.FAILED:
                recipient.state, recipient.error = state, error
        self._combine()

    def _combine(self) -> None:
        """Bring the message's own state up to its recipients'."""
        state = combined(self.recipients.values())
        if state is self.state:
            return
        now = now_ms()
        if state is State.PROCESSED:
            self.state, self.processed_ms = state, now
        elif self.state is not State.FAILED:
            self.state = state
        self.states.setdefault(state, now)
