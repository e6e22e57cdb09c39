"""The line test: each leg is timed, each broken one has its own repair, and mends."""

import asyncio
from collections.abc import Callable
from typing import Any

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.send.answers import line_answer
from harness.until import until
from tests.support.common import SARA, Account, Collected, Rig, collect
from tests.support.kept import KEEP, conversations
from tests.support.receiving import issues
from tests.support.sending import posts, refuses
from virtual_gateway import Fault, VirtualSim

OWN = "+966500000001"
LEGS = ("accepted", "sent", "delivered", "received")
MODES = ("cloud", "private", "local")


async def set_up(rig: Rig, mode: str = "private", **options: Any) -> Account:
    """Set up an account whose phone can be tested."""
    rig.gateway.send_seconds = rig.gateway.deliver_seconds = 0.0
    number = {} if mode == "local" else {"line_test_number": OWN}
    return await rig.add_account(mode=mode, options=number | options)


def device_of(account: Account) -> str:
    """Return the phone's device in Home Assistant."""
    data = account.entry.runtime_data.account
    phone = data.phones.choose()
    assert phone is not None
    return str(data.phones.device_id(phone))


async def run(account: Account, seconds: float = 60, device: str = "") -> Any:
    """Test the line by the action, or sooner than it allows, and return its answer."""
    if seconds < 5:
        data = account.entry.runtime_data
        phone = data.account.phones.choose()
        return line_answer(await data.line_tester.async_test(phone, seconds))
    return await account.hass.services.async_call(
        DOMAIN,
        "test_line",
        {"device_id": device or device_of(account), "timeout": {"seconds": seconds}},
        blocking=True,
        return_response=True,
    )


def state_of(account: Account, key: str) -> Any:
    """Return the state of one of the phone's entities."""
    registry = er.async_get(account.hass)
    for item in er.async_entries_for_config_entry(registry, account.entry.entry_id):
        if item.unique_id.endswith(f"-{key}"):
            return account.hass.states.get(item.entity_id)
    return None


@pytest.mark.parametrize("mode", MODES)
async def test_a_line_that_works(rig: Rig, mode: str) -> None:
    """All legs have their seconds, in order, and the sensors show them."""
    account = await set_up(rig, mode)
    assert state_of(account, "last_proven").state == STATE_UNKNOWN
    assert state_of(account, "round_trip") is None
    answer = await run(account)
    assert answer["failed"] is None
    assert list(answer) == [*LEGS, "failed"]
    assert 0 <= answer["accepted"] <= answer["sent"] <= answer["received"] < 60
    await until(lambda: state_of(account, "round_trip"))
    assert float(state_of(account, "round_trip").state) == answer["received"]
    assert state_of(account, "last_proven").state != STATE_UNKNOWN
    [sms] = account.phone.outbox
    assert sms.phone_number == OWN
    assert sms.parts == 1


def reject(account: Account) -> None:
    """Let the gateway reject every message."""
    account.gateway.faults["status"] = Fault(value=400, path="/messages$")


def fail(account: Account) -> None:
    """Let the network refuse the SMS."""
    account.phone.outcomes[OWN] = "failed"
    account.phone.fail_reason = "RESULT_ERROR_NO_SERVICE"


def no_report(account: Account) -> None:
    """Let the network report nothing."""
    account.phone.outcomes[OWN] = "sent"


def undelivered(account: Account) -> None:
    """Let the network give up."""
    account.phone.outcomes[OWN] = "undelivered"


def swallow(account: Account) -> None:
    """Let the SMS arrive where the app does not see it, as RCS does."""
    account.phone.outcomes[OWN] = "swallowed"


def block_webhooks(account: Account) -> None:
    """Let no webhook arrive."""
    account.gateway.faults["webhook_down"] = Fault()


def take_sim(account: Account) -> None:
    """Take the SIM out of the phone."""
    account.phone.sims = ()


def mend(account: Account) -> None:
    """Let everything work again."""
    account.gateway.faults.clear()
    account.phone.outcomes.clear()
    account.phone.sims = (VirtualSim(1, OWN),)


BROKEN = [
    pytest.param(reject, "accepted", "line_not_accepted", id="rejects"),
    pytest.param(fail, "sent", "line_not_sent", id="network fails"),
    pytest.param(no_report, "delivered", "line_not_delivered", id="no report"),
    pytest.param(undelivered, "delivered", "line_not_delivered", id="given up"),
    pytest.param(block_webhooks, "received", "line_not_pushed", id="webhook blocked"),
    pytest.param(swallow, "received", "line_not_received", id="RCS swallows"),
    pytest.param(take_sim, "sent", "line_without_sim", id="SIM gone"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("break_leg", "leg", "issue"), BROKEN)
async def test_a_broken_leg_has_its_own_repair(
    rig: Rig,
    mode: str,
    break_leg: Callable[[Account], None],
    leg: str,
    issue: str,
) -> None:
    """The first leg that failed is named; once it is mended, the issue goes."""
    account = await set_up(rig, mode)
    await account.settled()
    break_leg(account)
    answer = await run(account, seconds=1.5)
    assert answer["failed"] == leg
    passed = LEGS[: LEGS.index(leg)]
    assert all(answer[name] is not None for name in passed)
    assert answer[leg] is None
    await until(lambda: issue in issues(account.hass), issue)
    of_the_line = {key for key in issues(account.hass) if key and "line_" in key}
    assert of_the_line == {issue}
    assert state_of(account, "last_proven").state == STATE_UNKNOWN
    mend(account)
    await account.entry.runtime_data.coordinator.async_refresh()
    assert (await run(account))["failed"] is None
    await until(lambda: issue not in issues(account.hass), f"no {issue}")


async def test_the_test_is_no_message(rig: Rig, hass: HomeAssistant) -> None:
    """No event, no trigger, no event entity, no total and no pending one."""
    account = await set_up(rig, "local", **KEEP)
    seen: Collected = collect(hass)
    before = {
        key: state_of(account, key)
        for key in ("message", "received", "sent", "delivered", "failed")
    }
    assert (await run(account))["failed"] is None
    await account.settled()
    assert [kind for kind in seen.kinds() if kind.startswith("sms_")] == []
    for key, state in before.items():
        assert state_of(account, key).state == state.state
    assert state_of(account, "pending").state == "0"
    assert await conversations(account) == []


@pytest.mark.parametrize(
    ("sender", "change"),
    [
        pytest.param(SARA, str, id="a stranger with the token"),
        pytest.param(OWN, lambda text: text[:-1] + "x", id="the number without it"),
        pytest.param("+966500000002", str, id="a number beside ours"),
    ],
)
async def test_another_sms_proves_nothing(
    rig: Rig, hass: HomeAssistant, sender: str, change: Callable[[str], str]
) -> None:
    """It needs the token and the sender, and is a message like every other one."""
    account = await set_up(rig)
    swallow(account)
    seen = collect(hass)
    test = asyncio.create_task(run(account, seconds=1.5))
    await until(lambda: account.phone.outbox)
    text = change(account.phone.outbox[0].text or "")
    account.phone.receive(sender, text)
    assert (await test)["failed"] == "received"
    await account.settled()
    assert [item["message"] for item in seen.data("sms_received")] == [text]


@pytest.mark.parametrize("sender", ["0500000001", "00966500000001", "966500000001"])
async def test_every_spelling_of_the_own_number_counts(rig: Rig, sender: str) -> None:
    """Networks write it in their own ways."""
    account = await set_up(rig)
    swallow(account)
    test = asyncio.create_task(run(account))
    await until(lambda: account.phone.outbox)
    account.phone.receive(sender, account.phone.outbox[0].text or "")
    assert (await test)["failed"] is None


async def test_what_comes_after_a_restart_is_still_no_message(
    rig: Rig, hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """A phone delivers for two days; the token is known that long."""
    account = await set_up(rig)
    block_webhooks(account)
    assert (await run(account, seconds=1.5))["failed"] == "received"
    seen = collect(hass)
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    hass.data[f"{DOMAIN}_outboxes"].clear()
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    [probe] = hass_storage[f"{DOMAIN}.{account.entry.entry_id}.tracker"]["data"][
        "probes"
    ]
    assert OWN not in str(probe)
    account.gateway.faults.clear()
    account.phone.hooks.queue.wake()
    account.phone.receive(SARA, "a real one")
    await until(lambda: seen.data("sms_received"))
    await account.settled()
    assert [it["message"] for it in seen.data("sms_received")] == ["a real one"]


async def test_the_last_proof_survives_a_restart(rig: Rig, hass: HomeAssistant) -> None:
    """It is read from the file, and the issue of a failed test with it."""
    account = await set_up(rig)
    await run(account)
    reject(account)
    await run(account)
    proven = state_of(account, "last_proven").state
    last_known = account.entry.runtime_data.account.last_known
    await last_known._store.async_save(last_known._as_dict())
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    hass.data[f"{DOMAIN}_last_known"].clear()
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    assert state_of(account, "last_proven").state == proven
    assert "line_not_accepted" in issues(hass)


async def test_one_test_at_a_time(rig: Rig) -> None:
    """A second one is refused, and costs nothing."""
    account = await set_up(rig)
    swallow(account)
    test = asyncio.create_task(run(account, seconds=1.5))
    await until(lambda: account.phone.outbox)
    with refuses("line_test_running"):
        await run(account)
    await test
    assert len(posts(account.gateway)) == 1


async def test_a_reload_does_not_end_the_test(rig: Rig, hass: HomeAssistant) -> None:
    """What came of it is shown by the account as it is loaded then."""
    account = await set_up(rig)
    swallow(account)
    test = asyncio.create_task(run(account))
    await until(lambda: account.phone.outbox)
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    account.phone.receive(OWN, account.phone.outbox[0].text or "")
    assert (await test)["failed"] is None
    assert state_of(account, "last_proven").state != STATE_UNKNOWN


async def test_a_number_that_is_not_known_is_asked_for(rig: Rig) -> None:
    """A server shows the last four digits only: nothing is sent to a guess."""
    account = await set_up(rig, line_test_number="")
    with refuses("line_test_no_number"):
        await run(account)
    assert not posts(account.gateway)


async def test_an_account_that_receives_nothing(rig: Rig) -> None:
    """Nothing could come back, so nothing is sent."""
    account = await set_up(rig, receive_mode="off")
    with refuses("line_test_needs_receiving"):
        await run(account)
    assert not posts(account.gateway)


async def test_the_test_is_limited_like_every_message(rig: Rig) -> None:
    """An automation in a loop must not empty a card by tests."""
    account = await set_up(rig, daily_limit=1)
    await run(account)
    with pytest.raises(HomeAssistantError) as info:
        await run(account)
    assert info.value.translation_key == "daily_limit"
    assert len(posts(account.gateway)) == 1


@pytest.mark.parametrize("works", [True, False])
async def test_the_button(rig: Rig, hass: HomeAssistant, works: bool) -> None:
    """It does the same, and says when a leg failed."""
    account = await set_up(rig)
    if not works:
        reject(account)
    press = hass.services.async_call(
        "button",
        "press",
        {"entity_id": state_of(account, "test_line").entity_id},
        blocking=True,
    )
    if works:
        await press
    else:
        with pytest.raises(HomeAssistantError) as info:
            await press
        assert info.value.translation_key == "line_test_failed"
    assert (state_of(account, "last_proven").state != STATE_UNKNOWN) is works


async def test_another_phone_of_the_account(rig: Rig) -> None:
    """The number of another phone serves; what it receives proves the line."""
    rig.gateway.add_phone("Pixel/9", [VirtualSim(1, "+966500000009")])
    account = await set_up(rig, line_test_number="+966500000009")
    first, second = account.gateway.phones
    device = account.entry.runtime_data.account.phones.device_id(first.id)
    assert (await run(account, device=device))["failed"] is None
    assert [sms.phone_number for sms in first.outbox] == ["+966500000009"]
    assert len(second.inbox.messages) == 1
