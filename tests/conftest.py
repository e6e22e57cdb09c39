"""A Home Assistant on real sockets, and a virtual gateway for it."""

import asyncio
from collections.abc import AsyncGenerator
import logging
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import Account, Rig, Web
from virtual_gateway import VirtualGateway

# The test harness writes all logs, and each SQL statement, to the console as well
logging.getLogger().handlers.clear()
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start a Home Assistant, for those in a hurry."""
    for item in items:
        if "hass" in getattr(item, "fixturenames", ()):
            item.add_marker("home")


@pytest.fixture(autouse=True)
def _custom_integration(request: pytest.FixtureRequest, socket_enabled: None) -> None:
    """Let Home Assistant find the integration, and use sockets of 127.0.0.1."""
    # It must be there before Home Assistant is
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check threads and callbacks as in debug mode, but keep no stacks.

    The stack of each future and handle would take half of a run's time.
    """
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    monkeypatch.setattr(loop, "get_debug", lambda: False)


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    """Write at once."""
    return {"commit_interval": 0}


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """A folder of its own for each test: what was received is kept in a file."""
    return str(tmp_path)


@pytest.fixture
async def gateway() -> AsyncGenerator[VirtualGateway]:
    """A virtual gateway whose waits are a thousand times shorter."""
    async with VirtualGateway(speed=1000.0) as running:
        yield running


@pytest.fixture
async def web(hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator) -> Web:
    """Home Assistant's web server on a real port, which the phone can reach."""
    hass.config.country = "SA"
    assert await async_setup_component(hass, DOMAIN, {})
    # As Home Assistant's own start does: views may still be added later
    hass.http.app._router.freeze = lambda: None  # type: ignore[method-assign]
    client = await hass_client_no_auth()
    hass.config.internal_url = f"http://127.0.0.1:{client.port}"
    return client


@pytest.fixture
async def rig(
    hass: HomeAssistant, gateway: VirtualGateway, web: Web
) -> AsyncGenerator[Rig]:
    """Home Assistant, gateway and web server together."""
    yield Rig(hass, gateway, web)
    # A phone that still posts would meet a web server that is half closed
    for phone in gateway.phones:
        await phone.stop()


@pytest.fixture
async def account(rig: Rig) -> Account:
    """A private account that is set up, with the contact Sara."""
    return await rig.add_account()
