"""The documentation's examples of conditions do what their page says."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from harness.until import until
from tests.support.common import SARA, Account
from tests.support.docs_examples import automation, outbox, script


@pytest.mark.parametrize("state", ["on", "off", "unknown"])
async def test_is_online(hass: HomeAssistant, account: Account, state: str) -> None:
    """Sara is texted, or the siren sounds."""
    sirens = async_mock_service(hass, "siren", "turn_on")
    hass.states.async_set("binary_sensor.water_in_the_cellar", "off")
    await automation(hass, "is_online")
    hass.states.async_set("binary_sensor.samsung_a16_online", state)
    hass.states.async_set("binary_sensor.water_in_the_cellar", "on")
    await until(lambda: outbox(account) or sirens)
    await account.settled()
    texted = outbox(account) == [(SARA, "There is water in the cellar.")]
    assert texted is (state == "on")
    assert bool(sirens) is (state != "on")


@pytest.mark.parametrize(
    ("text", "on"), [("Coming home", True), ("Good night", False), (None, False)]
)
async def test_contact_wrote(
    hass: HomeAssistant, account: Account, text: str | None, on: bool
) -> None:
    """The light stays on only if Sara wrote that she is coming."""
    lights = async_mock_service(hass, "light", "turn_on")
    await automation(hass, "contact_wrote")
    if text is not None:
        account.phone.receive(SARA, text)
    await account.settled()
    hass.states.async_set("alarm_control_panel.house", "armed_night")
    await account.settled()
    assert bool(lights) is on


@pytest.mark.parametrize(("outcome", "sounds"), [("delivered", False), ("sent", True)])
async def test_is_delivered(
    hass: HomeAssistant, account: Account, outcome: Any, sounds: bool
) -> None:
    """Two minutes later."""
    sirens = async_mock_service(hass, "siren", "turn_on")
    account.phone.outcomes[SARA] = outcome
    await script(hass, "is_delivered", blocking=False)
    await until(lambda: outbox(account))
    await account.gateway.settled()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=3))
    await account.settled()
    assert bool(sirens) is sounds
