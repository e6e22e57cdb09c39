"""The documentation's example that leaves one line of the activity for each event."""

from datetime import timedelta

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from tests.support.common import SARA, Account
from tests.support.docs_examples import configuration


@pytest.fixture(autouse=True)
def _custom_integration(
    recorder_mock: Recorder, enable_custom_integrations: None, socket_enabled: None
) -> None:
    """The recorder must be there before Home Assistant is."""


@pytest.mark.parametrize("is_used", [False, True])
async def test_logbook(
    hass: HomeAssistant,
    account: Account,
    hass_ws_client: WebSocketGenerator,
    is_used: bool,
) -> None:
    """Without it, the entities have lines of their own."""
    if is_used:
        await configuration(hass, "logbook")
    else:
        assert await async_setup_component(hass, "logbook", {})
    account.phone.receive(SARA, "Hello")
    await account.settled()
    await async_wait_recording_done(hass)
    client = await hass_ws_client()
    start = (dt_util.utcnow() - timedelta(hours=1)).isoformat()
    await client.send_json_auto_id({"type": "logbook/get_events", "start_time": start})
    found = (await client.receive_json())["result"]
    entities = {it["entity_id"] for it in found if "entity_id" in it}
    ours = {
        "event.sara_message",
        "event.samsung_a16_message",
        "sensor.sms_gate_last_message",
    }
    assert entities & ours == (set() if is_used else ours)
    said = [(it["name"], it["message"]) for it in found if "message" in it]
    assert said.count(("Sara", "wrote an SMS (SIM 1)")) == 1
