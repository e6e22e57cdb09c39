"""What is remembered over a restart, and that nobody can read it."""

from datetime import timedelta
from itertools import count
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.account import remembered
from custom_components.sms_gate.account.issues import IssueKind, issue_id
from custom_components.sms_gate.account.remembered import (
    MAX_REMEMBERED,
    Remembered,
    async_contact_names,
)
from custom_components.sms_gate.const import DOMAIN
from tests.support.common import SARA, Account, Rig
from tests.support.sending import posts
from virtual_gateway import VirtualGateway

WHOLE = 13123456789
COUNT = count()


async def forget_in_memory(account: Account) -> None:
    """Write what is due, and begin as a new process does: with the files alone."""
    hass = account.hass
    await hass.config_entries.async_unload(account.entry.entry_id)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=60))
    await hass.async_block_till_done()
    del hass.data[remembered._REMEMBERED]
    await hass.config_entries.async_setup(account.entry.entry_id)
    await hass.async_block_till_done()


async def send(account: Account, *recipients: Any) -> None:
    """Send as an automation does."""
    await account.hass.services.async_call(
        DOMAIN,
        "send_message",
        {"message": "Hello", "recipients": [*recipients]},
        blocking=True,
    )


def numbers(account: Account) -> list[str]:
    """Return the numbers that were written to."""
    return [
        number for post in posts(account.gateway) for number in post["phoneNumbers"]
    ]


@pytest.mark.parametrize(
    ("country", "sender", "answered", "number"),
    [
        pytest.param("CN", "13123456789", WHOLE, "+8613123456789", id="local"),
        pytest.param("CN", "+13123456789", WHOLE, "+13123456789", id="plus lost"),
        pytest.param("SA", "94714231", "94714231", "94714231", id="long code"),
        pytest.param("SA", "94714231", 94714231, "94714231", id="whole long code"),
    ],
)
async def test_who_wrote_can_be_answered_after_a_restart(
    rig: Rig, country: str, sender: str, answered: str | int, number: str
) -> None:
    """The digits are another number's, or nobody's, unless they wrote."""
    account = await rig.add_account(contacts=(), options={"country": country})
    if country == "CN":
        with pytest.raises(HomeAssistantError):
            await send(account, answered)
    account.phone.receive(sender, "Hi")
    await account.settled()
    await forget_in_memory(account)
    await send(account, answered)
    assert numbers(account) == [number]


async def test_it_holds_over_a_reload_at_once(hass: HomeAssistant, rig: Rig) -> None:
    """Before anything was written."""
    account = await rig.add_account(contacts=(), options={"country": "CN"})
    account.phone.receive("+13123456789", "Hi")
    await account.settled()
    await hass.config_entries.async_reload(account.entry.entry_id)
    await send(account, WHOLE)
    assert numbers(account) == ["+13123456789"]


async def test_no_number_is_in_the_file(
    hass: HomeAssistant, hass_storage: dict[str, Any], rig: Rig
) -> None:
    """Nor the same digest under another account's key; it goes with the account."""
    account = await rig.add_account(contacts=(), options={"country": "SA"})
    for sender in (SARA, "STC"):
        account.phone.receive(sender, "Hi")
    await account.settled()
    name = f"{DOMAIN}.{account.entry.entry_id}.senders"
    await forget_in_memory(account)
    (digest,) = hass_storage[name]["data"]
    assert "590042734" not in str(hass_storage[name])
    other = Remembered("another key")
    other.async_add(SARA)
    assert other._as_list() != [digest]
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert name not in hass_storage


async def test_names_go_with_the_last_account(
    hass: HomeAssistant, hass_storage: dict[str, Any], rig: Rig
) -> None:
    """Not with the first one."""
    name = f"{DOMAIN}.contact_names"
    hass_storage[name] = {"version": 1, "minor_version": 1, "key": name, "data": []}
    async with VirtualGateway() as gateway:
        accounts = [
            await rig.add_account(contacts=()),
            await rig.add_account(gateway=gateway, contacts=(), title="Office"),
        ]
        for account in accounts:
            assert name in hass_storage
            await hass.config_entries.async_remove(account.entry.entry_id)
        assert name not in hass_storage
        for phone in gateway.phones:
            await phone.stop()


async def test_what_is_stored_is_bounded_and_may_be_damaged(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """The newest stay; what is no digest is left out."""
    name = f"{DOMAIN}.contact_names"
    data = [*map(str, range(MAX_REMEMBERED + 1)), None, 7]
    hass_storage[name] = {"version": 1, "minor_version": 1, "key": name, "data": data}
    known = (await async_contact_names(hass))._as_list()
    assert known == data[1 : MAX_REMEMBERED + 1]


async def automation(hass: HomeAssistant, *senders: str) -> list[str]:
    """Add an automation, and return where it notes the senders."""
    heard: list[str] = []
    hass.services.async_register(
        "test", "note", lambda call: heard.append(call.data["sender"])
    )
    trigger = {
        "trigger": "sms_gate.message_received",
        "options": {"senders": [*senders]},
    }
    action = {"action": "test.note", "data": {"sender": "{{ trigger.sender }}"}}
    config = {"mode": "queued", "triggers": [trigger], "actions": [action]}
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()
    return heard


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("change", ["remove", "rename", "remove the account"])
async def test_who_buys_the_name_of_a_former_contact_is_a_stranger(
    hass: HomeAssistant, rig: Rig, change: str, restart: bool
) -> None:
    """SARA was a person; STC never was one."""
    account = await rig.add_account(contacts=())
    async with VirtualGateway() as gateway:
        other = (await rig.add_account(gateway=gateway, title="Office")).entry
        heard = await automation(hass, "SARA", "STC")
        await receive(account, "SARA", "STC")
        assert heard == ["STC"]
        (subentry,) = other.subentries.values()
        if change == "remove":
            hass.config_entries.async_remove_subentry(other, subentry.subentry_id)
        elif change == "rename":
            hass.config_entries.async_update_subentry(other, subentry, title="Mum")
        else:
            await hass.config_entries.async_remove(other.entry_id)
        await hass.async_block_till_done()
        if restart:
            await forget_in_memory(account)
            (state,) = hass.states.async_all("automation")
            for action in ("turn_off", "turn_on"):
                await hass.services.async_call(
                    "automation", action, {"entity_id": state.entity_id}, blocking=True
                )
        await receive(account, "SARA", "STC")
        assert heard == ["STC", "STC"]
        issue = issue_id(None, IssueKind.UNKNOWN_CONTACT, subject="sara")
        assert ir.async_get(hass).async_get_issue(DOMAIN, issue) is not None
        for phone in gateway.phones:
            await phone.stop()


async def receive(account: Account, *senders: str) -> None:
    """Let the phone receive an SMS of each sender."""
    for sender in senders:
        account.phone.receive(sender, f"Hi {next(COUNT)}")
    await account.settled()
    await account.hass.async_block_till_done()


async def test_a_pattern_is_no_way_to_a_contacts_name(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Who calls itself as the contact is called bought that name."""
    account = await rig.add_account()
    heard = await automation(hass, "SA*")
    await receive(account, "SARA", "Sara", "SABIC", "SA")
    assert heard == ["SABIC", "SA"]
