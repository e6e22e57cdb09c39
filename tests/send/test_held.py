"""What the app's own settings hold back is explained, and goes with it."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from harness.until import until
from tests.support.common import SARA, Account, Rig
from tests.support.flows import MODES
from tests.support.receiving import pass_time
from tests.support.sending import TEXT


def placeholders(account: Account) -> dict[str, str] | None:
    """Return what the issue says, None without one."""
    registry = ir.async_get(account.hass)
    issue = registry.async_get_issue("sms_gate", f"held_{account.entry.entry_id}")
    if issue is None:
        return None
    return {**(issue.translation_placeholders or {}), "": issue.translation_key or ""}


def keep_back(account: Account, mode: str, **settings: Any) -> None:
    """Change settings on the phone, and let it send nothing."""
    account.gateway.send_seconds = 10**9
    account.phone.settings.update({"messages": settings})
    account.gateway.account.settings["messages"] = settings


def hours(now: Any, begin: float, end: float) -> dict[str, Any]:
    """Return work hours that begin and end so many hours from now."""
    times = [now + timedelta(hours=it) for it in (begin, end)]
    names = ("work_hours_start", "work_hours_end")
    shown = {name: f"{it:%H:%M}" for name, it in zip(names, times, strict=True)}
    return {"work_hours_enabled": True, **shown}


@pytest.mark.parametrize("mode", MODES)
async def test_work_hours(
    rig: Rig, hass: HomeAssistant, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """It says how many wait and until when; once they are sent, it goes."""
    account = await rig.add_account(mode=mode)
    now = dt_util.now()
    keep_back(account, mode, **hours(now, 2, 4))
    for _ in range(2):
        await account.send(TEXT, SARA)
    assert placeholders(account) is None
    await pass_time(hass, freezer, 61)
    begin = f"{now + timedelta(hours=2):%H:%M}"
    expected = {"account": "SMS Gate", "count": "2", "time": begin}
    assert placeholders(account) == {**expected, "": "held_by_work_hours"}
    outbox = account.entry.runtime_data.outbox
    for tracked in outbox:
        tracked.advance(SARA, "Sent", None)
        outbox._async_changed(tracked)
    await until(lambda: placeholders(account) is None, "no issue")


async def test_a_limit(
    rig: Rig, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The latest time is when the period is over."""
    account = await rig.add_account(mode="local")
    keep_back(account, "local", limit_period="PerHour", limit_value=1)
    await account.send(TEXT, SARA)
    await pass_time(hass, freezer, 61)
    found = placeholders(account) or {}
    assert found[""] == "held_by_limit"
    assert found["time"] == f"{dt_util.now() + timedelta(hours=1):%H:%M}"


@pytest.mark.parametrize(("begin", "end"), [(-1, 1), (-20, 1)])
async def test_within_work_hours(
    rig: Rig,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    begin: int,
    end: int,
) -> None:
    """Something else is the cause; also where they last over midnight."""
    account = await rig.add_account(mode="local")
    keep_back(account, "local", **hours(dt_util.now(), begin, end))
    await account.send(TEXT, SARA)
    await pass_time(hass, freezer, 61)
    assert placeholders(account) is None


async def test_what_is_scheduled_is_not_held_back(
    rig: Rig, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """It waits because it was asked to."""
    account = await rig.add_account(mode="local")
    keep_back(account, "local", **hours(dt_util.now(), 2, 4))
    later = dt_util.now() + timedelta(hours=3)
    await account.send(TEXT, SARA, schedule_at=later.isoformat())
    await pass_time(hass, freezer, 61)
    assert placeholders(account) is None
