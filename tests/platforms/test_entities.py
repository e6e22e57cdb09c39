"""Event entities, totals and devices of an account."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import OMAR, SARA, Account, Rig, contact, event_body

BOTH = (contact("Sara", SARA), contact("Omar", OMAR))


def entity_id(account: Account, platform: str, unique_id: str) -> str:
    """Return the id of an entity of ours."""
    registry = er.async_get(account.hass)
    found = registry.async_get_entity_id(platform, DOMAIN, unique_id)
    assert found is not None
    return found


def phone_event(account: Account, gateway_device_id: str | None = None) -> State:
    """Return the state of a phone's event entity."""
    unique_id = f"{gateway_device_id or account.phone.id}-message"
    state = account.hass.states.get(entity_id(account, "event", unique_id))
    assert state is not None
    return state


def contact_event(account: Account, name: str) -> State:
    """Return the state of a contact's event entity."""
    (found,) = [
        subentry
        for subentry in account.entry.subentries.values()
        if subentry.title == name
    ]
    unique_id = f"{found.subentry_id}-message"
    state = account.hass.states.get(entity_id(account, "event", unique_id))
    assert state is not None
    return state


def sensor(account: Account, key: str) -> State:
    """Return the state of a sensor of the account."""
    unique_id = f"{account.entry.entry_id}-{key}"
    state = account.hass.states.get(entity_id(account, "sensor", unique_id))
    assert state is not None
    return state


def totals(account: Account) -> dict[str, str]:
    """Return the account's totals."""
    return {
        key: sensor(account, key).state
        for key in ("received", "sent", "delivered", "failed")
    }


def device(account: Account, owner: str) -> dr.DeviceEntry:
    """Return a device of the account."""
    found = dr.async_get(account.hass).async_get_device_by_identifier(
        (DOMAIN, owner), account.entry.entry_id
    )
    assert found is not None
    return found


async def after_a_burst(hass: HomeAssistant) -> None:
    """Let the second pass in which a burst is written once."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2))
    await hass.async_block_till_done()


async def test_phone_and_contact_show_what_came(
    hass: HomeAssistant, account: Account
) -> None:
    """Both have the same event, with who and what in the attributes."""
    assert phone_event(account).state == "unknown"
    account.phone.receive(SARA, "مرحبا")
    await account.settled()
    for state in (phone_event(account), contact_event(account, "Sara")):
        assert state.state != "unknown"
        assert state.attributes["event_type"] == "received"
        assert state.attributes["message"] == "مرحبا"
        assert state.attributes["sender"] == SARA
        assert state.attributes["contact"] == "Sara"
        assert state.attributes["gateway_device_id"] == account.phone.id
        assert "config_entry_id" not in state.attributes


@pytest.mark.parametrize(
    ("event", "event_type", "more"),
    [
        pytest.param("sms:received", "received", {}, id="received"),
        pytest.param("sms:data-received", "data_received", {"data": "aGk="}, id="data"),
        pytest.param("mms:received", "mms_received", {}, id="mms"),
        pytest.param("mms:downloaded", "mms_downloaded", {}, id="downloaded"),
        pytest.param("sms:sent", "sent", {"recipient": SARA}, id="sent"),
        pytest.param("sms:delivered", "delivered", {"recipient": SARA}, id="delivered"),
        pytest.param("sms:failed", "failed", {"recipient": SARA}, id="failed"),
        pytest.param("sms:cancelled", "cancelled", {"recipient": SARA}, id="cancelled"),
    ],
)
async def test_each_kind_has_its_event_type(
    rig: Rig, account: Account, event: str, event_type: str, more: dict[str, Any]
) -> None:
    """The types are those of the contract, and the entity offers all of them."""
    body = event_body(event, **more) | {"deviceId": account.phone.id}
    async with rig.web.post(account.webhook_path, json=body) as response:
        assert response.status == 200
    for state in (phone_event(account), contact_event(account, "Sara")):
        assert state.attributes["event_type"] == event_type
        assert set(state.attributes["event_types"]) == {
            "received",
            "data_received",
            "mms_received",
            "mms_downloaded",
            "sent",
            "delivered",
            "failed",
            "cancelled",
        }


async def test_a_contact_shows_its_own_number_only(rig: Rig) -> None:
    """Two contacts, and a stranger whom only the phone shows."""
    account = await rig.add_account(contacts=BOTH)
    account.phone.receive(SARA, "from Sara")
    account.phone.receive(OMAR, "from Omar")
    account.phone.receive("STC", "from the network")
    await account.settled()
    assert contact_event(account, "Sara").attributes["message"] == "from Sara"
    assert contact_event(account, "Omar").attributes["message"] == "from Omar"
    assert phone_event(account).attributes["message"] == "from the network"


async def test_a_phone_shows_its_own_messages_only(rig: Rig) -> None:
    """Two phones of one account."""
    second = rig.gateway.add_phone("Google/Pixel 9")
    account = await rig.add_account()
    account.phone.receive(SARA, "to the first")
    second.receive(SARA, "to the second")
    await account.settled()
    assert phone_event(account).attributes["message"] == "to the first"
    assert phone_event(account, second.id).attributes["message"] == "to the second"


async def test_pings_and_starts_are_no_messages(account: Account) -> None:
    """They leave event entities, totals and the last message alone."""
    account.phone.ping()
    account.phone.restart()
    await account.settled()
    assert phone_event(account).state == "unknown"
    assert sensor(account, "last_message").state == "unknown"
    assert set(totals(account).values()) == {"0"}


async def test_totals_count_what_happened(
    hass: HomeAssistant, account: Account
) -> None:
    """Each message once; an MMS when it is announced, not again when it is there."""
    account.phone.outcomes[OMAR] = "failed"
    account.phone.receive(SARA, "one")
    account.phone.receive_data(SARA, b"two")
    account.phone.receive_mms(SARA, subject="three")
    account.phone.receive_mms_downloaded(SARA, body="three")
    await account.send("hello", SARA)
    await account.send("hello", OMAR)
    await account.settled()
    await after_a_burst(hass)
    assert totals(account) == {
        "received": "3",
        "sent": "1",
        "delivered": "1",
        "failed": "1",
    }


async def test_the_last_message_is_a_time_with_who_and_what(account: Account) -> None:
    """What was sent does not change it."""
    account.phone.receive(SARA, "the last", at=1_782_000_000)
    await account.settled()
    state = sensor(account, "last_message")
    assert state.state == "2026-06-21T00:00:00+00:00"
    assert state.attributes["device_class"] == "timestamp"
    assert state.attributes["sender"] == SARA
    assert state.attributes["message"] == "the last"
    await account.send("answer", SARA)
    await account.settled()
    assert sensor(account, "last_message").state == state.state


async def test_totals_and_last_message_survive_a_reload(
    hass: HomeAssistant, account: Account
) -> None:
    """Also what was counted in a burst that was not written yet."""
    for number in range(5):
        account.phone.receive(SARA, f"number {number}")
    await account.settled()
    last = phone_event(account).attributes["timestamp"]
    await hass.config_entries.async_reload(account.entry.entry_id)
    await hass.async_block_till_done()
    assert totals(account)["received"] == "5"
    assert sensor(account, "last_message").state != "unknown"
    assert phone_event(account).attributes["timestamp"] == last
    account.phone.receive(SARA, "one more")
    await account.settled()
    await after_a_burst(hass)
    assert totals(account)["received"] == "6"


async def test_a_burst_is_written_twice_and_a_single_message_at_once(
    hass: HomeAssistant, rig: Rig, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Fifty messages do not cost fifty states of every sensor."""
    written: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        written.append(state.state if state else "")

    unique_id = f"{account.entry.entry_id}-received"
    received = entity_id(account, "sensor", unique_id)
    async_track_state_change_event(hass, received, note)
    for number in range(50):
        body = event_body(messageId=f"{number:x}")
        async with rig.web.post(account.webhook_path, json=body) as response:
            assert response.status == 200
    await hass.async_block_till_done()
    assert written == ["1"]
    freezer.tick(1.1)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert written == ["1", "50"]
    freezer.tick(1.1)
    async with rig.web.post(
        account.webhook_path, json=event_body(messageId="last")
    ) as response:
        assert response.status == 200
    await hass.async_block_till_done()
    assert written == ["1", "50", "51"]


def unrecorded(hass: HomeAssistant, state: State) -> set[str]:
    """Return which of a state's attributes the recorder leaves out."""
    info: Mapping[str, Any] = state.state_info or {}
    return set(info.get("unrecorded_attributes", ())) & set(state.attributes)


@pytest.mark.parametrize("record", [False, True], ids=["private", "recorded"])
async def test_texts_and_numbers_are_recorded_only_when_the_user_wants_it(
    hass: HomeAssistant, rig: Rig, record: bool
) -> None:
    """By default the history keeps neither who wrote nor what."""
    account = await rig.add_account(options={"record_message_text": record})
    account.phone.receive(SARA, "private")
    await account.settled()
    private = {"sender", "recipient", "contact", "message"}
    for state in (phone_event(account), contact_event(account, "Sara")):
        left_out = unrecorded(hass, state)
        assert left_out.isdisjoint(private) if record else private <= left_out
        assert "event_type" not in left_out
    left_out = unrecorded(hass, sensor(account, "last_message"))
    assert {"sender", "recipient", "contact", "message"} <= left_out


async def test_the_devices_of_an_account(rig: Rig) -> None:
    """The account is a service; phones and contacts hang on it."""
    account = await rig.add_account(contacts=BOTH, title="Home")
    service = device(account, account.entry.entry_id)
    assert service.entry_type is dr.DeviceEntryType.SERVICE
    assert (service.name, service.manufacturer) == ("Home", "SMS Gate")
    phone = device(account, account.phone.id)
    assert (phone.name, phone.manufacturer, phone.model) == (
        "Samsung a16",
        "Samsung",
        "a16",
    )
    assert phone.via_device_id == service.id
    for subentry in account.entry.subentries.values():
        person = device(account, subentry.subentry_id)
        assert person.name == subentry.title
        assert person.via_device_id == service.id
        assert person.config_subentry_id == subentry.subentry_id
    registry = dr.async_get(account.hass)
    devices = dr.async_entries_for_config_entry(registry, account.entry.entry_id)
    assert len(devices) == 4
