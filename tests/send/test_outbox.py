"""What was sent from here is followed to its last state, as the phone reports it."""

from dataclasses import replace
from datetime import timedelta
import time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.sms_gate.gateway.models import (
    MessageState,
    OutgoingMessage,
    Recipient,
)
from custom_components.sms_gate.send import outbox
from custom_components.sms_gate.send.outbox import _OUTBOXES, Outbox
from custom_components.sms_gate.send.tracked_message import TrackedMessage
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig, collect
from tests.support.sending import SHORT_CODE, TEXT, fails, on_the_phone, short_waits
from virtual_gateway.faults import Fault
from virtual_gateway.records import WebhookDelivery

LONG_TEXT = "x" * 400


def outbox_of(account: Account) -> Outbox:
    """Return the account's outbox."""
    found: Outbox = account.entry.runtime_data.outbox
    return found


def followed(account: Account) -> list[str]:
    """Return the ids of the messages that are followed."""
    return [tracked.id for tracked in outbox_of(account)]


async def restart(account: Account) -> None:
    """Restart the account as Home Assistant's own restart does: without its memory."""
    await account.hass.config_entries.async_unload(account.entry.entry_id)
    account.hass.data[_OUTBOXES].clear()
    await account.hass.config_entries.async_setup(account.entry.entry_id)
    await account.hass.async_block_till_done()


async def test_a_message_is_followed_until_it_is_delivered(account: Account) -> None:
    """Then it is forgotten, without one request more."""
    account.phone.online = False
    answer = await account.send(TEXT, SARA)
    assert followed(account) == [answer["messages"][0]["message_id"]]
    assert outbox_of(account).pending == 1
    before = len(account.gateway.requests)
    account.phone.online = True
    await account.settled()
    assert followed(account) == []
    assert outbox_of(account).pending == 0
    assert len(account.gateway.requests) == before


async def test_without_a_delivery_report_sent_is_the_end(account: Account) -> None:
    """Nothing more is expected."""
    await account.send(TEXT, SARA, delivery_report=False)
    await account.settled()
    assert followed(account) == []


async def test_what_is_sent_but_not_delivered_is_followed_but_not_pending(
    account: Account,
) -> None:
    """The recipient's phone is off."""
    account.phone.outcomes[SARA] = "sent"
    await account.send(TEXT, SARA)
    await account.settled()
    assert len(followed(account)) == 1
    assert outbox_of(account).pending == 0


@pytest.mark.parametrize(
    ("outcome", "wait_for", "state"),
    [
        pytest.param("delivered", "sent", {"Sent", "Delivered"}, id="sent"),
        pytest.param("sent", "sent", {"Sent"}, id="sent and no more"),
        pytest.param("delivered", "delivered", {"Delivered"}, id="delivered"),
    ],
)
async def test_the_answer_waits_for_what_was_asked(
    account: Account, outcome: Any, wait_for: str, state: set[str]
) -> None:
    """It comes as soon as the phone's report does."""
    account.phone.outcomes[SARA] = outcome
    answer = await account.send(TEXT, SARA, wait_for=wait_for)
    (message,) = answer["messages"]
    assert message["state"] in state
    assert message["recipients"][0]["state"] in state
    assert on_the_phone(account) == {SARA: 1}


@pytest.mark.parametrize(
    ("wait_for", "outcome", "state"),
    [
        pytest.param("sent", None, "Pending", id="phone is off"),
        pytest.param("delivered", "sent", "Sent", id="recipient is off"),
    ],
)
async def test_when_the_time_is_up_the_answer_says_how_far_it_got(
    account: Account, wait_for: str, outcome: Any, state: str
) -> None:
    """That is no error: the message is still under way."""
    if outcome is None:
        account.phone.online = False
    else:
        account.phone.outcomes[SARA] = outcome
    answer = await account.send(
        TEXT, SARA, wait_for=wait_for, timeout={"milliseconds": 300}
    )
    assert answer["messages"][0]["state"] == state
    account.phone.online = True
    await account.settled()


@pytest.mark.parametrize("wait_for", ["sent", "delivered"])
async def test_a_failed_message_raises_with_the_phones_reason(
    account: Account, caplog: pytest.LogCaptureFixture, wait_for: str
) -> None:
    """Numbers in it stay out of the error, and of the log."""
    account.phone.outcomes[SARA] = "failed"
    account.phone.fail_reason = f"NO_SERVICE for {SARA} (+966 59 004-2734)"
    with fails("sending_failed") as info:
        await account.send(TEXT, SARA, wait_for=wait_for)
    assert "NO_SERVICE" in str(info.value)
    assert "590042734" not in str(info.value)
    assert "004-2734" not in str(info.value)
    for private in (SARA, TEXT, "004-2734"):
        assert private not in caplog.text


async def test_a_message_that_fails_after_it_was_sent_raises(account: Account) -> None:
    """The network gives up: no more is waited for."""
    account.phone.outcomes[SARA] = "undelivered"
    with fails("sending_failed", reason="Delivery result from SC …: 64"):
        await account.send(TEXT, SARA, wait_for="delivered")
    await account.settled()
    assert followed(account) == []


async def test_one_of_two_recipients_fails(account: Account) -> None:
    """Without waiting it is no error; with it, the reason is told."""
    account.phone.outcomes[OMAR] = "failed"
    await account.send(TEXT, SARA, OMAR)
    await account.settled()
    assert followed(account) == []
    with fails("sending_failed"):
        await account.send(TEXT, SARA, OMAR, wait_for="delivered")
    await account.settled()


async def test_a_message_that_is_over_before_another_is_accepted_counts(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The short code fails at once, while the number's message is tried again."""
    short_waits(monkeypatch, pauses=(0.3, 0.3))
    account.phone.outcomes[SHORT_CODE] = "failed"
    account.gateway.faults["status"] = Fault(value=500, limit=1, path="/messages$")
    with fails("sending_failed"):
        await account.send(TEXT, SARA, SHORT_CODE, wait_for="sent")


async def test_a_long_message_is_delivered_with_its_last_part(
    hass: HomeAssistant, account: Account
) -> None:
    """Three parts, three reports of the phone, one event."""
    # Parts whose reports have one millisecond in common would count as one report
    account.gateway.deliver_seconds = 300.0
    seen = collect(hass)
    answer = await account.send(LONG_TEXT, SARA, wait_for="delivered")
    await until(lambda: len(reports(account)) == 3, "three reports")
    await account.settled()
    assert answer["messages"][0]["state"] == "Delivered"
    assert [item["parts_count"] for item in seen.data("sms_sent")] == [3]
    assert len(seen.data("sms_delivered")) == 1
    assert len(reports(account)) == 3


def reports(account: Account) -> list[WebhookDelivery]:
    """Return the phone's postings of what was delivered."""
    return [it for it in account.gateway.deliveries if it.event == "sms:delivered"]


async def test_a_restart_goes_on_where_it_was(account: Account) -> None:
    """The phone reports after the restart, and the message ends."""
    account.phone.online = False
    answer = await account.send(TEXT, SARA, OMAR)
    message_id = answer["messages"][0]["message_id"]
    await restart(account)
    assert followed(account) == [message_id]
    (tracked,) = outbox_of(account)
    assert [item.phone_number for item in tracked.message.recipients] == [SARA, OMAR]
    account.phone.online = True
    await account.settled()
    assert followed(account) == []


async def test_what_is_over_is_not_followed_after_a_restart(account: Account) -> None:
    """Neither is what ran out meanwhile."""
    await account.send(TEXT, SARA)
    await account.settled()
    await restart(account)
    assert followed(account) == []


async def test_what_ran_out_while_off_is_forgotten(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three days nobody asks for a message any more."""
    account.phone.online = False
    await account.send(TEXT, SARA)
    await account.hass.config_entries.async_unload(account.entry.entry_id)
    account.hass.data[_OUTBOXES].clear()
    later = dt_util.utcnow() + timedelta(days=3, minutes=1)
    monkeypatch.setattr(time, "time", later.timestamp)
    await account.hass.config_entries.async_setup(account.entry.entry_id)
    assert followed(account) == []


async def test_too_many_messages_push_the_oldest_out(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memory is bounded; nothing is refused."""
    monkeypatch.setattr(outbox, "MAX_TRACKED", 2)
    account.phone.online = False
    for name in ("a", "b", "c"):
        await account.send(TEXT, SARA, message_id=name)
    assert followed(account) == ["b", "c"]
    assert outbox_of(account).pending == 2


async def test_a_report_costs_the_same_however_many_are_under_way(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is pending is known without a look at each message, from the first report on.

    Reports come in the order of the messages, so that those that are sent and not yet
    delivered stand before those that are pending.
    """
    look = vars(TrackedMessage)["is_pending"].fget
    looked: list[str] = []

    def is_pending(tracked: TrackedMessage) -> bool:
        looked.append(tracked.id)
        return bool(look(tracked))

    monkeypatch.setattr(TrackedMessage, "is_pending", property(is_pending))
    box, many = outbox_of(account), 100
    under_way = [
        box.async_track(OutgoingMessage(id=f"{number}", phone_numbers=(SARA,)), 60.0)
        for number in range(many)
    ]
    assert box.pending == many
    for state in (MessageState.SENT, MessageState.DELIVERED):
        for tracked in under_way:
            there = (Recipient(phone_number=SARA, state=state),)
            box.async_merge(tracked, replace(tracked.message, recipients=there))
        assert box.pending == 0
    assert followed(account) == []
    # When it is begun, sent, and delivered
    assert len(looked) == 3 * many


async def test_reports_of_messages_that_others_sent_are_nobodys(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """They fire on the bus, and the outbox has nothing to do with them."""
    seen = collect(hass)
    account.phone.online = False
    await account.send(TEXT, SARA, message_id="mine")
    outbox_of(account).async_give_up(next(iter(outbox_of(account))))
    assert outbox_of(account).pending == 0
    account.phone.online = True
    await account.settled()
    assert followed(account) == []
    assert seen.kinds() == ["sms_sent", "sms_delivered"]
