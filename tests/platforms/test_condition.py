"""Conditions, as automations and scripts of a real Home Assistant check them."""

import time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConditionError
from homeassistant.helpers import (
    area_registry as ar,
    condition,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.setup import async_setup_component
import pytest
import regex  # type: ignore[import-untyped]
import voluptuous as vol

from custom_components.sms_gate.account import last_known
from custom_components.sms_gate.const import DOMAIN
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.turns import LONGEST_TURN

PAST = {"minutes": 10}


@pytest.fixture
async def account(rig: Rig) -> Account:
    """An account with two contacts."""
    return await rig.add_account(
        contacts=(contact("Sara", SARA), contact("Omar", OMAR))
    )


async def checker(
    hass: HomeAssistant, kind: str, target: Any = None, **options: Any
) -> condition.ConditionChecker:
    """Return a condition as an automation has it."""
    assert await async_setup_component(hass, "automation", {})
    config: dict[str, Any] = {"condition": f"sms_gate.{kind}", "options": options}
    if target is not None:
        config["target"] = target
    valid = await condition.async_validate_condition_config(hass, config)
    return await condition.async_from_config(hass, valid)


def device(hass: HomeAssistant, account: Account, owner: str) -> dr.DeviceEntry:
    """Return the device of a phone or contact."""
    registry = dr.async_get(hass)
    found = registry.async_get_device_by_identifier(
        (DOMAIN, owner), account.entry.entry_id
    )
    assert found is not None
    return found


def contact_id(account: Account, name: str) -> str:
    """Return a contact's id."""
    found = account.entry.subentries.values()
    return next(it.subentry_id for it in found if it.title == name)


def sensor(hass: HomeAssistant, account: Account) -> str:
    """Return the phone's sensor."""
    found = er.async_get(hass).async_get_entity_id(
        "binary_sensor", DOMAIN, f"{account.phone.id}-online"
    )
    assert found is not None
    return found


@pytest.mark.parametrize("behavior", ["any", "all"])
@pytest.mark.parametrize(
    ("state", "met"),
    [("on", True), ("off", False), ("unknown", False), ("unavailable", False)],
)
async def test_a_phone_is_online(
    hass: HomeAssistant, account: Account, state: str, met: bool, behavior: str
) -> None:
    """What is not known is not online, neither for one phone nor for all.

    What else the phone has, such as its charger, does not count.
    """
    phone = device(hass, account, account.phone.id).id
    charging = er.async_get(hass).async_get_or_create(
        "binary_sensor",
        DOMAIN,
        f"{account.phone.id}-charging",
        device_id=phone,
        config_entry=account.entry,
    )
    hass.states.async_set(charging.entity_id, "off" if met else "on")
    check = await checker(hass, "is_online", {"device_id": phone}, behavior=behavior)
    hass.states.async_set(sensor(hass, account), state)
    assert check.async_check() is met


async def test_only_phones_count_as_online(
    hass: HomeAssistant, account: Account
) -> None:
    """In an area with other things that are connected; in one without phones."""
    area = ar.async_get(hass).async_create("Hall").id
    other = er.async_get(hass).async_get_or_create(
        "binary_sensor", "other", "x-online", original_device_class="connectivity"
    )
    er.async_get(hass).async_update_entity(other.entity_id, area_id=area)
    hass.states.async_set(other.entity_id, "on")
    for behavior in ("any", "all"):
        check = await checker(hass, "is_online", {"area_id": area}, behavior=behavior)
        assert check.async_check() is False


WROTE = [
    pytest.param({}, "Sara", True, id="anything"),
    pytest.param({"text": "COMING"}, "Sara", True, id="contains"),
    pytest.param({"text": "coming", "match": "equals"}, "Sara", False, id="equals"),
    pytest.param({"text": r"^i.m \w+ing", "match": "regex"}, "Sara", True, id="regex"),
    pytest.param({"text": r"^\d", "match": "regex"}, "Sara", False, id="other regex"),
    pytest.param({"text": "going"}, "Sara", False, id="another text"),
    pytest.param({}, "Omar", False, id="another person"),
]


@pytest.mark.parametrize(("options", "name", "met"), WROTE)
@pytest.mark.parametrize("by", ["device", "notify entity", "name"])
async def test_a_contact_wrote(
    hass: HomeAssistant,
    account: Account,
    options: dict[str, Any],
    name: str,
    met: bool,
    by: str,
) -> None:
    """Within the time, by the rules of the trigger; selected in each way."""
    target = None
    if by == "device":
        target = {"device_id": device(hass, account, contact_id(account, name)).id}
    elif by == "name":
        options = {**options, "contacts": name.upper()}
    else:
        options = {**options, "contacts": [f"notify.{name.lower()}"]}
    check = await checker(hass, "contact_wrote", target, within=PAST, **options)
    assert check.async_check() is False
    account.phone.receive(SARA, "I'm coming home")
    await account.settled()
    assert check.async_check() is met


async def test_a_contact_wrote_too_long_ago(
    hass: HomeAssistant, account: Account
) -> None:
    """The time counts from when the message came."""
    check = await checker(
        hass, "contact_wrote", contacts="Sara", within={"seconds": 1.5}
    )
    account.phone.receive(SARA, "Hello")
    await account.settled()
    assert check.async_check() is True
    await until(lambda: check.async_check() is False)


async def test_ten_minutes_are_the_default(
    hass: HomeAssistant, account: Account
) -> None:
    """As the editor shows."""
    check = await checker(hass, "contact_wrote", contacts="Sara")
    account.phone.receive(SARA, "Hello", at=time.time() - 11 * 60)
    await account.settled()
    assert check.async_check() is False
    account.phone.receive(SARA, "Hello", at=time.time() - 9 * 60)
    await account.settled()
    assert check.async_check() is True


async def test_a_targets_contacts_and_those_that_are_named_count(
    hass: HomeAssistant, account: Account
) -> None:
    """Each of them; once it is unloaded, the target is not followed any more."""
    omar = device(hass, account, contact_id(account, "Omar"))
    target, says = {"label_id": "family"}, {"contacts": "Sara", "within": PAST}
    check = await checker(hass, "contact_wrote", target, **says)
    dr.async_get(hass).async_update_device(omar.id, labels={"family"})
    account.phone.receive(OMAR, "Hello")
    await account.settled()
    assert check.async_check() is True
    check.async_unload()
    dr.async_get(hass).async_update_device(omar.id, labels=set())
    await hass.async_block_till_done()
    assert check.async_check() is True


async def test_a_late_message_counts_from_when_it_was_written(
    hass: HomeAssistant, account: Account
) -> None:
    """It comes now and is an hour old."""
    check = await checker(hass, "contact_wrote", contacts="Sara", within=PAST)
    hour = await checker(hass, "contact_wrote", contacts="Sara", within={"minutes": 70})
    account.phone.receive(SARA, "Hello", at=time.time() - 3600)
    await account.settled()
    assert check.async_check() is False
    assert hour.async_check() is True


async def test_whoever_calls_itself_so_is_no_contact(
    hass: HomeAssistant, account: Account
) -> None:
    """Such names can be bought."""
    check = await checker(hass, "contact_wrote", contacts="Sara", within=PAST)
    account.phone.receive("Sara", "Hello")
    await account.settled()
    assert check.async_check() is False


async def test_who_wrote_outlives_a_reload_and_the_text_no_restart(
    hass: HomeAssistant, account: Account, hass_storage: dict[str, Any]
) -> None:
    """The file has a time and neither text nor number."""
    check = await checker(hass, "contact_wrote", contacts="Sara", within=PAST)
    says = {"contacts": "Sara", "within": PAST, "text": "secret"}
    text = await checker(hass, "contact_wrote", **says)
    account.phone.receive(SARA, "A secret")
    await account.settled()
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    assert check.async_check() is True
    assert text.async_check() is True
    known = hass.data[last_known._LAST_KNOWN].pop(account.entry.entry_id)
    stored = known._as_dict()
    assert "secret" not in str(stored["wrote"]) + str(stored["events"])
    assert SARA not in str(stored["events"])
    await known._store.async_save(stored)
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    assert check.async_check() is True
    assert text.async_check() is False


async def test_the_memory_is_bounded(hass: HomeAssistant, account: Account) -> None:
    """Of each contact the newest messages are known."""
    says = {"contacts": "Sara", "within": PAST}
    first = await checker(hass, "contact_wrote", **says, text="0", match="equals")
    for number in range(last_known.MAX_WROTE):
        account.phone.receive(SARA, str(number))
    await account.settled()
    assert first.async_check() is True
    account.phone.receive(SARA, "one more")
    await account.settled()
    assert first.async_check() is False


async def test_a_regular_expression_holds_no_event_loop(
    hass: HomeAssistant, account: Account
) -> None:
    """It is an error, not an answer."""
    says = {"contacts": "Sara", "within": PAST}
    check = await checker(
        hass, "contact_wrote", **says, text=r"(a|aa)+$", match="regex"
    )
    account.phone.receive(SARA, "a" * 90 + "!")
    await account.settled()
    begin = time.perf_counter()
    with pytest.raises(ConditionError, match="takes too long"):
        check.async_check()
    assert time.perf_counter() - begin < 1


async def test_many_messages_together_hold_no_event_loop(
    hass: HomeAssistant, account: Account
) -> None:
    """Each alone would be quick enough."""
    pattern, length = r"(?:a|aa)+$", 10
    used = 0.0
    while used < 0.004:
        length += 1
        begin = time.thread_time()
        regex.search(pattern, "a" * length + "!", timeout=1)
        used = time.thread_time() - begin
    says = {"contacts": "Sara", "within": PAST}
    check = await checker(hass, "contact_wrote", **says, text=pattern, match="regex")
    for number in range(last_known.MAX_WROTE):
        account.phone.receive(SARA, "a" * length + f"!{number}")
    await account.settled()
    begin = time.thread_time()
    with pytest.raises(ConditionError, match="takes too long"):
        check.async_check()
    assert time.thread_time() - begin < LONGEST_TURN


@pytest.mark.parametrize(
    "contacts", ["Omar; sara", "Omar، Sara", [["Omar"], "Sara"], ["", "Sara", None]]
)
async def test_contacts_are_a_list_however_it_is_written(
    hass: HomeAssistant, account: Account, contacts: Any
) -> None:
    """An empty item is nobody and hides nobody."""
    check = await checker(hass, "contact_wrote", contacts=contacts, within=PAST)
    account.phone.receive(SARA, "Hello")
    await account.settled()
    assert check.async_check() is True


async def test_an_unknown_contact_is_an_error(
    hass: HomeAssistant, account: Account
) -> None:
    """Without the name, which may be a number; it may be added later."""
    check = await checker(hass, "contact_wrote", contacts="Nobody", within=PAST)
    with pytest.raises(ConditionError, match="contact 1 is no contact"):
        check.async_check()


@pytest.mark.parametrize(
    ("options", "target"),
    [
        pytest.param({}, None, id="nobody"),
        pytest.param({"contacts": []}, {}, id="empty"),
        pytest.param({"contacts": [[], " ", "،"]}, None, id="empty items"),
        pytest.param({}, {"device_id": []}, id="emptied target"),
        pytest.param({"contacts": "Sara", "text": True}, None, id="text is a switch"),
        pytest.param({"contacts": "Sara", "within": "soon"}, None, id="no time"),
        pytest.param(
            {"contacts": "Sara", "text": "(", "match": "regex"}, None, id="no regex"
        ),
    ],
)
async def test_what_could_never_be_met_is_refused(
    hass: HomeAssistant, account: Account, options: dict[str, Any], target: Any
) -> None:
    """When it is saved."""
    with pytest.raises(vol.Invalid):
        await checker(hass, "contact_wrote", target, **options)


@pytest.mark.parametrize(
    ("outcomes", "met"),
    [
        pytest.param({}, True, id="both"),
        pytest.param({OMAR: "sent"}, False, id="one of two"),
        pytest.param({OMAR: "failed"}, False, id="one failed"),
    ],
)
async def test_a_message_is_delivered(
    hass: HomeAssistant, account: Account, outcomes: dict[str, Any], met: bool
) -> None:
    """To all its recipients; the ID comes from a template."""
    account.phone.outcomes.update(outcomes)
    check = await checker(
        hass, "is_delivered", message_id="{{ sent.messages[0].message_id }}"
    )
    sent = await account.send("Hello", "Sara", "Omar")
    await account.settled()
    assert check.async_check(variables={"sent": sent}) is met
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    assert check.async_check(variables={"sent": sent}) is met


async def test_a_message_that_nobody_knows_is_an_error(
    hass: HomeAssistant, account: Account
) -> None:
    """It may have been delivered long ago."""
    check = await checker(hass, "is_delivered", message_id="gone")
    with pytest.raises(ConditionError, match="no message"):
        check.async_check()
