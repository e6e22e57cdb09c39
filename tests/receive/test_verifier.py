"""Webhooks of a phone in local mode are trusted, but looked after."""

import json
import logging

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from harness.until import until
from tests.support.cloud import cloud
from tests.support.common import SARA, Account, Collected, Rig, collect
from tests.support.receiving import (
    GRACE,
    LOOK,
    POLL,
    hook_urls,
    issues,
    pass_time,
    polls,
    quiet,
    texts,
    told,
    turn_off_polling,
)
from tests.support.ways import Connect, Route, connect
from virtual_gateway.faults import Fault

__all__ = ["cloud", "connect"]

TOLD = {"webhooks_do_not_arrive"}


@pytest.fixture(params=["webhook", "cloudhook"])
async def local(
    rig: Rig,
    connect: Connect,
    freezer: FrozenDateTimeFactory,
    request: pytest.FixtureRequest,
) -> Account:
    """An account whose phone posts webhooks, in frozen time."""
    account = await connect(Route("local", request.param))
    rig.gateway.requests.clear()
    freezer.tick(1)  # an SMS' time has whole seconds
    return account


@pytest.fixture
def seen(hass: HomeAssistant, local: Account) -> Collected:
    """What comes on the bus."""
    return collect(hass)


async def posted(account: Account) -> None:
    """Let the phone try to post what waits."""
    before = len(account.gateway.deliveries)
    await until(lambda: len(account.gateway.deliveries) > before)
    await quiet(account.hass)


async def lose(account: Account, *messages: str) -> None:
    """Receive messages whose webhooks do not arrive."""
    account.gateway.faults["webhook_down"] = Fault()
    for message in messages:
        account.phone.receive(SARA, message)
    await posted(account)


async def test_webhooks_that_arrive_raise_no_issue(
    hass: HomeAssistant,
    local: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Six messages over half an hour, one light request every five minutes."""
    for number in range(6):
        local.phone.receive(SARA, f"{number}")
        await posted(local)
        await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, GRACE)
    assert texts(seen) == [f"{number}" for number in range(6)]
    assert not any(item["late"] for item in seen.data("sms_received"))
    assert issues(hass) == set()
    assert [int(item.query["limit"]) <= 20 for item in polls(local.gateway)] == [
        True
    ] * 6


async def test_a_look_at_a_full_inbox_stays_light(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """What webhooks brought since the last look does not make it read everything."""
    for number in range(300):
        rig.gateway.phones[0].receive(SARA, f"old {number}")
    account = await rig.add_account(mode="local")
    rig.gateway.requests.clear()
    for number in range(3):
        freezer.tick(1)
        account.phone.receive(SARA, f"{number}")
        await posted(account)
        await pass_time(hass, freezer, LOOK)
    assert len(polls(account.gateway)) == 3


async def test_webhooks_that_do_not_arrive_give_way_to_polling(
    hass: HomeAssistant,
    local: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Found by the look, fired after the grace, then every five seconds; told once."""
    await lose(local, "one", "two", "three")
    await pass_time(hass, freezer, LOOK)
    assert seen.events == []
    assert issues(hass) == set()
    await pass_time(hass, freezer, GRACE)
    assert sorted(texts(seen)) == ["one", "three", "two"]
    assert all(item["late"] for item in seen.data("sms_received"))
    assert issues(hass) == TOLD

    local.phone.receive(SARA, "four")
    await pass_time(hass, freezer, POLL)
    assert texts(seen)[3:] == ["four"]
    assert seen.data("sms_received")[3]["late"] is False
    for count in (1, 2, 3):
        local.gateway.requests.clear()
        await pass_time(hass, freezer, POLL)
        assert len(polls(local.gateway)) == 1, count
    assert issues(hass) == TOLD


async def test_they_are_looked_after_also_without_polling_for_changes(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """That option of Home Assistant is about states; a lost webhook is found all the same."""
    account = await rig.add_account(mode="local")
    await turn_off_polling(account)
    seen = collect(hass)
    freezer.tick(1)
    await lose(account, "one")
    await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, GRACE)
    assert texts(seen) == ["one"]
    assert issues(hass) == TOLD
    account.phone.receive(SARA, "two")
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert texts(seen) == ["one", "two"]


async def test_when_the_webhooks_come_after_all_nothing_fires_twice(
    hass: HomeAssistant,
    local: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The phone goes on trying for two days; each try is answered 200."""
    await lose(local, "one", "two")
    await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, GRACE)
    assert len(seen.events) == 2
    local.gateway.faults.clear()
    freezer.tick(1)
    await until(lambda: not local.phone.hooks.queue.busy)
    await quiet(hass)
    taken = [item for item in local.gateway.deliveries if item.status == 200]
    assert len({json.loads(item.body)["id"] for item in taken}) == 2
    assert len(seen.events) == 2


async def test_a_webhook_within_the_grace_raises_no_issue(
    hass: HomeAssistant,
    local: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A message that was under way at the look has half a minute."""
    await lose(local, "slow")
    await pass_time(hass, freezer, LOOK)
    local.gateway.faults.clear()
    freezer.tick(POLL)
    await posted(local)
    assert texts(seen) == ["slow"]
    await pass_time(hass, freezer, GRACE)
    assert issues(hass) == set()
    local.gateway.requests.clear()
    await pass_time(hass, freezer, POLL)
    assert polls(local.gateway) == []


async def test_one_that_is_under_way_when_the_grace_ends_raises_no_issue(
    hass: HomeAssistant,
    local: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Only what the look missed counts: this one has had no half minute yet."""
    await lose(local, "slow")
    await pass_time(hass, freezer, LOOK)
    local.gateway.faults.clear()
    freezer.tick(POLL)
    await posted(local)
    assert texts(seen) == ["slow"]
    await lose(local, "just now")
    await pass_time(hass, freezer, GRACE - POLL)
    assert issues(hass) == set()


async def test_a_phone_that_is_away_at_the_look_is_told_once_and_looked_at_again(
    hass: HomeAssistant,
    local: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither a failing look nor a failing take-over is the last one."""
    caplog.set_level(logging.INFO)
    await lose(local, "one")
    local.gateway.faults["status"] = Fault(value=500, path="^/inbox")
    await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, LOOK)
    assert told(caplog) == ["ERROR"]
    del local.gateway.faults["status"]
    await pass_time(hass, freezer, LOOK)
    # While the phone was away its webhooks could not arrive: no reason to poll
    assert texts(seen) == ["one"]
    await pass_time(hass, freezer, GRACE)
    assert issues(hass) == set()
    assert told(caplog) == ["ERROR", "INFO"]
    local.phone.receive(SARA, "two")
    await pass_time(hass, freezer, LOOK)
    local.gateway.faults["status"] = Fault(value=500, path="^/inbox")
    await pass_time(hass, freezer, GRACE)
    assert texts(seen) == ["one"]
    del local.gateway.faults["status"]
    await pass_time(hass, freezer, LOOK)
    assert texts(seen) == ["one", "two"]
    assert issues(hass) == set()
    assert told(caplog) == ["ERROR", "INFO", "ERROR", "INFO"]


async def test_unloading_within_the_grace_leaves_nothing_behind(
    hass: HomeAssistant,
    local: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """No take-over of an account that is gone; the next start catches up."""
    await lose(local, "one")
    await pass_time(hass, freezer, LOOK)
    await hass.config_entries.async_unload(local.entry.entry_id)
    local.gateway.requests.clear()
    await pass_time(hass, freezer, GRACE)
    assert local.gateway.requests == []
    assert seen.events == []
    await hass.config_entries.async_setup(local.entry.entry_id)
    await quiet(hass)
    assert texts(seen) == ["one"]


async def test_after_a_restart_webhooks_get_another_chance(
    hass: HomeAssistant,
    local: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Who repaired the address reloads, and the issue goes."""
    urls = hook_urls(local)
    await lose(local, "one")
    await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, GRACE)
    assert issues(hass) == TOLD
    local.gateway.faults.clear()
    assert await hass.config_entries.async_reload(local.entry.entry_id)
    await quiet(hass)
    assert issues(hass) == set()
    assert hook_urls(local) == urls
    local.phone.receive(SARA, "two")
    freezer.tick(POLL)
    await until(lambda: len(seen.events) > 1)
    assert texts(seen) == ["one", "two"]
    await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, GRACE)
    assert issues(hass) == set()


@pytest.mark.parametrize("mode", ["private", "cloud"])
async def test_servers_are_not_looked_at(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """Their inbox is not implemented."""
    account = await rig.add_account(mode=mode)
    await quiet(hass)  # asked once whether there is one
    account.gateway.requests.clear()
    await pass_time(hass, freezer, LOOK)
    assert polls(account.gateway) == []
