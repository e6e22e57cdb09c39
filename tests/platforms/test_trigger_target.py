"""Triggers with a target: message entities, their devices, areas, labels, floors."""

from typing import Any

from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
import pytest

from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.trigger import TRIGGERS
from tests.support.common import OMAR, SARA, Account, Rig, contact, event_body
from virtual_gateway import VirtualGateway

ALI = "+966551112222"


@pytest.fixture
async def account(rig: Rig) -> Account:
    """An account with two contacts."""
    return await rig.add_account(
        contacts=(contact("Sara", SARA), contact("Omar", OMAR))
    )


async def automation(
    hass: HomeAssistant, kind: str, target: dict[str, Any] | None, **options: Any
) -> list[dict[str, Any]]:
    """Add an automation and return where it records the runs."""
    runs: list[dict[str, Any]] = []
    hass.services.async_register(
        "test", "record", lambda call: runs.append(dict(call.data))
    )
    trigger: dict[str, Any] = {"trigger": f"sms_gate.{kind}", "options": options}
    if target is not None:
        trigger["target"] = target
    record = {
        "contact": "{{ trigger.contact or '?' }}",
        "peer": "={{ trigger.sender if trigger.sender else trigger.recipient }}",
    }
    config = {
        "triggers": trigger,
        "actions": {"action": "test.record", "data": record},
        "mode": "parallel",
    }
    assert await async_setup_component(hass, AUTOMATION, {AUTOMATION: config})
    await hass.async_block_till_done()
    return runs


def device(hass: HomeAssistant, account: Account, owner: str) -> str:
    """Return a device's id in the registry."""
    registry = dr.async_get(hass)
    found = registry.async_get_device_by_identifier(
        (DOMAIN, owner), account.entry.entry_id
    )
    assert found is not None
    return found.id


def person(hass: HomeAssistant, account: Account, name: str) -> str:
    """Return a contact's device."""
    found = (
        it.subentry_id for it in account.entry.subentries.values() if it.title == name
    )
    return device(hass, account, next(found))


def entity(hass: HomeAssistant, device_id: str, domain: str = "event") -> str:
    """Return a device's message entity."""
    found = er.async_entries_for_device(er.async_get(hass), device_id)
    return next(it.entity_id for it in found if it.domain == domain)


async def texts(account: Account, *senders: str) -> None:
    """Let people write, one after the other."""
    for sender in senders:
        account.phone.receive(sender, "Hello")
        await account.settled()


async def selected(hass: HomeAssistant, device_id: str, by: str) -> dict[str, Any]:
    """Return a target that selects a device, by one of the ways there are."""
    devices, entities = dr.async_get(hass), er.async_get(hass)
    label = lr.async_get(hass).async_create("Family").label_id
    floor = fr.async_get(hass).async_create("Ground").floor_id
    area = ar.async_get(hass).async_create("Hall", floor_id=floor).id
    message = entity(hass, device_id)
    match by:
        case "entity":
            return {"entity_id": message}
        case "device":
            return {"device_id": device_id}
        case "device label":
            devices.async_update_device(device_id, labels={label})
            return {"label_id": label}
        case "entity label":
            entities.async_update_entity(message, labels={label})
            return {"label_id": [label]}
        case "area":
            devices.async_update_device(device_id, area_id=area)
            return {"area_id": area}
        case "entity area":
            entities.async_update_entity(message, area_id=area)
            return {"area_id": area}
        case _:
            devices.async_update_device(device_id, area_id=area)
            return {"floor_id": floor}


@pytest.mark.parametrize(
    "by",
    [
        "entity",
        "device",
        "device label",
        "entity label",
        "area",
        "entity area",
        "floor",
    ],
)
async def test_a_contact_is_selected(
    hass: HomeAssistant, account: Account, by: str
) -> None:
    """In each way that the editor offers, and nobody else is meant."""
    target = await selected(hass, person(hass, account, "Sara"), by)
    runs = await automation(hass, "message_received", target)
    await texts(account, OMAR, ALI, SARA)
    assert [run["contact"] for run in runs] == ["Sara"]


async def test_a_phone_is_selected(hass: HomeAssistant, rig: Rig) -> None:
    """Whoever writes to it; another account's phone is not meant."""
    async with VirtualGateway("other", speed=1000.0) as other:
        first = await rig.add_account()
        second = await rig.add_account(gateway=other, title="Second", contacts=())
        phone = device(hass, second, second.phone.id)
        runs = await automation(hass, "message_received", {"device_id": phone})
        await texts(first, SARA, ALI)
        assert runs == []
        await texts(second, SARA, ALI)
        assert len(runs) == 2
        await second.phone.stop()


async def test_people_count_on_the_phone_that_is_selected(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Also beside a contact; a target that is not used any more is not followed."""
    async with VirtualGateway("other", speed=1000.0) as other:
        first = await rig.add_account()
        second = await rig.add_account(gateway=other, title="Second", contacts=())
        phone = device(hass, second, second.phone.id)
        target = {"device_id": [phone, person(hass, first, "Sara")]}
        runs = await automation(hass, "message_received", target, senders=[ALI])
        await texts(first, ALI, SARA)
        assert [run["peer"] for run in runs] == [f"={SARA}"]
        await texts(second, ALI)
        assert [run["peer"] for run in runs] == [f"={SARA}", f"={ALI}"]
        listening = sum(hass.bus.async_listeners().values())
        (state,) = hass.states.async_entity_ids("automation")
        await hass.services.async_call(
            "automation", "turn_off", {"entity_id": state}, blocking=True
        )
        assert listening - sum(hass.bus.async_listeners().values()) >= 3
        await second.phone.stop()


@pytest.mark.parametrize(
    ("selection", "options", "fires"),
    [
        pytest.param(
            ("Sara",), {"senders": [ALI]}, [SARA, ALI], id="contact and a stranger"
        ),
        pytest.param(("phone",), {"senders": ["Sara"]}, [SARA], id="people on a phone"),
        pytest.param(
            ("phone", "Omar"), {"senders": [ALI]}, [OMAR, ALI], id="phone and contact"
        ),
        pytest.param(("phone", "Omar"), {}, [SARA, OMAR, ALI], id="all of a phone"),
        pytest.param(("Sara",), {}, [SARA], id="contact"),
        pytest.param(
            ("phone", "Omar"), {"except_senders": [OMAR]}, [SARA, ALI], id="but for him"
        ),
        pytest.param((), {"senders": [ALI]}, [], id="nothing that exists"),
    ],
)
async def test_a_target_beside_senders(
    hass: HomeAssistant,
    account: Account,
    selection: tuple[str, ...],
    options: dict[str, Any],
    fires: list[str],
) -> None:
    """Contacts are people like the senders; a phone is where they write to."""
    devices = [
        device(hass, account, account.phone.id)
        if name == "phone"
        else person(hass, account, name)
        for name in selection
    ]
    target = {"device_id": devices or ["gone"]}
    runs = await automation(hass, "message_received", target, **options)
    await texts(account, SARA, OMAR, ALI)
    assert [run["peer"] for run in runs] == [f"={number}" for number in fires]


async def test_a_target_follows_its_label(
    hass: HomeAssistant, account: Account
) -> None:
    """A label that is set later, moved to another contact, and removed."""
    label = lr.async_get(hass).async_create("Family").label_id
    devices = dr.async_get(hass)
    sara, omar = (person(hass, account, name) for name in ("Sara", "Omar"))
    runs = await automation(hass, "message_received", {"label_id": label})
    await texts(account, SARA, OMAR)
    assert runs == []
    devices.async_update_device(sara, labels={label})
    await texts(account, SARA, OMAR)
    assert [run["contact"] for run in runs] == ["Sara"]
    devices.async_update_device(sara, labels=set())
    devices.async_update_device(omar, labels={label})
    await texts(account, SARA, OMAR)
    assert [run["contact"] for run in runs] == ["Sara", "Omar"]


async def test_a_target_outlives_a_reload_and_a_renamed_contact(
    hass: HomeAssistant, account: Account
) -> None:
    """What is selected is the contact, not its name."""
    target = {"device_id": person(hass, account, "Sara")}
    runs = await automation(hass, "message_received", target)
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    (sara,) = (it for it in account.entry.subentries.values() if it.title == "Sara")
    hass.config_entries.async_update_subentry(account.entry, sara, title="Mum")
    await account.settled()
    await texts(account, SARA)
    assert [run["contact"] for run in runs] == ["Mum"]


async def test_whoever_calls_itself_like_a_contact_is_not_selected(
    hass: HomeAssistant, account: Account
) -> None:
    """Such names can be bought."""
    target = {"device_id": person(hass, account, "Sara")}
    runs = await automation(hass, "message_received", target, senders=["*"])
    await texts(account, "Sara", "SARA", "\u200fsara", "Sara Bank")
    assert [run["peer"] for run in runs] == ["=Sara Bank"]


@pytest.mark.parametrize(
    "target",
    [{"entity_id": []}, {"device_id": [], "label_id": []}, {"area_id": []}],
)
async def test_an_emptied_target_does_not_mean_everybody(
    hass: HomeAssistant,
    account: Account,
    caplog: pytest.LogCaptureFixture,
    target: dict[str, Any],
) -> None:
    """It is refused when saved."""
    await automation(hass, "message_received", target)
    (state,) = hass.states.async_all("automation")
    assert state.state == "unavailable"
    assert "leave the target out" in caplog.text


async def test_entities_of_others_are_nobody(
    hass: HomeAssistant, account: Account
) -> None:
    """Neither another integration's, nor a contact's notify entity."""
    sara = person(hass, account, "Sara")
    notify = entity(hass, sara, "notify")
    other = er.async_get(hass).async_get_or_create("event", "other", "x-message")
    target = {"entity_id": [notify, other.entity_id]}
    runs = await automation(hass, "message_received", target)
    await texts(account, SARA)
    assert runs == []


async def test_other_things_beside_a_contact_change_nothing(
    hass: HomeAssistant, account: Account
) -> None:
    """A doorbell and the phone's sensor, as in an area: neither is a phone's messages."""
    sensor = entity(hass, device(hass, account, account.phone.id), "sensor")
    other = er.async_get(hass).async_get_or_create("event", "other", "x-message")
    sara = person(hass, account, "Sara")
    target = {"device_id": sara, "entity_id": [sensor, other.entity_id]}
    runs = await automation(hass, "message_received", target, senders=[ALI])
    await texts(account, OMAR, ALI, SARA)
    assert [run["peer"] for run in runs] == [f"={ALI}", f"={SARA}"]


KINDS = {
    "message_received": "sms:received",
    "message_sent": "sms:sent",
    "message_delivered": "sms:delivered",
    "message_failed": "sms:failed",
    "message_cancelled": "sms:cancelled",
    "mms_received": "mms:received",
    "mms_downloaded": "mms:downloaded",
    "data_received": "sms:data-received",
}


@pytest.mark.parametrize("kind", TRIGGERS)
async def test_each_trigger_fires_for_its_kind_and_target(
    hass: HomeAssistant, account: Account, rig: Rig, kind: str
) -> None:
    """Once, for the contact that is selected, and for nothing else that happens."""
    sara = person(hass, account, "Sara")
    runs = await automation(hass, kind, {"device_id": sara})
    for number, event in enumerate(KINDS.values()):
        for peer in (SARA, OMAR):
            posted = event_body(event, messageId=f"{number}{peer}", sender=peer)
            if kind.startswith("message") and kind != "message_received":
                posted["payload"] |= {"sender": None, "recipient": peer}
            posted["payload"] |= {
                "data": "SGk=",
                "transactionId": f"t{peer}",
                "subject": "x",
                "size": 1,
                "reason": "none",
                "attachments": [],
            }
            posted["deviceId"] = account.phone.id
            response = await rig.web.post(account.webhook_path, json=posted)
            assert response.status == 200
    await account.settled()
    assert [run["peer"] for run in runs] == [f"={SARA}"]
