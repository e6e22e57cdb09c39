"""What a kill would interrupt: automations begin before a message is remembered.

Once its identity is in the file, nothing brings a message again. An automation that
is triggered by the event begins one pass of the loop after the event was fired, and if
the file is written meanwhile, a kill in between loses the message to it.
"""

from unittest.mock import patch

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.setup import async_setup_component
import pytest

from custom_components.sms_gate.receive.ring import Ring
from tests.support.common import SARA, Rig

MESSAGES = 30
TRIGGERS = {
    "event": {"trigger": "event", "event_type": "sms_gate_sms_received"},
    "message_received": {"trigger": "sms_gate.message_received"},
}


@pytest.mark.parametrize(
    "trigger",
    [
        pytest.param(
            "event",
        ),
        "message_received",
    ],
)
async def test_an_automation_begins_before_its_message_is_remembered(
    hass: HomeAssistant, rig: Rig, trigger: str
) -> None:
    """For each message the automation's action runs first, then the file is written."""
    account = await rig.add_account()
    order: list[str] = []
    write = Ring.write

    def note_write(self: Ring, identities: list[bytes]) -> None:
        order.extend("remembered" for _ in identities)
        write(self, identities)

    @callback
    def note_action(_call: ServiceCall) -> None:
        order.append("handled")

    hass.services.async_register("test", "note", note_action)
    automation: dict[str, object] = {"alias": "Note", "mode": "parallel"}
    automation |= {"max": MESSAGES, "triggers": [TRIGGERS[trigger]]}
    automation["actions"] = [{"action": "test.note"}]
    assert await async_setup_component(hass, "automation", {"automation": automation})
    with patch.object(Ring, "write", autospec=True, side_effect=note_write):
        for number in range(MESSAGES):
            account.phone.receive(SARA, f"message {number}")
        await account.settled()
    assert order == ["handled", "remembered"] * MESSAGES
