"""What counts as lost or doubled: the judge of the chaos test is tested itself."""

from pathlib import Path
from random import Random

import pytest

from .scenario import Plan
from .verdict import Line, Verdict, judge


def lines(*record: tuple[int, str]) -> list[Line]:
    """Return a record of processes and texts."""
    return [
        Line(pid=pid, by="event", text=text, armed=True, inside=False)
        for pid, text in record
    ]


def faults(verdict: Verdict) -> dict[str, tuple[str, ...]]:
    """Return what the verdict complains about."""
    kinds = ("lost", "strange", "unexcused", "repeated")
    return {kind: found for kind in kinds if (found := getattr(verdict, kind))}


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        pytest.param([(1, "a"), (1, "b")], {}, id="each once"),
        pytest.param([(1, "b"), (2, "a")], {}, id="in any order and process"),
        pytest.param([(1, "a"), (1, "b"), (2, "b")], {}, id="the last one again"),
        pytest.param(
            [(1, "a"), (2, "a"), (3, "a"), (3, "b")], {}, id="again after each kill"
        ),
        pytest.param([(1, "a")], {"lost": ("b",)}, id="lost"),
        pytest.param([], {"lost": ("a", "b")}, id="nothing at all"),
        pytest.param(
            [(1, "a"), (1, "b"), (1, "c")], {"strange": ("c",)}, id="never sent"
        ),
        pytest.param(
            [(1, "a"), (1, "b"), (1, "a")], {"repeated": ("a",)}, id="twice in one"
        ),
        pytest.param(
            [(1, "a"), (1, "b"), (2, "a")], {"unexcused": ("a",)}, id="not the last one"
        ),
        pytest.param(
            [(1, "a"), (1, "b"), (2, "a"), (2, "b")],
            {"unexcused": ("a",)},
            id="two again after one kill",
        ),
        pytest.param(
            [(1, "a"), (2, "b"), (3, "a"), (3, "b")], {}, id="one again for each kill"
        ),
    ],
)
def test_the_judge_sees(
    record: list[tuple[int, str]], wrong: dict[str, tuple[str, ...]]
) -> None:
    """Losses and doubles, excusing only what a kill interrupted."""
    verdict = judge(["a", "b"], lines(*record))
    assert faults(verdict) == wrong
    assert verdict.is_right == (not wrong)


def test_two_ways_in_may_each_be_interrupted_with_a_message() -> None:
    """A poll and a webhook can handle one message each at the same moment."""
    record = lines((1, "a"), (1, "b"), (1, "c"), (2, "b"), (2, "c"))
    assert judge(["a", "b", "c"], record, ways=2).is_right
    assert faults(judge(["a", "b", "c"], record)) == {"unexcused": ("b",)}


def test_a_record_nobody_began_has_no_lines(tmp_path: Path) -> None:
    """Then every message is lost, and the run says so."""
    assert Line.read(tmp_path / "record.jsonl") == []


def test_the_kills_of_a_plan_are_of_every_kind() -> None:
    """Twenty kills: the first in the act, and each kind several times."""
    plan = Plan(way="webhook", messages=10, kills=20, seed=1)
    moments = plan.moments(Random(1))
    assert len(moments) == 20
    assert moments[0] == "handling"
    assert min(moments.count(kind) for kind in ("handling", "working", "any")) >= 6
    assert moments == plan.moments(Random(1))
    assert moments != plan.moments(Random(2))
