"""Kept messages where the disk, the file or the process fails."""

import asyncio
from collections import Counter
import json
from pathlib import Path
import signal
import sqlite3
import sys

from homeassistant.const import (
    EVENT_HOMEASSISTANT_CLOSE,
    EVENT_HOMEASSISTANT_FINAL_WRITE,
)
from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.gateway.models import OutgoingMessage
from custom_components.sms_gate.messages import store as store_module
from custom_components.sms_gate.messages.database import Database
from custom_components.sms_gate.messages.record import Progress, Record, sent
from custom_components.sms_gate.messages.sql import SCHEMA_VERSION
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig, collect, event_body
from tests.support.kept import (
    KEEP,
    conversations,
    has_state,
    kept_file,
    messages,
    store_of,
    texts,
)
from tests.support.receiving import issues
from tests.support.sending import fails, short_waits
from virtual_gateway.faults import Fault

HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>",
    "x" * 10_000,
    "👩‍👩‍👧‍👦" * 50,
    "\x00\x01\x1b[31m\r\n\t",
    "\u202egnp.exe\u2066\u2069\u200f",
    "'; DROP TABLE message; --",
    "%s %d {0} ${x} `x`",
)
BURST = """
import sys
from pathlib import Path
from custom_components.sms_gate.messages.database import Database
from custom_components.sms_gate.messages.record import Record

database = Database(Path(sys.argv[1]))
for number in range(1_000_000):
    records = [
        Record(
            identity=f"{number:08}{item:08}".encode(),
            is_outgoing=False,
            kind="sms",
            number="+966590042734",
            written_to="+966590042734",
            text=f"{number}",
            time=float(number),
            kept=float(number),
        )
        for item in range(5)
    ]
    database.write(records, "SA", 0)
    print(number, flush=True)
"""


@pytest.fixture
async def account(rig: Rig) -> Account:
    """A private account that keeps conversations."""
    return await rig.add_account(options=KEEP)


async def test_a_killed_process_loses_what_was_not_written_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    """What was written is there, whole, after SIGKILL."""
    path = tmp_path / "kept"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BURST, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    last = -1
    while last < 20:
        last = int(await process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = (await process.stdout.read()).split()
    await process.wait()
    last = int(rest[-1]) if rest else last
    database = Database(path)
    kept = Counter(row["text"] for row in database.messages(SARA, 1_000_000, None))
    database.close()
    assert set(kept.values()) == {5}
    assert set(map(str, range(last + 1))) <= kept.keys()
    assert len(kept) <= last + 2
    assert not database.was_set_aside


async def test_a_full_disk_holds_nothing_back(
    account: Account, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Receiving goes on, with one issue; when there is room, all is kept."""
    monkeypatch.setattr(store_module, "RETRY_SECONDS", 0.1)
    store, seen = store_of(account), collect(hass)
    account.phone.receive(SARA, "before")
    await account.settled()
    await conversations(account)
    open_file = Database._open

    def full(database: Database) -> sqlite3.Connection:
        connection = open_file(database)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(Database, "_open", full)
    store._database.close()
    long = "long " * 2000
    for number in range(20):
        account.phone.receive(OMAR, f"{number} {long}")
    await account.settled()
    await until(lambda: "messages_not_kept" in issues(hass), "the issue")
    assert len(seen.data("sms_received")) == 21
    assert await texts(account, OMAR) == []
    monkeypatch.setattr(Database, "_open", open_file)
    await until(lambda: "messages_not_kept" not in issues(hass), "room on the disk")
    assert len(set(await texts(account, OMAR))) == 20
    assert await texts(account, SARA) == ["before"]


async def test_what_waits_is_bounded(
    account: Account, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number and by length; the rest is not kept, and an issue says so."""
    monkeypatch.setattr(store_module, "WRITE_SECONDS", 60)
    monkeypatch.setattr(store_module, "MAX_WAITING", 3)
    monkeypatch.setattr(store_module, "MAX_WAITING_TEXT", 1000)
    account.phone.receive(SARA, "x" * 900)
    account.phone.receive(SARA, "y" * 900)
    await account.settled()
    assert "messages_not_kept" in issues(hass)
    assert await texts(account, SARA) == ["x" * 900]
    for number in range(5):
        account.phone.receive(OMAR, f"{number}")
    await account.settled()
    assert len(await texts(account, OMAR)) == 3
    assert "messages_not_kept" not in issues(hass)


@pytest.mark.parametrize("content", ["junk", "newer", "torn"])
async def test_a_file_that_cannot_be_read_is_set_aside(
    account: Account, hass: HomeAssistant, content: str
) -> None:
    """A damaged one, and one of a newer version; keeping goes on in a new one."""
    path = kept_file(account)
    for number in range(200):
        account.phone.receive(SARA, f"{number} {'text ' * 50}")
    await account.settled()
    await conversations(account)
    store = store_of(account)
    await hass.config_entries.async_unload(account.entry.entry_id)
    store._database.close()
    if content == "newer":
        with sqlite3.connect(path) as connection:
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        connection.close()
    elif content == "torn":
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    else:
        path.write_bytes(b"no database at all" * 100)
    await hass.config_entries.async_setup(account.entry.entry_id)
    await hass.async_block_till_done()
    account.phone.receive(SARA, "after")
    await account.settled()
    assert await texts(account, SARA) == ["after"]
    assert "messages_set_aside" in issues(hass)
    assert path.with_name(f"{path.name}.damaged").exists()
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert not list(path.parent.glob(f"{path.name}*"))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_hostile_text_is_a_text(account: Account, rig: Rig, text: str) -> None:
    """Kept as it is, but for what no file can hold; others are kept beside it."""
    for number, sender in enumerate((SARA, text[:50])):
        body = event_body(message=text, sender=sender, messageId=f"{number}")
        answer = await rig.web.post(account.webhook_path, json=body)
        assert answer.status == 200
    await account.settled()
    (row,) = await messages(account, SARA)
    assert row["text"] == text
    assert len(await conversations(account)) == 2


def test_what_no_file_can_hold_is_left_out(tmp_path: Path) -> None:
    """Half a character is a question mark, a huge number is none."""
    database = Database(tmp_path / "kept")
    half = "half \ud83d of a pair"
    odd = Record(
        identity=b"1",
        is_outgoing=True,
        kind="sms",
        number=half,
        written_to=half,
        text=half,
        time=1.0,
        kept=1.0,
        message_id=half,
        sim=2**70,
    )
    failed = Progress(message_id=half, number=None, state="Failed", error=half)
    database.write([odd, failed], None, 0)
    (row,) = database.search("half ? of", 9)
    assert row["text"] == row["number"] == row["error"] == "half ? of a pair"
    assert (row["state"], row["sim"]) == ("Failed", None)
    database.close()


async def test_the_last_second_is_written_at_the_stop(
    account: Account, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant ends before the next write was due."""
    monkeypatch.setattr(store_module, "WRITE_SECONDS", 60)
    account.phone.receive(SARA, "goodbye")
    await account.settled()
    await account.phone.stop()
    await hass.async_stop(force=True)
    database = Database(kept_file(account))
    assert [row["text"] for row in database.messages(SARA, 9, None)] == ["goodbye"]
    database.close()


async def test_what_comes_after_the_last_write_is_written_as_well(
    account: Account, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is still under way when all stores were written."""
    monkeypatch.setattr(store_module, "WRITE_SECONDS", 60)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    account.phone.receive(SARA, "late")
    await account.settled()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()
    database = Database(kept_file(account))
    assert [row["text"] for row in database.messages(SARA, 9, None)] == ["late"]
    database.close()


async def test_what_a_kill_took_along_is_kept_when_it_is_sent_again(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outbox outlives the kill, the row that was not written does not."""
    short_waits(monkeypatch, pauses=(0.01, 0.01))
    account.gateway.faults["drop_response"] = Fault(path="/messages$")
    account.gateway.faults["status"] = Fault(value=502, path="/messages/.")
    with fails("outcome_unknown", message_id="door"):
        await account.send("Open", SARA, message_id="door")
    await store_of(account).async_delete()
    store_of(account)._database.run(lambda it: it.execute("DELETE FROM deleted"))
    account.gateway.faults.clear()
    await account.send("Open", SARA, message_id="door")
    await has_state(account, SARA, "Delivered")
    assert await texts(account, SARA) == ["Open"]


async def test_what_waits_is_deleted_as_well(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came before somebody deleted the conversation."""
    monkeypatch.setattr(store_module, "WRITE_SECONDS", 60)
    account.phone.receive(SARA, "just now")
    await account.settled()
    await store_of(account).async_delete(conversation=SARA)
    assert await conversations(account) == []


async def test_what_an_earlier_run_kept_goes_where_nothing_is_kept(
    rig: Rig, hass: HomeAssistant
) -> None:
    """The option was changed while the account was not loaded."""
    account = await rig.add_account()
    kept_file(account).write_bytes(b"of an earlier run")
    await hass.config_entries.async_reload(account.entry.entry_id)
    assert not kept_file(account).exists()


async def test_an_mms_takes_the_place_of_its_notification(
    account: Account,
) -> None:
    """First it is announced, then it is there, with its files."""
    account.phone.receive_mms(SARA, subject="Look", size=9)
    await account.settled()
    (row,) = await messages(account, SARA)
    assert (row["kind"], row["subject"]) == ("mms_header", "Look")
    account.phone.receive_mms_downloaded(SARA, subject="Look", body="a cat")
    await account.settled()
    (row,) = await messages(account, SARA)
    assert (row["kind"], row["subject"], row["text"]) == ("mms", "Look", "a cat")


def test_the_first_notification_is_the_first_mms(tmp_path: Path) -> None:
    """Two wait to be downloaded; the network's clock may be behind, within reason."""
    database = Database(tmp_path / "kept")

    def mms(place: int, kind: str, time: float) -> Record:
        return Record(
            identity=place.to_bytes(1),
            is_outgoing=False,
            kind=kind,
            number=SARA,
            written_to=SARA,
            subject=f"{place}",
            time=time,
            kept=1e12,
        )

    headers = [mms(1, "mms_header", 1000), mms(2, "mms_header", 1100)]
    came = [mms(3, "mms", 399), mms(4, "mms", 1200), mms(5, "mms", 501)]
    for item, left in zip(came, ("213", "423", "453"), strict=True):
        database.write([*headers, item], "SA", 0)
        headers = []
        rows = database.messages(SARA, 9, None)
        assert [row["subject"] for row in rows] == [*left]
    database.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Failed", "Pending"),
        ("Unknown", "Pending"),
        ("Processed", "Processed"),
        ("Sent", "Sent"),
        ("Delivered", "Delivered"),
    ],
)
def test_an_id_that_is_submitted_again_goes_back_only_from_a_failure(
    tmp_path: Path, before: str, after: str
) -> None:
    """What left stays so."""
    database = Database(tmp_path / "kept")
    message = OutgoingMessage(id="m", phone_numbers=(SARA,), text="Hello")
    told = Progress(message_id="m", number=None, state=before)
    database.write([*sent(message), told, *sent(message)], "SA", 0)
    (row,) = database.messages(SARA, 9, None)
    assert row["state"] == after
    database.close()


def test_an_earlier_state_changes_nothing_but_its_time(tmp_path: Path) -> None:
    """Reports come in any order; a time that the phone names is the sure one."""
    database = Database(tmp_path / "kept")
    message = Record(
        identity=b"1",
        is_outgoing=True,
        kind="sms",
        number=SARA,
        written_to=SARA,
        state="Pending",
        message_id="m",
        time=10.0,
        kept=1e12,
    )
    database.write([message], "SA", 0)
    for state, error, time in (
        # Nobody knew, then the phone did
        ("Unknown", None, 20.0),
        ("Failed", "no credit", 100.0),
        ("Sent", None, None),
        ("Sent", None, 50.0),
        ("Sent", "lost", None),
    ):
        told = Progress(
            message_id="m", number=None, state=state, error=error, time=time
        )
        database.write([told], "SA", 0)
    (row,) = database.messages(SARA, 9, None)
    assert (row["state"], row["error"]) == ("Failed", "no credit")
    assert json.loads(row["states"]) == {
        "Unknown": 20.0,
        "Failed": 100.0,
        "Sent": 50.0,
    }
    database.close()
