"""Contacts come, change and go while the account stays loaded."""

import asyncio
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
import pytest

from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig, contact
from virtual_gateway.faults import Fault


def subentry(name: str, number: str) -> ConfigSubentry:
    """Return a contact as the dialog saves it."""
    return ConfigSubentry(
        data=MappingProxyType({"name": name, "phone_number": number}),
        subentry_type="contact",
        title=name,
        unique_id=number,
    )


def entities_of(hass: HomeAssistant, contact_id: str) -> list[str]:
    """Return a contact's entities, which all must be available."""
    found = [
        item.entity_id
        for item in er.async_get(hass).entities.values()
        if item.config_subentry_id == contact_id
    ]
    for entity_id in found:
        state = hass.states.get(entity_id)
        assert state is not None
        assert state.state != STATE_UNAVAILABLE
    return sorted(found)


@pytest.fixture
def loads(account: Account) -> Any:
    """Return what tells that the account is still loaded as it was."""
    data = account.entry.runtime_data
    return lambda: account.entry.runtime_data is data


async def test_a_contact_is_added_without_a_reload(
    hass: HomeAssistant, account: Account, loads: Any
) -> None:
    """It has entities, is written to by name, and is known when it writes."""
    omar = subentry("Omar", OMAR)
    hass.config_entries.async_add_subentry(account.entry, omar)
    await hass.async_block_till_done()
    assert loads()
    assert len(entities_of(hass, omar.subentry_id)) == 2
    await account.send("Hello", "omar")
    await account.settled()
    assert account.phone.outbox[0].phone_number == OMAR
    account.phone.receive(OMAR, "Hi")
    await account.settled()
    assert account.entry.runtime_data.account.contacts.find(OMAR).name == "Omar"
    (event,) = [it for it in entities_of(hass, omar.subentry_id) if "event." in it]
    state = hass.states.get(event)
    assert state is not None
    assert state.attributes["message"] == "Hi"


async def test_home_assistants_rename_is_the_name_everywhere(
    hass: HomeAssistant, account: Account, loads: Any
) -> None:
    """The title changes and the data do not: recipients, events, device follow it."""
    (sara,) = account.entry.subentries.values()
    before = entities_of(hass, sara.subentry_id)
    hass.config_entries.async_update_subentry(account.entry, sara, title="Sarah")
    await hass.async_block_till_done()
    assert loads()
    assert entities_of(hass, sara.subentry_id) == before
    await account.send("Hello", "sarah")
    await account.settled()
    assert account.phone.outbox[0].phone_number == SARA
    events: list[Any] = []
    hass.bus.async_listen(
        "sms_gate_sms_received", lambda event: events.append(event.data)
    )
    account.phone.receive(SARA, "Hi")
    await account.settled()
    assert events[0]["contact"] == "Sarah"
    devices = dr.async_get(hass).devices
    names = [
        it.name for it in devices if ("sms_gate", sara.subentry_id) in it.identifiers
    ]
    assert names == ["Sarah"]


@pytest.mark.parametrize("title", ["059 004 2735", "\u200f", "\u200fomar "])
async def test_a_name_that_means_nobody_or_two_is_an_issue(
    hass: HomeAssistant, rig: Rig, title: str
) -> None:
    """Also where the other contact is of another account; it ends with the name."""
    first = await rig.add_account()
    second = await rig.add_account(title="Second", contacts=(contact("Omar", OMAR),))
    (sara,) = first.entry.subentries.values()

    def unclear() -> set[str]:
        issues = ir.async_get(hass).issues
        return {key for _, key in issues if key.startswith("contact_names")}

    async def rename(name: str) -> set[str]:
        hass.config_entries.async_update_subentry(first.entry, sara, title=name)
        await hass.async_block_till_done()
        return unclear()

    entry_ids = {first.entry.entry_id}
    if "omar" in title:
        entry_ids.add(second.entry.entry_id)
    assert unclear() == set()
    assert await rename(title) == {f"contact_names_{it}" for it in entry_ids}
    assert await rename("Sarah") == set()
    await rename(title)
    await hass.config_entries.async_remove(first.entry.entry_id)
    assert unclear() == set()


async def test_one_person_in_two_accounts_is_no_issue(
    hass: HomeAssistant, rig: Rig
) -> None:
    """It is clear who is meant."""
    await rig.add_account()
    await rig.add_account(title="Second")
    assert not [key for _, key in ir.async_get(hass).issues if "names" in key]


async def test_a_contact_is_removed_without_a_reload(
    hass: HomeAssistant, account: Account, loads: Any
) -> None:
    """And added again under another number."""
    (sara,) = account.entry.subentries.values()
    hass.config_entries.async_remove_subentry(account.entry, sara.subentry_id)
    await hass.async_block_till_done()
    assert loads()
    assert entities_of(hass, sara.subentry_id) == []
    contacts = account.entry.runtime_data.account.contacts
    assert contacts.find(SARA) is None
    again = subentry("Sara", OMAR)
    hass.config_entries.async_add_subentry(account.entry, again)
    await hass.async_block_till_done()
    assert len(entities_of(hass, again.subentry_id)) == 2
    assert [contact.phone_number for contact in contacts.named("sara")] == [OMAR]


async def test_many_changes_at_once_end_with_the_last(
    hass: HomeAssistant, account: Account, loads: Any
) -> None:
    """Whichever index was built first."""
    added = [subentry(f"N{n}", f"+96659004{n:04d}") for n in range(30)]
    for item in added:
        hass.config_entries.async_add_subentry(account.entry, item)
        await asyncio.sleep(0)
    for item in added[:10]:
        hass.config_entries.async_remove_subentry(account.entry, item.subentry_id)
    await hass.async_block_till_done()
    assert loads()
    names = {contact.name for contact in account.entry.runtime_data.account.contacts}
    assert names == {"Sara", *(f"N{n}" for n in range(10, 30))}
    assert all(len(entities_of(hass, item.subentry_id)) == 2 for item in added[10:])


async def test_what_else_changes_reloads(
    hass: HomeAssistant, account: Account, loads: Any
) -> None:
    """An option is used at once."""
    hass.config_entries.async_update_entry(account.entry, options={"default_sim": 2})
    await hass.async_block_till_done()
    assert not loads()


async def test_a_wait_goes_on_while_a_contact_is_added(
    hass: HomeAssistant, account: Account
) -> None:
    """Nothing under way is lost."""
    sending = hass.async_create_task(
        account.send("Hello", "Sara", wait_for="delivered", timeout=20)
    )
    await asyncio.sleep(0)
    hass.config_entries.async_add_subentry(account.entry, subentry("Omar", OMAR))
    answer = await sending
    assert answer["messages"][0]["state"] == "Delivered"


async def test_triggers_follow_contacts(hass: HomeAssistant, account: Account) -> None:
    """A name that was nobody's becomes somebody's, and its issue goes."""
    runs: list[Any] = []
    hass.services.async_register("test", "record", lambda call: runs.append(call.data))
    config = {
        "triggers": [
            {
                "trigger": "sms_gate.message_received",
                "options": {"senders": "Omar, Sara"},
            }
        ],
        "actions": [{"action": "test.record"}],
    }
    assert await async_setup_component(hass, "automation", {"automation": config})
    await hass.async_block_till_done()
    keys = {key for _, key in ir.async_get(hass).issues}
    assert any(key.startswith("unknown_contact") for key in keys)
    account.phone.receive(OMAR, "Hi")
    await account.settled()
    assert runs == []
    hass.config_entries.async_add_subentry(account.entry, subentry("Omar", OMAR))
    await hass.async_block_till_done()
    keys = {key for _, key in ir.async_get(hass).issues}
    assert not any(key.startswith("unknown_contact") for key in keys)
    account.phone.receive(OMAR, "Hi again")
    await account.settled()
    assert len(runs) == 1
    (sara, *_) = account.entry.subentries.values()
    hass.config_entries.async_update_subentry(account.entry, sara, title="Mum")
    await hass.async_block_till_done()
    account.phone.receive(SARA, "Hi")
    await account.settled()
    assert len(runs) == 1


@pytest.mark.parametrize("path", ["/devices$", "/webhooks$"])
async def test_a_contact_is_added_while_the_account_loads(
    hass: HomeAssistant, account: Account, path: str
) -> None:
    """It is written to by name, also where the set-up had read the contacts before."""
    loading = await _load_slowly(account, path)
    omar = subentry("Omar", OMAR)
    hass.config_entries.async_add_subentry(account.entry, omar)
    await loading
    await hass.async_block_till_done()
    assert len(entities_of(hass, omar.subentry_id)) == 2
    await account.send("Hello", "omar")
    await account.settled()
    assert account.phone.outbox[0].phone_number == OMAR


async def test_an_option_is_changed_while_the_account_loads(
    hass: HomeAssistant, account: Account
) -> None:
    """The account is loaded again with it."""
    loading = await _load_slowly(account, "/webhooks$")
    hass.config_entries.async_update_entry(account.entry, options={"country": "DE"})
    await loading
    await hass.async_block_till_done()
    assert account.entry.runtime_data.account.contacts.country == "DE"


async def _load_slowly(account: Account, path: str) -> asyncio.Task[bool]:
    """Begin to load an account again, and wait until it waits for its gateway."""
    fault = account.gateway.faults["delay"] = Fault(value=0.3, path=path, limit=1)
    reload = account.hass.config_entries.async_reload(account.entry.entry_id)
    loading = account.hass.async_create_task(reload)
    await until(lambda: fault.hits, "a request that is held")
    return loading
