"""A phone, or its server, that is away for a day: two lines, and nothing is lost."""

from collections.abc import Callable
import logging
import time

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.cloud import cloud
from tests.support.common import SARA, Account, Collected, collect
from tests.support.days import (
    DAY,
    HOUR,
    MINUTE,
    gateway,
    give_back,
    lines,
    live,
    still,
    take_away_phone,
    take_away_server,
)
from tests.support.receiving import issues, texts
from tests.support.ways import (
    OF_SERVERS,
    Connect,
    Route,
    connect,
    every_route,
    every_server_route,
)

__all__ = ["cloud", "connect", "gateway"]

AWAY = ("two hours", "eight hours", "twenty hours")


async def a_day_away(
    freezer: FrozenDateTimeFactory,
    account: Account,
    take_away: Callable[[Account], None],
    *,
    missed: bool = False,
) -> dict[str, int]:
    """Let a day pass; return when the phone received what it received."""
    take_away(account)
    came = {}
    for text, hours in zip(AWAY, (2, 6, 12), strict=True):
        await live(freezer, account, seconds=hours * HOUR, step=5 * MINUTE)
        came[text] = int(time.time())
        account.phone.receive(SARA, text, missed=missed)
        await still(account)
    await live(freezer, account, seconds=DAY - 20 * HOUR, step=5 * MINUTE)
    return came


async def back(freezer: FrozenDateTimeFactory, account: Account) -> None:
    """Let it come back, and an hour pass."""
    give_back(account)
    await live(freezer, account, seconds=HOUR)


def check(seen: Collected, came: dict[str, int], *, late: bool = True) -> None:
    """Check that each fired once, the oldest first, with the time it came."""
    assert texts(seen) == list(came)
    for item in seen.data("sms_received"):
        assert item["late"] is late


@every_route
async def test_a_phone_that_is_away_for_a_day(
    hass: HomeAssistant,
    connect: Connect,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    route: Route,
) -> None:
    """It received meanwhile, and posts or is asked when it has its line again."""
    caplog.set_level(logging.INFO)
    account = await connect(route)
    seen = collect(hass)
    await live(freezer, account, seconds=HOUR)
    caplog.clear()
    came = await a_day_away(freezer, account, take_away_phone)
    assert seen.events == []
    assert len(lines(caplog)) == 1, lines(caplog)
    await back(freezer, account)
    check(seen, came)
    assert len(lines(caplog)) == 2, lines(caplog)
    assert issues(hass) == set()


@pytest.mark.parametrize(
    ("route", "missed"),
    [*((route, True) for route in OF_SERVERS), (OF_SERVERS[0], False)],
    ids=str,
)
async def test_a_server_that_is_away_for_a_day(
    hass: HomeAssistant,
    connect: Connect,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    route: Route,
    *,
    missed: bool,
) -> None:
    """The phone posts to Home Assistant without it; what its app missed is asked for."""
    caplog.set_level(logging.INFO)
    account = await connect(route)
    seen = collect(hass)
    await live(freezer, account, seconds=HOUR)
    caplog.clear()
    came = await a_day_away(freezer, account, take_away_server, missed=missed)
    assert len(lines(caplog)) == 1, lines(caplog)
    await back(freezer, account)
    check(seen, came, late=missed)
    assert len(lines(caplog)) == 2, lines(caplog)


@every_server_route
async def test_what_the_app_missed_is_asked_for_when_the_phone_is_back(
    hass: HomeAssistant,
    connect: Connect,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    route: Route,
) -> None:
    """Android had stopped the app: only the system's own store has the messages."""
    caplog.set_level(logging.INFO)
    account = await connect(route)
    seen = collect(hass)
    await live(freezer, account, seconds=HOUR)
    caplog.clear()
    came = await a_day_away(freezer, account, take_away_phone, missed=True)
    await back(freezer, account)
    check(seen, came)
    assert len(lines(caplog)) == 2, lines(caplog)
