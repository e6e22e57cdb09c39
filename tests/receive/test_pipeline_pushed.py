"""A phone posts one event after the other: what its answers wait for, and what not."""

import asyncio
from collections.abc import AsyncIterator
import threading

from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.gateway.events import parse_events
from custom_components.sms_gate.receive.journal import Journal
from tests.support.common import Account, Rig, collect, event_body


class Disk:
    """A disk that holds its writes back, and counts what was written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand between the journal and its file."""
        self.goes_on = threading.Event()
        self.batches: list[int] = []
        append = Journal.append

        def slowly(journal: Journal, items: list[bytes], *, rotate: bool) -> None:
            assert self.goes_on.wait(10)
            append(journal, items, rotate=rotate)
            self.batches.append(len(items))

        monkeypatch.setattr(Journal, "append", slowly)


@pytest.fixture
async def disk(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Disk]:
    """The disk of an account that is loaded."""
    made = Disk(monkeypatch)
    yield made
    made.goes_on.set()


async def post(rig: Rig, account: Account, message: str) -> int:
    """Post an SMS of its own, as the phone does."""
    body = event_body(messageId=f"{ord(message):x}", message=message)
    async with rig.web.post(account.webhook_path, json=body) as response:
        return response.status


async def soon() -> None:
    """Let what is ready happen."""
    for _ in range(50):
        await asyncio.sleep(0.002)


async def test_one_that_comes_alone_is_answered_while_it_is_written(
    rig: Rig, account: Account, disk: Disk
) -> None:
    """It is fired first; the disk may take its time."""
    seen = collect(rig.hass)
    async with asyncio.timeout(5):
        assert await post(rig, account, "a") == 200
    assert [item["message"] for item in seen.data("sms_received")] == ["a"]
    assert disk.batches == []


async def test_the_next_is_not_fired_before_the_last_is_written(
    rig: Rig, account: Account, disk: Disk
) -> None:
    """So a crash can repeat one event only."""
    seen = collect(rig.hass)
    assert await post(rig, account, "a") == 200
    second = asyncio.create_task(post(rig, account, "b"))
    await soon()
    assert len(seen.events) == 1
    disk.goes_on.set()
    assert await second == 200
    assert [item["message"] for item in seen.data("sms_received")] == ["a", "b"]
    await soon()
    assert disk.batches == [1, 1]


async def test_those_that_come_together_wait_for_the_file(
    rig: Rig, account: Account, disk: Disk
) -> None:
    """In their order, and written together."""
    seen = collect(rig.hass)
    assert await post(rig, account, "a") == 200
    others = [asyncio.create_task(post(rig, account, item)) for item in "bcd"]
    await soon()
    assert len(seen.events) == 1
    disk.goes_on.set()
    assert await asyncio.gather(*others) == [200] * 3
    assert sorted(item["message"] for item in seen.data("sms_received")) == list("abcd")
    await soon()
    assert sum(disk.batches) == 4


async def test_unloading_writes_what_was_answered(
    hass: HomeAssistant, rig: Rig, account: Account, disk: Disk
) -> None:
    """And after the reload it is known."""
    assert await post(rig, account, "a") == 200
    unloading = asyncio.create_task(
        hass.config_entries.async_unload(account.entry.entry_id)
    )
    await soon()
    assert disk.batches == []
    disk.goes_on.set()
    assert await unloading
    assert disk.batches == [1]
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    seen = collect(hass)
    assert await post(rig, account, "a") == 200
    assert seen.events == []


async def test_what_is_asked_for_waits_for_what_was_answered(
    rig: Rig, account: Account, disk: Disk
) -> None:
    """A report that was fetched is fired after the last webhook is remembered."""
    seen = collect(rig.hass)
    assert await post(rig, account, "a") == 200
    (report,) = parse_events(event_body("system:ping"))
    fetching = asyncio.create_task(
        account.entry.runtime_data.pipeline.async_process(report)
    )
    await soon()
    assert seen.kinds() == ["sms_received"]
    disk.goes_on.set()
    assert await fetching == 1
    assert seen.kinds() == ["sms_received", "system_ping"]
