"""Asking the phone every five seconds: every message once, for one light request."""

from datetime import UTC, datetime, timedelta
import time

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import OMAR, SARA, Account, Collected, Rig, collect
from tests.support.receiving import (
    ARRIVALS,
    POLL,
    lead_webhooks_here,
    pass_time,
    polls,
    tell_by_webhook,
    texts,
    turn_off_polling,
)

HOUR = 3600
DAY = 24 * HOUR


async def polled(rig: Rig) -> Account:
    """Set up an account that asks its phone."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    rig.gateway.requests.clear()
    return account


@pytest.fixture
async def phone_account(rig: Rig, freezer: FrozenDateTimeFactory) -> Account:
    """An account that asks its phone, in frozen time."""
    return await polled(rig)


@pytest.fixture
def seen(hass: HomeAssistant, phone_account: Account) -> Collected:
    """What comes on the bus."""
    return collect(hass)


async def test_each_fires_once_and_the_oldest_first(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Whatever order the phone learned of them in; not late, and matched."""
    now = time.time()
    freezer.tick(20)
    for ago, sender in ((0, SARA), (7, OMAR), (3, SARA)):
        phone_account.phone.receive(sender, f"{ago} ago", at=now + 20 - ago)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert texts(seen) == ["7 ago", "3 ago", "0 ago"]
    received = seen.data("sms_received")
    assert [item["contact"] for item in received] == [None, "Sara", "Sara"]
    assert [item["late"] for item in received] == [False] * 3
    assert {item["gateway_device_id"] for item in received} == {
        phone_account.phone.local_id
    }


async def test_messages_come_also_without_polling_for_changes(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """That option of Home Assistant is about states; nobody turns off an alarm by it."""
    await turn_off_polling(phone_account)
    for text in ("one", "two"):
        phone_account.phone.receive(SARA, text)
        for _ in range(3):
            await pass_time(hass, freezer, POLL)
    assert texts(seen) == ["one", "two"]


@pytest.mark.parametrize("first", ["webhook", "poll"])
@pytest.mark.parametrize("kind", ARRIVALS)
async def test_a_message_by_both_ways_fires_once(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    kind: str,
    first: str,
) -> None:
    """Webhook and inbox name a message differently; it is the same one."""
    ARRIVALS[kind](phone_account.phone)
    (message,) = phone_account.phone.inbox.messages.values()
    lead_webhooks_here(phone_account)
    if first == "webhook":
        await tell_by_webhook(phone_account, message)
        assert len(seen.events) == 1
        await pass_time(hass, freezer, POLL)
    else:
        await pass_time(hass, freezer, POLL)
        assert len(seen.events) == 1
        await tell_by_webhook(phone_account, message)
    await pass_time(hass, freezer, POLL)
    assert polls(phone_account.gateway)
    (delivery,) = phone_account.gateway.deliveries
    assert delivery.status == 200
    assert len(seen.events) == 1


@pytest.mark.parametrize("kind", ARRIVALS)
async def test_what_is_polled_looks_as_if_a_webhook_had_brought_it(
    hass: HomeAssistant,
    rig: Rig,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    kind: str,
) -> None:
    """An automation cannot tell; the inbox says nothing of an MMS' size."""
    ARRIVALS[kind](phone_account.phone)
    (message,) = phone_account.phone.inbox.messages.values()
    await pass_time(hass, freezer, POLL)
    await hass.config_entries.async_remove(phone_account.entry.entry_id)
    other = await rig.add_account(mode="local", options={"receive_mode": "off"})
    lead_webhooks_here(other)
    freezer.tick(1)
    await tell_by_webhook(other, message)
    by_poll, by_webhook = (dict(event.data) for event in seen.events)
    unlike = {"config_entry_id", "device_id", "event_id", "late"}
    if kind.startswith("MMS"):
        unlike |= {"message_id", "size", "transaction_id", "subject"}
    assert by_poll.keys() == by_webhook.keys()
    for key in by_poll.keys() - unlike:
        assert by_poll[key] == by_webhook[key], key


@pytest.mark.parametrize("newer", [0, 60, 250])
async def test_a_message_whose_network_time_is_hours_old_fires(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    newer: int,
) -> None:
    """It appears below those that are known, and is found there."""
    for number in range(newer):
        phone_account.phone.receive(OMAR, f"new {number}")
    await pass_time(hass, freezer, POLL)
    assert len(seen.events) == newer
    phone_account.phone.receive(SARA, "delayed", at=time.time() - 7 * HOUR)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert texts(seen)[newer:] == ["delayed"]
    assert seen.data("sms_received")[-1]["late"] is True


@pytest.mark.parametrize("count", [19, 20, 21, 220, 450])
async def test_more_than_a_page_at_once_all_fire_in_order(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    count: int,
) -> None:
    """A burst between two questions is read page by page."""
    start = int(time.time())
    freezer.tick(count)
    for number in range(count):
        phone_account.phone.receive(SARA, f"{number}", at=start + number)
    await pass_time(hass, freezer, POLL)
    assert texts(seen) == [f"{number}" for number in range(count)]
    phone_account.gateway.requests.clear()
    await pass_time(hass, freezer, POLL)
    assert len(polls(phone_account.gateway)) == 1
    assert len(seen.events) == count


async def test_the_first_start_fires_nothing_old(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """What the phone received before it was added is not news."""
    seen = collect(hass)
    for number in range(30):
        rig.gateway.phones[0].receive(SARA, f"old {number}")
    account = await polled(rig)
    await pass_time(hass, freezer, POLL)
    assert seen.events == []
    account.phone.receive(SARA, "new")
    await pass_time(hass, freezer, POLL)
    assert texts(seen) == ["new"]


async def test_a_thousand_old_messages_cost_one_light_request(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """Each question is for twenty messages at most, whatever the phone holds."""
    start = int(time.time()) - 2000
    for number in range(1000):
        rig.gateway.phones[0].receive(SARA, "old", at=start + number)
    account = await polled(rig)
    seen = collect(hass)
    for count in (1, 2, 3):
        await pass_time(hass, freezer, POLL)
        asked = polls(account.gateway)
        assert len(asked) == count
        assert int(asked[-1].query["limit"]) <= 20
        assert asked[-1].status == 200
    account.phone.receive(SARA, "new")
    await pass_time(hass, freezer, POLL)
    assert texts(seen) == ["new"]
    assert len(polls(account.gateway)) == 4


async def test_days_later_it_is_still_one_light_request(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The period that is asked for follows time; nothing fires a second time."""
    phone_account.phone.receive(SARA, "first")
    await pass_time(hass, freezer, POLL)
    for day in range(5):
        await pass_time(hass, freezer, DAY)
        phone_account.phone.receive(SARA, f"day {day}")
        await pass_time(hass, freezer, POLL)
    assert texts(seen) == ["first", *(f"day {day}" for day in range(5))]
    phone_account.gateway.requests.clear()
    await pass_time(hass, freezer, POLL)
    (request,) = polls(phone_account.gateway)
    asked_from = datetime.fromisoformat(request.query["from"])
    assert datetime.now(UTC) - asked_from < timedelta(days=4)


async def test_a_phone_that_forgets_old_messages_hides_no_new_one(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The number of messages tells of late ones only; it may fall."""
    for number in range(3):
        phone_account.phone.receive(SARA, f"{number}")
    await pass_time(hass, freezer, POLL)
    oldest = next(iter(phone_account.phone.inbox.messages))
    del phone_account.phone.inbox.messages[oldest]
    phone_account.phone.receive(SARA, "new")
    await pass_time(hass, freezer, POLL)
    assert texts(seen)[3:] == ["new"]
    phone_account.phone.inbox.messages.clear()
    await pass_time(hass, freezer, POLL)
    phone_account.phone.receive(SARA, "newer", at=time.time() - 3600)
    await pass_time(hass, freezer, POLL)
    assert texts(seen)[4:] == ["newer"]


async def test_a_disk_that_is_full_delays_but_does_not_stop(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What could not be remembered is not forgotten either."""
    from custom_components.sms_gate.receive.ring import Ring

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Ring, "write", full)
    phone_account.phone.receive(SARA, "one")
    await pass_time(hass, freezer, POLL)
    monkeypatch.undo()
    phone_account.phone.receive(SARA, "two")
    await pass_time(hass, freezer, 2 * POLL)
    assert texts(seen) == ["one", "two"]


async def test_unknown_types_do_not_hide_what_is_known(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thirty of them lie on top of an SMS."""
    from custom_components.sms_gate.gateway import derived_events

    monkeypatch.delitem(derived_events._KIND_OF_TYPE, "DATA_SMS")
    phone_account.phone.receive(SARA, "below", at=time.time() - 100)
    for number in range(30):
        phone_account.phone.receive_data(SARA, bytes([number]))
    await pass_time(hass, freezer, POLL)
    assert texts(seen) == ["below"]
