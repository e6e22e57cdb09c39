"""What is known of a phone does not suffer from clocks, nor does the history."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
import pytest

from custom_components.sms_gate.account import online as online_timer, phones
from tests.support.common import SARA, Account, Rig
from tests.support.phones import (
    DAY,
    HOUR,
    MINUTE,
    delivered,
    entity_of,
    let_pass,
    online,
    ping,
    ping_for,
    shown,
    state_of,
)

type SetClock = Callable[[float], None]


@pytest.fixture
async def frozen(rig: Rig, freezer: FrozenDateTimeFactory) -> Account:
    """A private account in frozen time."""
    return await rig.add_account()


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set Home Assistant's clock ahead or behind; what measures spans goes on.

    Frozen time takes the monotonic clock with it, which no clock change does.
    """
    ahead = timedelta(0)
    shifted = SimpleNamespace(now=lambda zone: datetime.now(zone) + ahead)
    for module in (online_timer, phones):
        monkeypatch.setattr(module, "datetime", shifted)
    monkeypatch.setattr(dt_util, "utcnow", lambda: datetime.now(UTC) + ahead)

    def set_to(seconds: float) -> None:
        nonlocal ahead
        ahead = timedelta(seconds=seconds)

    return set_to


async def test_a_server_whose_clock_is_ahead_keeps_no_phone_alive(
    frozen: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Seen in a week is seen now, and no later."""
    phone = frozen.phone
    phone.online = False
    phone.last_seen_ms += 7 * DAY * 1000
    await let_pass(frozen, freezer, 11 * MINUTE)
    now = datetime.now(UTC)
    assert (contact := state_of(frozen).last_contact) is not None
    assert contact <= now
    assert datetime.fromisoformat(shown(frozen, "last_seen").state) <= now


async def test_a_clock_that_was_ahead_is_set_right(
    frozen: Account, freezer: FrozenDateTimeFactory, set_clock: SetClock
) -> None:
    """A machine that woke up in the future: silence is noticed all the same."""
    set_clock(30 * DAY)
    await ping_for(frozen, freezer, 15 * MINUTE, every=5 * MINUTE)
    set_clock(0)
    frozen.phone.online = False
    await let_pass(frozen, freezer, 5 * MINUTE)
    assert online(frozen) == "on"
    await let_pass(frozen, freezer, 9 * MINUTE)
    assert online(frozen) == "off"
    frozen.phone.online = True
    await ping(frozen)
    assert online(frozen) == "on"
    assert min(state_of(frozen).ping_intervals) > timedelta(0)


async def test_a_clock_that_was_behind_is_set_right(
    frozen: Account, freezer: FrozenDateTimeFactory, set_clock: SetClock
) -> None:
    """A machine without a clock of its own that hears the time late."""
    set_clock(-400 * DAY)
    await ping_for(frozen, freezer, 15 * MINUTE, every=5 * MINUTE)
    set_clock(0)
    await let_pass(frozen, freezer, 2 * MINUTE)
    await ping(frozen)
    assert online(frozen) == "on"
    assert state_of(frozen).expected_interval <= timedelta(minutes=15)
    for _ in range(3):
        await let_pass(frozen, freezer, 5 * MINUTE)
        await ping(frozen)
    assert state_of(frozen).expected_interval.total_seconds() == pytest.approx(
        300, abs=3
    )


def note_states(account: Account, key: str) -> list[str]:
    """Return a list that fills with the states that a sensor writes."""
    written: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            written.append(state.state)

    async_track_state_change_event(
        account.hass, entity_of(account, "sensor", key), note
    )
    return written


@pytest.fixture
def written(frozen: Account, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the sensor "last seen" writes, while the server's own list stays as it is."""
    monkeypatch.setattr(frozen.phone, "seen", lambda: None)
    states: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            states.append(state.state)

    entity_id = entity_of(frozen, "sensor", "last_seen")
    async_track_state_change_event(frozen.hass, entity_id, note)
    return states


async def receive_for(
    account: Account, freezer: FrozenDateTimeFactory, minutes: int
) -> None:
    """Let a message come each minute."""
    for number in range(minutes):
        account.phone.receive(SARA, f"number {number}")
        await delivered(account)
        await let_pass(account, freezer, MINUTE)


async def test_a_message_is_shown_at_once(
    frozen: Account, freezer: FrozenDateTimeFactory, written: list[str]
) -> None:
    """Each with its time; a person looks whether the phone is there."""
    await let_pass(frozen, freezer, MINUTE)
    await receive_for(frozen, freezer, 60)
    assert len(written) == 60
    assert written == sorted(written)


async def test_a_burst_of_messages_is_shown_once_a_second(
    frozen: Account, freezer: FrozenDateTimeFactory, written: list[str]
) -> None:
    """Each write is a row in the history."""
    await let_pass(frozen, freezer, MINUTE)
    for number in range(20):
        frozen.phone.receive(SARA, f"number {number}")
        await delivered(frozen)
        freezer.tick(0.09)
    await let_pass(frozen, freezer, 2)
    assert 2 <= len(written) <= 4


async def test_pings_that_say_nothing_new_are_mere_times(
    frozen: Account, freezer: FrozenDateTimeFactory, written: list[str]
) -> None:
    """A ping a minute costs twelve rows an hour."""
    await ping(frozen)
    written.clear()
    await ping_for(frozen, freezer, 60 * MINUTE, every=MINUTE)
    assert len(written) in (11, 12, 13)


async def test_last_seen_goes_on_after_the_clock_went_back(
    frozen: Account,
    freezer: FrozenDateTimeFactory,
    written: list[str],
    set_clock: SetClock,
) -> None:
    """It would otherwise stand still for as long as the clock was ahead."""
    set_clock(3 * HOUR)
    await receive_for(frozen, freezer, 6)
    set_clock(0)
    written.clear()
    await receive_for(frozen, freezer, 13)
    assert len(written) == 13
