"""While Home Assistant starts: nothing is taken before automations can hear it."""

import time

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from harness.until import until
from tests.support.cloud import cloud
from tests.support.common import SARA, Account, Rig, collect, event_body
from tests.support.receiving import (
    GRACE,
    LOOK,
    POLL,
    asked,
    pass_time,
    polls,
    quiet,
    texts,
)
from tests.support.ways import Connect, Route, connect, every_route
from virtual_gateway.faults import Fault

__all__ = ["cloud", "connect"]

AUTOMATIONS = 5


async def post(rig: Rig, account: Account) -> int:
    """Post an event and return the status."""
    async with rig.web.post(account.webhook_path, json=event_body()) as response:
        return response.status


async def start(hass: HomeAssistant) -> None:
    """Let Home Assistant's start end."""
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await quiet(hass)


async def test_a_webhook_waits_for_the_automations(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """503 until the start is over: the phone comes again, and is heard."""
    hass.set_state(CoreState.starting)
    account = await rig.add_account()
    seen = collect(hass)
    assert await post(rig, account) == 503
    assert seen.events == []
    await start(hass)
    await pass_time(hass, freezer, AUTOMATIONS)
    assert await post(rig, account) == 200
    assert texts(seen) == ["Hello"]


@every_route
async def test_what_came_meanwhile_waits_for_them_too(
    hass: HomeAssistant,
    rig: Rig,
    connect: Connect,
    freezer: FrozenDateTimeFactory,
    route: Route,
) -> None:
    """The catch-up begins when somebody listens, not before."""
    account = await connect(route)
    await quiet(hass)  # a server is asked once whether it has an inbox
    await hass.config_entries.async_unload(account.entry.entry_id)
    account.phone.receive(SARA, "meanwhile", at=time.time() - 60)
    rig.gateway.requests.clear()
    hass.set_state(CoreState.starting)
    await hass.config_entries.async_setup(account.entry.entry_id)
    await quiet(hass)
    assert asked(rig.gateway, "POST", "/inbox/refresh") == []
    assert polls(rig.gateway) == []
    await start(hass)
    await pass_time(hass, freezer, AUTOMATIONS)
    await pass_time(hass, freezer, 0)
    fetched = asked(rig.gateway, "POST", "/inbox/refresh") + polls(rig.gateway)
    # The next poll follows after five seconds
    assert len(fetched) == (2 if route.way == "poll" else 1)


async def test_unloading_meanwhile_leaves_nothing_behind(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """Before the start ends, and within the seconds after it."""
    hass.set_state(CoreState.starting)
    account = await rig.add_account(mode="local")
    await hass.config_entries.async_unload(account.entry.entry_id)
    await start(hass)
    await hass.config_entries.async_setup(account.entry.entry_id)
    await hass.config_entries.async_unload(account.entry.entry_id)
    rig.gateway.requests.clear()
    await pass_time(hass, freezer, 600)
    assert rig.gateway.requests == []


@pytest.mark.parametrize("count", [1, 3])
async def test_a_look_and_a_poll_at_once_leave_one_chain_of_polls(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, count: int
) -> None:
    """After a take-over the looks go on; they must not begin a second one."""
    account = await rig.add_account(mode="local")
    rig.gateway.faults["webhook_down"] = Fault()
    account.phone.receive(SARA, "lost")
    await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, GRACE)
    for number in range(count):
        account.phone.receive(SARA, f"{number}")
        await pass_time(hass, freezer, LOOK)
        freezer.tick(GRACE + 0.1)
        async_fire_time_changed(hass)
        await quiet(hass)
    rig.gateway.requests.clear()
    await pass_time(hass, freezer, POLL)
    assert len(polls(rig.gateway)) == 1
    await hass.config_entries.async_unload(account.entry.entry_id)
    rig.gateway.requests.clear()
    for _ in range(3):
        await pass_time(hass, freezer, LOOK)
    assert rig.gateway.requests == []


async def test_unloading_while_a_question_is_under_way_ends_the_polls(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """The answer comes after the account went: nobody asks again."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    await pass_time(hass, freezer, POLL)
    rig.gateway.faults["delay"] = delay = Fault(value=2, path="^/inbox")
    freezer.tick(POLL + 0.1)
    async_fire_time_changed(hass)
    await until(lambda: delay.hits)
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    freezer.tick(3)
    rig.gateway.requests.clear()
    await until(lambda: polls(rig.gateway))
    await quiet(hass)
    rig.gateway.faults.clear()
    rig.gateway.requests.clear()
    await pass_time(hass, freezer, LOOK)
    assert rig.gateway.requests == []
