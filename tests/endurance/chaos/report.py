"""What a run counted, as a table and as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from .verdict import Verdict
from .verdict_kept import KeptVerdict
from .verdict_out import OutVerdict

# Twenty kills, and five of each
KILLS_PER_DISTURBANCE: Final = 4


def missing(disturbed: Mapping[str, int], kills: int) -> list[str]:
    """Return the disturbances that came too seldom among so many kills."""
    wanted = max(1, kills // KILLS_PER_DISTURBANCE)
    return [name for name, times in disturbed.items() if times < wanted]


@dataclass(frozen=True, kw_only=True)
class Report:
    """One run: its plan, what happened, and the verdicts."""

    plan: Mapping[str, Any]
    received: int
    mms: int
    doubled: int
    postings: int
    refused: Mapping[str, int]
    given_up: int
    kill_log: tuple[str, ...]
    disturbed: Mapping[str, int]
    disturbances_cut: Mapping[str, int]
    incoming: Mapping[str, Verdict]
    outgoing: OutVerdict
    forgotten: int
    kept: KeptVerdict
    complaints: tuple[str, ...]
    secrets_in_log: tuple[str, ...]
    seconds: int

    @property
    def is_right(self) -> bool:
        """Return True if nothing was lost, doubled or told untruly."""
        by_both = all(self.incoming[by].is_right for by in ("trigger", "event"))
        others = self.outgoing.is_right and self.kept.is_right
        return by_both and others and not self.secrets_in_log

    @property
    def missing(self) -> list[str]:
        """The disturbances that came too seldom for the run to prove anything."""
        return missing(self.disturbed, len(self.kill_log))

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        shown = {**asdict(self), **self.plan}
        del shown["plan"], shown["incoming"]
        verdicts = {by: verdict.as_dict() for by, verdict in self.incoming.items()}
        outgoing = {**asdict(self.outgoing), "is_right": self.outgoing.is_right}
        return {
            **shown,
            **verdicts,
            "outgoing": outgoing,
            "kept": self.kept.as_dict(),
            "missing": self.missing,
            "is_right": self.is_right,
        }

    def table(self) -> str:
        """Return the report for a person."""
        rows = [*self._incoming(), *self._outgoing(), *self._kept(), *self._around()]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)

    def _incoming(self) -> Iterator[tuple[str, object]]:
        yield "in: received", f"{self.received}, {self.mms} of them MMS"
        for by in ("trigger", "event"):
            verdict = self.incoming[by]
            yield f"in, by {by}: lost", len(verdict.lost)
            yield f"in, by {by}: doubled in one life", len(verdict.repeated)
            yield f"in, by {by}: doubled, not at hand", len(verdict.unexcused)
            yield f"in, by {by}: doubled, at hand at a kill", len(verdict.excused)

    def _outgoing(self) -> Iterator[tuple[str, object]]:
        out = self.outgoing
        yield (
            "out: orders, calls, at the phones",
            (f"{out.orders}, {out.calls}, {out.at_the_phones}"),
        )
        yield "out: forgotten by the gateway, sent again", self.forgotten
        yield "out: lost", len(out.lost)
        yield "out: doubled", len(out.doubled)
        yield "out: untrue answers", len(out.untrue)
        yield "out: answered", out.answered
        yield "out: refused", out.refused
        yield "out: unknown, cut by a kill", f"{out.unknown}, {out.cut}"

    def _kept(self) -> Iterator[tuple[str, object]]:
        kept = self.kept
        yield "kept: received, sent", f"{kept.received}, {kept.sent}"
        last = f"{len(kept.at_a_kill)}, {kept.longest:.2f} s"
        yield "kept: missing at a kill, the longest", last
        yield "kept: lost", len(kept.lost)
        yield "kept: doubled, strange", f"{len(kept.doubled)}, {len(kept.strange)}"
        yield "kept: untrue, behind", f"{len(kept.untrue)}, {kept.behind}"

    def _around(self) -> Iterator[tuple[str, object]]:
        yield "kills", len(self.kill_log)
        for name, times in self.disturbed.items():
            cut = self.disturbances_cut.get(name, 0)
            yield name.replace("_", " "), f"{times}, cut {cut}"
        yield "seconds", self.seconds
        yield "complete", not self.missing or f"no, too seldom: {self.missing}"
        yield "right", self.is_right
