"""Waiting for a state: in time without webhooks, over a reload, for an id sent again."""

import asyncio
from collections.abc import Coroutine
from contextlib import nullcontext
import time
from types import SimpleNamespace
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.send import senders, status_poller
from harness.until import until
from tests.support.common import SARA, Account, Rig, contact
from tests.support.sending import TEXT, fails, on_the_phone, posted, posts, refuses
from virtual_gateway.faults import Fault


def state(answer: dict[str, Any]) -> str:
    """Return how far the only message got."""
    (message,) = answer["messages"]
    found: str = message["state"]
    return found


@pytest.mark.parametrize("seconds", [0.5, 2, 25])
async def test_without_webhooks_the_gateway_is_asked_in_time(
    account: Account, seconds: float
) -> None:
    """At the latest when the wait ends, though the first look is due after a minute."""
    account.gateway.account_webhooks.clear()
    begin = asyncio.get_running_loop().time()
    answer = await account.send(
        TEXT, SARA, wait_for="delivered", timeout={"seconds": seconds}
    )
    assert state(answer) == "Delivered"
    assert asyncio.get_running_loop().time() - begin < seconds + 2


async def test_a_message_that_the_gateway_lost_is_unknown(account: Account) -> None:
    """Accepted, and then not known any more: nobody can say that it is pending."""
    account.phone.online = False
    sending = asyncio.create_task(
        account.send(TEXT, SARA, wait_for="sent", timeout={"seconds": 1})
    )
    await posted(account.gateway, 1)
    account.gateway.account.clear()
    with fails("outcome_unknown", message_id=posts(account.gateway)[0]["id"]):
        await sending


async def test_an_id_that_the_gateway_forgot_is_unknown_when_sent_again(
    account: Account,
) -> None:
    """What was accepted may have been sent since: it is neither pending nor sent again."""
    account.phone.online = False
    await account.send(TEXT, SARA, message_id="door")
    account.gateway.account.forget("door")
    with fails("outcome_unknown", message_id="door"):
        await account.send(TEXT, SARA, message_id="door")
    assert len(posts(account.gateway)) == 1


async def test_what_was_delivered_stays_so_where_the_gateway_forgot_it(
    account: Account,
) -> None:
    """Its last state is known."""
    await account.send(TEXT, SARA, message_id="door", wait_for="delivered")
    account.gateway.account.forget("door")
    again = await account.send(TEXT, SARA, message_id="door", wait_for="delivered")
    assert state(again) == "Delivered"
    assert len(posts(account.gateway)) == 1


@pytest.mark.parametrize("own_id", [{}, {"message_id": "door"}])
async def test_a_clock_that_jumps_during_a_request_does_not_end_a_wait(
    account: Account, monkeypatch: pytest.MonkeyPatch, own_id: dict[str, str]
) -> None:
    """The gateway was asked for what it did not have yet, long ago by that clock."""
    account.gateway.faults["delay"] = Fault(value=0.5, limit=1, path="/messages$")
    sending = asyncio.create_task(
        account.send(TEXT, SARA, wait_for="delivered", **own_id)
    )
    outbox = account.entry.runtime_data.outbox
    (tracked,) = await until(lambda: list(outbox), "a message under way")
    ahead = SimpleNamespace(time=lambda: time.time() + 2 * 24 * 3600)
    with monkeypatch.context() as clock:
        clock.setattr(status_poller, "time", ahead)
        tracked.hurry(0)
        outbox._plan(tracked)
        await until(lambda: not list(outbox), "nothing under way")
    assert state(await sending) == "Delivered"
    assert on_the_phone(account) == {SARA: 1}


async def waiting(
    account: Account, **data: Any
) -> tuple[asyncio.Task[dict[str, Any]], str]:
    """Begin to wait for a delivery, and return the task and the message's id."""
    before = len(posts(account.gateway))
    account.phone.online = False
    waits: Coroutine[Any, Any, dict[str, Any]] = account.send(
        TEXT, SARA, wait_for="delivered", timeout={"seconds": 30}, **data
    )
    task = asyncio.create_task(waits)
    await posted(account.gateway, before + 1)
    while not list(account.entry.runtime_data.outbox):  # noqa: ASYNC110  # no event
        await asyncio.sleep(0.001)
    return task, posts(account.gateway)[-1]["id"]


async def test_a_reload_does_not_end_a_wait(
    hass: HomeAssistant, account: Account
) -> None:
    """A contact is added, an option changed: the answer still comes, and is true."""
    task, _message_id = await waiting(account)
    for _ in range(2):
        await hass.config_entries.async_reload(account.entry.entry_id)
    account.phone.online = True
    assert state(await task) == "Delivered"
    assert on_the_phone(account) == {SARA: 1}


async def test_a_reload_without_webhooks_does_not_end_a_wait(
    hass: HomeAssistant, account: Account
) -> None:
    """The account that is loaded then asks the gateway."""
    task, _message_id = await waiting(account)
    await hass.config_entries.async_reload(account.entry.entry_id)
    account.gateway.account_webhooks.clear()
    account.phone.online = True
    assert state(await task) == "Delivered"


async def test_an_id_sent_again_answers_all_who_wait(account: Account) -> None:
    """The second one finds the message delivered, the first one is not forgotten."""
    task, _message_id = await waiting(account, message_id="door")
    second = asyncio.create_task(
        account.send(
            TEXT,
            SARA,
            message_id="door",
            wait_for="delivered",
            timeout={"seconds": 30},
        )
    )
    await asyncio.sleep(0)
    account.phone.online = True
    assert state(await second) == state(await task) == "Delivered"
    third = await account.send(TEXT, SARA, message_id="door", wait_for="delivered")
    assert state(third) == "Delivered"
    assert on_the_phone(account) == {SARA: 1}


async def test_sending_while_the_account_unloads_ends_in_an_answer(
    hass: HomeAssistant, account: Account
) -> None:
    """The request is under way: its outcome is told."""
    account.gateway.faults["delay"] = Fault(value=0.3, path="/messages$", limit=1)
    sending = asyncio.create_task(account.send(TEXT, SARA))
    await asyncio.sleep(0.1)
    await hass.config_entries.async_unload(account.entry.entry_id)
    assert state(await sending) == "Pending"
    await hass.config_entries.async_setup(account.entry.entry_id)
    await account.settled()
    assert on_the_phone(account) == {SARA: 1}


@pytest.mark.parametrize("is_slow", [False, True])
async def test_an_action_waits_for_an_account_that_is_loaded_again(
    hass: HomeAssistant,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    is_slow: bool,
) -> None:
    """An option was changed, and an alarm comes at the same moment."""
    if is_slow:
        monkeypatch.setattr(senders, "RELOAD_SECONDS", 0.01)
    account.gateway.faults["delay"] = Fault(value=0.3, path="/devices$", limit=1)
    reload = asyncio.create_task(
        hass.config_entries.async_reload(account.entry.entry_id)
    )
    await until(lambda: not senders.senders(hass), "an account that is unloaded")
    with refuses("account_not_loaded") if is_slow else nullcontext():
        await account.send(TEXT, SARA)
    assert await reload
    await account.settled()
    assert sum(on_the_phone(account).values()) == (not is_slow)


async def test_no_action_waits_for_an_account_whose_gateway_is_away(
    hass: HomeAssistant, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its set-up is tried again and again, while the other one sends an alarm."""
    account, away = await rig.add_account(), await rig.add_account(title="Away")
    assert await hass.config_entries.async_unload(away.entry.entry_id)
    reload_seconds = senders.RELOAD_SECONDS
    unloaded = hass.data[senders._UNLOADED]
    unloaded[away.entry.entry_id] -= 2 * reload_seconds
    async with away.entry.setup_lock, asyncio.timeout(reload_seconds / 2):
        answer = await account.send(TEXT, SARA)
    assert [it["state"] for it in answer["messages"]] == ["Pending"]
    assert await hass.config_entries.async_setup(away.entry.entry_id)
    await account.settled()


async def test_each_recipient_is_named_where_one_fails(rig: Rig) -> None:
    """With its reason, and without a number."""
    account = await rig.add_account(
        contacts=(contact("Sara", SARA), contact("Lina", "+966551112233"))
    )
    account.phone.outcomes["+966551112233"] = "failed"
    with fails("sending_failed") as info:
        await account.send(TEXT, "Sara", "Lina", wait_for="delivered")
    assert "Lina: " in str(info.value)
    assert "Sara" not in str(info.value)
    with fails("partly_sent", sent="Sara") as info:
        await account.send(TEXT, "Sara", "Lina", "Nobody", wait_for="delivered")
    assert "Nobody: " in str(info.value)
    await account.settled()
