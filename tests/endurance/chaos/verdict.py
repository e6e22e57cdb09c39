"""What the automation's record says about the messages."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
import json
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class Line:
    """One line of the record."""

    pid: int
    by: str
    text: str
    armed: bool
    inside: bool
    at: float = 0.0
    mms: bool = False

    @classmethod
    def read(cls, path: Path) -> list[Self]:
        """Read the whole record; there is none before the first message."""
        if not path.exists():
            return []
        lines = path.read_text(encoding="utf-8").splitlines()
        return [cls(**json.loads(line)) for line in lines]


@dataclass(frozen=True)
class Verdict:
    """How often the messages fired.

    ``again`` are the messages that fired in a process and in a later one, too;
    ``unexcused`` those of them that were not being handled when the process was killed:
    each way in brings one message at a time, so those are the last of its record, as
    many as there are ways. ``repeated`` fired twice within one process, which nothing
    excuses.
    """

    fired: int
    lost: tuple[str, ...]
    strange: tuple[str, ...]
    again: tuple[str, ...]
    unexcused: tuple[str, ...]
    repeated: tuple[str, ...]
    inside: int
    unarmed: int

    @property
    def is_right(self) -> bool:
        """Return True if each message fired, once but for what a kill interrupted."""
        return not (self.lost or self.strange or self.unexcused or self.repeated)

    @property
    def excused(self) -> list[str]:
        """The messages that fired again because a kill came while they were at hand."""
        return sorted(set(self.again) - set(self.unexcused))

    def as_dict(self) -> dict[str, Any]:
        """Return what a report shows: numbers, and the first few texts."""
        shown = {
            key: {"count": len(value), "first": value[:10]}
            if isinstance(value, tuple)
            else value
            for key, value in asdict(self).items()
        }
        return {**shown, "excused": self.excused, "is_right": self.is_right}


def judge(texts: Sequence[str], record: Sequence[Line], *, ways: int = 1) -> Verdict:
    """Compare what the phone received with what the automation recorded."""
    sent = set(texts)
    fires = Counter(line.text for line in record)
    in_process = Counter((line.pid, line.text) for line in record)
    processes: dict[str, list[int]] = {}
    for pid, text in in_process:
        processes.setdefault(text, []).append(pid)
    last: dict[int, list[str]] = {}
    for line in record:
        last[line.pid] = [*last.get(line.pid, []), line.text][-ways:]
    again = [text for text, pids in processes.items() if len(pids) > 1]
    return Verdict(
        fired=len(fires),
        lost=tuple(sorted(sent - fires.keys())),
        strange=tuple(sorted(fires.keys() - sent)),
        again=tuple(again),
        unexcused=tuple(
            text
            for text in again
            if any(text not in last[pid] for pid, _ in pairwise(processes[text]))
        ),
        repeated=tuple(text for (_, text), count in in_process.items() if count > 1),
        inside=sum(line.inside for line in record),
        unarmed=sum(not line.armed for line in record),
    )
