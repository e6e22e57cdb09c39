"""Blueprints, set up as automations of a real Home Assistant."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from itertools import cycle
from pathlib import Path
import shutil
import time
from typing import Any, Final

from homeassistant.components import automation
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from tests.support.common import SARA, Account

FOLDER: Final = Path(__file__).parents[2] / "blueprints" / "automation" / "sms_gate"
NAMES: Final = sorted(path.name for path in FOLDER.glob("*.yaml"))
# SMS have whole seconds: one of the second in which the account was set up is late
_SECONDS = cycle(range(1, 100))


def install(hass: HomeAssistant) -> None:
    """Copy the blueprints to where Home Assistant looks for them."""
    shutil.copytree(
        FOLDER,
        hass.config.path("blueprints", "automation", "sms_gate"),
        dirs_exist_ok=True,
    )


async def loaded(hass: HomeAssistant, name: str) -> Blueprint:
    """Return a blueprint as Home Assistant itself reads it."""
    install(hass)
    assert await async_setup_component(hass, automation.DOMAIN, {})
    return await async_get_blueprints(hass).async_get_blueprint(f"sms_gate/{name}")


async def use(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Set up one automation of a blueprint; it must work with these inputs."""
    install(hass)
    config = {
        "id": "made_of_a_blueprint",
        "alias": "Made of a blueprint",
        "use_blueprint": {"path": f"sms_gate/{name}.yaml", "input": inputs},
    }
    assert await async_setup_component(
        hass, automation.DOMAIN, {automation.DOMAIN: [config]}
    )
    await hass.async_block_till_done()
    state = hass.states.get("automation.made_of_a_blueprint")
    assert state is not None
    assert state.state == "on"


async def say(account: Account, text: str, sender: str = SARA, **more: Any) -> None:
    """Let the phone receive an SMS, and wait for all that follows."""
    account.phone.receive(sender, text, **({"at": time.time() + next(_SECONDS)} | more))
    await rest(account)


async def rest(account: Account) -> None:
    """Wait until nothing moves any more, though an automation may still wait."""
    calm = 0
    while calm < 3:
        before = _progress(account)
        await account.gateway.settled()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await account.hass.async_block_till_done()
        calm = calm + 1 if _progress(account) == before else 0


def _progress(account: Account) -> tuple[object, ...]:
    """Return what changes while anything moves."""
    states = account.hass.states.async_all()
    return (
        len(account.gateway.requests),
        len(account.gateway.deliveries),
        len(account.phone.outbox),
        max(state.last_updated for state in states),
    )


async def later(account: Account, seconds: float) -> None:
    """Let what is due until then happen now, and wait for all that follows."""
    await rest(account)
    when = dt_util.utcnow() + timedelta(seconds=seconds)
    async_fire_time_changed(account.hass, when)
    await rest(account)


def outbox(account: Account) -> list[tuple[str, str | None]]:
    """Return what left the phone, in order: number and text."""
    return [(sms.phone_number, sms.text) for sms in account.phone.outbox]


class Recorder:
    """An action of the user's that notes its calls, and fails if told so."""

    action: Final = "test.record"

    def __init__(self, hass: HomeAssistant) -> None:
        """Register the action."""
        self.calls: list[dict[str, Any]] = []
        self.error: Exception | None = None
        hass.services.async_register("test", "record", self._note)

    async def _note(self, call: ServiceCall) -> None:
        """Note one call."""
        self.calls.append(dict(call.data))
        if self.error is not None:
            raise self.error

    def step(self, **data: Any) -> list[dict[str, Any]]:
        """Return what to put where a blueprint asks for actions."""
        return [{"action": self.action, "data": data}]
