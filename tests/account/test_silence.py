"""After a long silence a server's phone is asked, once, for what it received."""

from datetime import UTC, datetime, timedelta
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.const import DOMAIN
from tests.support.cloud import CLOUDHOOK, Cloud, cloud
from tests.support.common import SARA, Account, Rig, collect
from tests.support.days import (
    DAY,
    HOUR,
    MINUTE,
    gateway,
    give_back,
    live,
    still,
    take_away_phone,
    take_away_server,
)
from tests.support.receiving import (
    GRACE,
    LOOK,
    NO_HTTPS,
    asked,
    hook_urls,
    issues,
    pass_time,
    polls,
    texts,
)
from tests.support.sending import refuses
from tests.support.ways import Connect, Route, connect, every_server_route
from virtual_gateway.faults import Fault

__all__ = ["cloud", "connect", "gateway"]

CHECK = 50 * MINUTE


def refreshes(account: Account) -> list[dict[str, Any]]:
    """Return what the server was asked to let the phone send again."""
    found = asked(account.gateway, "POST", "/inbox/refresh")
    return [item.body for item in found if isinstance(item.body, dict)]


def since(body: dict[str, Any]) -> datetime:
    """Return from when on the phone is asked."""
    return datetime.fromisoformat(body["since"])


@every_server_route
async def test_a_phone_that_comes_back_is_asked_once(
    connect: Connect, freezer: FrozenDateTimeFactory, route: Route
) -> None:
    """From before it fell silent, and not again while it stays."""
    account = await connect(route)
    await live(freezer, account, seconds=HOUR)
    gone = datetime.now(UTC)
    take_away_phone(account)
    await live(freezer, account, seconds=5 * HOUR, step=5 * MINUTE)
    assert refreshes(account) == []
    give_back(account)
    await live(freezer, account, seconds=3 * HOUR)
    (body,) = refreshes(account)
    assert gone - timedelta(hours=1) <= since(body) <= gone
    assert "deviceId" not in body


async def test_a_phone_that_was_away_for_minutes_is_not_asked(
    connect: Connect, freezer: FrozenDateTimeFactory
) -> None:
    """A tunnel or a lift is no silence: the phone posts by itself."""
    account = await connect(Route("private", "webhook"))
    await live(freezer, account, seconds=HOUR)
    take_away_phone(account)
    await live(freezer, account, seconds=10 * MINUTE)
    give_back(account)
    await live(freezer, account, seconds=HOUR)
    assert refreshes(account) == []


@every_server_route
async def test_a_server_that_comes_back_is_asked_once(
    connect: Connect, freezer: FrozenDateTimeFactory, route: Route
) -> None:
    """The phone could not be seen meanwhile, which is no second reason."""
    account = await connect(route)
    await live(freezer, account, seconds=HOUR)
    gone = datetime.now(UTC)
    take_away_server(account)
    await live(freezer, account, seconds=5 * HOUR, step=5 * MINUTE)
    give_back(account)
    await live(freezer, account, seconds=HOUR)
    assert all(
        gone - timedelta(hours=1) <= since(it) <= gone for it in refreshes(account)
    )
    assert len(refreshes(account)) == 1


async def test_a_phone_and_its_server_that_come_back_leave_no_gap(
    connect: Connect, freezer: FrozenDateTimeFactory
) -> None:
    """Each is a reason to ask, at most once; one of them from before the longer."""
    account = await connect(Route("private", "webhook"))
    await live(freezer, account, seconds=HOUR)
    gone = datetime.now(UTC)
    take_away_phone(account)
    await live(freezer, account, seconds=2 * HOUR, step=5 * MINUTE)
    take_away_server(account)
    await live(freezer, account, seconds=HOUR, step=5 * MINUTE)
    give_back(account)
    await live(freezer, account, seconds=2 * HOUR)
    assert min(map(since, refreshes(account))) <= gone
    assert len(refreshes(account)) <= 2


async def test_a_server_that_is_away_for_minutes_is_asked_when_it_is_back(
    connect: Connect, freezer: FrozenDateTimeFactory
) -> None:
    """Its phone stayed online all the time, and what its app missed is fetched."""
    account = await connect(Route("private", "webhook"))
    seen = collect(account.hass)
    await live(freezer, account, seconds=HOUR)
    gone = datetime.now(UTC)
    take_away_server(account)
    await live(freezer, account, seconds=12 * MINUTE)
    account.phone.receive(SARA, "missed", at=time.time() - MINUTE, missed=True)
    give_back(account)
    await live(freezer, account, seconds=HOUR)
    (body,) = refreshes(account)
    # The last question that was answered may be ten minutes old
    assert gone - timedelta(hours=1) <= since(body) <= gone
    assert texts(seen) == ["missed"]


@every_server_route
async def test_webhooks_that_someone_deleted_come_back(
    hass: HomeAssistant,
    connect: Connect,
    freezer: FrozenDateTimeFactory,
    route: Route,
) -> None:
    """Within the hour, foreign ones untouched; only what the app missed comes back."""
    account = await connect(route)
    seen = collect(hass)
    await live(freezer, account, seconds=HOUR)
    hooks = account.gateway.account_webhooks
    url = hook_urls(account)
    foreign = {"id": "other", "url": "https://other.example", "event": "sms:sent"}
    hooks.clear()
    hooks["other"] = dict(foreign)
    gone = datetime.now(UTC)
    await live(freezer, account, seconds=10 * MINUTE)
    account.phone.receive(SARA, "processed by the app")
    account.phone.receive(SARA, "unheard", missed=True)
    assert seen.events == []
    await live(freezer, account, seconds=HOUR - 10 * MINUTE)
    assert hooks.pop("other") == foreign
    assert len(hooks) > 10
    assert hook_urls(account) == url
    assert texts(seen) == ["unheard"]
    (body,) = refreshes(account)
    assert since(body) <= gone
    assert seen.data("sms_received")[0]["late"] is True


async def test_a_local_phones_webhooks_come_back_and_nothing_is_lost(
    hass: HomeAssistant, connect: Connect, freezer: FrozenDateTimeFactory
) -> None:
    """The looks at its inbox find what no webhook brought."""
    account = await connect(Route("local", "webhook"))
    seen = collect(hass)
    await live(freezer, account, seconds=HOUR)
    account.phone.webhooks.clear()
    account.phone.receive(SARA, "unheard")
    await live(freezer, account, seconds=HOUR)
    assert texts(seen) == ["unheard"]


@pytest.mark.parametrize("mode", ["cloud", "private", "local"])
async def test_a_cloud_that_connects_after_the_start_is_used_at_once(
    hass: HomeAssistant,
    rig: Rig,
    cloud: Cloud,
    freezer: FrozenDateTimeFactory,
    mode: str,
) -> None:
    """Told only where a check finds it missing, and taken back when it is there."""
    hass.config.internal_url = NO_HTTPS
    cloud.log_in()
    cloud.lose()
    account = await rig.add_account(mode=mode)
    assert hook_urls(account) == set()
    assert issues(hass) == set()
    cloud.connect()
    await still(account)
    assert hook_urls(account) == {CLOUDHOOK}
    assert issues(hass) == set()


@pytest.mark.parametrize("mode", ["cloud", "private", "local"])
async def test_a_cloud_that_stays_away_is_told_and_taken_back(
    hass: HomeAssistant,
    rig: Rig,
    cloud: Cloud,
    freezer: FrozenDateTimeFactory,
    mode: str,
) -> None:
    """By the first check, within the hour."""
    hass.config.internal_url = NO_HTTPS
    cloud.log_in()
    cloud.lose()
    account = await rig.add_account(mode=mode)
    await live(freezer, account, seconds=HOUR, step=5 * MINUTE)
    assert issues(hass) == {"cloud_not_connected"}
    cloud.connect()
    await still(account)
    assert issues(hass) == set()
    assert hook_urls(account) == {CLOUDHOOK}


@pytest.mark.parametrize("receive_mode", ["off", "auto"])
async def test_where_nothing_is_received_a_refresh_is_refused(
    hass: HomeAssistant, rig: Rig, receive_mode: str
) -> None:
    """The phone would send again to nobody."""
    hass.config.internal_url = NO_HTTPS
    account = await rig.add_account(options={"receive_mode": receive_mode})
    with refuses("receives_nothing"):
        await hass.services.async_call(
            DOMAIN,
            "refresh_inbox",
            {"since": datetime.now(UTC).isoformat()},
            blocking=True,
        )
    assert refreshes(account) == []


async def test_after_a_take_over_the_looks_end(
    hass: HomeAssistant, connect: Connect, freezer: FrozenDateTimeFactory
) -> None:
    """Only the polls go on, one chain of them, every five seconds."""
    account = await connect(Route("local", "webhook"))
    account.gateway.faults["webhook_down"] = Fault()
    account.phone.receive(SARA, "lost")
    await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, GRACE)
    assert issues(hass) == {"webhooks_do_not_arrive"}
    await live(freezer, account, seconds=LOOK, step=5)  # one was planned already
    account.gateway.requests.clear()
    await live(freezer, account, seconds=HOUR, step=5)
    assert len(polls(account.gateway)) == HOUR / 5


async def test_days_of_quiet_are_no_silence(
    connect: Connect, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody writes, but the phone checks in: nothing is asked for, nobody is told."""
    account = await connect(Route("private", "webhook"))
    await live(freezer, account, seconds=2 * DAY, step=5 * MINUTE)
    assert refreshes(account) == []
    assert issues(account.hass) == set()
