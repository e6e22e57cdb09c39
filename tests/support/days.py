"""Hours and days of frozen time, for phones that come and go.

The loop's own clock stands still as well, so a gateway of the speed 1 lives in the same
time as Home Assistant: its phones ask their server every 15 minutes, and try webhooks
again after 5, 10, 20 seconds.
"""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
import logging

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from harness.until import until
from tests.support.common import Account
from tests.support.receiving import OURS, quiet
from virtual_gateway import VirtualGateway, VirtualPhone
from virtual_gateway.faults import Fault

MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
# A woken task needs some turns of the loop before it can be seen at work
TURNS = 10


@pytest.fixture
async def gateway(freezer: FrozenDateTimeFactory) -> AsyncGenerator[VirtualGateway]:
    """A gateway that lives in frozen time."""
    # What takes long by this clock does not
    asyncio.get_running_loop().slow_callback_duration = DAY
    async with VirtualGateway(speed=1.0) as running:
        yield running


async def still(*accounts: Account) -> None:
    """Wait until nobody does anything before time goes on."""
    posted = -1
    while posted != (posted := sum(len(it.gateway.deliveries) for it in accounts)):
        await quiet(accounts[0].hass)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        for phone in (phone for it in accounts for phone in it.gateway.phones):
            await until(partial(_is_idle, phone))
    await quiet(accounts[0].hass)


def _is_idle(phone: VirtualPhone) -> bool:
    return not phone.hooks.queue._in_round


async def live(
    freezer: FrozenDateTimeFactory,
    *accounts: Account,
    seconds: int,
    step: int = MINUTE,
) -> None:
    """Let time pass in steps, and what is due happen in each."""
    for _ in range(seconds // step):
        freezer.tick(step)
        async_fire_time_changed(accounts[0].hass)
        await still(*accounts)


def take_away_phone(account: Account) -> None:
    """Take the phone's line; where it is the gateway itself, its API goes with it."""
    account.gateway.faults["offline"] = Fault()
    if account.entry.data["mode"] == "local":
        account.gateway.faults["reset"] = Fault(path="^/")


def take_away_server(account: Account) -> None:
    """Let nobody reach the server; the phone has no business there meanwhile."""
    account.gateway.faults["reset"] = Fault(path="^/")
    for phone in account.gateway.phones:
        phone.seen = lambda: None  # type: ignore[method-assign]


def give_back(account: Account) -> None:
    """Let everything be reached again."""
    account.gateway.faults.clear()
    for phone in account.gateway.phones:
        vars(phone).pop("seen", None)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return all that the integration logged for people to read."""
    return [
        f"{item.levelname} {item.getMessage()}"
        for item in caplog.records
        if item.name.startswith(OURS) and item.levelno >= logging.INFO
    ]
