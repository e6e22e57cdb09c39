"""A command by SMS: who, which word, which PIN, and what is answered."""

import json
import time
from typing import Any

from homeassistant.components.trace.const import DATA_TRACE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest

from tests.support.blueprints import Recorder, outbox, say, use
from tests.support.common import OMAR, SARA, Account, collect
from virtual_gateway import VirtualSim

PIN = "0815-Zebra"
LATE = "Your message arrived too late, so nothing was done. Send it again if you still need it."


@pytest.fixture
def done(hass: HomeAssistant) -> Recorder:
    """What the command does."""
    return Recorder(hass)


async def gate(hass: HomeAssistant, done: Recorder, **inputs: Any) -> None:
    """Set up the command "gate" for Sara."""
    defaults: dict[str, Any] = {
        "senders": ["Sara"],
        "command": "gate",
        "pin": PIN,
        "actions": done.step(did="gate"),
    }
    await use(hass, "command_by_sms", **(defaults | inputs))


@pytest.mark.parametrize(
    ("text", "runs", "reply"),
    [
        pytest.param(f"gate {PIN}", 1, "Done.", id="right"),
        pytest.param(f"  GATE   {PIN} \n", 1, "Done.", id="case and spaces"),
        pytest.param("gate", 0, None, id="no PIN"),
        pytest.param("gate 0000", 0, None, id="wrong PIN"),
        pytest.param(f"gate {PIN}1", 0, None, id="longer than the PIN"),
        pytest.param(f"gate {PIN[:-1]}", 0, None, id="shorter than the PIN"),
        pytest.param(f"gate 1 {PIN}", 0, None, id="PIN among others"),
        pytest.param(f"gate {PIN} now", 0, None, id="more behind the PIN"),
        pytest.param(f"gate {PIN.lower()}", 0, None, id="PIN in other case"),
        pytest.param(f"gate{PIN}", 0, None, id="no space"),
        pytest.param(f"garage {PIN}", 0, None, id="another command"),
        pytest.param(PIN, 0, None, id="PIN alone"),
        pytest.param(f"gate {{{{ pin }}}} {PIN}", 0, None, id="a template"),
    ],
)
async def test_command_and_pin(
    hass: HomeAssistant,
    account: Account,
    done: Recorder,
    text: str,
    runs: int,
    reply: str | None,
) -> None:
    """Only the whole command with the whole PIN runs, and is answered."""
    await gate(hass, done)
    await say(account, text)
    assert len(done.calls) == runs
    assert outbox(account) == ([(SARA, reply)] if reply else [])


@pytest.mark.parametrize(
    ("pin", "text", "runs"),
    [
        pytest.param("", "gate", 0, id="empty"),
        pytest.param("  ", "gate", 0, id="spaces"),
        pytest.param("4711", "gate ٤٧١١", 1, id="Arabic digits"),
        pytest.param("٤٧١١", "gate 4711", 1, id="PIN in Arabic digits"),
        pytest.param("0042", "gate 0042", 1, id="zeros in front"),
        pytest.param("0042", "gate 42", 0, id="zeros matter"),
        pytest.param("12.50", "gate 12.50", 1, id="like a number"),
        pytest.param("12.50", "gate 12.5", 0, id="but is no number"),
        pytest.param("blue 7 fox", "gate blue 7 fox", 1, id="several words"),
        pytest.param("blue 7 fox", "gate blue 7", 0, id="some of the words"),
        pytest.param("{{ states('input_text.x') }}", "gate unknown", 0, id="no helper"),
    ],
)
async def test_pins(
    hass: HomeAssistant,
    account: Account,
    done: Recorder,
    pin: str,
    text: str,
    runs: int,
) -> None:
    """An empty PIN never matches; any other is compared as it was written."""
    await gate(hass, done, pin=pin)
    await say(account, text)
    assert len(done.calls) == runs


@pytest.mark.parametrize(
    ("command", "pin", "text", "runs"),
    [
        pytest.param("ışık aç", PIN, f"Işık Aç {PIN}", 1, id="dotless i"),
        pytest.param("iptal", PIN, f"İPTAL {PIN}", 1, id="dotted I"),
        pytest.param("İptal", PIN, f"iptal {PIN}", 1, id="dotted I in the command"),
        pytest.param("iptal", "PIN-i1", "iptal PİN-ı1", 0, id="a PIN's i is exact"),
        pytest.param("افتح", PIN, f"\u202bافتح\u202c {PIN}", 1, id="embedding"),
        pytest.param("\u200fافتح", PIN, f"افتح {PIN}", 1, id="mark in the command"),
        pytest.param("افتح", PIN, f"\u200f افتح \u200f{PIN}\u200e", 1, id="marks"),
        pytest.param("gate", PIN, f"gate\u00a0{PIN}", 1, id="no-break space"),
        pytest.param("gate", PIN, f"gate\u200b {PIN[:4]}\u200b{PIN[4:]}", 1, id="zero"),
        pytest.param("gate", f"\ufeff{PIN}\u00a0", f"gate {PIN}", 1, id="pasted PIN"),
        pytest.param("it's me", "x'y", "It’s me x’y", 1, id="apostrophes"),
        pytest.param("it’s me", "x’y", "it's me x'y", 1, id="the other way round"),
        pytest.param("gate", "4-711", "gate 4\u2013711", 1, id="dash"),
        pytest.param("jos\u00e9", PIN, f"Jose\u0301 {PIN}", 1, id="composed"),
        pytest.param("gate", "caf\u00e9", "gate cafe\u0301", 1, id="PIN decomposed"),
        pytest.param("gate", "cafe\u0301", "gate cafe\u0301", 1, id="both decomposed"),
        pytest.param("gate", "cafe", "gate cafe\u0301", 0, id="an accent matters"),
        pytest.param("STRASSE", PIN, f"Straße {PIN}", 1, id="sharp s"),
        pytest.param("gate", "4711", "gate ४७११", 1, id="Devanagari"),
        pytest.param("gate", "۴۷۱۱", "gate ٤٧١١", 1, id="Persian and Arabic"),
        pytest.param("gate", "4711", "ＧＡＴＥ ４７１１", 1, id="full width"),
        pytest.param("gate", "Ａ１", "gate Ａ１", 1, id="full width on both sides"),
        pytest.param("gate", "4711", "gate ٤٧١٢", 0, id="another digit"),
        pytest.param("gate", "4711", "gate ٤٧١١ ٠", 0, id="more digits"),
        pytest.param("gate", "4711", "gate 47\u00a011", 0, id="cut in two"),
        pytest.param("gate", "4711", "gate 4711" + " " * 4000 + "x", 0, id="long"),
        pytest.param("gate", "4711", "gate" + " " * 3992 + "4711x", 0, id="cut off"),
        pytest.param("gate", "4711", "gates 4711", 0, id="part of a word"),
        pytest.param("gate", "4711", "gate4711", 0, id="no space between"),
        pytest.param("gate", "\u200f", "gate \u200f", 0, id="invisible PIN"),
        pytest.param("gate", "\u200f", "gate", 0, id="invisible PIN, none said"),
        pytest.param("gate", "None", "gate None", 0, id="None"),
        pytest.param("gate", "unknown\u200b", "gate unknown", 0, id="unknown"),
    ],
)
async def test_words_and_pins_are_compared_as_people_mean_them(
    hass: HomeAssistant,
    account: Account,
    done: Recorder,
    command: str,
    pin: str,
    text: str,
    runs: int,
) -> None:
    """By Unicode's rules, but never so that a wrong PIN passes."""
    await gate(hass, done, command=command, pin=pin)
    await say(account, text)
    assert len(done.calls) == runs


@pytest.mark.parametrize(
    ("senders", "sender", "runs"),
    [
        pytest.param(["Sara"], OMAR, 0, id="not on the list"),
        pytest.param([], SARA, 0, id="nobody on the list"),
        pytest.param(["050 123 4567"], OMAR, 1, id="number"),
        pytest.param(["Sara", OMAR], OMAR, 1, id="one of two"),
    ],
)
async def test_senders(
    hass: HomeAssistant,
    account: Account,
    done: Recorder,
    senders: list[str],
    sender: str,
    runs: int,
) -> None:
    """Whoever is not on the list cannot do it, even with the PIN."""
    await gate(hass, done, senders=senders)
    await say(account, f"gate {PIN}", sender)
    assert len(done.calls) == runs
    assert outbox(account) == [(sender, "Done.")] * runs


@pytest.mark.parametrize(
    ("allow", "reply"),
    [
        pytest.param(False, LATE, id="refused"),
        pytest.param(True, "Done.", id="allowed"),
    ],
)
async def test_a_late_message(
    hass: HomeAssistant, account: Account, done: Recorder, allow: bool, reply: str
) -> None:
    """A gate does not open hours later, unless the user wants that."""
    await gate(hass, done, allow_late=allow)
    await say(account, f"gate {PIN}", at=time.time() - 3600)
    assert len(done.calls) == int(allow)
    assert outbox(account) == [(SARA, reply)]


async def test_a_late_message_without_the_pin_gets_no_answer(
    hass: HomeAssistant, account: Account, done: Recorder
) -> None:
    """Nobody learns that the command exists."""
    await gate(hass, done)
    await say(account, "gate 1234", at=time.time() - 3600)
    assert (done.calls, outbox(account)) == ([], [])


async def test_a_doubled_message_runs_once(
    hass: HomeAssistant, account: Account, done: Recorder
) -> None:
    """The phone posts again what it posted, and the gate opens once."""
    await gate(hass, done)
    moment = time.time() + 1
    for _ in range(2):
        await say(account, f"gate {PIN}", at=moment)
    assert len(done.calls) == 1
    assert outbox(account) == [(SARA, "Done.")]


async def test_two_commands_run_both(
    hass: HomeAssistant, account: Account, done: Recorder
) -> None:
    """None is dropped while another one runs."""
    await gate(hass, done)
    for second in range(1, 13):
        account.phone.receive(SARA, f"gate {PIN}", at=time.time() + second)
    await account.settled()
    await account.settled()
    assert len(done.calls) == len(outbox(account)) == 12


async def test_what_fails_is_not_called_done(
    hass: HomeAssistant, account: Account, done: Recorder
) -> None:
    """An action that reports an error is answered as such."""
    await gate(hass, done)
    done.error = HomeAssistantError("stuck")
    await say(account, f"gate {PIN}")
    assert outbox(account) == [(SARA, "That did not work.")]


async def test_an_answer_reads_states_after_the_actions(
    hass: HomeAssistant, account: Account, done: Recorder
) -> None:
    """Templates in it are rendered at the end."""
    steps = [{"event": "opened", "event_data": {}}]
    hass.bus.async_listen("opened", lambda _: hass.states.set("cover.gate", "open"))
    await gate(
        hass,
        done,
        actions=[*steps, {"wait_template": "{{ is_state('cover.gate', 'open') }}"}],
        answer="The gate is {{ states('cover.gate') }}.",
    )
    await say(account, f"gate {PIN}")
    assert outbox(account) == [(SARA, "The gate is open.")]


async def test_the_sim_that_was_written_to_answers(
    hass: HomeAssistant, account: Account, done: Recorder
) -> None:
    """People get the answer from the number they wrote to."""
    account.phone.sims = (VirtualSim(1), VirtualSim(2))
    await gate(hass, done)
    await say(account, f"gate {PIN}", sim_number=2)
    assert [sms.sim_number for sms in account.phone.outbox] == [2]


async def test_wrong_pins_lock_it(
    hass: HomeAssistant, account: Account, done: Recorder
) -> None:
    """After some, the right one does nothing either, until somebody resets it."""
    assert await async_setup_component(hass, "counter", {"counter": {"wrong": {}}})
    await gate(
        hass,
        done,
        attempts="counter.wrong",
        max_attempts=3,
        on_refused=done.step(refused="{{ problem }}"),
        wrong_pin_answer="No.",
    )
    for text in ("gate 1", "gate 2", f"gate {PIN}", "gate 3", "gate 4", "gate 5"):
        await say(account, text)
    assert [call.get("refused") for call in done.calls] == [
        *["wrong PIN"] * 2,
        None,
        *["wrong PIN"] * 3,
    ]
    done.calls.clear()
    await say(account, f"gate {PIN}")
    assert done.calls == [{"refused": "locked"}]
    assert outbox(account)[-1] == (SARA, "No.")

    await hass.services.async_call(
        "counter", "reset", {"entity_id": "counter.wrong"}, blocking=True
    )
    await say(account, f"gate {PIN}")
    assert done.calls[-1] == {"did": "gate"}


async def test_a_counter_that_is_gone_locks(
    hass: HomeAssistant, account: Account, done: Recorder
) -> None:
    """What cannot be counted is not tried."""
    await gate(hass, done, attempts="counter.gone")
    await say(account, f"gate {PIN}")
    assert done.calls == []


@pytest.mark.parametrize(("kept", "shown"), [(0, False), (1, True)])
async def test_the_pin_stays_out_of_traces_log_and_answer(
    hass: HomeAssistant,
    account: Account,
    done: Recorder,
    caplog: pytest.LogCaptureFixture,
    kept: int,
    shown: bool,
) -> None:
    """Traces would show it, so none are kept unless the user wants them."""
    seen = collect(hass)
    await gate(hass, done, stored_traces=kept)
    await say(account, f"gate {PIN}")
    assert len(done.calls) == 1
    assert seen.kinds()[0] == "sms_received"
    traces = [
        trace.as_extended_dict()
        for buckets in hass.data[DATA_TRACE].values()
        for trace in buckets.all_traces()
    ]
    assert (PIN in json.dumps(traces, default=str)) is shown
    assert PIN not in str(outbox(account))
    ours = [r.getMessage() for r in caplog.records if "automation" in r.name]
    assert not [line for line in ours if PIN in line]
