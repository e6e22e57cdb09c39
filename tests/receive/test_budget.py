"""How often a gateway is asked while nothing happens, and at which moments."""

import asyncio

from aiohttp.web import Request, StreamResponse
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.cloud import cloud
from tests.support.common import SARA, Account, Rig
from tests.support.days import HOUR, gateway, live
from tests.support.receiving import polls
from tests.support.ways import Connect, Route, connect, every_pushed_route
from virtual_gateway import VirtualGateway

__all__ = ["cloud", "connect", "gateway"]

BUDGET = 12
HOURS = 5
LIGHT = 20


def busiest_hour(account: Account) -> int:
    """Return the most requests that any window of an hour saw."""
    moments = [item.at for item in account.gateway.requests]
    return max(
        sum(begin <= moment < begin + HOUR for moment in moments) for begin in moments
    )


@every_pushed_route
async def test_a_pushed_account_asks_twelve_times_an_hour_at_most(
    connect: Connect, freezer: FrozenDateTimeFactory, route: Route
) -> None:
    """Whichever hour is looked at, after the set-up."""
    account = await connect(route)
    account.gateway.requests.clear()
    await live(freezer, account, seconds=HOURS * HOUR)
    requests = account.gateway.requests
    assert len(requests) >= HOURS  # it is looked after
    assert busiest_hour(account) <= BUDGET
    assert not [item for item in requests if item.method != "GET"]


async def test_each_look_is_light(
    connect: Connect, freezer: FrozenDateTimeFactory
) -> None:
    """A full inbox and a message now and then: short pages, and twice an hour all."""
    account = await connect(Route("local", "webhook"))
    for number in range(60):
        account.phone.receive(SARA, f"{number}")
    await live(freezer, account, seconds=HOUR)
    account.gateway.requests.clear()
    for number in range(HOURS):
        account.phone.receive(SARA, f"hour {number}")
        await live(freezer, account, seconds=HOUR)
    assert polls(account.gateway)
    limits = [int(item.query["limit"]) for item in polls(account.gateway)]
    assert limits.count(LIGHT) >= 2 * HOURS
    assert len(limits) - limits.count(LIGHT) <= 2 * HOURS
    assert {item.query["offset"] for item in polls(account.gateway)} == {"0"}
    assert busiest_hour(account) <= BUDGET


class Rounds:
    """Counts round trips: what is asked while nothing else is under way begins one."""

    def __init__(
        self, gateway: VirtualGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Hold each request until all that come together are there."""
        self._handle = gateway._web._handle
        self.trips: list[list[str]] = []
        self._gate = asyncio.Event()
        monkeypatch.setattr(gateway._web, "_handle", self.hold)
        self._waiting: list[str] = []

    async def hold(self, request: Request, handler: object) -> StreamResponse:
        """Answer once nobody else comes."""
        self._waiting.append(f"{request.method} {request.path}")
        gate = self._gate
        await gate.wait()
        return await self._handle(request, handler)  # type: ignore[arg-type]

    async def serve(self, setup: asyncio.Task[bool]) -> None:
        """Answer in rounds until the set-up ends, and everything at once after it."""
        while not setup.done():
            for _ in range(300):
                await asyncio.sleep(0)
            if self._waiting and not setup.done():  # what comes later is not waited for
                self.trips.append(self._waiting)
                self._waiting, gate = [], self._gate
                self._gate = asyncio.Event()
                gate.set()
        self._gate.set()


@pytest.mark.parametrize("mode", ["cloud", "private"])
async def test_a_set_up_with_webhooks_that_are_right_takes_two_round_trips(
    hass: HomeAssistant, rig: Rig, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """The phones, and the list of webhooks; each answer is held until none else comes."""
    account = await rig.add_account(mode=mode)
    entry_id = account.entry.entry_id
    assert await hass.config_entries.async_unload(entry_id)
    rounds = Rounds(rig.gateway, monkeypatch)
    setup = hass.async_create_task(hass.config_entries.async_setup(entry_id))
    await rounds.serve(setup)
    assert await setup
    assert 1 <= len(rounds.trips) <= 2, rounds.trips
    assert {item.rpartition("/")[2] for trip in rounds.trips for item in trip} == {
        "devices",
        "webhooks",
    }
