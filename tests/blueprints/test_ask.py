"""The blueprint that asks by SMS what to do."""

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
from tests.support.blueprints import use
from tests.support.common import OMAR, SARA, Account

DOOR = "cover.garage"


async def ask(hass: HomeAssistant, account: Account, **inputs: Any) -> None:
    """Let the door stay open until somebody is asked."""
    hass.states.async_set(DOOR, "closed", {"friendly_name": "Garage"})
    await use(
        hass,
        "ask_by_sms",
        watched=DOOR,
        contacts=["Sara"],
        first_actions=[{"action": "test.first"}],
        second_actions=[{"action": "test.second"}],
        nobody_actions=[{"action": "test.nobody"}],
        **inputs,
    )
    hass.states.async_set(DOOR, "open", {"friendly_name": "Garage"})
    await account.gateway.settled()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=11))


@pytest.mark.parametrize(
    ("text", "ran"),
    [("1", "first"), ("Close it!", "first"), ("٢", "second"), ("LEAVE", "second")],
)
async def test_an_answer(
    hass: HomeAssistant, account: Account, text: str, ran: str
) -> None:
    """Its actions run, and no others."""
    calls = {
        name: async_mock_service(hass, "test", name)
        for name in ("first", "second", "nobody")
    }
    await ask(hass, account)
    await until(lambda: account.phone.outbox)
    assert account.phone.outbox[0].text == "Garage is open. 1 = close it, 2 = leave it."
    account.phone.receive(OMAR, "1")
    account.phone.receive(SARA, text)
    await account.settled()
    await until(lambda: calls[ran])
    assert {name for name, done in calls.items() if done} == {ran}


async def test_the_question_cannot_be_sent(
    hass: HomeAssistant, account: Account
) -> None:
    """The actions for nobody run."""
    calls = {
        name: async_mock_service(hass, "test", name)
        for name in ("first", "second", "nobody")
    }
    account.phone.outcomes[SARA] = "failed"
    await ask(hass, account)
    await until(lambda: calls["nobody"])
    assert not calls["first"] + calls["second"]


async def test_a_restored_state_asks_nobody(
    hass: HomeAssistant, account: Account
) -> None:
    """After a restart the door was open before already."""
    hass.states.async_set(DOOR, "unavailable")
    await use(
        hass,
        "ask_by_sms",
        watched=DOOR,
        contacts=["Sara"],
        minutes=0,
        first_actions=[],
    )
    hass.states.async_set(DOOR, "open")
    await account.settled()
    assert len(account.phone.outbox) == 0
