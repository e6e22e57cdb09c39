"""A real Home Assistant is killed again and again while messages come in.

A virtual phone receives messages in bursts and in no order of time, tells of 30 % of
them twice under new ids, and tries again by the real retry rule (200 times faster).
Meanwhile Home Assistant gets SIGKILL in the middle of its work, in the middle of its
start, and at the worst moment: just when a message was recorded. It is started again at
once. Two automations, one triggered by the bus and one by ``sms_gate.message_received``,
write each message into a file with one system call (``chaos_record``).

Each message must be in each automation's record: a kill may not lose it, nor may it
come at a time when no automation listens yet. None may be there twice but those that
were being handled when a process was killed. The integration fires a message, then puts
its identity into a file, then answers the phone; in between, nobody could know after the
kill whether the automation ran, so it runs again. One message for each way in may be in
that state: one for webhooks (the phone posts one at a time), and one more where Home
Assistant polls. They are the last ones of the killed process's record, and no other
message is excused.

At the same time SMS are sent with ``wait_for``, through a gateway that does not answer
some requests, and between the kills contacts, options, password and address change, a
media folder fails, and the clock jumps (``disturbances``). What callers were told is held
against the phones' outboxes (``verdict_out``): each message left once, no answer says more
than what the phone did, an unknown outcome is called unknown, and a call that a kill cut
is counted apart.

Conversations are kept meanwhile: what fired and what left is in their file once, but for
what fired, or was submitted, within the last second before a kill (``verdict_kept``).

``SMS_GATE_CHAOS_SEED`` repeats a run, as far as other processes allow;
``SMS_GATE_CHAOS_MESSAGES`` and ``SMS_GATE_CHAOS_KILLS`` size the long one.
By hand: ``python -m tests.endurance.chaos.run --help``.
"""

import json
import os
from pathlib import Path
import re
import subprocess
import sys
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[3]
pytestmark = pytest.mark.home

SHORT_RUN: Final = (150, 1)
LONG_RUN: Final = (
    int(os.environ.get("SMS_GATE_CHAOS_MESSAGES", "10000")),
    int(os.environ.get("SMS_GATE_CHAOS_KILLS", "20")),
)
SHORT_LIMIT: Final = 600  # seconds; about 60 where nothing else runs
LONG_LIMIT: Final = 5400
# What the disturbances cause, and Home Assistant's own lines on failed actions
# With the clock two days ahead or behind, the run's own token is not good for a moment.
# What a kill cut off before the gateway had it may not be sent, and the log says so
EXPECTED: Final = re.compile(
    r"http\.ban\].*/api/(services|config)/"
    r"|websocket_api|components\.api\]|does not accept the username|[Ss]ignature|clock"
    r"|Attachments cannot be saved|attachments could not be removed|stopped responding"
    r"|does not know message [-\w]+; it may not be sent"
)


def run(tmp_path: Path, way: str, messages: int, kills: int) -> dict[str, Any]:
    """Run in a process of its own and return the report."""
    arguments = ["--way", way, "--messages", str(messages), "--kills", str(kills)]
    if seed := os.environ.get("SMS_GATE_CHAOS_SEED"):
        arguments += ["--seed", seed]
    done = subprocess.run(  # noqa: S603
        [
            sys.executable,
            *("-m", "tests.endurance.chaos.run", *arguments),
            *("--folder", str(tmp_path / "home")),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(done.stdout)
    if not done.stdout:
        pytest.fail("no report: see what the run wrote to stderr")
    report: dict[str, Any] = json.loads(done.stdout)
    if doubt := doubts(report, messages, kills):
        pytest.fail(f"the run proves nothing: {doubt}")
    return report


def doubts(report: dict[str, Any], messages: int, kills: int) -> list[str]:
    """Return why a run was not what it was to be; no bug excuses that."""
    as_planned = {
        "kills": len(report["kill_log"]) == kills,
        "one in the act": "by order" in str(report["kill_log"]),
        "doubles": 0 < report["doubled"] < messages,
        "retries": bool(report["refused"]),
        "nothing given up": report["given_up"] == 0,
        "sending": 0 < report["outgoing"]["at_the_phones"] <= report["out"],
        "conversations": 0 < report["kept"]["sent"] < report["kept"]["received"],
        "disturbed": not report["missing"],
    }
    return [what for what, is_so in as_planned.items() if not is_so]


def check(report: dict[str, Any]) -> None:
    """Check that each message is there, once, and that nothing is told of it."""
    assert report["secrets_in_log"] == []
    strange = [it for it in report["complaints"] if not EXPECTED.search(it)]
    assert strange == []
    assert report["kept"]["is_right"], f"kept: {report['kept']}"
    outgoing = report["outgoing"]
    assert outgoing["is_right"], f"out: {outgoing}"
    for by in ("event", "trigger"):
        assert report[by]["is_right"], f"by {by}: {report[by]}"


@pytest.mark.parametrize("way", ["webhook", "poll"])
@pytest.mark.timeout(SHORT_LIMIT)
def test_a_killed_home_assistant_loses_and_doubles_nothing(
    tmp_path: Path, way: str
) -> None:
    """One kill, with a message in its hands, and a start with more of them waiting."""
    check(run(tmp_path, way, *SHORT_RUN))


@pytest.mark.long
@pytest.mark.parametrize("way", ["webhook", "poll"])
@pytest.mark.timeout(LONG_LIMIT)
def test_many_kills_among_many_messages_lose_and_double_nothing(
    tmp_path: Path, way: str
) -> None:
    """10,000 messages, 20 kills."""
    check(run(tmp_path, way, *LONG_RUN))
