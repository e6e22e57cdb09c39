"""Where no webhook reports, the gateway is asked: seldom, and for many at once."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from itertools import pairwise
import time
from types import SimpleNamespace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.send import outbox, status_poller
from custom_components.sms_gate.send.status_poller import UNKNOWN_SECONDS
from custom_components.sms_gate.send.tracked_message import KEEP_SECONDS
from tests.support.common import OMAR, SARA, Account, Rig, collect
from tests.support.sending import SHORT_CODE, TEXT, asked
from virtual_gateway.faults import Fault

type Wait = Callable[[float], Coroutine[Any, Any, None]]


@pytest.fixture
def wait(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Let time pass for what is followed; sockets need the real clock."""
    passed = 0.0
    shifted = SimpleNamespace(
        time=lambda: time.time() + passed, monotonic=time.monotonic
    )
    monkeypatch.setattr(status_poller, "time", shifted)
    monkeypatch.setattr(outbox, "time", shifted)

    async def pass_by(seconds: float) -> None:
        """Move the clock and let the follower look."""
        nonlocal passed
        passed += seconds
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=passed))
        await hass.async_block_till_done(wait_background_tasks=True)

    return pass_by


@pytest.fixture
async def silent(rig: Rig) -> Account:
    """An account that has no address for webhooks, so that none reports."""
    rig.hass.config.internal_url = None
    account = await rig.add_account()
    rig.gateway.requests.clear()
    return account


def followed(account: Account) -> list[str]:
    """Return the ids of the messages that are followed."""
    return [tracked.id for tracked in account.entry.runtime_data.outbox]


def lists(account: Account) -> list[dict[str, str]]:
    """Return the queries of the requests for a list."""
    return [
        request.query
        for request in account.gateway.requests
        if request.method == "GET" and request.path.endswith("/messages")
    ]


async def test_a_message_is_asked_for_and_its_steps_are_told(
    hass: HomeAssistant, silent: Account, wait: Wait
) -> None:
    """As webhooks would have: sent, delivered, each once; then nobody asks again."""
    seen = collect(hass)
    answer = await silent.send(TEXT, SARA)
    message_id = answer["messages"][0]["message_id"]
    await silent.settled()
    assert seen.kinds() == []
    await wait(4)
    assert asked(silent.gateway) == [message_id]
    assert seen.kinds() == ["sms_sent", "sms_delivered"]
    (sent,) = seen.data("sms_sent")
    assert (sent["message_id"], sent["recipient"]) == (message_id, SARA)
    assert sent["contact"] == "Sara"
    assert sent["gateway_device_id"] == silent.phone.id
    assert followed(silent) == []
    for _ in range(20):
        await wait(60)
    assert asked(silent.gateway) == [message_id]


async def test_a_failure_is_told_with_its_reason(
    hass: HomeAssistant, silent: Account, wait: Wait
) -> None:
    """The phone's reason comes with the answer."""
    seen = collect(hass)
    silent.phone.outcomes[SARA] = "failed"
    await silent.send(TEXT, SARA)
    await silent.settled()
    await wait(4)
    (failed,) = seen.data("sms_failed")
    assert (
        failed["reason"]
        == "Send result: RESULT_ERROR_GENERIC_FAILURE (Generic failure cause)"
    )
    assert followed(silent) == []


async def test_the_pauses_grow(silent: Account, wait: Wait) -> None:
    """From three seconds to an hour, each twice the one before."""
    silent.phone.online = False
    await silent.send(TEXT, SARA)
    times = []
    for second in range(0, 1600, 8):
        before = len(asked(silent.gateway))
        await wait(8)
        times += [second + 8] * (len(asked(silent.gateway)) - before)
    pauses = [later - earlier for earlier, later in pairwise([0, *times])]
    assert pauses[0] <= 8
    assert all(1.3 <= b / a <= 3.1 for a, b in pairwise(pauses[1:]))
    assert len(times) in range(7, 11)
    for _ in range(4):
        await wait(3600)
    (tracked,) = silent.entry.runtime_data.outbox
    assert tracked.pause == 3600
    silent.phone.online = True
    await silent.settled()


async def test_with_webhooks_the_gateway_is_asked_after_a_minute_only(
    account: Account, wait: Wait
) -> None:
    """They usually report; where they stay silent, the answer is found all the same."""
    account.gateway.account_webhooks.clear()
    await account.send(TEXT, SARA)
    await account.settled()
    for _ in range(14):
        await wait(4)
    assert asked(account.gateway) == []
    await wait(8)
    assert len(asked(account.gateway)) == 1
    assert followed(account) == []


async def test_many_are_asked_for_by_one_request(silent: Account, wait: Wait) -> None:
    """Ten messages, one list, all of them known from then on."""
    for number in range(10):
        await silent.send(TEXT, f"+9665900427{number:02d}")
    await silent.settled()
    await wait(4)
    assert len(asked(silent.gateway)) == len(lists(silent)) == 1
    assert followed(silent) == []


async def test_more_than_a_page_is_read_page_by_page(
    silent: Account, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight messages of five per page: two requests."""
    monkeypatch.setattr(status_poller, "PAGE", 5)
    for _ in range(8):
        await silent.send(TEXT, SARA)
    await silent.settled()
    await wait(4)
    assert [query["offset"] for query in lists(silent)] == ["0", "5"]
    assert followed(silent) == []


async def test_what_the_list_lacks_is_asked_for_by_itself(
    silent: Account, wait: Wait
) -> None:
    """A gateway that lost the messages is asked for each, then they are left alone."""
    silent.phone.online = False
    for name in "abcd":
        await silent.send(TEXT, SARA, message_id=name)
    silent.gateway.account.clear()
    await wait(4)
    assert asked(silent.gateway) == ["messages", "a", "b", "c", "d"]
    assert followed(silent) == ["a", "b", "c", "d"]
    await wait(UNKNOWN_SECONDS + 10)
    assert followed(silent) == []


async def test_a_gateway_that_is_away_is_asked_again(
    silent: Account, wait: Wait
) -> None:
    """Neither a list nor a single message is given up for an error."""
    names = ["a", "b", "c", "d"]
    for name in names:
        await silent.send(TEXT, SARA, message_id=name)
    await silent.settled()
    silent.gateway.faults["status"] = Fault(value=502)
    await wait(4)
    assert followed(silent) == names
    assert asked(silent.gateway) == ["messages"]
    silent.gateway.faults.clear()
    await wait(10)
    assert followed(silent) == []
    await silent.send(TEXT, SARA, message_id="e")
    await silent.settled()
    silent.gateway.faults["status"] = Fault(value=502)
    await wait(4)
    assert followed(silent) == ["e"]
    silent.gateway.faults.clear()
    await wait(10)
    assert followed(silent) == []


@pytest.mark.parametrize("many", [1, 5])
async def test_hashed_numbers_are_known_by_their_digest(
    hass: HomeAssistant, silent: Account, wait: Wait, many: int
) -> None:
    """A server keeps no numbers, and the events name them all the same."""
    seen = collect(hass)
    silent.phone.outcomes[OMAR] = "failed"
    for _ in range(many):
        await silent.send(TEXT, SARA, OMAR)
    await silent.settled()
    silent.gateway.hash_messages()
    await wait(4)
    assert [item["recipient"] for item in seen.data("sms_delivered")] == [SARA] * many
    assert [item["recipient"] for item in seen.data("sms_failed")] == [OMAR] * many
    assert followed(silent) == []


@pytest.mark.parametrize("hashed", [False, True])
@pytest.mark.parametrize("many", [1, 5])
async def test_a_short_code_that_stays_pending_gets_its_messages_state(
    hass: HomeAssistant, silent: Account, wait: Wait, many: int, hashed: bool
) -> None:
    """The server does not find the phone's report of it; the message goes on."""
    seen = collect(hass)
    for _ in range(many):
        await silent.send(TEXT, SHORT_CODE)
    await silent.settled()
    if hashed:
        silent.gateway.hash_messages()
    await wait(4)
    assert [item["recipient"] for item in seen.data("sms_delivered")] == (
        [SHORT_CODE] * many
    )
    assert followed(silent) == []


async def test_after_a_restart_it_is_asked_soon(
    hass: HomeAssistant, silent: Account, wait: Wait
) -> None:
    """What the phone did meanwhile is told, once, under the number."""
    silent.phone.online = False
    await silent.send(TEXT, SARA)
    await hass.config_entries.async_unload(silent.entry.entry_id)
    silent.phone.online = True
    await silent.gateway.settled()
    silent.gateway.hash_messages()
    seen = collect(hass)
    await hass.config_entries.async_setup(silent.entry.entry_id)
    await wait(4)
    await wait(4)
    assert seen.kinds() == ["sms_sent", "sms_delivered"]
    assert seen.data("sms_delivered")[0]["recipient"] == SARA
    assert followed(silent) == []


async def test_after_three_days_a_message_is_given_up(
    silent: Account, wait: Wait
) -> None:
    """A phone that is gone for good is not asked after for ever."""
    silent.phone.online = False
    await silent.send(TEXT, SARA)
    await wait(KEEP_SECONDS - 10)
    assert len(followed(silent)) == 1
    await wait(3600)
    await wait(3600)
    assert followed(silent) == []


async def test_a_scheduled_message_is_asked_for_after_its_time(
    silent: Account, wait: Wait
) -> None:
    """Not before."""
    silent.phone.online = False
    begin = dt_util.utcnow() + timedelta(hours=2)
    await silent.send(TEXT, SARA, schedule_at=begin)
    for _ in range(70):
        await wait(100)
    assert asked(silent.gateway) == []
    await wait(300)
    assert len(asked(silent.gateway)) == 1


async def test_a_long_message_whose_parts_nobody_reports_is_told_delivered(
    hass: HomeAssistant, account: Account, wait: Wait
) -> None:
    """The phone reported it sent, in three parts, and then fell silent."""
    seen = collect(hass)
    for key, hook in list(account.gateway.account_webhooks.items()):
        if hook["event"] == "sms:delivered":
            del account.gateway.account_webhooks[key]
    await account.send("x" * 400, SARA)
    await account.settled()
    assert seen.kinds() == ["sms_sent"]
    await wait(70)
    assert followed(account) == []
    assert seen.kinds() == ["sms_sent", "sms_delivered"]


async def test_a_clock_that_was_behind_holds_no_request_back(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was planned by it is no reason to let somebody wait in vain."""
    account.phone.online = False
    behind = SimpleNamespace(time=lambda: time.time() - 2 * 86_400)
    with monkeypatch.context() as patch:
        patch.setattr(status_poller, "time", behind)
        patch.setattr(outbox, "time", behind)
        answer = await account.send(TEXT, SARA)
    under_way = account.entry.runtime_data.outbox
    tracked = under_way.get(answer["messages"][0]["message_id"])
    tracked.hurry(time.time())
    under_way._plan(tracked)
    assert under_way._on_due.__self__._planned <= account.hass.loop.time() + 1
