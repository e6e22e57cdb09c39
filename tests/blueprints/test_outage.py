"""An outage and its end: told once each, whatever the sensor does meanwhile."""

from typing import Any

from homeassistant.components import persistent_notification
from homeassistant.const import EVENT_HOMEASSISTANT_START
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from tests.support.blueprints import Recorder, later, outbox, rest, use
from tests.support.common import SARA, Account
from virtual_gateway.faults import Fault

POWER = "binary_sensor.power"
TEXTS = {"outage_message": "out", "return_message": "back"}


async def watch(hass: HomeAssistant, **inputs: Any) -> None:
    """Watch the power."""
    assert await async_setup_component(hass, "persistent_notification", {})
    if hass.states.get(POWER) is None:
        hass.states.async_set(POWER, "on")
    defaults = {"sensor": POWER, "recipients": ["Sara"], **TEXTS}
    await use(hass, "outage", **(defaults | inputs))


async def change(account: Account, *states: str) -> None:
    """Let the sensor change."""
    for state in states:
        account.hass.states.async_set(POWER, state)
        await rest(account)


def notifications(hass: HomeAssistant) -> list[str]:
    """Return what the notifications say."""
    shown = persistent_notification._async_get_or_create_notifications(hass)
    return [item["message"] for item in shown.values()]


def texts(account: Account) -> list[str | None]:
    """Return what Sara got."""
    assert {number for number, _ in outbox(account)} <= {SARA}
    return [text for _, text in outbox(account)]


async def test_out_and_back(hass: HomeAssistant, account: Account) -> None:
    """One SMS for each, after the time it must last."""
    await watch(hass)
    await change(account, "off")
    await later(account, 110)
    assert texts(account) == []
    await later(account, 121)
    assert texts(account) == ["out"]
    await change(account, "unavailable", "on")
    await later(account, 110)
    assert texts(account) == ["out"]
    await later(account, 121)
    assert texts(account) == ["out", "back"]


async def test_power_that_comes_and_goes(hass: HomeAssistant, account: Account) -> None:
    """One outage with a few starts is one outage."""
    await watch(hass, outage_minutes=0)
    await change(account, "off", "on", "off", "on", "off")
    assert texts(account) == ["out"]
    await change(account, "on")
    await later(account, 121)
    assert texts(account) == ["out", "back"]
    await change(account, "off")
    assert texts(account) == ["out", "back", "out"]
    await change(account, "on")
    await later(account, 121)


async def test_a_short_outage_is_not_told(
    hass: HomeAssistant, account: Account
) -> None:
    """Neither is its end."""
    await watch(hass)
    await change(account, "off", "on")
    await later(account, 300)
    assert texts(account) == []


@pytest.mark.parametrize(
    ("before", "inputs", "told"),
    [
        pytest.param("unavailable", {}, [], id="unavailable"),
        pytest.param("unknown", {}, [], id="unknown"),
        pytest.param(None, {"after_unavailable": True}, [], id="restored"),
        pytest.param("unknown", {"after_unavailable": True}, ["out"], id="as wanted"),
    ],
)
async def test_not_after_a_restart(
    hass: HomeAssistant,
    account: Account,
    before: str | None,
    inputs: dict[str, Any],
    told: list[str],
) -> None:
    """What was only restored is no outage."""
    await watch(hass, outage_minutes=0, **inputs)
    if before is None:
        hass.states.async_remove(POWER)
    else:
        hass.states.async_set(POWER, before)
    await rest(account)
    await change(account, "off")
    assert texts(account) == told
    await change(account, "on")
    await later(account, 121)


async def test_a_ups_and_another_channel(hass: HomeAssistant, account: Account) -> None:
    """A UPS has states of its own; another channel gets both texts."""
    also = Recorder(hass)
    hass.states.async_set(POWER, "OL CHRG")
    await watch(
        hass,
        outage_states=["OB", "OB LB"],
        normal_states=["OL", "OL CHRG"],
        also=also.step(text="{{ text }}"),
    )
    await change(account, "OB", "OB LB")
    await later(account, 121)
    await change(account, "OL")
    await later(account, 121)
    assert texts(account) == ["out", "back"]
    assert also.calls == [{"text": "out"}, {"text": "back"}]


async def test_what_cannot_be_sent_at_once_is_sent_once(
    hass: HomeAssistant, account: Account
) -> None:
    """The gateway comes back after two minutes."""
    account.gateway.faults["status"] = Fault(value=400, path="messages")
    await watch(hass, outage_minutes=0)
    await change(account, "off")
    await later(account, 61)
    assert texts(account) == []
    account.gateway.faults.clear()
    await later(account, 61)
    await later(account, 61)
    assert texts(account) == ["out"]
    await change(account, "on")
    await later(account, 121)
    assert texts(account) == ["out", "back"]


async def test_one_wrong_recipient_holds_back_none(
    hass: HomeAssistant, account: Account
) -> None:
    """A contact that is gone is named in a notification; the others get the SMS."""
    await watch(hass, outage_minutes=0, recipients=["Gone", "Sara"])
    await change(account, "off")
    assert texts(account) == ["out"]
    (shown,) = notifications(hass)
    assert "Gone" in shown
    assert "Sara" not in shown
    await change(account, "on")
    await later(account, 121)
    assert texts(account) == ["out", "back"]
    assert len(notifications(hass)) == 2


async def test_whoever_was_never_reached_is_named(
    hass: HomeAssistant, account: Account
) -> None:
    """The gateway refuses for longer than the alert is tried."""
    account.gateway.faults["status"] = Fault(value=400, path="messages")
    await watch(hass, outage_minutes=0)
    await change(account, "off")
    for _ in range(11):
        await later(account, 61)
    (shown,) = notifications(hass)
    assert "Sara" in shown
    await change(account, "on")
    await later(account, 121)


@pytest.mark.parametrize(("told", "sent"), [("on", ["back"]), ("off", [])])
async def test_a_restart_in_the_middle(
    hass: HomeAssistant, account: Account, told: str, sent: list[str]
) -> None:
    """A helper remembers that the outage was told, so its end is told too."""
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"out": {"initial": told == "on"}}}
    )
    hass.states.async_set(POWER, "off")
    hass.set_state(CoreState.starting)
    await watch(hass, memory="input_boolean.out")
    hass.bus.async_fire(EVENT_HOMEASSISTANT_START)
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await rest(account)
    await change(account, "on")
    await later(account, 121)
    assert texts(account) == sent
    state = hass.states.get("input_boolean.out")
    assert state is not None
    assert state.state == "off"
