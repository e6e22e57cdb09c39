"""The daily limit: an automation that runs wild is stopped, an alarm never."""

import datetime as dt

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.send.daily_limit import DEFAULT_DAILY_LIMIT, DailyLimit
from tests.support.common import OMAR, SARA, Account, Rig
from tests.support.sending import TEXT, fails, on_the_phone, posts, short_waits


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
    """The limit is each recipient's own; a spent one holds back nobody else."""
    for _ in range(2):
        await limited.send(TEXT, SARA)
    with fails("partly_sent", sent="#1") as info:
        await limited.send(TEXT, OMAR, "Sara")
    assert "Sara: The message was not sent" in str(info.value)
    with fails("daily_limit"):
        await limited.send(TEXT, OMAR, SARA, strict=True)
    await limited.send(TEXT, OMAR)
    await limited.settled()
    assert on_the_phone(limited) == {SARA: 2, OMAR: 2}


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
    stored = limited.entry.runtime_data.outbox.limits.daily.as_dict()
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


async def test_what_never_left_is_not_counted(
    limited: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an hour of outage, the alarm still goes out."""
    short_waits(monkeypatch)
    await limited.gateway._web.stop()
    for _ in range(5):
        with fails("cannot_connect"):
            await limited.send(TEXT, SARA)
    await limited.gateway._web.start("127.0.0.1", limited.gateway.port)
    limited.gateway.queue_limit = 0
    limited.phone.online = False
    for _ in range(5):
        with fails("busy"):
            await limited.send(TEXT, SARA)
    limited.gateway.queue_limit = 100
    limited.phone.online = True
    for _ in range(2):
        await limited.send(TEXT, SARA)
    with fails("daily_limit"):
        await limited.send(TEXT, SARA)
    await limited.settled()


async def test_every_spelling_counts_together(limited: Account) -> None:
    """Also where the numbers go out unchecked, as they are."""
    await limited.send(TEXT, "0590042734", validate_numbers=False)
    await limited.send(TEXT, "+966 59 004 2734", validate_numbers=False)
    for written in ("Sara", SARA, "00966590042734"):
        with fails("daily_limit"):
            await limited.send(TEXT, written)
    await limited.settled()


async def test_an_id_that_is_repeated_counts_once(limited: Account) -> None:
    """The gateway sends it once."""
    for _ in range(5):
        await limited.send(TEXT, SARA, message_id="alarm-1")
    await limited.send(TEXT, SARA)
    with fails("daily_limit"):
        await limited.send(TEXT, SARA)
    await limited.settled()


def test_zero_is_no_limit() -> None:
    """For who knows what he does."""
    limit = DailyLimit(0)
    assert all(limit.reserve([SARA] * (DEFAULT_DAILY_LIMIT + 10)))


def test_two_messages_at_once_are_two() -> None:
    """Of one action, two spellings of a number may be left."""
    assert DailyLimit(1).reserve([SARA, OMAR, SARA]) == [True, True, False]


def test_yesterdays_counts_are_not_todays() -> None:
    """A store of another day, of an older version, or none, is read."""
    limit = DailyLimit(1)
    assert limit.reserve([SARA]) == [True]
    ((day, counts),) = limit.as_dict()["days"].items()
    for stored, is_free in (
        (limit.as_dict(), False),
        ({"day": day, "counts": counts}, False),
        ({"day": "2020-01-01", "counts": counts}, True),
        ({}, True),
    ):
        restored = DailyLimit(1)
        restored.load(stored)
        assert restored.reserve([SARA]) == [is_free]


def test_a_clock_that_was_wrong_begins_no_second_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A day ahead and back again: both days have their own counts."""
    limit = DailyLimit(1)
    now = dt_util.now()
    moments = [now, now + dt.timedelta(days=1), now, now + dt.timedelta(days=1)]
    allowed = []
    for moment in moments:
        monkeypatch.setattr(dt_util, "now", lambda at=moment: at)
        allowed += limit.reserve([SARA])
    assert allowed == [True, True, False, False]


def test_days_that_are_long_over_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file does not grow for ever."""
    limit, now = DailyLimit(1), dt_util.now()
    for days in range(9):
        later = now + dt.timedelta(days=days)
        monkeypatch.setattr(dt_util, "now", lambda at=later: at)
        limit.reserve([SARA])
    assert len(limit.as_dict()["days"]) == 3
