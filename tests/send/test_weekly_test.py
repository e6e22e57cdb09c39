"""The weekly line test: off until chosen, at night, once a week, by one timer."""

from datetime import datetime, timedelta
from functools import partial

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from harness.until import until
from tests.support.common import Account, Rig
from tests.support.receiving import pass_time
from virtual_gateway import VirtualSim

OWN = "+966500000001"
WEEKLY = {"line_test": "weekly", "line_test_number": OWN}


async def at(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, when: datetime
) -> None:
    """Let it become a later time."""
    seconds = (when - dt_util.utcnow()).total_seconds()
    await pass_time(hass, freezer, seconds)


def night(days: int, hour: int = 3) -> datetime:
    """Return an hour of a night to come."""
    morning = dt_util.now().replace(hour=hour, minute=0, second=0, microsecond=0)
    return morning + timedelta(days=days)


async def sent(account: Account, freezer: FrozenDateTimeFactory, count: int) -> None:
    """Wait for so many tests to be over."""
    data = account.entry.runtime_data
    rounds = iter(range(20, 0, -1))

    def is_over() -> bool:
        freezer.tick(0.05)
        number = sum(len(phone.outbox) for phone in account.gateway.phones)
        # One that should not be sent may only be on its way
        is_early = next(rounds, None) is not None
        return number == count and not data.outbox.probes.running and not is_early

    await until(is_over, f"{count} SMS")


def logged(caplog: pytest.LogCaptureFixture, count: int) -> bool:
    """Return True if so many tests could not be done."""
    return caplog.text.count("Cannot test the line") == count


@pytest.fixture
async def weekly(rig: Rig, freezer: FrozenDateTimeFactory) -> Account:
    """An account whose line is tested weekly, at noon."""
    freezer.move_to(dt_util.now().replace(hour=12, minute=0, second=0))
    rig.gateway.send_seconds = rig.gateway.deliver_seconds = 0.0
    return await rig.add_account(options=WEEKLY)


async def test_it_is_off_until_chosen(
    rig: Rig, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody pays for an SMS unasked."""
    account = await rig.add_account(options={"line_test_number": OWN})
    for day in range(1, 9):
        await at(hass, freezer, night(1, 4))
        assert not account.phone.outbox, day


async def test_it_tests_once_a_week(
    weekly: Account, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The first time in the next night, then in the same night of each week."""
    await at(hass, freezer, night(1, 2))
    assert not weekly.phone.outbox
    await at(hass, freezer, night(0))
    await sent(weekly, freezer, 1)
    for _ in range(6):
        await at(hass, freezer, night(1))
        await sent(weekly, freezer, 1)
    await at(hass, freezer, night(1))
    await sent(weekly, freezer, 2)


async def test_a_test_by_hand_counts_and_a_restart_forgets_nothing(
    weekly: Account, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """An SMS is not spent twice in a week."""
    data = weekly.entry.runtime_data
    phone = data.account.phones.choose()
    hass.async_create_task(data.line_tester.async_test(phone, 30))
    await sent(weekly, freezer, 1)
    assert await hass.config_entries.async_reload(weekly.entry.entry_id)
    await at(hass, freezer, night(3))
    await sent(weekly, freezer, 1)
    await at(hass, freezer, night(4))
    await sent(weekly, freezer, 2)


async def test_a_phone_that_cannot_be_tested_is_tried_in_the_next_night(
    rig: Rig,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged, and tried once a night, not in a circle."""
    freezer.move_to(dt_util.now().replace(hour=12, minute=0, second=0))
    rig.gateway.phones[0].sims = (VirtualSim(1),)
    await rig.add_account(mode="local", options={"line_test": "weekly"})
    for count in (1, 2):
        await at(hass, freezer, night(1))
        await until(partial(logged, caplog, count))


async def test_phones_that_join_later_are_tested_too(
    weekly: Account, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The plan follows the list of phones."""
    await at(hass, freezer, night(1))
    await sent(weekly, freezer, 1)
    weekly.gateway.add_phone("Pixel/9", [VirtualSim(1, OWN)])
    await weekly.entry.runtime_data.coordinator.async_refresh()
    await at(hass, freezer, night(1))
    await sent(weekly, freezer, 2)


@pytest.mark.parametrize(
    ("zone", "noon", "counts"),
    [
        # A night that has no 3:00 is left out
        ("Europe/Helsinki", (2027, 3, 27), (0, 1, 1, 1, 2)),
        ("Europe/Helsinki", (2026, 10, 24), (1, 1, 1, 2, 2)),
        ("Australia/Lord_Howe", (2026, 10, 3), (1, 1, 1, 2, 2)),
    ],
    ids=["a night without 3:00", "a night with two", "half an hour"],
)
async def test_a_change_of_the_clock_neither_skips_nor_doubles_a_test(
    rig: Rig,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    zone: str,
    noon: tuple[int, int, int],
    counts: tuple[int, ...],
) -> None:
    """One SMS in the first night that can be, and one a week later, from 3:00 on."""
    await hass.config.async_set_time_zone(zone)
    begin = datetime(*noon, 12, tzinfo=dt_util.get_default_time_zone())
    freezer.move_to(begin)
    rig.gateway.send_seconds = rig.gateway.deliver_seconds = 0.0
    weekly = await rig.add_account(options=WEEKLY)
    for nights, count in zip((1, 2, 7, 8, 9), counts, strict=True):
        morning = begin + timedelta(days=nights)
        await at(hass, freezer, morning.replace(hour=2, minute=50))
        await sent(weekly, freezer, len(weekly.phone.outbox))
        await at(hass, freezer, morning.replace(hour=4, minute=59))
        await sent(weekly, freezer, count)
