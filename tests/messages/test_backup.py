"""A backup copies file and log of changes one after the other, while messages come."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
import shutil
import sqlite3

from homeassistant.components.backup.const import DATA_MANAGER
from homeassistant.setup import async_setup_component
import pytest

from custom_components.sms_gate.messages.database import Database
from custom_components.sms_gate.messages.record import Record
from tests.support.common import SARA, Rig
from tests.support.kept import KEEP, conversations, kept_file, store_of

SOME = 600


def records(first: int) -> Iterator[Record]:
    """Yield messages that fill the log of changes, with those that follow."""
    for place in range(first, first + SOME):
        yield Record(
            identity=place.to_bytes(16),
            is_outgoing=False,
            kind="sms",
            number=SARA,
            written_to=SARA,
            text=f"{place} {'x' * 1000}",
            time=float(place),
            kept=1e12,
        )


def copy(database: Database, end: str, target: Path) -> None:
    """Copy one of a database's files, as the backup comes to it."""
    source = database.path.with_name(database.path.name + end)
    if source.exists():
        shutil.copyfile(source, target / source.name)


@pytest.mark.parametrize("order", [("", "-wal"), ("-wal", "")])
@pytest.mark.parametrize("reopened", [False, True])
def test_what_is_copied_in_between_is_whole(
    tmp_path: Path, order: tuple[str, str], reopened: bool
) -> None:
    """Whichever is copied first, and also when the file was closed in between."""
    target = tmp_path / "backup"
    target.mkdir()
    database = Database(tmp_path / "kept")
    database.write(records(0), "SA", 0)
    database.hold(is_held=True)
    copy(database, order[0], target)
    for part in range(1, 8):
        database.write(records(part * SOME), "SA", 0)
    # Deleting truncates the log otherwise
    database.delete(None, "nobody")
    if reopened:
        database.close()
        for part in range(8, 16):
            database.write(records(part * SOME), "SA", 0)
    copy(database, order[1], target)
    database.hold(is_held=False)
    assert database.path.with_name("kept-wal").stat().st_size == 0
    database.close()
    with closing(sqlite3.connect(target / "kept")) as copied:
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (found,) = copied.execute("SELECT count(*) FROM message").fetchone()
        assert found >= SOME
        (first,) = copied.execute("SELECT min(text) FROM message").fetchone()
        assert first.startswith("0 ")


async def test_home_assistants_backup_holds_the_files(rig: Rig) -> None:
    """Of all accounts; messages are kept all the same, and one may be removed."""
    hass = rig.hass
    account = await rig.add_account(options=KEEP)
    off = await rig.add_account()
    assert await async_setup_component(hass, "backup", {})
    await hass.async_block_till_done()
    manager = hass.data[DATA_MANAGER]
    await manager.async_pre_backup_actions()
    before = kept_file(account).read_bytes()
    account.phone.receive(SARA, "during the backup")
    await account.settled()
    (conversation,) = await conversations(account)
    assert conversation["text"] == "during the backup"
    await store_of(account).async_delete(message=conversation["id"])
    assert await conversations(account) == []
    assert kept_file(account).read_bytes() == before
    await hass.config_entries.async_remove(off.entry.entry_id)
    await manager.async_post_backup_actions()
    assert kept_file(account).read_bytes() != before
