"""Remembering what was taken: nothing lost, nothing twice, and no end of growth."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedWriter
import logging
from pathlib import Path
import shutil
import threading
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.receive.dedup import Seen, identity
from custom_components.sms_gate.receive.journal import Journal

OURS = "custom_components.sms_gate.receive.dedup"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test remembers; the folder is not there yet."""
    return tmp_path / "storage" / "sms_gate.x.seen"


async def load(hass: HomeAssistant, path: Path) -> Seen:
    """Return what a start of Home Assistant would know."""
    seen = Seen(hass, path)
    await seen.async_load()
    return seen


async def take(seen: Seen, *items: bytes) -> None:
    """Remember items for good."""
    for item in items:
        seen.add(item)
    await seen.async_commit()


def many(start: int, stop: int) -> list[bytes]:
    """Return distinct identities."""
    return [identity(str(number)) for number in range(start, stop)]


def text(path: Path) -> str:
    """Return what is on disk."""
    return path.read_text(encoding="ascii") if path.exists() else ""


def leave(path: Path, content: bytes) -> None:
    """Leave a file as an earlier run did."""
    path.parent.mkdir()
    path.write_bytes(content)


@dataclass
class NearlyFull:
    """A file on a disk that takes 13 bytes more."""

    file: BufferedWriter

    def write(self, content: bytes) -> int:
        """Write as much as fits, as the system does, and tell how much it was."""
        with self.file:
            return self.file.write(content[:13])


def lines(path: Path) -> int:
    """Return how many lines both generations take on disk."""
    files = (path, path.with_suffix(".previous"))
    return sum(len(file.read_bytes().split()) for file in files if file.exists())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("a", "b"), ("ab", None), id="where a field ends"),
        pytest.param(("a", "b"), ("b", "a"), id="order"),
        pytest.param(("a", "b"), ("a", "B"), id="case"),
        pytest.param(("a",), ("a", None), id="number of fields"),
    ],
)
def test_different_events_have_different_identities(
    one: tuple[str | None, ...], other: tuple[str | None, ...]
) -> None:
    """Fields are told apart, and the same ones give the same 16 bytes."""
    assert identity(*one) != identity(*other)
    assert identity(*one) == identity(*one)
    assert len(identity(*one)) == 16


def test_half_an_emoji_has_an_identity() -> None:
    """A text that is no valid Unicode must not keep a message out."""
    assert len(identity("\ud83d", None)) == 16


async def test_what_was_committed_is_known_after_a_restart(
    hass: HomeAssistant, path: Path
) -> None:
    """The first start finds no file and makes its folder."""
    seen = await load(hass, path)
    item, other = many(0, 2)
    assert item not in seen
    await take(seen, item)
    assert item in seen
    again = await load(hass, path)
    assert item in again
    assert other not in again


async def test_nothing_readable_is_in_the_file(hass: HomeAssistant, path: Path) -> None:
    """Only digests are on disk."""
    await take(await load(hass, path), identity("sms:received", "+966590042734"))
    assert "966590042734" not in text(path)


async def test_a_commit_with_nothing_to_write_touches_no_disk(
    hass: HomeAssistant, path: Path
) -> None:
    """A known duplicate costs nothing."""
    seen = await load(hass, path)
    await seen.async_commit()
    assert text(path) == ""


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"0123456789abc", id="cut short"),
        pytest.param(b"0123456789abcdef\n", id="short line"),
        pytest.param(b"\n\n", id="empty lines"),
        pytest.param(b"\x00" * 40 + b"\n", id="zeros"),
        pytest.param(b"\xff\xfe\xfd\n", id="not ascii"),
        pytest.param(b"zz" * 16 + b"\n", id="not hexadecimal"),
        pytest.param(b"ab" * 17 + b"\n", id="too long"),
    ],
)
async def test_a_file_a_crash_left_is_read_as_far_as_it_goes(
    hass: HomeAssistant, path: Path, broken: bytes
) -> None:
    """What is whole is known; what is not is passed over in silence."""
    first, second = many(0, 2)
    leave(path, f"{first.hex()}\n{second.hex()}\n".encode() + broken)
    seen = await load(hass, path)
    assert first in seen
    assert second in seen


async def test_after_a_line_cut_short_the_next_one_counts(
    hass: HomeAssistant, path: Path
) -> None:
    """What is remembered after a crash is still known after the next restart."""
    leave(path, b"0123456789abc")
    item, other = many(0, 2)
    await take(await load(hass, path), item)
    await take(await load(hass, path), other)
    again = await load(hass, path)
    assert other in again
    assert item in again


async def test_after_a_disk_was_full_in_the_middle_of_a_line_nothing_is_lost(
    hass: HomeAssistant, path: Path
) -> None:
    """A write that failed half-way is repeated as a whole."""
    seen = await load(hass, path)
    first, second, third = many(0, 3)
    await take(seen, first)

    with (
        patch.object(Journal, "_open", lambda _: NearlyFull(path.open("ab"))),
        pytest.raises(OSError, match="No space"),
    ):
        await take(seen, second)
    assert len(path.read_bytes()) == 33 + 13
    await take(seen, third)
    again = await load(hass, path)
    assert [item in again for item in (first, second, third)] == [True] * 3


async def test_what_comes_during_a_write_is_written_together(
    hass: HomeAssistant, path: Path
) -> None:
    """A burst on a slow disk costs two writes, and every event is on disk."""
    seen = await load(hass, path)
    writes: list[int] = []
    slow_disk = threading.Event()
    append = Journal.append

    def slowly(self: Journal, batch: list[bytes], *, rotate: bool) -> None:
        writes.append(len(batch))
        slow_disk.wait(10)
        append(self, batch, rotate=rotate)

    items = many(0, 1000)
    with patch.object(Journal, "append", slowly):
        taking = asyncio.gather(*(take(seen, item) for item in items))
        await asyncio.sleep(0)
        slow_disk.set()
        await taking
    assert writes == [1, 999]
    again = await load(hass, path)
    assert all(item in again for item in items)


async def test_a_commit_returns_only_when_its_own_item_is_on_disk(
    hass: HomeAssistant, path: Path
) -> None:
    """What is added while others are being written waits for the next write."""
    seen = await load(hass, path)
    first, second = many(0, 2)
    writing = hass.async_create_task(take(seen, first))
    await asyncio.sleep(0)
    await take(seen, second)
    assert second.hex() in text(path)
    await writing
    assert lines(path) == 2


async def test_a_write_may_be_over_before_anyone_waits_for_it(
    hass: HomeAssistant, path: Path
) -> None:
    """On a fast disk the executor's future can be done when it is handed out."""
    seen = await load(hass, path)

    def at_once(target: Callable[..., None], *how: Any) -> asyncio.Future[None]:
        done = hass.loop.create_future()
        target(*how)
        done.set_result(None)
        return done

    items = many(0, 3)
    with patch.object(hass, "async_add_executor_job", at_once):
        await asyncio.gather(*(take(seen, item) for item in items))
        await seen.async_commit()
    again = await load(hass, path)
    assert [item in again for item in items] == [True] * 3


@pytest.mark.parametrize("gone", ["file", "folder", "replaced"])
async def test_a_file_that_went_is_made_anew(
    hass: HomeAssistant, path: Path, gone: str
) -> None:
    """Nothing is written into a file that nobody will read."""
    seen = await load(hass, path)
    first, second = many(0, 2)
    await take(seen, first)
    if gone == "folder":
        shutil.rmtree(path.parent)
    elif gone == "file":
        path.unlink()
    else:
        older = path.with_suffix(".older")
        older.write_text(f"{many(2, 3)[0].hex()}")
        older.replace(path)
    await take(seen, second)
    assert second in await load(hass, path)


async def test_a_write_that_ends_with_home_assistant_is_no_commit(
    hass: HomeAssistant, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Stopping cancels what is in the background; nobody is told that it is safe."""
    seen = await load(hass, path)
    (item,) = many(0, 1)
    given_up: asyncio.Future[None] = hass.loop.create_future()
    given_up.cancel()
    with (
        patch.object(hass, "async_add_executor_job", return_value=given_up),
        pytest.raises(OSError),
    ):
        await take(seen, item)
    assert caplog.records == []
    await seen.async_commit()
    assert item in await load(hass, path)


async def test_who_stops_waiting_does_not_stop_the_writing(
    hass: HomeAssistant, path: Path
) -> None:
    """A phone that hangs up costs no one else the memory of an event."""
    seen = await load(hass, path)
    first, second = many(0, 2)
    hurried = asyncio.ensure_future(take(seen, first))
    patient = asyncio.ensure_future(take(seen, second))
    await asyncio.sleep(0)
    hurried.cancel()
    await patient
    again = await load(hass, path)
    assert first in again
    assert second in again


async def test_a_failing_disk_is_told_once_and_what_waited_is_written_later(
    hass: HomeAssistant, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Every commit fails as long as the disk does, also of what was added before."""
    caplog.set_level(logging.INFO, OURS)
    seen = await load(hass, path)
    first, second = many(0, 2)
    path.parent.parent.joinpath("storage").write_text("a file, no folder")
    for item in (first, second):
        with pytest.raises(OSError):
            await take(seen, item)
    with pytest.raises(OSError):
        await seen.async_commit()
    path.parent.unlink()
    await seen.async_commit()

    told = [record for record in caplog.records if record.name == OURS]
    assert [record.levelname for record in told] == ["ERROR", "INFO"]
    assert str(path) not in caplog.text
    again = await load(hass, path)
    assert first in again
    assert second in again


async def test_all_who_wait_for_a_failing_write_hear_of_it(
    hass: HomeAssistant, path: Path
) -> None:
    """Nobody is told that an event is safe which is not."""
    seen = await load(hass, path)
    path.parent.write_text("a file, no folder")
    outcomes = await asyncio.gather(
        *(take(seen, item) for item in many(0, 20)), return_exceptions=True
    )
    assert all(isinstance(outcome, OSError) for outcome in outcomes)
