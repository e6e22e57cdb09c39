"""While Home Assistant starts: nothing is taken before automations can hear it."""

import time

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
import pytest

from tests.common import SARA, Account, Rig, collect, event_body
from tests.receiving import asked, pass_time, polls, quiet, texts

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


@pytest.mark.parametrize(
    ("mode", "receive_mode"),
    [("private", "auto"), ("local", "auto"), ("local", "poll")],
)
async def test_what_came_meanwhile_waits_for_them_too(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    mode: str,
    receive_mode: str,
) -> None:
    """The catch-up begins when somebody listens, not before."""
    account = await rig.add_account(mode=mode, options={"receive_mode": receive_mode})
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
    assert len(fetched) == 1


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
