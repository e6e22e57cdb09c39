"""Online or silent: by the phone's own rhythm."""

from datetime import timedelta
import logging

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import Account, Rig
from tests.support.phones import (
    DAY,
    HOUR,
    MINUTE,
    WAYS,
    let_pass,
    online,
    ping,
    ping_for,
    state_of,
)
from tests.support.receiving import lead_webhooks_here, pass_time, told
from virtual_gateway.faults import Fault

# How long a phone that does not ping stays "online" after its last sign of life
PATIENCE = {
    "private": 32 * MINUTE,
    "cloud": 32 * MINUTE,
    "local by webhook": 22 * MINUTE,
    "local by poll": 4 * MINUTE,
}


@pytest.fixture
async def frozen(rig: Rig, freezer: FrozenDateTimeFactory) -> Account:
    """A private account in frozen time."""
    return await rig.add_account()


def go_silent(account: Account) -> None:
    """Take the phone's line away, or, of local mode, its address."""
    if account.entry.data["mode"] == "local":
        account.gateway.faults["reset"] = Fault(path="^/")
    account.phone.online = False


def come_back(account: Account) -> None:
    """Give it back."""
    account.gateway.faults.clear()
    account.phone.online = True


@pytest.mark.parametrize("way", list(WAYS))
async def test_silence_and_return_in_every_mode(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    way: str,
) -> None:
    """On for two beats and a little, then off; a day later on again: two lines."""
    mode, receive_mode = WAYS[way]
    account = await rig.add_account(mode=mode, options={"receive_mode": receive_mode})
    caplog.set_level(logging.INFO)
    caplog.clear()
    await ping(account)
    assert online(account) == "on"
    go_silent(account)
    await let_pass(account, freezer, PATIENCE[way] - 2 * MINUTE)
    assert state_of(account).online is True
    assert online(account) == "on"
    await let_pass(account, freezer, 4 * MINUTE)
    assert state_of(account).online is False
    assert online(account) == "off"
    await let_pass(account, freezer, DAY, step=HOUR)
    assert state_of(account).online is False
    assert len(told(caplog)) == 1
    come_back(account)
    await let_pass(account, freezer, 12 * MINUTE)
    assert online(account) == "on"
    assert len(told(caplog)) == 2
    assert told(caplog)[-1] == "INFO"


async def test_hours_without_a_ping_are_no_silence_while_the_server_hears_of_it(
    frozen: Account, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """A phone checks in every 15 minutes; that is its rhythm."""
    caplog.set_level(logging.INFO)
    caplog.clear()
    phone = frozen.phone
    phone.online = False  # the server's word is all there is
    for _ in range(6 * HOUR // (15 * MINUTE)):
        phone.seen()
        await let_pass(frozen, freezer, 15 * MINUTE, step=5 * MINUTE)
        assert online(frozen) == "on"
    assert told(caplog) == []


async def test_pings_set_the_pace(
    frozen: Account, freezer: FrozenDateTimeFactory
) -> None:
    """With one every five minutes, twelve minutes of silence are enough."""
    await ping_for(frozen, freezer, 20 * MINUTE, every=5 * MINUTE)
    frozen.phone.online = False
    await let_pass(frozen, freezer, 11 * MINUTE)
    assert online(frozen) == "on"
    await let_pass(frozen, freezer, 2 * MINUTE)
    assert online(frozen) == "off"
    frozen.phone.online = True
    await ping(frozen)
    assert online(frozen) == "on"


async def test_pings_tried_again_are_no_rhythm(
    frozen: Account, freezer: FrozenDateTimeFactory
) -> None:
    """What waited on the phone comes in a bundle once it can."""
    await ping_for(frozen, freezer, 15 * MINUTE, every=5 * MINUTE)
    for _ in range(6):
        await pass_time(frozen.hass, freezer, 10)
        await ping(frozen)
    assert min(state_of(frozen).ping_intervals) > timedelta(minutes=4)
    frozen.phone.online = False
    await let_pass(frozen, freezer, 11 * MINUTE)
    assert online(frozen) == "on"


async def test_the_largest_of_the_last_three_gaps_counts(
    frozen: Account, freezer: FrozenDateTimeFactory
) -> None:
    """One early ping changes nothing; a new setting does after three."""
    await ping(frozen)
    for minutes, beat in ((5, 5), (5, 5), (1, 5), (1, 5), (1, 1), (3, 3)):
        await let_pass(frozen, freezer, minutes * MINUTE, step=HOUR)
        await ping(frozen)
        seconds = state_of(frozen).expected_interval.total_seconds()
        assert seconds == pytest.approx(beat * MINUTE, abs=3)


@pytest.mark.parametrize(
    ("way", "longest"),
    [
        ("private", 15 * MINUTE),
        ("local by webhook", 10 * MINUTE),
        ("local by poll", MINUTE),
    ],
)
async def test_seldom_pings_make_nothing_slower(
    rig: Rig, freezer: FrozenDateTimeFactory, way: str, longest: int
) -> None:
    """The mode's own pace is the longest silence of a phone."""
    mode, receive_mode = WAYS[way]
    account = await rig.add_account(mode=mode, options={"receive_mode": receive_mode})
    assert state_of(account).expected_interval.total_seconds() == longest
    if receive_mode == "poll":
        lead_webhooks_here(account)
    await ping(account)
    await ping_for(account, freezer, 4 * HOUR, every=HOUR)
    assert max(state_of(account).ping_intervals) >= timedelta(hours=1)
    assert state_of(account).expected_interval.total_seconds() == longest


async def test_pings_that_stop_arriving_are_no_silence(
    frozen: Account, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """The server goes on hearing of the phone; only its webhooks do not arrive."""
    await ping_for(frozen, freezer, 10 * MINUTE, every=MINUTE)
    frozen.gateway.account_webhooks.clear()
    await let_pass(frozen, freezer, 30 * MINUTE)  # once may be a mistake
    caplog.set_level(logging.INFO)
    caplog.clear()
    for _ in range(40):
        await let_pass(frozen, freezer, MINUTE)
        assert online(frozen) == "on"
    assert told(caplog) == []
