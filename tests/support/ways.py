"""The ways messages come in, by mode: what tests of receiving run for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from harness.until import until
from tests.support.cloud import Cloud
from tests.support.common import Account, Rig, Web
from tests.support.receiving import POLL, pass_time, quiet


@dataclass(frozen=True)
class Route:
    """One mode with one way in."""

    mode: str
    way: str

    def __str__(self) -> str:
        """Return how pytest names it."""
        return f"{self.mode} {self.way}"

    @property
    def is_local(self) -> bool:
        """Return True if the phone itself is the gateway."""
        return self.mode == "local"


PUSHED = [
    Route(mode, way)
    for mode in ("cloud", "private", "local")
    for way in ("webhook", "cloudhook")
]
ROUTES = [*PUSHED, Route("local", "poll")]
OF_SERVERS = [route for route in PUSHED if not route.is_local]

every_route = pytest.mark.parametrize("route", ROUTES, ids=str)
every_pushed_route = pytest.mark.parametrize("route", PUSHED, ids=str)
every_server_route = pytest.mark.parametrize("route", OF_SERVERS, ids=str)

type Connect = Callable[..., Awaitable[Account]]


@pytest.fixture
def connect(hass: HomeAssistant, rig: Rig, web: Web, cloud: Cloud) -> Connect:
    """What sets an account up that receives by one of the ways."""

    async def connect(route: Route, **more: Any) -> Account:
        """Set it up; ``more`` is what a rig's account takes."""
        if route.way == "cloudhook":
            assert await async_setup_component(hass, "webhook", {})
            cloud.log_in()
            cloud.lead_here()
        options = {"receive_mode": route.way, **more.pop("options", {})}
        return await rig.add_account(mode=route.mode, options=options, **more)

    return connect


async def bring(
    account: Account, route: Route, freezer: FrozenDateTimeFactory | None = None
) -> None:
    """Let come in what the phone holds: by its own posts, or when it is asked."""
    hass = account.hass
    if route.way == "poll":
        assert freezer is not None
        await pass_time(hass, freezer, POLL)
        return
    await until(lambda: not account.phone.busy)
    await quiet(hass)
