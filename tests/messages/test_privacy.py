"""What was said is in the file of kept messages, or nowhere: real files, real recorder."""

from collections.abc import Iterator
import json
import logging
from pathlib import Path

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.sms_gate.diagnostics import async_get_config_entry_diagnostics
from tests.account.test_recorder import database
from tests.messages.test_websocket_api import result
from tests.support.common import SARA, Account, Rig, contact
from tests.support.kept import conversations, has_state, kept_file

pytestmark = pytest.mark.usefixtures("recorder_mock")

REAL_LOAD, REAL_WRITE = Store._async_load, Store._async_write_data
OURS = "custom_components.sms_gate"
CAME = "nobody may read this"
WENT = "and nobody may read that"
FAILED = "nor what was not sent"
SUBJECT = "nor a subject"
STRANGER = "+966507654321"
OTHER = "+966507654322"
# A reason is the phone's own word, which may be anything
REASON = "RESULT_WORD_OF_THE_PHONE"
NUMBERS = {STRANGER[4:], OTHER[4:]}
PRIVATE = {CAME, WENT, FAILED, SUBJECT, *NUMBERS, REASON}


@pytest.fixture(autouse=True)
def files(hass: HomeAssistant) -> Iterator[None]:
    """Let all stores be files, until the fixture below mocks them no more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_async_load", REAL_LOAD)
        patch.setattr(Store, "_async_write_data", REAL_WRITE)
        yield


async def talk(account: Account, client_of: WebSocketGenerator) -> None:
    """Receive, answer, fail, and look at the page as somebody does."""
    phone, entry_id = account.phone, account.entry.entry_id
    phone.outcomes[OTHER] = "failed"
    phone.fail_reason = REASON
    phone.receive(STRANGER, CAME)
    phone.receive_mms(STRANGER, subject=SUBJECT)
    phone.receive_mms_downloaded(STRANGER, subject=SUBJECT, body=CAME)
    await result(await client_of(account.hass), "messages/subscribe")
    client = await client_of(account.hass)
    for number, text in ((STRANGER, WENT), (OTHER, FAILED)):
        draft = {"config_entry_id": entry_id, "number": number, "message": text}
        await result(client, "messages/send", **draft)
    await account.settled()
    place = {"config_entry_id": entry_id, "conversation": STRANGER}
    await result(client, "messages/search", query=CAME)
    await result(client, "messages/list", **place)
    await result(client, "conversations/mark_read", **place, until=10)
    await result(client, "messages/delete", **place)


def found_in(text: str) -> set[str]:
    """Return what of the private things can be read in a text."""
    return {item for item in PRIVATE if item in text}


def on_disk(folder: Path) -> dict[str, set[str]]:
    """Return the files that hold something private, with what they hold."""
    found = {
        path.name: found_in(path.read_bytes().decode(errors="replace"))
        for path in folder.rglob("*")
        if path.is_file()
    }
    return {name: private for name, private in found.items() if private}


@pytest.mark.parametrize("days", [0, 30])
async def test_what_was_said_is_kept_there_only(
    rig: Rig,
    days: int,
    hass_ws_client: WebSocketGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Kept or not: no store, no log, no diagnostics, and no recorder has it."""
    hass = rig.hass
    caplog.set_level(logging.DEBUG, OURS)
    account = await rig.add_account(
        options={"keep_messages_days": days}, contacts=(contact("Sara", SARA),)
    )
    await talk(account, hass_ws_client)
    account.phone.receive(STRANGER, CAME)
    await account.settled()
    if days:
        await has_state(account, OTHER, "Failed")
        assert len(await conversations(account)) == 2
    dump = await database(hass)
    assert found_in(dump) == set()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done(wait_background_tasks=True)
    folder = Path(hass.config.config_dir)
    ours = {path.name.rpartition(".")[2] for path in folder.rglob("sms_gate.*")}
    assert {"received", "last_known", "senders"} <= ours
    written = on_disk(folder)
    name = kept_file(account).name
    kept = {end: written.pop(name + end, set()) for end in ("", "-wal", "-shm")}
    # Whom messages under way go to, until their end is stored
    written = {
        name: private - NUMBERS if ".submitted" in name else private
        for name, private in written.items()
    }
    assert not any(written.values()), written
    # What was deleted is overwritten
    wanted = PRIVATE - {WENT, SUBJECT} if days else set()
    assert set().union(*kept.values()) == wanted
    assert bool([*folder.rglob(f"{name}*")]) is bool(days)
    for path in folder.rglob(f"{name}*"):
        assert path.stat().st_mode & 0o777 == 0o600
    told = await async_get_config_entry_diagnostics(hass, account.entry)
    assert found_in(json.dumps(told, default=str)) == set()
    logged = "\n".join(
        record.getMessage() + str(record.exc_text or "")
        for record in caplog.records
        # With everything turned to debug, Home Assistant's own parts log all they see
        if record.name.startswith(OURS) or record.levelno >= logging.INFO
    )
    assert "aiohttp.access" in {record.name for record in caplog.records}
    assert found_in(logged) == set()
