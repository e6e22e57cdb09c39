"""Kept messages on a disk that is really full."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.issue_registry import EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED
import pytest

from custom_components.sms_gate.messages import store as store_module
from harness.until import until
from tests.support.common import SARA, Account, Rig, collect
from tests.support.disk import Disk, small_disk
from tests.support.kept import KEEP, store_of, texts
from tests.support.receiving import issues

LONG = "long " * 2000


@pytest.fixture
def disk(hass_config_dir: str) -> Iterator[Disk]:
    """Where all is stored."""
    with small_disk(Path(hass_config_dir) / ".storage", 3) as made:
        yield made


async def test_a_full_disk_holds_nothing_back_and_costs_nothing(
    disk: Disk,
    rig: Rig,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Receiving goes on, with one issue and one warning; with room, all is kept."""
    hass = rig.hass
    monkeypatch.setattr(store_module, "RETRY_SECONDS", 0.05)
    account = await rig.add_account(options=KEEP)
    seen, changes = collect(hass), issue_changes(hass)
    wanted = [f"{number} {LONG}" for number in range(30)]
    await receive(account, wanted[:10])
    disk.fill()
    await receive(account, wanted[10:20])
    await until(lambda: "messages_not_kept" in issues(hass), "the issue")
    await receive(account, wanted[20:])
    tries = count_tries(account, monkeypatch)
    await until(lambda: tries["failed"] > 2, "more tries")
    assert len(seen.data("sms_received")) == 30
    assert changes == Counter(create=1)
    disk.make_room()
    await until(lambda: "messages_not_kept" not in issues(hass), "room on the disk")
    assert Counter(await texts(account, SARA)) == Counter(wanted)
    assert changes == Counter(create=1, remove=1)
    assert caplog.text.count("Messages cannot be kept") == 1


async def test_a_start_with_a_full_disk(
    disk: Disk, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The issue goes with its reason, also where no message comes."""
    hass = rig.hass
    monkeypatch.setattr(store_module, "RETRY_SECONDS", 0.05)
    account = await rig.add_account()
    disk.fill()
    hass.config_entries.async_update_entry(account.entry, options=KEEP)
    await until(lambda: "messages_not_kept" in issues(hass), "the issue")
    disk.make_room()
    await until(lambda: "messages_not_kept" not in issues(hass), "room on the disk")


async def receive(account: Account, wanted: list[str]) -> None:
    """Let the phone receive."""
    for text in wanted:
        account.phone.receive(SARA, text)
    await account.settled()


def issue_changes(hass: HomeAssistant) -> Counter[str]:
    """Count what happens to issues, from now on."""
    changes: Counter[str] = Counter()

    @callback
    def count(event: Event[Any]) -> None:
        changes[event.data["action"]] += 1

    hass.bus.async_listen(EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, count)
    return changes


def count_tries(account: Account, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count writes that fail, from now on."""
    tries: Counter[str] = Counter()
    store = store_of(account)
    failed = store._failed

    def count(items: list[Any], err: Exception) -> None:
        tries["failed"] += 1
        failed(items, err)

    monkeypatch.setattr(store, "_failed", count)
    return tries
