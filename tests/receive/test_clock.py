"""A clock of Home Assistant's own that was ahead, or behind, and is set right again.

Only the time of day jumps; what measures durations goes on.
"""

from datetime import UTC, datetime, timedelta
import time

import freezegun.api
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import SARA, Account, Rig, collect, event_body
from tests.support.receiving import asked, quiet, texts
from virtual_gateway.faults import Fault

HOUR = 3600
DAY = 24 * HOUR
JUMPS = {
    "an hour ahead": HOUR,
    "three days ahead": 3 * DAY,
    "ten years ahead": 3650 * DAY,
    "an hour behind": -HOUR,
    "years behind": -900 * DAY,
}

every_jump = pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)


class Clock:
    """The time of day as Home Assistant sees it; ``now`` is the right one."""

    def __init__(self, freezer: FrozenDateTimeFactory) -> None:
        """Begin with the right time."""
        self._freezer = freezer
        self._real = datetime.now(UTC)

    @property
    def now(self) -> float:
        """The right time, in Unix seconds."""
        return self._real.timestamp()

    def wrong_by(self, seconds: float) -> None:
        """Let the clock show another time."""
        self._freezer.move_to(self._real + timedelta(seconds=seconds))

    def go_on(self, seconds: float, *, wrong_by: float = 0) -> None:
        """Let time go by."""
        self._real += timedelta(seconds=seconds)
        self.wrong_by(wrong_by)


@pytest.fixture
def clock(freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that can be wrong."""
    # Freezing replaces the function wherever else it was imported
    monkeypatch.setattr(time, "monotonic", freezegun.api.real_monotonic)
    return Clock(freezer)


async def poll(account: Account) -> None:
    """Let the phone be polled now."""
    await account.entry.runtime_data.receiving._poller.async_refresh()
    await quiet(account.hass)


async def post(rig: Rig, account: Account, text: str, came: float) -> None:
    """Post an SMS, as a phone whose clock is right."""
    at = datetime.fromtimestamp(came, UTC).isoformat()
    body = event_body(messageId=f"{int(came):x}", message=text, receivedAt=at)
    body["deviceId"] = account.phone.id
    async with rig.web.post(account.webhook_path, json=body) as response:
        assert response.status == 200


@every_jump
@pytest.mark.parametrize("old", [0, 1, 30])
async def test_polling_sees_new_messages_after_a_wrong_start(
    hass: HomeAssistant, rig: Rig, clock: Clock, old: int, jump: float
) -> None:
    """The account is added by the wrong clock; nothing old fires."""
    for number in range(old):
        rig.gateway.phones[0].receive(SARA, f"old {number}", at=clock.now - number)
    clock.wrong_by(jump)
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    seen = collect(hass)
    await poll(account)
    clock.go_on(60, wrong_by=jump)
    account.phone.receive(SARA, "by the wrong clock", at=clock.now)
    await poll(account)
    clock.go_on(60)
    account.phone.receive(SARA, "by the right clock", at=clock.now)
    await poll(account)
    clock.go_on(60)
    account.phone.receive(SARA, "delayed", at=clock.now - HOUR)
    await poll(account)
    assert texts(seen) == ["by the wrong clock", "by the right clock", "delayed"]


@every_jump
@pytest.mark.parametrize("again", ["restart by the wrong clock", "by the right one"])
async def test_polling_sees_what_came_in_an_absence_of_a_wrong_clock(
    hass: HomeAssistant, rig: Rig, clock: Clock, again: str, jump: float
) -> None:
    """Progress is what was seen, so the stored time of the end may be wrong."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    seen = collect(hass)
    account.phone.receive(SARA, "before", at=clock.now)
    await poll(account)
    clock.wrong_by(jump)
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    clock.go_on(3 * DAY, wrong_by=jump if again.startswith("restart") else 0)
    account.phone.receive(SARA, "meanwhile", at=clock.now - 2 * DAY)
    account.phone.receive(SARA, "just now", at=clock.now)
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await quiet(hass)
    await poll(account)
    clock.go_on(60)
    account.phone.receive(SARA, "after", at=clock.now)
    await poll(account)
    assert texts(seen) == ["before", "meanwhile", "just now", "after"]


@every_jump
@pytest.mark.parametrize("since", ["the start", "a while"])
async def test_webhooks_are_not_late_once_the_clock_is_right(
    hass: HomeAssistant, rig: Rig, clock: Clock, since: str, jump: float
) -> None:
    """However wrong it was, and since when."""
    if since == "the start":
        clock.wrong_by(jump)
    account = await rig.add_account()
    seen = collect(hass)
    clock.wrong_by(jump)
    await post(rig, account, "by the wrong clock", clock.now)
    clock.go_on(60)
    await post(rig, account, "by the right clock", clock.now)
    clock.go_on(HOUR)
    await post(rig, account, "late", clock.now - 2 * HOUR)
    assert texts(seen) == ["by the wrong clock", "by the right clock", "late"]
    # A clock that is ahead cannot tell an old message from a new one
    assert [it["late"] for it in seen.data("sms_received")] == [jump > 0, False, True]


@every_jump
async def test_a_servers_phones_are_asked_from_the_last_message_on(
    hass: HomeAssistant, rig: Rig, clock: Clock, jump: float
) -> None:
    """The server went by the wrong clock, and comes back by the right one."""
    account = await rig.add_account()
    await post(rig, account, "before", clock.now)
    coordinator = account.entry.runtime_data.coordinator
    clock.wrong_by(jump)
    account.gateway.faults["status"] = Fault(value=500)
    await coordinator.async_refresh()
    assert not coordinator.last_update_success
    went = clock.now
    clock.go_on(HOUR)
    account.gateway.faults.clear()
    account.gateway.requests.clear()
    await coordinator.async_refresh()
    await quiet(hass)
    (request,) = asked(account.gateway, "POST", "/inbox/refresh")
    assert isinstance(request.body, dict)
    assert datetime.fromisoformat(request.body["since"]).timestamp() < went
    until = datetime.fromisoformat(request.body["until"]).timestamp()
    assert abs(until - clock.now) < 1
