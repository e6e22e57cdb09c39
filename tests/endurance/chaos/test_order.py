"""What a kill would interrupt: automations begin before a message is remembered.

Once its identity is in the file, nothing brings a message again. An automation that
is triggered by the event begins one pass of the loop after the event was fired, and if
the file is written meanwhile, a kill in between loses the message to it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from unittest.mock import patch

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.setup import async_setup_component
import pytest

from custom_components.sms_gate.receive.receiver import Receiver
from custom_components.sms_gate.receive.ring import Ring
from tests.support.common import SARA, Account, Rig
from tests.support.event_samples import PAYLOADS, body, read

MESSAGES = 30
TRIGGERS = {
    "event": {"trigger": "event", "event_type": "sms_gate_sms_received"},
    "message_received": {"trigger": "sms_gate.message_received"},
}


async def one_by_one(account: Account) -> None:
    """Let the phone post."""
    for number in range(MESSAGES):
        account.phone.receive(SARA, f"message {number}")
    await account.settled()


async def at_once(account: Account) -> None:
    """Let all be processed in the same turns, as those of several requests are."""
    receiver: Receiver = account.entry.runtime_data.receiving
    message = PAYLOADS["sms:received"]
    events = [
        read(body("sms:received", {**message, "messageId": f"{number}"}))
        for number in range(MESSAGES)
    ]
    await asyncio.gather(*map(receiver._pipeline.async_process, events))
    await account.settled()


@pytest.mark.parametrize("receive", [one_by_one, at_once])
@pytest.mark.parametrize("trigger", TRIGGERS)
async def test_an_automation_begins_before_its_message_is_remembered(
    hass: HomeAssistant,
    rig: Rig,
    trigger: str,
    receive: Callable[[Account], Awaitable[None]],
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
        await receive(account)
    ahead = 0
    for step in order:
        ahead += 1 if step == "handled" else -1
        assert ahead >= 0
    assert len(order) == 2 * MESSAGES
    assert ahead == 0
