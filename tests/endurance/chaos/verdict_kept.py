"""What the kept conversations say about the messages that came and left."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
import sqlite3
from typing import Any, Final, Self

from virtual_gateway.records import SentSms

from .sending import Order
from .verdict import Line

# What a kill may cost: messages are written behind
BEHIND_SECONDS: Final = 1.0
_ROWS: Final = "SELECT is_outgoing, text, number, state FROM message"


@dataclass(frozen=True)
class Kept:
    """One kept message; each has a text of its own in a run."""

    is_outgoing: int
    text: str
    number: str
    state: str | None

    @classmethod
    def read(cls, path: Path) -> list[Self]:
        """Read the file, while Home Assistant has it open."""
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as file:
            return [cls(*row) for row in file.execute(_ROWS)]


@dataclass(frozen=True, kw_only=True)
class KeptVerdict:
    """Whether what fired, and what left, is kept.

    ``at_a_kill`` is not kept, but fired, or was submitted, within the last second
    before a kill; ``lost`` earlier than that. ``longest`` is for how many seconds one
    of either could have been written. ``untrue`` says of a message what its phone did
    not do, ``behind`` less than what it did, which the judge only counts.
    """

    received: int
    sent: int
    behind: int
    longest: float
    at_a_kill: tuple[str, ...]
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    strange: tuple[str, ...]
    untrue: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Return True if all is kept, once, but for the last second before a kill."""
        return not (self.lost or self.doubled or self.strange or self.untrue)

    def as_dict(self) -> dict[str, Any]:
        """Return what a report shows."""
        return {**asdict(self), "is_right": self.is_right}


@dataclass(frozen=True, kw_only=True)
class Course:
    """What happened in a run: times are those of the monotonic clock.

    ``deaths`` is by process, ``submitted`` the first request by the message's id.
    """

    fired: Sequence[Line]
    deaths: Mapping[int, float]
    orders: Sequence[Order]
    outbox: Sequence[SentSms]
    submitted: Mapping[str, float]

    def chances(self) -> Iterator[tuple[bool, str, float]]:
        """Yield for each message how long it could be written before a kill."""
        for line in self.fired:
            yield False, line.text, self.deaths.get(line.pid, inf) - line.at
        for sms in self.outbox:
            began = self.submitted.get(sms.message_id, -inf)
            later = (end - began for end in self.deaths.values() if end > began)
            yield True, sms.text or "", min(later, default=inf)


def judge_kept(rows: Sequence[Kept], course: Course) -> KeptVerdict:
    """Compare what is kept with what fired and what left, in both directions."""
    kept = Counter((bool(row.is_outgoing), row.text) for row in rows)
    chances: dict[tuple[bool, str], float] = {}
    for is_outgoing, text, seconds in course.chances():
        key = is_outgoing, text
        chances[key] = max(seconds, chances.get(key, seconds))
    missing = {text: chances[way, text] for way, text in chances.keys() - kept.keys()}
    known = chances.keys() | {(True, order.text) for order in course.orders}
    left = {sms.text: sms for sms in course.outbox}
    return KeptVerdict(
        received=sum(not is_outgoing for is_outgoing, _ in kept),
        sent=sum(is_outgoing for is_outgoing, _ in kept),
        behind=sum(_is_behind(row, left.get(row.text)) for row in rows),
        longest=max(missing.values(), default=0.0),
        at_a_kill=tuple(it for it in missing if missing[it] <= BEHIND_SECONDS),
        lost=tuple(it for it in missing if missing[it] > BEHIND_SECONDS),
        doubled=tuple(text for (_, text), count in kept.items() if count > 1),
        strange=tuple(text for _, text in kept.keys() - known),
        untrue=tuple(row.text for row in rows if _is_untrue(row, left.get(row.text))),
    )


def _is_untrue(row: Kept, sms: SentSms | None) -> bool:
    """Return True if a row says what the phone did not do."""
    if not row.is_outgoing:
        return False
    if sms is None:
        return row.state in {"Sent", "Delivered"}
    is_wrong = row.state == "Failed" or row.number != sms.phone_number
    return is_wrong or (row.state == "Delivered" and sms.state != "delivered")


def _is_behind(row: Kept, sms: SentSms | None) -> bool:
    """Return True if the phone got further than a row says."""
    return bool(row.is_outgoing and sms and row.state != sms.state.capitalize())
