"""What is kept over a reload and a restart, and what is not in a file."""

import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, restore_state
from homeassistant.helpers.json import json_dumps
from homeassistant.helpers.restore_state import RestoredExtraData
from homeassistant.util import dt as dt_util
import pytest

from custom_components.sms_gate.account import last_known
from harness.until import until
from tests.platforms.test_entities import contact_event, device, phone_event, sensor
from tests.support.common import OMAR, SARA, Account, Rig
from tests.support.phones import MINUTE, id_of, let_pass, ping, shown, state_of
from tests.support.receiving import quiet
from virtual_gateway import VirtualSim

SECRET_TEXT = "the code is 4711"


async def reload(account: Account) -> None:
    """Load the account again, as a changed option does."""
    await account.hass.config_entries.async_reload(account.entry.entry_id)
    await quiet(account.hass)


async def restart(account: Account) -> None:
    """Load the account again with nothing but what is in its file."""
    hass = account.hass
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    known = hass.data[last_known._LAST_KNOWN].pop(account.entry.entry_id)
    stored = json.loads(json.dumps(known._as_dict()))
    await known._store.async_save(stored)
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await quiet(hass)


def stored(account: Account) -> str:
    """Return what is written of the account's phones and events."""
    known = account.hass.data[last_known._LAST_KNOWN][account.entry.entry_id]
    return json.dumps(known._as_dict())


def states_on_disk(hass: HomeAssistant) -> str:
    """Return what Home Assistant writes into ``core.restore_state``."""
    found = restore_state.async_get(hass).async_get_stored_states()
    return json_dumps([it.as_dict() for it in found])


@pytest.mark.parametrize("again", [reload, restart])
async def test_phones_and_messages_are_known_again(
    account: Account, again: Any
) -> None:
    """The time of the last message always, its text only over a reload."""
    account.phone.receive(SARA, SECRET_TEXT)
    await ping(account)
    message = sensor(account, "last_message").state
    events = phone_event(account).state, contact_event(account, "Sara").state
    await again(account)
    assert sensor(account, "last_message").state == message
    assert (phone_event(account).state, contact_event(account, "Sara").state) == events
    assert phone_event(account).attributes["event_type"] == "received"
    assert shown(account, "battery").state == "87"
    assert state_of(account).last_push is not None
    for state in (sensor(account, "last_message"), phone_event(account)):
        kept = state.attributes.get("message")
        assert kept == (SECRET_TEXT if again is reload else None)


async def test_no_file_has_a_text_or_a_number(account: Account) -> None:
    """Neither Home Assistant's nor ours, loaded or not."""
    account.phone.receive(SARA, SECRET_TEXT)
    await account.settled()
    assert SECRET_TEXT in str(phone_event(account).attributes)
    on_disk = states_on_disk(account.hass) + stored(account)
    await account.hass.config_entries.async_unload(account.entry.entry_id)
    on_disk += states_on_disk(account.hass)
    for private in (SECRET_TEXT, SARA):
        assert private not in on_disk


async def test_the_apps_version_is_written_at_once(
    rig: Rig, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start after a kill must know which webhooks the app understands."""
    monkeypatch.setattr(last_known, "SAVE_SECONDS", 3600.0)
    account = await rig.add_account(known_apps=False)
    await ping(account)
    key = f"sms_gate.{account.entry.entry_id}.last_known"
    version = account.phone.app_version
    await until(lambda: version in json.dumps(hass_storage.get(key)))


async def test_no_store_has_a_text_or_a_number(
    hass: HomeAssistant, account: Account, hass_storage: dict[str, Any]
) -> None:
    """Of a stranger who wrote and got an answer: whatever anybody stores at the end."""
    account.phone.receive(OMAR, SECRET_TEXT)
    await account.send("The answer is 42", OMAR)
    await account.settled()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done(wait_background_tasks=True)
    ours = {key for key in hass_storage if key.startswith("sms_gate.")}
    assert len(ours) >= 3
    on_disk = json.dumps(hass_storage)
    for private in (SECRET_TEXT, "The answer is 42", OMAR, OMAR.removeprefix("+966")):
        assert private not in on_disk


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"phones": [], "events": 5},
        {"phones": {"x": None, "y": {"health": 5}}, "events": {"a": {"time": "no"}}},
        {"phones": {"x": {}}, "events": {"a": [], "b": None}},
    ],
)
async def test_a_damaged_file_is_no_obstacle(
    hass: HomeAssistant, account: Account, damaged: dict[str, Any]
) -> None:
    """What of it cannot be read is left out."""
    await hass.config_entries.async_unload(account.entry.entry_id)
    known = hass.data[last_known._LAST_KNOWN].pop(account.entry.entry_id)
    await known._store.async_save(damaged)
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await quiet(hass)
    assert state_of(account).device is not None


async def test_totals_are_not_those_of_a_removed_account(
    hass: HomeAssistant, rig: Rig
) -> None:
    """A new account gets the old one's entity ids."""
    first = await rig.add_account(contacts=())
    first.phone.receive(SARA, "one")
    await first.settled()
    entity_id = sensor(first, "received").entity_id
    assert sensor(first, "received").state == "1"
    await hass.config_entries.async_remove(first.entry.entry_id)
    await quiet(hass)
    second = await rig.add_account(contacts=())
    assert sensor(second, "received").entity_id == entity_id
    assert sensor(second, "received").state == "0"


async def test_a_message_from_the_future_does_not_freeze_the_last_one(
    account: Account,
) -> None:
    """It counts as received now."""
    account.phone.receive(SARA, "2036", at=2_082_800_000)
    await account.settled()
    assert dt_util.parse_datetime(sensor(account, "last_message").state)
    first = sensor(account, "last_message").state
    assert first < "2036"
    account.phone.receive(SARA, "the next", at=dt_util.utcnow().timestamp() + 5)
    await account.settled()
    assert sensor(account, "last_message").state >= first


async def test_an_mms_has_its_text_in_the_last_message(account: Account) -> None:
    """Where a dashboard looks for it."""
    account.phone.receive_mms_downloaded(SARA, body="Look at this")
    await account.settled()
    assert sensor(account, "last_message").attributes["message"] == "Look at this"


async def test_an_empty_list_takes_no_phone_away(
    account: Account, freezer: FrozenDateTimeFactory
) -> None:
    """A retry must not go to another phone."""
    chosen = account.entry.runtime_data.account.phones.choose()
    await account.gateway.remove_phone(account.phone.id)
    await let_pass(account, freezer, 12 * MINUTE, step=6 * MINUTE)
    assert account.entry.runtime_data.account.phones.choose() == chosen


async def test_two_phones_of_a_model_have_two_names(rig: Rig) -> None:
    """Also after a reload."""
    second = rig.gateway.add_phone("Samsung/a16")
    account = await rig.add_account()
    for _ in range(2):
        names = {device(account, phone.id).name for phone in (account.phone, second)}
        assert names == {"Samsung a16", "Samsung a16 2"}
        await reload(account)


async def test_entities_of_readings_appear_with_them(account: Account) -> None:
    """And only those are there that have something to show."""
    registry = er.async_get(account.hass)

    def readings() -> set[str]:
        found = er.async_entries_for_config_entry(registry, account.entry.entry_id)
        keys = {it.unique_id.removeprefix(f"{id_of(account)}-") for it in found}
        return keys & {"battery", "charging", "network", "failed_last_hour"}

    assert readings() == set()
    await ping(account)
    assert readings() == {"battery", "charging", "network", "failed_last_hour"}


async def test_an_older_versions_sims_are_known(hass: HomeAssistant, rig: Rig) -> None:
    """Their sensors are all that was kept."""
    rig.gateway.phones[0].sims += (VirtualSim(2, "+966550000002", "Mobily"),)
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    await hass.config_entries.async_unload(account.entry.entry_id)
    known = hass.data[last_known._LAST_KNOWN].pop(account.entry.entry_id)
    await known._store.async_remove()
    account.phone.sims = account.phone.sims[:1]
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await quiet(hass)
    assert state_of(account).known_sims == {1, 2}


async def test_a_phone_of_two_accounts_is_no_error(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """One server under two addresses: the first account has the entities."""
    await rig.add_account(contacts=())
    await rig.add_account(contacts=(), title="Other")
    assert "does not generate unique IDs" not in caplog.text


async def test_totals_go_on_after_a_kill(
    hass: HomeAssistant, account: Account, hass_storage: dict[str, Any]
) -> None:
    """They never fall behind what was shown, however old Home Assistant's file is."""
    key = f"sms_gate.{account.entry.entry_id}.totals"
    for number in range(2):
        account.phone.receive(SARA, f"{number}")
        await account.settled()
    await until(lambda: hass_storage.get(key, {}).get("data", {}).get("received") == 2)
    # A kill: nothing else is written, and what Home Assistant stored is from before
    await hass.config_entries.async_unload(account.entry.entry_id)
    hass.data[last_known._LAST_KNOWN].pop(account.entry.entry_id)
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", "sms_gate", f"{account.entry.entry_id}-received"
    )
    assert entity_id
    hass.states.async_remove(entity_id)
    restored = restore_state.async_get(hass).last_states
    restored[entity_id].extra_data = RestoredExtraData(
        {"native_value": 1, "owner": account.entry.entry_id}
    )
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    assert sensor(account, "received").state == "2"
    account.phone.receive(SARA, "one more")
    await account.settled()
    assert sensor(account, "received").state == "3"
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert key not in hass_storage
