"""The documentation's examples of triggers do what their page says."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.support.common import SARA, Account
from tests.support.docs_examples import ACCOMPLICE, automation, notified, outbox, soon


@pytest.fixture(autouse=True)
async def _notifications(hass: HomeAssistant) -> None:
    """Most examples show something."""
    assert await async_setup_component(hass, "persistent_notification", {})


@pytest.mark.parametrize(
    ("text", "age", "runs"),
    [
        pytest.param("Light ON please", 0, True, id="command"),
        pytest.param("Good morning", 0, False, id="another text"),
        pytest.param("light on", 3600, False, id="late"),
    ],
)
async def test_message_received(
    hass: HomeAssistant, account: Account, text: str, age: int, runs: bool
) -> None:
    """The light is switched and Sara is told, unless the message is an old one."""
    lights = async_mock_service(hass, "light", "turn_on")
    await automation(hass, "message_received")
    account.phone.receive(SARA, text, at=soon() - age)
    await account.settled()
    await account.settled()  # the automation goes on after the answer
    assert bool(lights) is runs
    assert outbox(account) == ([(SARA, "The light is on.")] if runs else [])


@pytest.mark.parametrize(
    ("sender", "text", "age", "opens"),
    [
        pytest.param(SARA, "Gate 482913", 0, True, id="contact"),
        pytest.param(ACCOMPLICE, " gate  482913 ", 0, True, id="number"),
        pytest.param(SARA, "gate 482914", 0, False, id="wrong PIN"),
        pytest.param(SARA, "gate", 0, False, id="no PIN"),
        pytest.param("+966507777777", "gate 482913", 0, False, id="stranger"),
        pytest.param(SARA, "gate 482913", 3600, False, id="late"),
    ],
)
async def test_gate_with_pin(
    hass: HomeAssistant, account: Account, sender: str, text: str, age: int, opens: bool
) -> None:
    """Only the right people with the right PIN, and only now."""
    hass.states.async_set("input_text.gate_pin", "482913")
    covers = async_mock_service(hass, "cover", "open_cover")
    await automation(hass, "gate_with_pin")
    account.phone.receive(sender, text, at=soon() - age)
    await account.settled()
    assert bool(covers) is opens


async def test_message_sent(hass: HomeAssistant, account: Account) -> None:
    """Sara's counts, the stranger's does not."""
    await automation(hass, "message_sent")
    await account.send("Hello", "Sara", ACCOMPLICE)
    await account.settled()
    assert notified(hass) == [(None, "An SMS to Sara was sent.")]


@pytest.mark.parametrize(("outcome", "off"), [("delivered", 1), ("sent", 0)])
async def test_message_delivered(
    hass: HomeAssistant, account: Account, outcome: Any, off: int
) -> None:
    """Sent is not delivered."""
    account.phone.outcomes[SARA] = outcome
    sirens = async_mock_service(hass, "siren", "turn_off")
    await automation(hass, "message_delivered")
    await account.send("Alarm", "Sara")
    await account.settled()
    assert len(sirens) == off
