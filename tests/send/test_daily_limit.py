"""The daily limit: an automation that runs wild is stopped, an alarm never."""

import datetime as dt

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.send.daily_limit import DEFAULT_DAILY_LIMIT, DailyLimit
from tests.support.common import OMAR, SARA, Account, Rig
from tests.support.sending import TEXT, fails, on_the_phone, posts


def issue(account: Account) -> ir.IssueEntry | None:
    """Return the repair issue about the limit."""
    registry = ir.async_get(account.hass)
    return registry.async_get_issue(DOMAIN, f"daily_limit_{account.entry.entry_id}")


@pytest.fixture
async def limited(rig: Rig) -> Account:
    """An account whose recipients may get two messages a day."""
    return await rig.add_account(options={"daily_limit": 2})


async def test_a_recipient_gets_so_many_messages_a_day(
    limited: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """The next one raises, is not sent, and a repair issue tells why."""
    for _ in range(2):
        await limited.send(TEXT, SARA)
    assert issue(limited) is None
    with fails("daily_limit"):
        await limited.send(TEXT, "Sara")
    await limited.settled()
    assert len(posts(limited.gateway)) == 2
    assert on_the_phone(limited) == {SARA: 2}
    told = issue(limited)
    assert told is not None
    assert told.severity is ir.IssueSeverity.ERROR
    assert told.translation_placeholders == {"account": "SMS Gate"}
    assert SARA not in caplog.text


async def test_others_still_get_theirs(limited: Account) -> None:
    """The limit is each recipient's own; together with a spent one nobody gets it."""
    for _ in range(2):
        await limited.send(TEXT, SARA)
    with fails("daily_limit"):
        await limited.send(TEXT, OMAR, SARA)
    await limited.send(TEXT, OMAR)
    await limited.settled()
    assert on_the_phone(limited) == {SARA: 2, OMAR: 1}


async def test_the_issue_stays_while_a_recipient_is_held_back(
    limited: Account,
) -> None:
    """A message to somebody else does not hide that Sara gets none."""
    for _ in range(2):
        await limited.send(TEXT, SARA)
    with fails("daily_limit"):
        await limited.send(TEXT, SARA)
    await limited.send(TEXT, OMAR)
    assert issue(limited) is not None


@pytest.mark.parametrize(
    ("priority", "passes"),
    [
        pytest.param(99, False, id="99"),
        pytest.param(100, True, id="100"),
        pytest.param(127, True, id="127"),
    ],
)
async def test_an_alarm_passes(limited: Account, priority: int, passes: bool) -> None:
    """A priority of 100 or more skips the phone's limits, and this one."""
    for _ in range(2):
        await limited.send(TEXT, SARA)
    if passes:
        await limited.send(TEXT, SARA, priority=priority)
    else:
        with fails("daily_limit"):
            await limited.send(TEXT, SARA, priority=priority)
    await limited.settled()
    assert on_the_phone(limited) == {SARA: 2 + passes}


async def test_a_restart_does_not_begin_a_new_day(
    hass: HomeAssistant, limited: Account
) -> None:
    """What was sent before counts, and the store has no number in it."""
    for _ in range(2):
        await limited.send(TEXT, SARA)
    await limited.settled()
    assert await hass.config_entries.async_reload(limited.entry.entry_id)
    with fails("daily_limit"):
        await limited.send(TEXT, SARA)
    stored = limited.entry.runtime_data.tracker._guard.as_dict()
    assert SARA.strip("+") not in str(stored)


async def test_the_next_day_begins_anew(
    limited: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At midnight in Home Assistant's zone; the issue goes with the first message."""
    for _ in range(2):
        await limited.send(TEXT, SARA)
    with fails("daily_limit"):
        await limited.send(TEXT, SARA)
    real_now = dt_util.now
    monkeypatch.setattr(dt_util, "now", lambda: real_now() + dt.timedelta(days=1))
    await limited.send(TEXT, SARA)
    assert issue(limited) is None


async def test_removing_the_account_takes_the_issue_along(
    hass: HomeAssistant, limited: Account
) -> None:
    """Nothing is left behind."""
    for _ in range(2):
        await limited.send(TEXT, SARA)
    with fails("daily_limit"):
        await limited.send(TEXT, SARA)
    await limited.settled()
    await hass.config_entries.async_remove(limited.entry.entry_id)
    assert issue(limited) is None


def test_zero_is_no_limit() -> None:
    """For who knows what he does."""
    guard = DailyLimit(0)
    assert all(guard.allows([SARA]) for _ in range(DEFAULT_DAILY_LIMIT + 10))


def test_yesterdays_counts_are_not_loaded() -> None:
    """A store of another day, or none, begins at nothing."""
    guard = DailyLimit(1)
    assert guard.allows([SARA])
    stored = guard.as_dict()
    same_day, other_day, empty = DailyLimit(1), DailyLimit(1), DailyLimit(1)
    same_day.load(stored)
    other_day.load({**stored, "day": "2020-01-01"})
    empty.load({})
    assert not same_day.allows([SARA])
    assert other_day.allows([SARA])
    assert empty.allows([SARA])


def test_a_refused_message_counts_for_nobody() -> None:
    """Omar loses nothing by a message that went to neither."""
    guard = DailyLimit(1)
    assert guard.allows([SARA])
    assert not guard.allows([SARA, OMAR])
    assert guard.allows([OMAR])
