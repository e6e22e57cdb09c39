"""What came while Home Assistant was away: fetched after the start, once, marked late."""

from datetime import UTC, datetime, timedelta
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from harness.until import until
from tests.support.cloud import cloud
from tests.support.common import OMAR, SARA, Account, Collected, Rig, collect
from tests.support.receiving import asked, pass_time, quiet, texts, turn_off_polling
from tests.support.ways import Connect, Route, connect, every_route
from virtual_gateway.faults import Fault

HOUR = 3600
CHECK = 50 * 60
NEW_APP = "1.71.0"

__all__ = ["cloud", "connect"]


def refreshes(account: Account) -> list[dict[str, Any]]:
    """Return what the gateway was asked to send again."""
    return [
        item.body
        for item in asked(account.gateway, "POST", "/inbox/refresh")
        if isinstance(item.body, dict)
    ]


async def unload(account: Account) -> None:
    """Let Home Assistant go."""
    assert await account.hass.config_entries.async_unload(account.entry.entry_id)
    account.gateway.requests.clear()


async def come_back(account: Account, seen: Collected, count: int) -> None:
    """Let Home Assistant start again, and wait for so many events."""
    assert await account.hass.config_entries.async_setup(account.entry.entry_id)
    for _ in range(50):
        await account.settled()
        if len(seen.events) >= count and not account.phone.busy:
            break
    await quiet(account.hass)


@every_route
async def test_what_came_meanwhile_fires_once_and_late_the_oldest_first(
    hass: HomeAssistant, connect: Connect, route: Route
) -> None:
    """With the time it came, whichever way it is fetched."""
    account = await connect(route)
    seen = collect(hass)
    await unload(account)
    now = int(time.time())
    came = {"three": now - 10, "one": now - 400, "two": now - 200}
    for text, at in came.items():
        account.phone.receive(SARA, text, at=at, missed=not route.is_local)
    account.phone.hooks.queue.clear()
    await come_back(account, seen, 3)
    assert texts(seen) == ["one", "two", "three"]
    received = seen.data("sms_received")
    assert [item["late"] for item in received] == [True] * 3
    for item in received:
        told = datetime.fromisoformat(item["timestamp"])
        assert told.timestamp() == came[item["message"]]
        assert told.utcoffset() == timedelta(hours=3)

    assert await hass.config_entries.async_reload(account.entry.entry_id)
    await account.settled()
    await quiet(hass)
    assert len(seen.events) == 3


@every_route
async def test_it_is_fetched_also_without_polling_for_changes(
    hass: HomeAssistant, connect: Connect, route: Route
) -> None:
    """That option of Home Assistant is about states."""
    account = await connect(route)
    await turn_off_polling(account)
    seen = collect(hass)
    await unload(account)
    account.phone.receive(SARA, "meanwhile", missed=not route.is_local)
    account.phone.hooks.queue.clear()
    await come_back(account, seen, 1)
    assert texts(seen) == ["meanwhile"]


@every_route
async def test_what_was_received_before_does_not_fire_again(
    hass: HomeAssistant, connect: Connect, route: Route
) -> None:
    """The phone tells all of it again; only the new one is news."""
    account = await connect(route)
    seen = collect(hass)
    for number in range(3):
        account.phone.receive(SARA, f"{number}")
    if route.way == "poll":
        await hass.config_entries.async_reload(account.entry.entry_id)
    await come_back_if_needed(account, seen, 3)
    assert len(seen.events) == 3
    await unload(account)
    account.phone.receive(OMAR, "meanwhile", missed=not route.is_local)
    account.phone.hooks.queue.clear()
    await come_back(account, seen, 4)
    assert len(seen.events) == 4
    assert texts(seen)[3] == "meanwhile"
    assert len(account.phone.inbox.messages) == 4


async def test_what_is_fetched_is_late_also_by_a_clock_that_is_ahead(
    hass: HomeAssistant, rig: Rig
) -> None:
    """The network's time is not to be trusted: what was fetched at the start is late."""
    account = await rig.add_account(mode="local")
    seen = collect(hass)
    await unload(account)
    account.phone.receive(SARA, "ahead", at=time.time() + 120)
    account.phone.hooks.queue.clear()
    await come_back(account, seen, 1)
    assert seen.data("sms_received")[0]["late"] is True


async def come_back_if_needed(account: Account, seen: Collected, count: int) -> None:
    """Wait for events of an account that runs."""
    for _ in range(50):
        await account.settled()
        if len(seen.events) >= count:
            return


async def test_the_phones_own_tries_and_the_fetched_ones_fire_once(
    hass: HomeAssistant, account: Account
) -> None:
    """While Home Assistant is away the phone tries, too: 503, then 200."""
    seen = collect(hass)
    await unload(account)
    account.phone.receive(SARA, "one")
    account.phone.receive(SARA, "two")
    await come_back(account, seen, 2)
    assert sorted(texts(seen)) == ["one", "two"]
    statuses = {item.status for item in account.gateway.deliveries}
    assert statuses <= {200, 503}


@pytest.mark.parametrize("mode", ["private", "cloud"])
async def test_the_period_that_is_asked_for(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """From a little before the end of the last run until now, of SMS and MMS."""
    account = await rig.add_account(mode=mode)
    gone = datetime.now(UTC)
    await unload(account)
    freezer.tick(3 * HOUR)
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await quiet(hass)
    (body,) = refreshes(account)
    since = datetime.fromisoformat(body["since"])
    end = datetime.fromisoformat(body["until"])
    assert timedelta(minutes=1) <= gone - since <= timedelta(minutes=30)
    assert abs(datetime.now(UTC) - end) <= timedelta(seconds=1)
    assert sorted(body["messageTypes"]) == ["MMS", "SMS"]
    assert body["triggerWebhooks"] is True
    assert body["webhookDelivery"] == "Batch"
    assert "deviceId" not in body


async def test_after_a_crash_the_last_sign_of_life_counts(
    hass: HomeAssistant,
    account: Account,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is noted every five minutes, so a crash costs no message."""
    for _ in range(3):
        await pass_time(hass, freezer, 300)
    alive = datetime.now(UTC)
    receiving = account.entry.runtime_data.receiving
    freezer.tick(HOUR)
    with monkeypatch.context() as killed:
        killed.setattr(receiving, "async_stop", _nothing)
        await unload(account)
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await quiet(hass)
    (body,) = refreshes(account)
    since = datetime.fromisoformat(body["since"])
    assert timedelta(minutes=1) <= alive - since <= timedelta(minutes=30)


async def _nothing() -> None:
    """Stand for a process that was killed."""


@pytest.mark.parametrize("mode", ["private", "cloud", "local"])
async def test_the_first_start_asks_for_nothing_old(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """Who adds an account is not flooded."""
    rig.gateway.phones[0].receive(SARA, "old")
    seen = collect(hass)
    account = await rig.add_account(mode=mode)
    await account.settled()
    assert refreshes(account) == []
    assert seen.events == []


@pytest.mark.parametrize("status", [400, 404, 405, 500, 501, 503])
async def test_a_server_that_cannot_refresh_keeps_nobody_from_receiving(
    hass: HomeAssistant, account: Account, status: int
) -> None:
    """Older servers do not know it; others fail for a while."""
    await unload(account)
    account.gateway.faults["status"] = Fault(value=status, path="/inbox/refresh$")
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    assert account.entry.state is ConfigEntryState.LOADED
    seen = collect(hass)
    account.phone.receive(SARA, "new")
    await account.settled()
    assert texts(seen) == ["new"]


@pytest.mark.parametrize("mode", ["private", "local"])
async def test_a_catch_up_that_failed_is_tried_again(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """Also where Home Assistant ends before it worked: the time is not forgotten."""
    account = await rig.add_account(mode=mode)
    gone = datetime.now(UTC)
    await unload(account)
    account.gateway.faults["status"] = Fault(value=500, path="/inbox")
    freezer.tick(HOUR)
    for _ in range(2):
        assert await hass.config_entries.async_setup(account.entry.entry_id)
        await pass_time(hass, freezer, 300)
        await unload(account)
    account.gateway.faults.clear()
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await quiet(hass)
    path, method = ("/inbox", "GET") if mode == "local" else ("/inbox/refresh", "POST")
    request = asked(account.gateway, method, path)[0]
    body: Any = request.query if mode == "local" else request.body
    since = datetime.fromisoformat(body["from" if mode == "local" else "since"])
    assert since < gone


async def new_app(account: Account, freezer: FrozenDateTimeFactory) -> None:
    """Let the app be a newer one, and Home Assistant hear of it."""
    account.phone.app_version = NEW_APP
    account.phone.ping()
    while account.phone.busy:
        freezer.tick(0.001)
        await quiet(account.hass)
    await pass_time(account.hass, freezer, CHECK)


async def test_a_newer_app_gets_webhooks_for_batches(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """Only once its version is known: an older app would drop the whole list."""
    rig.gateway.phones[0].app_version = "1.68.0"
    account = await rig.add_account()
    assert len(account.gateway.account_webhooks) == 10
    await new_app(account, freezer)
    events = {str(hook["event"]) for hook in account.gateway.account_webhooks.values()}
    assert len(events) == 14
    assert "sms:batch:received" in events


async def test_a_newer_app_is_asked_for_batches(
    hass: HomeAssistant, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    """The version is known from before the restart."""
    await new_app(account, freezer)
    await unload(account)
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await quiet(hass)
    (body,) = refreshes(account)
    assert body["webhookDelivery"] == "Batch"
    assert len(account.gateway.account_webhooks) == 14


async def test_batches_are_taken_apart_in_order(
    hass: HomeAssistant, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    """250 messages come in three events, and fire as 250."""
    await new_app(account, freezer)
    seen = collect(hass)
    now = int(time.time())
    for number in range(250):
        account.phone.receive(SARA, f"{number}", at=now - 250 + number, missed=True)
    receiving = account.entry.runtime_data.receiving
    await receiving.async_receive_again(datetime.now(UTC) - timedelta(hours=1))
    for _ in range(400):
        freezer.tick(0.001)
        await quiet(hass)
        if len(seen.events) == 250:
            break
    await until(lambda: not account.phone.hooks.queue.busy)
    assert texts(seen) == [f"{number}" for number in range(250)]
    body = refreshes(account)[-1]
    assert body["webhookDelivery"] == "Batch"
    posted = [item.event for item in account.gateway.deliveries]
    # The phone had been silent as well, which is a reason of its own to ask
    assert posted.count("sms:batch:received") in (3, 6)
    assert "sms:received" not in posted
