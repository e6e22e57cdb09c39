"""The parts of SMS are counted, and a loop is stopped before it empties a card."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.send.outbox import async_get_outbox
from custom_components.sms_gate.send.sender import Sender
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig
from tests.support.receiving import issues, pass_time
from tests.support.sending import TEXT, fails, on_the_phone, posts, short_waits
from virtual_gateway import Fault, VirtualSim

LONG = "x" * 161
DAY, MONTH = "sensor.sms_gate_sms_parts_today", "sensor.sms_gate_sms_parts_this_month"


def counted(account: Account, entity_id: str = DAY) -> tuple[int, dict[str, int]]:
    """Return a sensor's parts, and those of each SIM."""
    state = account.hass.states.get(entity_id)
    assert state is not None
    sims = {key: it for key, it in state.attributes.items() if key.startswith("sim_")}
    return int(state.state), sims


async def shows(account: Account, parts: int, entity_id: str = DAY) -> None:
    """Wait until a sensor shows so many parts."""
    await until(lambda: counted(account, entity_id)[0] == parts, f"{parts} parts")


@pytest.mark.parametrize(
    ("message", "recipients", "parts"),
    [
        pytest.param("short", [SARA], 1, id="one"),
        pytest.param(LONG, [SARA], 2, id="long"),
        pytest.param("x" * 160, [SARA, OMAR], 2, id="two recipients"),
        pytest.param("€" * 81, [SARA], 2, id="extension characters"),
        pytest.param("م" * 71, [SARA, OMAR], 4, id="Arabic"),
        pytest.param("😀" * 36, [SARA], 2, id="emoji"),
    ],
)
async def test_parts_are_counted(
    account: Account, message: str, recipients: list[str], parts: int
) -> None:
    """For each recipient, as the network counts, in both sensors."""
    await account.send(message, *recipients)
    await account.settled()
    await shows(account, parts)
    await shows(account, parts, MONTH)
    assert sum(sms.parts for sms in account.phone.outbox) == parts


async def test_each_sim_has_its_count(account: Account) -> None:
    """The SIM is named by the message, or by the phone when it sent."""
    account.phone.sims = tuple(VirtualSim(n, f"+96650000000{n}") for n in (1, 2))
    await account.send(LONG, SARA, sim_number=2)
    await account.send(TEXT, SARA, sim_number=1)
    await account.send(TEXT, SARA)
    await account.settled()
    await shows(account, 4)
    assert counted(account)[1] == {"sim_1": 1, "sim_2": 2}
    account.phone.settings.update({"messages": {"sim_selection_mode": "RoundRobin"}})
    await account.send(TEXT, SARA)
    await account.settled()
    await until(lambda: sum(counted(account)[1].values()) == 4, "the phone's choice")
    assert counted(account)[0] == 5


async def test_the_limit_is_of_the_account_with_both_its_sims(rig: Rig) -> None:
    """A loop that changes between two cards empties neither."""
    rig.gateway.phones[0].sims = tuple(VirtualSim(n) for n in (1, 2))
    account = await rig.add_account(options={"parts_per_day": 3})
    await account.send(LONG, SARA, sim_number=1)
    await account.send(TEXT, SARA, sim_number=2)
    for sim_number in (1, 2):
        with fails("parts_limit"):
            await account.send(TEXT, SARA, sim_number=sim_number)
    await account.settled()
    await shows(account, 3)
    assert counted(account)[1] == {"sim_1": 2, "sim_2": 1}
    await account.send(TEXT, SARA, sim_number=2, priority=100)
    await account.settled()
    await shows(account, 4)


async def test_the_phone_knows_better(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it tells another number of parts than was computed, that counts."""
    monkeypatch.setattr("virtual_gateway.phone.sender.parts_of", lambda _text: 3)
    await account.send(TEXT, SARA)
    await account.settled()
    await shows(account, 3)


@pytest.mark.parametrize("option", ["parts_per_day", "parts_per_month"])
async def test_a_loop_is_stopped(rig: Rig, option: str) -> None:
    """What no longer fits is not sent, and raises; an issue is created."""
    account = await rig.add_account(options={option: 3})
    await account.send(LONG, SARA)
    with fails("parts_limit"):
        await account.send(LONG, OMAR)
    assert "parts_limit" in issues(account.hass)
    await account.send(TEXT, OMAR)
    with fails("parts_limit"):
        await account.send(TEXT, OMAR)
    await account.settled()
    assert on_the_phone(account) == {SARA: 1, OMAR: 1}
    await shows(account, 3)


async def test_an_alarm_passes_and_counts(rig: Rig) -> None:
    """A priority of 100 or more is never refused, but its parts are paid for."""
    account = await rig.add_account(options={"parts_per_day": 1})
    for _ in range(3):
        await account.send(TEXT, SARA, priority=100)
    await account.settled()
    assert len(account.phone.outbox) == 3
    await shows(account, 3)


async def test_others_still_get_theirs(rig: Rig) -> None:
    """The recipients that fit are written to; the error names the others."""
    account = await rig.add_account(options={"parts_per_day": 1})
    with fails("partly_sent"):
        await account.send(TEXT, SARA, OMAR)
    await account.settled()
    assert len(account.phone.outbox) == 1


async def test_each_recipient_has_the_limit_that_holds_it_back(rig: Rig) -> None:
    """In the order they are given; whom nothing is sent to is not counted."""
    account = await rig.add_account(options={"parts_per_day": 3, "daily_limit": 1})
    await account.send(TEXT, SARA)
    with fails("partly_sent", sent="#2") as info:
        await account.send(LONG, SARA, OMAR, "+966551112222")
    first, second = str(info.value).split("#3")
    assert "daily limit" in first
    assert "limit of SMS parts" in second
    (daily,) = account.entry.runtime_data.outbox.limits.daily.as_dict()["days"].values()
    assert sorted(daily.values()) == [0, 1, 1]
    await account.settled()
    await shows(account, 3)


async def test_ordinary_use_is_not_refused(account: Account) -> None:
    """Ten people get ten alerts of two Arabic parts in one day."""
    limits = account.entry.runtime_data.outbox.limits
    assert limits.parts.reserve([None] * 100, 2, is_urgent=False) == 100


async def test_zero_is_no_limit(rig: Rig) -> None:
    """Who wants none has none."""
    account = await rig.add_account(options={"parts_per_day": 0, "parts_per_month": 0})
    limits = account.entry.runtime_data.outbox.limits
    assert limits.parts.reserve([None], 10**6, is_urgent=False) == 1


async def test_what_did_not_leave_does_not_count(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rejected message costs nothing, and neither does an id that is repeated."""
    short_waits(monkeypatch, account)
    account.gateway.faults["status"] = Fault(value=400, path="/messages$")
    with fails("rejected"):
        await account.send(TEXT, SARA)
    account.gateway.faults.clear()
    for _ in range(2):
        await account.send(LONG, SARA, message_id="once")
    await account.settled()
    await shows(account, 2)
    assert len(posts(account.gateway)) >= 1


async def test_it_goes_on_after_a_restart(rig: Rig, hass: HomeAssistant) -> None:
    """The counts are read from the file, with the message that is under way."""
    account = await rig.add_account(options={"parts_per_day": 3})
    await account.send(LONG, SARA)
    await account.settled()
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    hass.data["sms_gate_outboxes"].clear()
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    assert counted(account)[0] == 2
    with fails("parts_limit"):
        await account.send(LONG, SARA)
    assert await async_get_outbox(hass, account.entry)


async def test_days_and_months(
    rig: Rig, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A new day begins at midnight; a clock that is wrong for a moment begins none."""
    freezer.move_to("2026-11-28 12:00:00+00:00")
    account = await rig.add_account(options={"parts_per_day": 2})
    sender: Sender = account.entry.runtime_data.sender
    limits = sender.outbox.limits

    def spend(parts: int) -> bool:
        return limits.parts.reserve([None], parts, is_urgent=False) == 1

    assert spend(2)
    assert not spend(1)
    for jump in (timedelta(days=1), timedelta(days=-1), timedelta(days=40)):
        freezer.tick(jump)
        assert spend(1), jump
        freezer.tick(-jump)
        assert not spend(1)
    await pass_time(hass, freezer, 96 * 3600)
    assert counted(account)[0] == 0
    assert counted(account, MONTH)[0] == 0
