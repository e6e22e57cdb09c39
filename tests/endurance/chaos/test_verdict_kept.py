"""What counts as lost or doubled among kept messages: this judge is tested itself."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from custom_components.sms_gate.messages.database import Database
from custom_components.sms_gate.messages.record import Record

from .test_verdict_out import DELIVERED, SENT, order
from .verdict import Line
from .verdict_kept import Course, Kept, judge_kept

KILLED, LIVING = 1, 2
IN = Kept(0, "b", "+966590042734", None)
OUT = Kept(1, "a", "+966550000001", "Delivered")


def fired(at: float, pid: int = KILLED) -> Line:
    """Return a line of the one message that came."""
    return Line(pid=pid, by="bus", text="b", armed=True, inside=True, at=at)


COURSE = Course(
    fired=[fired(5.0)],
    deaths={KILLED: 10.0},
    orders=[order(), replace(order("failed"), text="c")],
    outbox=[DELIVERED],
    submitted={"1": 5.0},
)


@pytest.mark.parametrize(
    ("rows", "changed", "wrong"),
    [
        pytest.param([IN, OUT], {}, {}, id="both"),
        pytest.param([IN, OUT], {"fired": []}, {"strange": ("b",)}, id="never fired"),
        pytest.param(
            [IN, OUT, replace(OUT, text="c", state="Failed")], {}, {}, id="one failed"
        ),
        pytest.param(
            [IN, OUT, replace(OUT, text="d", state="Pending")],
            {},
            {"strange": ("d",)},
            id="no order",
        ),
        pytest.param([IN, IN, OUT], {}, {"doubled": ("b",)}, id="in twice"),
        pytest.param([IN, OUT, OUT], {}, {"doubled": ("a",)}, id="out twice"),
        pytest.param([OUT], {}, {"lost": ("b",)}, id="no last second"),
        pytest.param(
            [OUT], {"fired": [fired(9.2)]}, {"at_a_kill": ("b",)}, id="in, last second"
        ),
        pytest.param(
            [OUT],
            {"fired": [fired(9.2), fired(11.0, LIVING)]},
            {"lost": ("b",)},
            id="again, and nobody killed",
        ),
        pytest.param([IN], {}, {"lost": ("a",)}, id="out, no last second"),
        pytest.param(
            [IN],
            {"submitted": {"1": 9.2}},
            {"at_a_kill": ("a",)},
            id="out, last second",
        ),
        pytest.param(
            [IN], {"submitted": {"1": 10.1}}, {"lost": ("a",)}, id="out, after the kill"
        ),
        pytest.param(
            [IN, OUT], {"outbox": [SENT]}, {"untrue": ("a",)}, id="not delivered"
        ),
        pytest.param([IN, OUT], {"outbox": []}, {"untrue": ("a",)}, id="not sent"),
        pytest.param(
            [IN, replace(OUT, state="Failed")], {}, {"untrue": ("a",)}, id="not failed"
        ),
        pytest.param(
            [IN, replace(OUT, number="+1")], {}, {"untrue": ("a",)}, id="a stranger"
        ),
    ],
)
def test_the_judge_sees(
    rows: list[Kept], changed: dict[str, Any], wrong: dict[str, tuple[str, ...]]
) -> None:
    """What is kept is held against what fired and what left, and the other way."""
    verdict = judge_kept(rows, replace(COURSE, **changed))
    kinds = ("at_a_kill", "lost", "doubled", "strange", "untrue")
    assert {kind: it for kind in kinds if (it := getattr(verdict, kind))} == wrong
    assert verdict.is_right == (wrong.keys() <= {"at_a_kill"})


def test_what_a_row_does_not_say_yet_is_counted() -> None:
    """A report can be written behind, too."""
    rows = [IN, replace(OUT, state="Sent")]
    assert (judge_kept(rows, COURSE).behind, judge_kept([IN, OUT], COURSE).behind) == (
        1,
        0,
    )


def test_rows_are_read_while_the_file_is_open(tmp_path: Path) -> None:
    """As they are written, from the log of changes as well."""
    path = tmp_path / "kept"
    database = Database(path)
    record = Record(
        identity=b"1",
        is_outgoing=False,
        kind="sms",
        number=IN.number,
        written_to=IN.number,
        text=IN.text,
        time=1.0,
        kept=1.0,
    )
    database.write([record], None, 0)
    assert Kept.read(path) == [IN]
    database.close()
