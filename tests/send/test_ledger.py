"""A kill at any moment loses nothing of what was submitted, and nothing stays behind."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
import shutil
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR, Store
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.account.storage import OwnStore
from custom_components.sms_gate.send.journal import Journal
from custom_components.sms_gate.send.ledger import CHECK_SECONDS, SAVE_SECONDS
from custom_components.sms_gate.send.outbox import _OUTBOXES, Outbox
from tests.support.common import OMAR, SARA, Account, Rig
from tests.support.receiving import quiet
from tests.support.sending import (
    TEXT,
    fails,
    hold_up,
    on_the_phone,
    posted,
    posts,
    refuses,
    short_waits,
)
from virtual_gateway.faults import Fault

ID = "alarm-1"
# The test harness replaces them
REAL_LOAD, REAL_WRITE = Store._async_load, Store._async_write_data


@pytest.fixture(autouse=True)
def files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let our stores be files."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("hass")
        monkeypatch.setattr(OwnStore, "_async_load", REAL_LOAD)
        monkeypatch.setattr(OwnStore, "_async_write_data", REAL_WRITE)


@pytest.fixture
async def pair(rig: Rig) -> Account:
    """An account with two phones."""
    rig.gateway.add_phone("Google/Pixel 9")
    return await rig.add_account()


def outbox_of(account: Account) -> Outbox:
    """Return the account's outbox."""
    found: Outbox = account.entry.runtime_data.outbox
    return found


def followed(account: Account) -> list[str]:
    """Return the ids of the messages that are followed."""
    return [tracked.id for tracked in outbox_of(account)]


def on_disk(account: Account, kind: str = "submitted*") -> str:
    """Return what the outbox's files hold."""
    folder = Path(account.hass.config.path(STORAGE_DIR))
    found = sorted(folder.glob(f"sms_gate.{account.entry.entry_id}.{kind}"))
    return "".join(path.read_text(errors="replace") for path in found)


@asynccontextmanager
async def killed(account: Account) -> AsyncGenerator[None]:
    """Load the account from the files as they are when this begins."""
    hass, entry_id = account.hass, account.entry.entry_id
    folder = Path(hass.config.path(STORAGE_DIR))
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    yield
    await hass.config_entries.async_unload(entry_id)
    await quiet(hass)
    hass.data[_OUTBOXES].clear()
    shutil.rmtree(folder)
    copy.rename(folder)
    assert await hass.config_entries.async_setup(entry_id)
    await quiet(hass)


async def saved(hass: HomeAssistant) -> None:
    """Let the save that is planned happen, and its check."""
    for seconds in (SAVE_SECONDS, SAVE_SECONDS + CHECK_SECONDS):
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds + 1))
        await quiet(hass)


@pytest.mark.parametrize("data", [{"message_id": ID}, {}], ids=["own id", "no id"])
async def test_a_message_is_on_the_disk_before_the_request_arrives(
    account: Account, monkeypatch: pytest.MonkeyPatch, data: dict[str, str]
) -> None:
    """With its recipients, which a server cannot be asked for later."""
    seen: list[str] = []
    hold_up(
        monkeypatch,
        account.gateway,
        0,
        lambda: seen.append(on_disk(account)),
    )
    answer = await account.send(TEXT, SARA, OMAR, **data)
    for part in (answer["messages"][0]["message_id"], SARA, OMAR):
        assert part in seen[0]
    assert TEXT not in seen[0]


async def test_a_message_outlives_a_kill_during_its_request(
    pair: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone got it, nobody here saw that: it is followed, and never sent again."""
    for phone in pair.gateway.phones:
        phone.online = False
    short_waits(monkeypatch, pauses=(1.0, 1.0))
    pair.gateway.faults["drop_response"] = Fault(path="/messages$")
    sending = pair.hass.async_create_task(pair.send(TEXT, SARA, message_id=ID))
    await posted(pair.gateway, 1)
    async with killed(pair):
        sending.cancel()
    pair.gateway.faults.clear()
    used = outbox_of(pair).used(ID)
    assert used is not None
    assert not used.is_accepted
    assert followed(pair) == [ID]
    with refuses("message_id_used"):
        await pair.send("Another", SARA, message_id=ID)
    first = posts(pair.gateway)[0]["deviceId"]
    phones = pair.entry.runtime_data.account.phones
    (other,) = [phone.id for phone in pair.gateway.phones if phone.id != first]
    monkeypatch.setattr(phones, "choose", lambda: other)
    again = pair.hass.async_create_task(
        pair.send(TEXT, SARA, message_id=ID, wait_for="delivered")
    )
    await posted(pair.gateway, 2)
    for phone in pair.gateway.phones:
        phone.online = True
    answer = await again
    assert answer["messages"][0]["state"] == "Delivered"
    await pair.settled()
    assert on_the_phone(pair) == {SARA: 1}
    assert {body["deviceId"] for body in posts(pair.gateway)} == {first}


async def test_what_came_after_the_last_save_is_done_again(account: Account) -> None:
    """Also what was accepted, refused and counted."""
    outbox = outbox_of(account)
    account.phone.online = False
    await account.send(TEXT, SARA, message_id="saved")
    await outbox.async_save()
    await account.send(TEXT, SARA, OMAR, message_id=ID)
    account.gateway.faults["status"] = Fault(value=400, path="/messages$")
    with fails("rejected"):
        await account.send(TEXT, SARA, message_id="refused")
    account.gateway.faults.clear()
    async with killed(account):
        pass
    outbox = outbox_of(account)
    assert followed(account) == ["saved", ID]
    assert [outbox.has_sent(it) for it in ("saved", ID, "refused")] == [
        True,
        True,
        False,
    ]
    used = outbox.used(ID)
    assert used is not None
    assert used.is_accepted
    (day,) = outbox.limits.daily.as_dict()["days"].values()
    # That the refused one was released again is not noted: it counts as one more
    assert sorted(day.values()) == [1, 3]
    (parts,) = outbox.limits.parts.as_dict()["days"].values()
    assert sum(parts.values()) == 4


async def test_nothing_of_what_is_over_stays_on_the_disk(
    account: Account,
) -> None:
    """Once it is saved, and the file was looked at; also while Home Assistant stops."""
    await account.send(TEXT, OMAR)
    await account.settled()
    assert OMAR in on_disk(account)
    await saved(account.hass)
    assert OMAR not in on_disk(account, "*")
    await account.send(TEXT, OMAR)
    await account.settled()
    account.hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await quiet(account.hass)
    account.hass.bus.async_fire("homeassistant_close")
    await quiet(account.hass)
    assert OMAR not in on_disk(account, "*")


async def test_what_could_not_be_saved_stays_in_the_journal(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant logs a failed save and goes on."""
    account.phone.online = False
    await account.send(TEXT, SARA, message_id="a")

    async def fail(_store: OwnStore, data: dict[str, Any]) -> None:
        """Write nothing."""
        if "data_func" in data:
            data["data_func"]()

    with monkeypatch.context() as patch:
        patch.setattr(OwnStore, "_async_write_data", fail)
        await saved(account.hass)
        await account.send(TEXT, SARA, message_id="b")
        await saved(account.hass)
        async with killed(account):
            pass
    assert followed(account) == ["a", "b"]


async def test_messages_go_out_where_nothing_can_be_written(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """An alarm is worth more than its note; one line says so."""
    path = Path(account.hass.config.path(STORAGE_DIR))
    (path / f"sms_gate.{account.entry.entry_id}.submitted").mkdir()
    for _ in range(2):
        await account.send(TEXT, SARA)
    await account.settled()
    assert on_the_phone(account) == {SARA: 2}
    assert caplog.text.count("Cannot write sms_gate.") == 1


async def test_the_files_are_the_owners_and_go_with_the_account(
    account: Account,
) -> None:
    """They hold numbers of messages under way."""
    account.phone.online = False
    await account.send(TEXT, SARA)
    folder = Path(account.hass.config.path(STORAGE_DIR))
    found = list(folder.glob("*.submitted*"))
    assert [path.stat().st_mode & 0o077 for path in found] == [0] * len(found) != []
    await account.hass.config_entries.async_remove(account.entry.entry_id)
    assert not list(folder.glob("*.submitted*"))


def cut(content: bytes) -> bytes:
    """Cut the last line in the middle, as a full disk does."""
    return content[:-20]


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        pytest.param(cut, [1, 2], id="cut"),
        pytest.param(lambda _: bytes(200), [], id="zeros"),
        pytest.param(lambda _: b"", [], id="empty"),
        pytest.param(lambda it: it[:60] + b"\xff" + it[61:], [1, 3], id="garbage"),
        pytest.param(lambda it: it + b"\n[1]\n5\n{}", [1, 2, 3], id="other shapes"),
        pytest.param(
            lambda it: (
                it + b'\n{"number": 1e300}\n{"number": true}'
                b'\n{"number": 9007199254740993}'
            ),
            [1, 2, 3],
            id="other numbers",
        ),
        pytest.param(lambda it: it + it, [1, 2, 3], id="twice"),
    ],
)
def test_damaged_lines_leave_the_others(
    tmp_path: Path, damage: Callable[[bytes], bytes], kept: list[int]
) -> None:
    """And what is written afterwards is read."""
    path = tmp_path / "journal"
    journal = Journal(path)
    for _ in range(3):
        journal.add({"forgotten": "some message's id"})
    path.write_bytes(damage(path.read_bytes()))
    again = Journal(path)
    assert [record["number"] for record in again.read(0)] == kept
    again.add({})
    assert [it["number"] for it in Journal(path).read(0)] == [*kept, again.number]
    assert [it["number"] for it in Journal(path).read(again.number - 1)] == [
        again.number
    ]
