"""Sending by ``notify``: an entity per contact, an action per account."""

import asyncio
import sys
from typing import Any
from unittest.mock import MagicMock

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceNotFound, ServiceValidationError
from homeassistant.helpers.service import async_get_all_descriptions
import pytest

from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.sending import TEXT, fails, on_the_phone, posts, refuses
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault


@pytest.fixture
def _voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Home Assistant list its actions where what Assist compiles is not there."""
    for name in ("pymicro_vad", "pyspeex_noise"):
        monkeypatch.setitem(sys.modules, name, MagicMock())


async def notify(hass: HomeAssistant, name: str, **data: Any) -> None:
    """Run a notify action."""
    await hass.services.async_call("notify", name, data, blocking=True)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param({}, TEXT, id="no title"),
        pytest.param({"title": "Garage"}, f"Garage\n{TEXT}", id="title"),
        pytest.param({"title": ""}, TEXT, id="empty title"),
    ],
)
async def test_a_contacts_entity_writes_to_the_contact(
    hass: HomeAssistant, account: Account, title: dict[str, str], text: str
) -> None:
    """A title becomes the first line."""
    await notify(hass, "send_message", entity_id="notify.sara", message=TEXT, **title)
    await account.settled()
    assert [(sms.phone_number, sms.text) for sms in account.phone.outbox] == [
        (SARA, text)
    ]


async def test_a_contacts_entity_uses_the_contacts_sim(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Or the account's, where it has none."""
    await rig.add_account(
        contacts=(contact("Sara", SARA, 2), contact("Omar", OMAR)),
        options={"default_sim": 1},
    )
    for entity_id in ("notify.sara", "notify.omar"):
        await notify(hass, "send_message", entity_id=entity_id, message=TEXT)
    sims = {body["phoneNumbers"][0]: body["simNumber"] for body in posts(rig.gateway)}
    assert sims == {SARA: 2, OMAR: 1}


async def test_a_contacts_entity_raises_what_went_wrong(
    hass: HomeAssistant, account: Account
) -> None:
    """An empty text is the user's mistake, a wrong password is not."""
    with refuses("bad_length", field="Message"):
        await notify(hass, "send_message", entity_id="notify.sara", message="")
    account.gateway.password = "changed"
    with fails("invalid_auth"):
        await notify(hass, "send_message", entity_id="notify.sara", message=TEXT)


async def test_the_accounts_action_writes_to_its_targets(
    hass: HomeAssistant, account: Account
) -> None:
    """Numbers and names of contacts, with a title, as ``alert`` calls it."""
    await notify(
        hass,
        "sms_gate",
        message=TEXT,
        title="Garage",
        target=["sara", "0501234567"],
        data={"priority": 100, "sim_number": 1, "delivery_report": False},
    )
    (body,) = posts(account.gateway)
    assert body["phoneNumbers"] == [SARA, OMAR]
    assert body["textMessage"] == {"text": f"Garage\n{TEXT}"}
    assert (body["priority"], body["simNumber"]) == (100, 1)
    assert body["withDeliveryReport"] is False
    await account.settled()
    assert on_the_phone(account) == {SARA: 1, OMAR: 1}


async def test_the_accounts_action_waits_and_raises(
    hass: HomeAssistant, account: Account
) -> None:
    """``wait_for`` and ``timeout`` work in ``data``, too."""
    account.phone.outcomes[SARA] = "failed"
    with fails("sending_failed"):
        await notify(
            hass,
            "sms_gate",
            message=TEXT,
            target=SARA,
            data={"wait_for": "sent", "timeout": {"seconds": 20}},
        )


@pytest.mark.parametrize(
    ("data", "key", "placeholders"),
    [
        pytest.param(
            {"data": {"sim_number": 9}},
            "invalid_field",
            {"field": "sim_number"},
            id="bad value",
        ),
        pytest.param(
            {"data": {"ttl": 60, "valid_until": "2099-01-01 00:00:00"}},
            "fields_conflict",
            {},
            id="fields that exclude each other",
        ),
        pytest.param({"target": ["Nobody"]}, "unknown_contact", {}, id="no contact"),
        pytest.param({"message": ""}, "bad_length", {"field": "Message"}, id="empty"),
    ],
)
async def test_a_mistake_in_the_accounts_action_is_named(
    hass: HomeAssistant,
    account: Account,
    data: dict[str, Any],
    key: str,
    placeholders: dict[str, str],
) -> None:
    """Before any request."""
    with refuses(key, **placeholders):
        await notify(hass, "sms_gate", **{"message": TEXT, "target": [SARA], **data})
    assert posts(account.gateway) == []


async def test_without_a_target_the_only_contact_is_meant(
    hass: HomeAssistant, account: Account
) -> None:
    """``alert`` names none; ``data`` may, and goes first."""
    await notify(hass, "sms_gate", message=TEXT)
    await notify(hass, "sms_gate", message=TEXT, data={"recipients": [OMAR]})
    assert [body["phoneNumbers"] for body in posts(account.gateway)] == [[SARA], [OMAR]]
    await account.settled()


@pytest.mark.parametrize("title", [OMAR, "\u200f"])
async def test_without_a_target_the_only_contact_is_meant_whatever_its_name(
    hass: HomeAssistant, account: Account, title: str
) -> None:
    """Home Assistant's Rename takes any name: it is not read as a list or a number."""
    (subentry,) = account.entry.subentries.values()
    hass.config_entries.async_update_subentry(account.entry, subentry, title=title)
    await hass.async_block_till_done()
    await notify(hass, "sms_gate", message=TEXT)
    assert [body["phoneNumbers"] for body in posts(account.gateway)] == [[SARA]]


@pytest.mark.parametrize(
    "contacts",
    [
        pytest.param((), id="none"),
        pytest.param((contact("Sara", SARA), contact("Omar", OMAR)), id="two"),
    ],
)
async def test_without_a_target_and_one_contact_it_is_refused(
    hass: HomeAssistant, rig: Rig, contacts: tuple[Any, ...]
) -> None:
    """It is not forgotten, and nobody is guessed."""
    await rig.add_account(contacts=contacts)
    with refuses("no_recipients"):
        await notify(hass, "sms_gate", message=TEXT)
    assert posts(rig.gateway) == []


async def test_two_accounts_have_an_action_each(hass: HomeAssistant, rig: Rig) -> None:
    """Under their titles; two of one title are told apart, and one stays alone."""
    async with VirtualGateway(seed=7) as other:
        first = await rig.add_account(title="Home")
        second = await rig.add_account(gateway=other, title="Home")
        await notify(hass, "home", message=TEXT, target=[SARA])
        assert (len(posts(rig.gateway)), len(posts(other))) == (1, 0)
        await notify(hass, "home_2", message=TEXT, target=[SARA])
        assert (len(posts(rig.gateway)), len(posts(other))) == (1, 1)
        await first.settled()
        await second.settled()
        await hass.config_entries.async_unload(first.entry.entry_id)
        assert not hass.services.has_service("notify", "home")
        await notify(hass, "home_2", message=TEXT, target=[OMAR])
        assert len(posts(other)) == 2
        await second.settled()
        for phone in other.phones:
            await phone.stop()


async def test_an_action_that_is_called_during_a_reload_sends(
    hass: HomeAssistant, account: Account
) -> None:
    """In each turn of the loop: an alert fires it whenever it likes."""
    calls: list[asyncio.Task[None]] = []
    states = set()
    hass.config_entries.async_update_entry(account.entry, title="Home")
    account.gateway.faults["delay"] = Fault(value=0.1, path="/devices", limit=1)
    reload = asyncio.ensure_future(
        hass.config_entries.async_reload(account.entry.entry_id)
    )
    while not reload.done():
        if account.entry.state not in states:
            states.add(account.entry.state)
            data = {"message": str(account.entry.state), "target": [SARA]}
            calls.append(asyncio.ensure_future(notify(hass, "sms_gate", **data)))
        assert hass.services.has_service("notify", "sms_gate")
        await asyncio.sleep(0)
    assert ConfigEntryState.SETUP_IN_PROGRESS in states
    await asyncio.gather(*calls)
    assert len(posts(account.gateway)) == len(calls) > 1
    await account.settled()


@pytest.mark.parametrize(
    "end",
    [
        pytest.param("async_unload", id="unloaded"),
        pytest.param("async_remove", id="removed"),
        pytest.param("async_set_disabled_by", id="disabled"),
    ],
)
async def test_an_action_goes_with_an_account_that_cannot_be_set_up(
    hass: HomeAssistant, account: Account, end: str
) -> None:
    """Until then it fails with an error that says why."""
    entry = account.entry
    account.gateway.faults["status"] = Fault(value=502)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    with pytest.raises(ServiceValidationError) as caught:
        await notify(hass, "sms_gate", message=TEXT, target=[SARA])
    assert caught.value.translation_key == "account_not_loaded"
    await hass.config_entries.async_reload(entry.entry_id)
    assert hass.services.has_service("notify", "sms_gate")
    how = (ConfigEntryDisabler.USER,) if end == "async_set_disabled_by" else ()
    await getattr(hass.config_entries, end)(entry.entry_id, *how)
    assert not hass.services.has_service("notify", "sms_gate")
    if end != "async_unload":
        return
    account.gateway.faults.clear()
    await hass.config_entries.async_setup(entry.entry_id)
    await notify(hass, "sms_gate", message=TEXT, target=[SARA])
    assert len(posts(account.gateway)) == 1
    await account.settled()


@pytest.mark.usefixtures("_voice")
async def test_the_actions_name_stays_when_the_account_is_renamed(
    hass: HomeAssistant, account: Account
) -> None:
    """Automations call it by the name; the editor shows the new title."""
    hass.config_entries.async_update_entry(account.entry, title="منزل Villa 5")
    await hass.config_entries.async_reload(account.entry.entry_id)
    await notify(hass, "sms_gate", message=TEXT, target=["Sara"])
    assert len(posts(account.gateway)) == 1
    descriptions = await async_get_all_descriptions(hass)
    assert "منزل Villa 5" in descriptions["notify"]["sms_gate"]["name"]
    await account.settled()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_two_titles_of_one_name_never_swap(
    hass: HomeAssistant, rig: Rig, order: tuple[int, int]
) -> None:
    """Whichever account loads first after a restart."""
    async with VirtualGateway(seed=7) as other:
        accounts = (
            await rig.add_account(title="Home"),
            await rig.add_account(gateway=other, title="home!"),
        )
        for account in accounts:
            await hass.config_entries.async_unload(account.entry.entry_id)
        for number in order:
            await hass.config_entries.async_setup(accounts[number].entry.entry_id)
        await notify(hass, "home", message=TEXT, target=[SARA])
        assert (len(posts(rig.gateway)), len(posts(other))) == (1, 0)
        await notify(hass, "home_2", message=TEXT, target=[SARA])
        assert (len(posts(rig.gateway)), len(posts(other))) == (1, 1)
        for account in accounts:
            await account.settled()
        for phone in other.phones:
            await phone.stop()


@pytest.mark.usefixtures("_voice")
async def test_the_editor_shows_the_actions_fields(
    hass: HomeAssistant, account: Account
) -> None:
    """As Home Assistant's own notify action has them."""
    description = (await async_get_all_descriptions(hass))["notify"]["sms_gate"]
    assert description["name"] == "Send SMS (SMS Gate)"
    assert description["description"]
    assert set(description["fields"]) == {"message", "title", "target", "data"}
    for field in description["fields"].values():
        assert field["name"][0].isupper()
        assert field["description"]
        assert field["selector"]


@pytest.mark.parametrize(
    "data",
    [
        {"tag": "alarm", "priority": "high", "ttl": 0, "channel": "Alarm"},
        {"push": {"sound": "default"}, "image": "/local/a.jpg", "url": "/lovelace"},
        {"actions": [{"action": "OPEN", "title": "Open"}], "color": "red"},
        {"attachments": ["/tmp/a.jpg"], "text_mode": "styled"},  # noqa: S108
        {"parse_mode": "html", "inline_keyboard": ["a:/a"], "unicode": True},
        {"priority": "urgent", "ttl": "0"},
        {"html": 1, "retry": 60, "expire": 600, "sound": "siren", 5: "five"},
    ],
    ids=str,
)
async def test_data_of_other_notifiers_is_ignored(
    hass: HomeAssistant,
    account: Account,
    caplog: pytest.LogCaptureFixture,
    data: dict[str, Any],
) -> None:
    """A group passes one call to all its members, and hides what a member raises."""
    caplog.set_level("DEBUG", "custom_components.sms_gate.legacy_notify")
    await notify(
        hass, "sms_gate", message=TEXT, target=[SARA], data={**data, "sim_number": 1}
    )
    (body,) = posts(account.gateway)
    assert body["simNumber"] == 1
    assert "priority" not in body
    assert "ttl" not in body
    (line,) = [
        record.getMessage()
        for record in caplog.records
        if record.name.endswith("legacy_notify")
    ]
    assert all(str(key) in line for key in data)
    await account.settled()


@pytest.mark.parametrize("empty", [[], "", None, [""], " , "], ids=repr)
async def test_an_explicit_empty_target_writes_to_nobody(
    hass: HomeAssistant, account: Account, empty: Any
) -> None:
    """Not to the only contact."""
    with refuses("no_recipients"):
        await notify(hass, "sms_gate", message=TEXT, target=empty)
    assert posts(account.gateway) == []


@pytest.mark.parametrize(
    ("message", "key"),
    [(True, "text_needs_quotes"), (" \n", "bad_length"), ("", "bad_length")],
)
async def test_what_is_no_text_is_refused(
    hass: HomeAssistant, account: Account, message: Any, key: str
) -> None:
    """YAML's ``on`` is a switch; blanks say nothing."""
    with refuses(key):
        await notify(hass, "sms_gate", message=message, target=[SARA])
    with refuses(key):
        await account.send(message, SARA)
    assert posts(account.gateway) == []


async def test_one_bad_target_holds_back_no_other(
    hass: HomeAssistant, account: Account
) -> None:
    """The error says who got it and who did not."""
    with fails("partly_sent", sent="Sara, #3") as info:
        await notify(
            hass, "sms_gate", message=TEXT, target=f"Sara; Nobody\n{OMAR},, Sara"
        )
    assert "Nobody: " in str(info.value)
    await account.settled()
    assert on_the_phone(account) == {SARA: 1, OMAR: 1}


@pytest.mark.parametrize("removed", [False, True])
async def test_the_action_goes_with_the_account(
    hass: HomeAssistant, account: Account, removed: bool
) -> None:
    """Unloaded or removed: nobody is left to send."""
    manager, entry_id = hass.config_entries, account.entry.entry_id
    await (
        manager.async_remove(entry_id) if removed else manager.async_unload(entry_id)
    )
    with pytest.raises(ServiceNotFound):
        await notify(hass, "sms_gate", message=TEXT, target=[SARA])
