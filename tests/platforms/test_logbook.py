"""The activity, as Home Assistant's own page asks for it."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_load_integrations
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.sms_gate.account.activity import EVENT_ACTIVITY
from custom_components.sms_gate.const import DOMAIN
from tests.support.common import OMAR, SARA, Account, Rig
from tests.support.event_samples import TEXT

pytestmark = pytest.mark.usefixtures("recorder_mock")

ALI = "+966551112222"


@pytest.fixture
async def account(hass: HomeAssistant, rig: Rig) -> Account:
    """An account of a Home Assistant that shows its activity."""
    assert await async_setup_component(hass, "logbook", {})
    return await rig.add_account()


async def lines(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, **only: Any
) -> list[tuple[str, str]]:
    """Return our lines of the activity: name and message."""
    await async_wait_recording_done(hass)
    client = await hass_ws_client()
    start = (dt_util.utcnow() - timedelta(hours=1)).isoformat()
    await client.send_json_auto_id(
        {"type": "logbook/get_events", "start_time": start, **only}
    )
    found = (await client.receive_json())["result"]
    ours = [it for it in found if it.get("domain") == DOMAIN]
    # With an entity, the page shows its name ("Message") instead of ours
    assert not any("entity_id" in it for it in ours)
    return [(it["name"], it["message"]) for it in ours]


async def test_the_activity_says_who_and_what(
    hass: HomeAssistant, account: Account, hass_ws_client: WebSocketGenerator
) -> None:
    """One line for each event, without the text, and without a number."""
    events: list[Event] = []
    hass.bus.async_listen(EVENT_ACTIVITY, events.append)
    account.phone.receive(SARA, TEXT)
    await account.settled()
    account.phone.receive(ALI, TEXT, sim_number=None)
    await account.settled()
    await account.send(TEXT, "Sara")
    await account.settled()
    account.phone.outcomes[OMAR] = "failed"
    await account.send(TEXT, OMAR)
    await account.settled()
    assert await lines(hass, hass_ws_client) == [
        ("Sara", "wrote an SMS (SIM 1)"),
        ("Unknown sender", "wrote an SMS"),
        ("SMS to Sara", "sent"),
        ("SMS to Sara", "delivered"),
        ("SMS to another number", "failed"),
    ]
    # A contact's own id is made of its number in tests only
    shown = str([{**event.data, "contact_id": None} for event in events])
    assert TEXT not in shown
    assert not any(number.strip("+") in shown for number in (SARA, ALI, OMAR))
    sara = er.async_get(hass).async_get("event.sara_message")
    assert sara is not None
    only_sara = await lines(hass, hass_ws_client, device_ids=[sara.device_id])
    assert only_sara == [
        ("Sara", "wrote an SMS (SIM 1)"),
        ("SMS to Sara", "sent"),
        ("SMS to Sara", "delivered"),
    ]


async def test_the_activity_of_mms_and_data(
    hass: HomeAssistant, account: Account, hass_ws_client: WebSocketGenerator
) -> None:
    """An MMS has one line, although the phone reports it twice."""
    account.phone.receive_mms(SARA, subject="Look")
    account.phone.receive_mms_downloaded(SARA, body="Look")
    account.phone.receive_data(SARA, b"open")
    await account.settled()
    said = await lines(hass, hass_ws_client)
    assert sorted(what.partition(" (")[0] for _, what in said) == [
        "sent a data SMS",
        "sent an MMS",
    ]
    assert {name for name, _ in said} == {"Sara"}


async def test_the_activity_of_a_renamed_and_of_a_removed_contact(
    hass: HomeAssistant, account: Account, hass_ws_client: WebSocketGenerator
) -> None:
    """The name is today's; of a removed contact it is not known any more."""
    account.phone.receive(SARA, TEXT)
    await account.settled()
    (sara,) = account.entry.subentries.values()
    hass.config_entries.async_update_subentry(account.entry, sara, title="Mum")
    await account.settled()
    assert await lines(hass, hass_ws_client) == [("Mum", "wrote an SMS (SIM 1)")]
    hass.config_entries.async_remove_subentry(account.entry, sara.subentry_id)
    await account.settled()
    assert await lines(hass, hass_ws_client) == [
        ("Unknown sender", "wrote an SMS (SIM 1)")
    ]


async def test_the_activity_in_arabic(
    hass: HomeAssistant, rig: Rig, hass_ws_client: WebSocketGenerator
) -> None:
    """In Home Assistant's language."""
    hass.config.language = "ar"
    await async_load_integrations(hass, {DOMAIN})
    assert await async_setup_component(hass, "logbook", {})
    account = await rig.add_account()
    account.phone.receive(SARA, TEXT)
    await account.settled()
    assert await lines(hass, hass_ws_client) == [
        ("Sara", "– رسالة نصية واردة (الشريحة \u20681\u2069)")
    ]


async def test_without_an_activity_nothing_is_fired(
    hass: HomeAssistant, rig: Rig
) -> None:
    """It would only cost time."""
    events: list[Event] = []
    hass.bus.async_listen(EVENT_ACTIVITY, events.append)
    account = await rig.add_account()
    account.phone.receive(SARA, TEXT)
    await account.settled()
    assert events == []
