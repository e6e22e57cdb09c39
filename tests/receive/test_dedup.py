"""Remembering what was received: across reloads, restarts, and disks that fail."""

import asyncio
from collections.abc import Mapping
import errno
import logging
import os
from pathlib import Path
import threading
import time
from unittest.mock import patch

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.helpers.storage import STORAGE_DIR
import pytest

from custom_components.sms_gate.receive import dedup
from custom_components.sms_gate.receive.dedup import Memory, identity
from custom_components.sms_gate.receive.ring import Ring
from harness.until import until
from tests.support.common import SARA, Account, Rig, collect
from tests.support.receiving import issues, quiet, texts

OURS = "custom_components.sms_gate.receive.dedup"


def path_of(account: Account, suffix: str = "received") -> Path:
    """Return a file of an account."""
    name = f"sms_gate.{account.entry.entry_id}.{suffix}"
    return Path(account.hass.config.path(STORAGE_DIR, name))


async def memory_after_a_restart(account: Account) -> Memory:
    """Return what a process would know that is started after SIGKILL."""
    memory = Memory(account.hass, account.entry)
    await memory.async_load()
    return memory


async def restart(account: Account) -> None:
    """Load the account as another process does."""
    hass, entry_id = account.hass, account.entry.entry_id
    assert await hass.config_entries.async_unload(entry_id)
    hass.data[dedup._MEMORIES].pop(entry_id).close()
    assert await hass.config_entries.async_setup(entry_id)
    await quiet(hass)


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


async def test_what_was_added_is_known_at_once_and_written_in_the_next_turn(
    account: Account,
) -> None:
    """Each on its own, in its order."""
    memory = await dedup.async_memory(account.hass, account.entry)
    one, two = identity("one"), identity("two")
    with patch.object(Ring, "write", autospec=True, side_effect=Ring.write) as write:
        memory.add(one, 5)
        memory.add(two)
        assert one in memory
        assert write.mock_calls == []
        await asyncio.sleep(0)
    assert [call.args[1] for call in write.mock_calls] == [(one,), (two,)]
    again = await memory_after_a_restart(account)
    assert one in again
    assert two in again
    assert again.newest == 5


async def test_one_memory_outlives_the_loads_of_an_account(account: Account) -> None:
    """And it is closed when Home Assistant ends."""
    hass = account.hass
    memory = await dedup.async_memory(hass, account.entry)
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    assert await dedup.async_memory(hass, account.entry) is memory
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await quiet(hass)
    assert memory._ring._file is None


async def test_removing_the_account_deletes_its_files(account: Account) -> None:
    """Also those of earlier versions."""
    path_of(account, "seen").write_text("old")
    assert path_of(account).exists()
    await account.hass.config_entries.async_remove(account.entry.entry_id)
    assert not path_of(account).exists()
    assert not path_of(account, "seen").exists()


async def test_files_of_an_earlier_version_are_read_once(
    rig: Rig, account: Account
) -> None:
    """Both generations; what a crash cut is passed over, and the files go."""
    old, older = identity("old"), identity("older")
    path_of(account).unlink()
    path_of(account, "previous").write_text(f"\n{older.hex()}\nzz")
    path_of(account, "seen").write_bytes(f"\n{old.hex()}\n0123".encode() + b"\xff\n")
    await restart(account)
    memory = await dedup.async_memory(rig.hass, account.entry)
    assert old in memory
    assert older in memory
    assert not path_of(account, "seen").exists()
    assert not path_of(account, "previous").exists()
    assert old in await memory_after_a_restart(account)
    assert issues(rig.hass) == set()


async def test_a_damaged_file_is_told_and_costs_no_message(
    rig: Rig, account: Account
) -> None:
    """A repair, until the next start."""
    seen = collect(rig.hass)
    path_of(account).write_bytes(b"garbage")
    await restart(account)
    assert issues(rig.hass) == {"memory_damaged"}
    account.phone.receive(SARA, "one")
    await account.settled()
    assert texts(seen) == ["one"]
    await restart(account)
    assert issues(rig.hass) == set()
    assert texts(seen) == ["one"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
async def test_without_a_file_messages_are_received_and_a_repair_says_so(
    rig: Rig, account: Account, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    """Known until the next restart; the next load tries to make it again."""
    seen = collect(rig.hass)
    path_of(account).unlink()
    with patch.object(Ring, "make", side_effect=OSError(code, "It fails")):
        await restart(account)
        assert issues(rig.hass) == {"memory_not_kept"}
        for _ in range(2):
            account.phone.receive(SARA, "one", at=1_700_000_000)
            await account.settled()
    assert texts(seen) == ["one"]
    told = [item for item in caplog.records if item.name == OURS]
    assert [item.levelname for item in told] == ["ERROR"]
    assert str(path_of(account)) not in caplog.text
    assert await rig.hass.config_entries.async_reload(account.entry.entry_id)
    assert issues(rig.hass) == set()
    assert len((await memory_after_a_restart(account))._ring.known) >= 1


async def test_a_write_that_fails_is_told_once_and_repeated_by_the_next_load(
    rig: Rig, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is lost: the phone is answered, and the memory goes on without a file."""
    caplog.set_level(logging.ERROR, OURS)
    seen = collect(rig.hass)
    failing = OSError(errno.EIO, "I/O error")
    with patch("os.pwrite", side_effect=failing):
        for text in ("one", "two"):
            account.phone.receive(SARA, text)
            await account.settled()
    assert texts(seen) == ["one", "two"]
    assert issues(rig.hass) == {"memory_not_kept"}
    assert len([item for item in caplog.records if item.name == OURS]) == 1
    assert await rig.hass.config_entries.async_reload(account.entry.entry_id)
    assert issues(rig.hass) == set()
    await restart(account)
    await account.settled()
    assert texts(seen) == ["one", "two"]


async def break_disk(account: Account) -> Path:
    """Let writing fail as on a full disk; return what keeps a new file away."""
    memory = await dedup.async_memory(account.hass, account.entry)
    full = os.open("/dev/full", os.O_RDWR)
    assert memory._ring._file is not None
    os.dup2(full, memory._ring._file)
    os.close(full)
    in_its_place = path_of(account, "new")
    in_its_place.mkdir()
    return in_its_place


async def test_a_disk_that_works_again_is_used_again(
    rig: Rig,
    account: Account,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a reload; nothing is lost, and after a kill nothing comes twice."""
    caplog.set_level(logging.ERROR, OURS)
    monkeypatch.setattr(dedup, "_RETRY_SECONDS", 0.02)
    seen = collect(rig.hass)
    account.phone.receive(SARA, "before")
    await account.settled()
    in_its_place = await break_disk(account)
    with patch.object(Ring, "make", autospec=True, side_effect=Ring.make) as make:
        for text in ("one", "two"):
            account.phone.receive(SARA, text)
            await account.settled()
        await until(lambda: make.call_count > 2, "more than one try")
    assert issues(rig.hass) == {"memory_not_kept"}
    in_its_place.rmdir()
    await until(lambda: not issues(rig.hass), "a file that is written again")
    account.phone.receive(SARA, "three")
    await account.settled()
    assert len([item for item in caplog.records if item.name == OURS]) == 1

    known = (await memory_after_a_restart(account))._ring.known
    assert known == (await dedup.async_memory(rig.hass, account.entry))._ring.known
    await restart(account)
    await rig.hass.services.async_call(
        "sms_gate", "refresh_inbox", {"since": "2020-01-01 00:00:00"}, blocking=True
    )
    await account.settled()
    assert texts(seen) == ["before", "one", "two", "three"]


async def test_what_comes_while_a_file_is_made_is_written_to_it(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not what waits for its own turn: its automations have not begun."""
    memory = await dedup.async_memory(account.hass, account.entry)
    await break_disk(account)
    begun, go = threading.Event(), threading.Event()

    def make(ring: Ring, known: Mapping[bytes, int]) -> int:
        begun.set()
        go.wait(30)
        path_of(account, "new").rmdir()
        return original(ring, known)

    original = Ring.make
    monkeypatch.setattr(dedup, "_RETRY_SECONDS", 0.0)
    monkeypatch.setattr(Ring, "make", make)
    memory.add(identity("one"))
    await until(begun.is_set)
    memory.add(identity("two"))
    await asyncio.sleep(0)
    use = Ring.use

    def use_and_add(ring: Ring, file: int, known: Mapping[bytes, int]) -> None:
        memory.add(identity("three"))
        use(ring, file, known)

    monkeypatch.setattr(Ring, "use", use_and_add)
    with patch.object(Ring, "write", autospec=True, side_effect=Ring.write) as write:
        go.set()
        await until(lambda: memory._ring.is_open)
        await quiet(account.hass)
    written = [tuple(call.args[1]) for call in write.mock_calls]
    assert written == [(identity("two"),), (identity("three"),)]
    again = await memory_after_a_restart(account)
    assert all(identity(it) in again for it in ("one", "two", "three"))


async def test_a_disk_is_tried_no_more_once_the_account_is_removed(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing puts its file back."""
    monkeypatch.setattr(dedup, "_RETRY_SECONDS", 0.0)
    in_its_place = await break_disk(account)
    account.phone.receive(SARA, "one")
    await account.settled()
    await account.hass.config_entries.async_remove(account.entry.entry_id)
    in_its_place.rmdir()
    await quiet(account.hass)
    assert not path_of(account).exists()


@pytest.mark.parametrize(
    "came", [-5.0, time.time() + 10**6, 2.0**40], ids=["before", "ahead", "far"]
)
async def test_a_time_that_cannot_be_is_none(account: Account, came: float) -> None:
    """A phone's clock, or the network's, does not move the time of the newest."""
    memory = await dedup.async_memory(account.hass, account.entry)
    memory.add(identity("x"), came)
    await quiet(account.hass)
    assert 0 <= memory.newest <= time.time()
    again = await memory_after_a_restart(account)
    assert identity("x") in again
    assert 0 <= again.newest <= time.time()
