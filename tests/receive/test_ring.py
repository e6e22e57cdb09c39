"""The file of identities: what a kill, a disk or a person may leave of it."""

from collections.abc import Callable
import errno
import os
from pathlib import Path
from unittest.mock import patch

import pytest

from custom_components.sms_gate.receive.dedup import identity
from custom_components.sms_gate.receive.ring import SLOTS, Ring

SIZE = 32 + SLOTS * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test remembers; the folder is not there yet."""
    return tmp_path / "storage" / "sms_gate.x.received"


def many(start: int, stop: int) -> list[bytes]:
    """Return distinct identities."""
    return [identity(str(number)) for number in range(start, stop)]


def remember(ring: Ring, *items: bytes, at: int = 7) -> None:
    """Remember and write."""
    for item in items:
        ring.remember(item, at)
    ring.write(items)


def made(path: Path, *items: bytes) -> Ring:
    """Return a new file that holds identities."""
    ring = Ring(path)
    ring.create()
    remember(ring, *items)
    return ring


def opened(path: Path) -> tuple[Ring, bool]:
    """Return what a start would know, and whether the file was whole."""
    ring = Ring(path)
    return ring, ring.open()


def test_what_was_written_is_known_without_closing(path: Path) -> None:
    """As after SIGKILL: with its time, in its order, in a file of its whole size."""
    items = many(0, 3)
    made(path, *items)
    again, is_whole = opened(path)
    assert is_whole
    assert again.known == dict.fromkeys(items, 7)
    assert path.stat().st_size == SIZE
    assert path.stat().st_blocks * 512 >= SIZE


@pytest.mark.parametrize("count", [SLOTS - 1, SLOTS, SLOTS + 1, 2 * SLOTS + 500])
def test_the_last_ones_are_known_and_nothing_grows(path: Path, count: int) -> None:
    """Before and after a restart, and after what is written then."""
    items = many(0, count)
    ring = made(path, *items)
    expected = items[-SLOTS:]
    assert list(ring.known) == expected
    again, is_whole = opened(path)
    assert is_whole
    assert list(again.known) == expected
    (more,) = many(count, count + 1)
    remember(again, more)
    assert list(opened(path)[0].known) == [*expected, more][-SLOTS:]
    assert path.stat().st_size == SIZE


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut in the header": lambda content: content[:10],
    "cut in a slot": lambda content: content[: 32 + 32 * 5 + 7],
    "cut in half": lambda content: content[: SIZE // 2],
    "longer": lambda content: content + b"x",
    "another header": lambda content: b"y" + content[1:],
    "a newer version": lambda content: content.replace(b"ring 1", b"ring 2", 1),
    "zeros": lambda content: bytes(SIZE),
    "garbage": lambda content: os.urandom(SIZE),
    "text": lambda content: b'{"version": 1, "data": {}}',
    "two slots spoiled": lambda content: (
        content[:40] + b"spoil" + content[45:70] + b"spoil" + content[75:]
    ),
    "the old format": lambda content: b"\n" + b"\n".join([b"ab" * 16] * 9),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_set_aside_and_what_is_whole_stays_known(
    path: Path, damage: str
) -> None:
    """The next start finds a whole one."""
    items = many(0, 9)
    made(path, *items).close()
    left = DAMAGE[damage](path.read_bytes())
    path.write_bytes(left)
    ring, is_whole = opened(path)
    assert not is_whole
    assert path.with_suffix(".damaged").read_bytes() == left
    assert ring.known.keys() <= set(items)
    if damage in {"longer", "another header", "a newer version", "two slots spoiled"}:
        assert len(ring.known) >= 7
    (more,) = many(100, 101)
    remember(ring, more)
    again, is_whole = opened(path)
    assert is_whole
    assert again.known.keys() == {*ring.known, more}


def test_one_slot_that_a_kill_cut_is_no_damage(path: Path) -> None:
    """Its message comes again, and the next one is written over it."""
    first, second, third = many(0, 3)
    made(path, first, second).close()
    content = bytearray(path.read_bytes())
    content[32 + 32 + 8 : 32 + 64] = bytes(24)
    path.write_bytes(content)
    ring, is_whole = opened(path)
    assert is_whole
    assert list(ring.known) == [first]
    remember(ring, third)
    assert list(opened(path)[0].known) == [first, third]


def test_a_folder_in_its_place_is_set_aside(path: Path) -> None:
    """Whoever put it there."""
    path.mkdir(parents=True)
    assert not opened(path)[1]
    assert path.is_file()


@pytest.mark.parametrize("gone", ["file", "folder", "replaced"])
def test_a_file_that_went_is_made_again(path: Path, gone: str) -> None:
    """Nothing is written for long into a file that nobody will read."""
    first, second = many(0, 2)
    ring = made(path, first)
    path.unlink()
    if gone == "folder":
        path.parent.rmdir()
    elif gone == "replaced":
        path.write_text("older")
    remember(ring, second)
    assert not ring.is_in_place()
    ring.create()
    assert ring.is_in_place()
    assert list(opened(path)[0].known) == [first, second]


@pytest.mark.parametrize("call", ["posix_fallocate", "pwrite", "open"])
def test_a_disk_that_is_full_leaves_nothing_half_made(path: Path, call: str) -> None:
    """The file that was there stays, and what is known stays known."""
    first, second = many(0, 2)
    ring = made(path, first)
    ring.close()
    before = path.read_bytes()
    ring.remember(second, 0)
    full = OSError(errno.ENOSPC, "No space left on device")
    with (
        patch.object(os, call, side_effect=full),
        pytest.raises(OSError, match="space"),
    ):
        ring.create()
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    assert list(ring.known) == [first, second]
    assert not ring.is_in_place()
    ring.create()
    assert ring.is_in_place()
    assert list(opened(path)[0].known) == [first, second]


def test_nothing_readable_is_in_the_file(path: Path) -> None:
    """Only digests are on disk."""
    made(path, identity("sms:received", "+966590042734"))
    assert b"966590042734" not in path.read_bytes()


def test_removing_deletes_all(path: Path) -> None:
    """Also what was set aside; removing what is not there is no error."""
    made(path).close()
    path.write_text("damaged")
    ring, _ = opened(path)
    assert len(list(path.parent.iterdir())) == 2
    ring.remove()
    ring.remove()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("code", [errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS])
def test_a_file_system_that_cannot_reserve_gets_zeros(path: Path, code: int) -> None:
    """As network folders and ZFS may; the C library of Home Assistant OS says so."""
    (first,) = many(0, 1)
    with patch.object(os, "posix_fallocate", side_effect=OSError(code, "not here")):
        made(path, first)
    assert path.stat().st_blocks * 512 >= SIZE
    ring, is_whole = opened(path)
    assert is_whole
    assert list(ring.known) == [first]


def test_a_disk_with_too_little_room_for_zeros_is_full(path: Path) -> None:
    """What is written in part is not taken for all."""
    ring = Ring(path)
    with (
        patch.object(os, "posix_fallocate", side_effect=OSError(errno.EOPNOTSUPP, "")),
        patch.object(os, "pwrite", side_effect=lambda _file, data, _at: len(data) // 2),
        pytest.raises(OSError, match="space"),
    ):
        ring.create()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("end", ["close", "remove"])
def test_no_file_stays_open(path: Path, end: str) -> None:
    """An account that is removed and added again many times leaks nothing."""
    ring = made(path, *many(0, 1))
    opened_files = {os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()}
    assert str(path.resolve()) in opened_files
    getattr(ring, end)()
    opened_files = {os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()}
    assert not any(str(path.resolve()) in name for name in opened_files)
