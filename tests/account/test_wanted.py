"""Whom a trigger means."""

import threading
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.trigger import TriggerConfig
import pytest
import voluptuous as vol

from custom_components.sms_gate.account import wanted as module
from custom_components.sms_gate.account.bus_event import SmsGateEvent
from custom_components.sms_gate.account.signals import signal_contacts, signal_kind
from custom_components.sms_gate.account.wanted import Wanted, async_wanted
from custom_components.sms_gate.gateway.events import EventKind
from custom_components.sms_gate.trigger import MessageReceived
from tests.flows.test_contacts_live import subentry
from tests.support.common import OMAR, SARA, Rig, contact
from tests.support.event_samples import AT, IN, body, read


def received(sender: str, entry_id: str = "e") -> SmsGateEvent:
    """Return a message of somebody, as triggers get it."""
    payload = {**IN, "sender": sender, "message": "Hello", "receivedAt": AT}
    event = read(body("sms:received", payload))
    return SmsGateEvent(event=event, entry_id=entry_id, device_id="d", contact=None)


async def meant_by(hass: HomeAssistant, *people: str) -> Wanted:
    """Return who a list means."""
    return (await async_wanted(hass, {"senders": people}, object()))["senders"]


def unknown(hass: HomeAssistant) -> list[str]:
    """Return the issues about names that no contact has."""
    return [key for _, key in ir.async_get(hass).issues if "unknown_contact" in key]


async def attached(hass: HomeAssistant, **options: Any) -> tuple[Any, Any, list[Any]]:
    """Attach a trigger; return it, how to detach it, and what it fired for."""
    fired: list[Any] = []
    config = await MessageReceived.async_validate_config(hass, {"options": options})
    trigger = MessageReceived(
        hass, TriggerConfig(key="message_received", options=config["options"])
    )
    detach = await trigger.async_attach_runner(
        lambda data, *_: fired.append(data)  # type: ignore[arg-type]
    )
    return trigger, detach, fired


async def test_a_number_is_read_by_the_country_of_the_account_that_received_it(
    rig: Rig,
) -> None:
    """The same digits are one person in Germany, and another one in Austria."""
    german = await rig.add_account(contacts=(), options={"country": "DE"})
    austrian = await rig.add_account(
        contacts=(), options={"country": "AT"}, title="Vienna"
    )
    meant = await meant_by(rig.hass, "0664 1234567", "0176 12345678")
    found = {
        (sender, account.entry.options["country"])
        for account in (german, austrian)
        for sender in ("+436641234567", "+4917612345678")
        if meant.includes(received(sender, account.entry.entry_id))
    }
    assert found == {("+436641234567", "AT"), ("+4917612345678", "DE")}


async def test_a_contact_is_the_same_person_for_another_account(rig: Rig) -> None:
    """A number means one person everywhere; a short code only in its own country."""
    people = contact("Sara", "+436641234567"), contact("Bank", "5555")
    austrian = await rig.add_account(contacts=people, options={"country": "AT"})
    german = await rig.add_account(
        contacts=(), options={"country": "DE"}, title="Berlin"
    )
    meant = await meant_by(rig.hass, "sara", "Bank")
    found = {
        (sender, account.entry.options["country"])
        for account in (german, austrian)
        for sender in ("+436641234567", "06641234567", "5555", "Sara", "SARA")
        if meant.includes(received(sender, account.entry.entry_id))
    }
    assert found == {
        ("+436641234567", "AT"),
        ("06641234567", "AT"),
        ("+436641234567", "DE"),
    }


@pytest.mark.parametrize(
    ("countries", "sender"),
    [
        pytest.param(("US",), "+15512345678", id="of the account"),
        pytest.param(("US", "MX"), None, id="two people in two countries"),
    ],
)
async def test_a_whole_number_is_read_by_the_accounts_country(
    rig: Rig, countries: tuple[str, ...], sender: str | None
) -> None:
    """Home Assistant's own country, Saudi Arabia, knows no such number."""
    for country in countries:
        await rig.add_account(contacts=(), options={"country": country}, title=country)
    options = {"options": {"senders": [5512345678]}}
    if sender is None:
        with pytest.raises(vol.Invalid, match="quotes"):
            await MessageReceived.async_validate_config(rig.hass, options)
        return
    config = await MessageReceived.async_validate_config(rig.hass, options)
    assert config["options"]["senders"] == [sender]


async def test_a_star_in_a_contacts_name_is_no_pattern(rig: Rig) -> None:
    """The name means the number, and nobody else whose name it would fit."""
    await rig.add_account(contacts=(contact("S*", SARA),))
    meant = await meant_by(rig.hass, "s*")
    entry_id = rig.hass.config_entries.async_entries("sms_gate")[0].entry_id
    assert meant.includes(received(SARA, entry_id))
    assert not meant.includes(received("STC", entry_id))


@pytest.mark.parametrize(
    ("pattern", "sender", "fits"),
    [
        ("*ab*ba*", "aba", False),
        ("*ab*ba*", "abba", True),
        ("*a*a*a*", "aa", False),
        ("a**b", "ab", True),
        ("ab*", "ab", True),
    ],
)
async def test_no_letter_counts_for_two_parts_of_a_pattern(
    hass: HomeAssistant, pattern: str, sender: str, fits: bool
) -> None:
    """As in a file's name."""
    meant = await meant_by(hass, pattern)
    assert meant.includes(received(sender)) is fits


async def test_without_an_account_no_name_is_unknown(rig: Rig) -> None:
    """There is nothing that could know it: one issue for each name would help nobody."""
    account = await rig.add_account(contacts=())
    await attached(rig.hass, senders=["Sara"])
    assert len(unknown(rig.hass)) == 1
    await rig.hass.config_entries.async_remove(account.entry.entry_id)
    await rig.hass.async_block_till_done()
    assert unknown(rig.hass) == []


async def test_a_trigger_that_goes_while_it_reads_leaves_no_issue(rig: Rig) -> None:
    """An automation may be turned off in that moment."""
    await rig.add_account(contacts=())
    trigger, detach, _ = await attached(rig.hass, senders=["Bob"])
    async with trigger._updating:
        async_dispatcher_send(rig.hass, signal_contacts())
        detach()
    await rig.hass.async_block_till_done()
    assert unknown(rig.hass) == []


async def test_a_trigger_that_goes_while_it_searches_does_not_fire(
    hass: HomeAssistant,
) -> None:
    """Its automation was turned off before the search ended."""
    trigger, detach, fired = await attached(hass, text="x|.*", match="regex")
    signal, event = signal_kind(EventKind.SMS_RECEIVED), received(SARA)
    async with trigger._turn:
        async_dispatcher_send(hass, signal, event)
        detach()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert fired == []


async def test_the_newest_contacts_count_though_older_ones_are_read_slower(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was removed in between does not come back."""
    account = await rig.add_account(contacts=())
    _, detach, _ = await attached(rig.hass, senders=["Omar"])
    second = threading.Event()
    read_list, reads = module._read, []

    def slow_at_first(*args: Any) -> Any:
        reads.append(args)
        (second.wait if len(reads) == 1 else lambda _: second.set())(0.1)
        return read_list(*args)

    monkeypatch.setattr(module, "_read", slow_at_first)
    async_dispatcher_send(rig.hass, signal_contacts())
    rig.hass.config_entries.async_add_subentry(account.entry, subentry("Omar", OMAR))
    await rig.hass.async_block_till_done()
    assert len(reads) == 2
    assert unknown(rig.hass) == []
    detach()
