"""A real Home Assistant whose disk is full while conversations are kept.

What it stores is on a disk of its own, which is filled, and filled again before a kill.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import shutil

import pytest

from harness.home import Home
from harness.until import until
from harness.websocket import ask
from tests.support.disk import Disk, small_disk

from .chaos.verdict import Line, judge
from .chaos.verdict_kept import Kept
from .chaos.world import Way, World, world

pytestmark = [pytest.mark.home, pytest.mark.long]

# Longer than the pause between two tries
PATIENCE = 120.0
MEGABYTES = 16
BURST = 100
SENDERS = ("+966590042734", "+966501234567", "STC Pay")


@pytest.mark.parametrize("way", ["webhook", "poll"])
@pytest.mark.timeout(900)
async def test_a_full_disk_holds_no_message_back(tmp_path: Path, way: Way) -> None:
    """All fire, once; one issue; what waits is kept when there is room."""
    folder = tmp_path / "home"
    async with world(folder, way, speed=200.0, app=None) as around:
        home = around.home
        await home.stop()
        with stored_on_small_disk(folder) as disk:
            await home.start()
            await home.wait_until_running()
            await receive(around, "before")
            disk.fill()
            await receive(around, "full")
            await until(lambda: has_one_issue(home), "one issue", PATIENCE, pause=0.5)
            disk.make_room()
            await until(lambda: has_no_issue(home), "no issue", PATIENCE, pause=0.5)
            assert kept(around) == Counter(around.more)
            disk.fill()
            await receive(around, "full again")
            await around.kill()
            await home.start()
            await home.wait_until_running()
            await receive(around, "after the kill")
            await until(lambda: has_one_issue(home), "one issue", PATIENCE, pause=0.5)
            disk.make_room()
            await until(lambda: has_no_issue(home), "no issue", PATIENCE, pause=0.5)
            # What waited when it was killed had nowhere to go
            rows = kept(around)
            assert rows == Counter(it for it in around.more if it in rows)
            assert {it for it in around.more if "full again" not in it} <= rows.keys()
            await home.stop()
        record = Line.read(around.record)
        for by in ("event", "trigger"):
            verdict = judge(around.more, [line for line in record if line.by == by])
            assert verdict.is_right, verdict
            assert not verdict.again


@contextmanager
def stored_on_small_disk(folder: Path) -> Iterator[Disk]:
    """Move what a Home Assistant that does not run has stored; it is gone then."""
    stored, aside = folder / ".storage", folder / "aside"
    stored.rename(aside)
    with small_disk(stored, MEGABYTES) as disk:
        shutil.copytree(aside, stored, dirs_exist_ok=True)
        yield disk


async def receive(around: World, name: str) -> None:
    """Let the phone receive some messages, and wait until automations ran for all."""
    texts = [f"{name} {number} {'word' * 50}" for number in range(BURST)]
    for number, text in enumerate(texts):
        around.more.append(text)
        around.phone.receive(SENDERS[number % len(SENDERS)], text)
    await until(lambda: has_run(around, texts), "all fired", PATIENCE, pause=0.2)


def has_run(around: World, texts: list[str]) -> bool:
    """Return True if both automations recorded all texts."""
    record = Line.read(around.record)
    recorded = {(line.by, line.text) for line in record}
    return all({("event", it), ("trigger", it)} <= recorded for it in texts)


def kept(around: World) -> Counter[str]:
    """Return what is kept."""
    return Counter(row.text for row in Kept.read(around.kept))


async def our_issues(home: Home) -> list[str]:
    """Return the integration's issues, without the account's id."""
    found = (await ask(home, "repairs/list_issues"))["issues"]
    return [it["translation_key"] for it in found if it["domain"] == "sms_gate"]


async def has_one_issue(home: Home) -> bool:
    """Return True if the only issue is that of the kept messages."""
    return await our_issues(home) == ["messages_not_kept"]


async def has_no_issue(home: Home) -> bool:
    """Return True if there is no issue."""
    return not await our_issues(home)
