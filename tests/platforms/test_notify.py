"""Sending by ``notify``: an entity per contact, an action per account."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceNotFound
import pytest

from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.sending import TEXT, fails, on_the_phone, posts, refuses
from virtual_gateway import VirtualGateway


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
    with refuses("bad_length", field="message"):
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
            {"data": {"colour": "red"}},
            "invalid_field",
            {"field": "colour"},
            id="unknown field",
        ),
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
        pytest.param({"message": ""}, "bad_length", {"field": "message"}, id="empty"),
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


async def test_the_action_follows_the_accounts_title(
    hass: HomeAssistant, account: Account
) -> None:
    """After a rename there is the new name only."""
    hass.config_entries.async_update_entry(account.entry, title="منزل Villa 5")
    await hass.async_block_till_done()
    assert not hass.services.has_service("notify", "sms_gate")
    (name,) = [
        name
        for name in hass.services.async_services_for_domain("notify")
        if "villa_5" in name
    ]
    await notify(hass, name, message=TEXT, target=["Sara"])
    assert len(posts(account.gateway)) == 1
    await account.settled()


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
