"""A file that is lost or damaged costs no message, and is not written over unseen."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR, Store
import pytest

from custom_components.sms_gate.account import last_known, remembered
from custom_components.sms_gate.account.storage import OwnStore
from custom_components.sms_gate.receive import dedup
from custom_components.sms_gate.send import outbox
from tests.support.common import SARA, Account, Rig, collect
from tests.support.receiving import issues, quiet, texts
from tests.support.sending import TEXT, on_the_phone

type Damage = Callable[[Path], object]

# The test harness replaces them
REAL_LOAD, REAL_WRITE = Store._async_load, Store._async_write_data
REAL_REMOVE = Store.async_remove

KINDS = ("last_known", "receiving", "tracker")
# The same class reads them: what differs is a list as their content
LISTS = ("senders", "contact_names")
WHOLE = {
    "last_known": {"phones": {}, "events": {}},
    "receiving": {"alive": 1_700_000_000.0, "behind": None},
    "tracker": {"messages": [], "ids": {}, "guard": {}},
    "senders": ["5ec3" * 8],
    "contact_names": ["5ec3" * 8],
}


def stores(data: Any, version: int = 1) -> Damage:
    """Return a damage by which Home Assistant's envelope holds something else."""
    content = {"version": version, "minor_version": 1, "key": "x", "data": data}
    return lambda path: path.write_text(json.dumps(content))


def is_cut(path: Path) -> None:
    """Leave half of the file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def is_a_folder(path: Path) -> None:
    """Put a folder with a file in its place."""
    path.unlink()
    path.mkdir()
    (path / "file").touch()


def points_nowhere(path: Path) -> None:
    """Put a link in its place whose target is gone."""
    path.unlink()
    path.symlink_to(path.with_suffix(".gone"))


UNSEEN: dict[str, Damage] = {
    "missing": Path.unlink,
    "link to nothing": points_nowhere,
    "no object in it": lambda path: path.write_text("{}"),
}
SEEN: dict[str, Damage] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": is_cut,
    "zeros, as a power cut leaves": lambda path: path.write_bytes(bytes(200)),
    "garbage": lambda path: path.write_bytes(b"\xff\xfe{{{"),
    "a list": lambda path: path.write_text("[1, 2]"),
    "a number": lambda path: path.write_text("5"),
    "no envelope": lambda path: path.write_text('{"messages": []}'),
    "data is a list": stores([1, 2]),
    "data is a text": stores("text"),
    "newer version": stores({"new": "shape"}, version=99),
    "older version": stores({"old": "shape"}, version=0),
    "folder": is_a_folder,
}
SEEN_OF_LISTS: dict[str, Damage] = {
    "data is an object": stores({"a": 1}),
    **{name: SEEN[name] for name in ("cut", "data is a text", "newer version")},
}
CASES = [
    pytest.param(kind, damage, id=f"{kind}-{name}")
    for kinds, damages in ((KINDS, SEEN), (LISTS, SEEN_OF_LISTS))
    for kind in kinds
    for name, damage in damages.items()
]
WRONG_INSIDE: dict[str, Any] = {
    "last_known": {"phones": {"x": 5, "y": None}, "events": [5]},
    "receiving": {"alive": "yesterday", "behind": []},
    "tracker": {
        "messages": [None, 5, {"id": "x"}, {"id": 5, "until": "never"}],
        "ids": {"a": {}, "b": 5},
        "guard": {"days": {"2026-01-01": {"x": "many"}}},
    },
    "senders": [None, 5, {"a": []}, "x"],
    "contact_names": [None, 5, {"a": []}, "x"],
}


@pytest.fixture(autouse=True)
def files(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let our stores be files."""
    monkeypatch.setattr(OwnStore, "_async_load", REAL_LOAD)
    monkeypatch.setattr(OwnStore, "_async_write_data", REAL_WRITE)


def path_of(account: Account, kind: str) -> Path:
    """Return one file of an account."""
    name = f"sms_gate.{account.entry.entry_id}.{kind}"
    if kind.startswith("contact_names"):
        name = f"sms_gate.{kind}"
    return Path(account.hass.config.path(STORAGE_DIR, name))


async def restart(account: Account, kind: str, damage: Damage) -> None:
    """Load the account as another process does, after something befell its file."""
    hass, entry_id = account.hass, account.entry.entry_id
    assert await hass.config_entries.async_unload(entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    hass.data[dedup._MEMORIES].pop(entry_id).close()
    hass.data[outbox._OUTBOXES].pop(entry_id)
    hass.data[last_known._LAST_KNOWN].pop(entry_id)
    hass.data.pop(remembered._REMEMBERED, None)
    path = path_of(account, kind)
    if not path.exists():
        stores(WHOLE[kind])(path)
    damage(path)
    assert await hass.config_entries.async_setup(entry_id)
    await remembered.async_contact_names(hass)
    await quiet(hass)


async def passes(account: Account) -> None:
    """Receive one SMS, once, and send one."""
    seen = collect(account.hass)
    account.phone.receive(SARA, "after it")
    await account.send(TEXT, SARA)
    await account.settled()
    assert texts(seen) == ["after it"]
    assert on_the_phone(account) == {SARA: 1}


@pytest.mark.parametrize(("kind", "damage"), CASES)
async def test_what_is_damaged_is_set_aside_with_an_issue(
    rig: Rig, account: Account, kind: str, damage: Damage
) -> None:
    """The account loads, receives and sends; removing it deletes all its files."""
    await restart(account, kind, damage)
    aside = set(path_of(account, kind).parent.glob(f"{path_of(account, kind).name}.*"))
    assert len(aside) == 1
    # What is no JSON is a matter of Home Assistant's own, with its own issue
    assert issues(rig.hass) == {"file_damaged"} or ".corrupt." in aside.pop().name
    await passes(account)
    await account.hass.config_entries.async_remove(account.entry.entry_id)
    assert not path_of(account, f"{kind}.damaged").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("damage", UNSEEN.values(), ids=UNSEEN)
async def test_what_is_missing_is_made_again(
    rig: Rig, account: Account, kind: str, damage: Damage
) -> None:
    """As for a new account."""
    await restart(account, kind, damage)
    assert issues(rig.hass) == set()
    await passes(account)


@pytest.mark.parametrize("kind", KINDS + LISTS)
async def test_a_damaged_item_leaves_the_others(account: Account, kind: str) -> None:
    """Whether the file is set aside or only the item is left out."""
    await restart(account, kind, stores(WRONG_INSIDE[kind]))
    await passes(account)


async def test_a_message_under_way_outlives_a_damaged_one(account: Account) -> None:
    """It is followed to its end."""
    account.phone.online = False
    answer = await account.send(TEXT, SARA)
    message_id = answer["messages"][0]["message_id"]

    def damage(path: Path) -> None:
        stored = json.loads(path.read_text())
        stored["data"]["messages"].insert(0, {"id": "x"})
        path.write_text(json.dumps(stored))

    await restart(account, "tracker", damage)
    assert [it.id for it in account.entry.runtime_data.outbox] == [message_id]


async def test_only_the_owner_may_read_the_files(account: Account) -> None:
    """They hold numbers of messages under way."""
    account.phone.online = False
    await account.send(TEXT, SARA)
    assert await account.hass.config_entries.async_unload(account.entry.entry_id)
    assert path_of(account, "tracker").stat().st_mode & 0o077 == 0


async def test_an_account_that_was_never_loaded_leaves_no_file(
    account: Account,
) -> None:
    """Removed after a start with the account disabled."""
    hass, entry_id = account.hass, account.entry.entry_id
    account.phone.receive(SARA, "one")
    await account.send(TEXT, SARA)
    await account.settled()
    assert await hass.config_entries.async_unload(entry_id)
    hass.data[dedup._MEMORIES].pop(entry_id).close()
    hass.data[outbox._OUTBOXES].pop(entry_id)
    hass.data[last_known._LAST_KNOWN].pop(entry_id)
    folder = path_of(account, "tracker").parent
    assert list(folder.glob(f"*{entry_id}*"))
    with patch.object(Store, "async_remove", REAL_REMOVE):
        await hass.config_entries.async_remove(entry_id)
        await quiet(hass)
    assert list(folder.glob(f"*{entry_id}*")) == []
