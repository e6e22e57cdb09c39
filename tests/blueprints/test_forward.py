"""Forwarding: what is passed on, to whom, and what never is."""

import time
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from harness.until import until
from tests.support.blueprints import Recorder, later, outbox, rest, say, use
from tests.support.common import OMAR, SARA, Account, Rig, contact
from virtual_gateway.faults import Fault

BANK = "MyBank"


@pytest.fixture
async def family(rig: Rig) -> Account:
    """An account with Sara and Omar."""
    return await rig.add_account(
        contacts=(contact("Sara", SARA), contact("Omar", OMAR))
    )


async def forward(hass: HomeAssistant, **inputs: Any) -> None:
    """Forward to Omar."""
    await use(hass, "forward_sms", **({"recipients": ["Omar"]} | inputs))


@pytest.mark.parametrize(
    ("inputs", "sender", "text", "passed_on"),
    [
        pytest.param({}, SARA, "Hello", "SMS from Sara: Hello", id="everything"),
        pytest.param({}, BANK, "042", f"SMS from {BANK}: 042", id="sender is a name"),
        pytest.param({"senders": ["Sara"]}, SARA, "a", "SMS from Sara: a", id="hers"),
        pytest.param({"senders": ["Sara"]}, BANK, "a", None, id="another sender"),
        pytest.param(
            {"text": "CODE"}, SARA, "code 1", "SMS from Sara: code 1", id="text"
        ),
        pytest.param({"text": "code"}, SARA, "hello", None, id="another text"),
        pytest.param(
            {"text": r"^\d+$", "match": "regex"},
            SARA,
            "12",
            "SMS from Sara: 12",
            id="re",
        ),
        pytest.param(
            {"wording_text": "{text}"}, SARA, "1.50", "1.50", id="like a number"
        ),
        pytest.param(
            {"wording_text": "{text}"}, SARA, "[1,  2]", "[1,  2]", id="like a list"
        ),
        pytest.param(
            {"wording_text": "{text} {name}"},
            SARA,
            "{name} {{ 1 }}",
            None,
            id="placeholders",
        ),
        pytest.param({"recipients": []}, SARA, "Hello", None, id="to nobody"),
    ],
)
async def test_filter_and_text(
    hass: HomeAssistant,
    family: Account,
    inputs: dict[str, Any],
    sender: str,
    text: str,
    passed_on: str | None,
) -> None:
    """What fits is passed on, letter by letter."""
    if "{{" in text:
        passed_on = "{name} {{ 1 }} Sara"
    await forward(hass, **inputs)
    await say(family, text, sender)
    assert outbox(family) == ([(OMAR, passed_on)] if passed_on else [])


@pytest.mark.parametrize(
    "recipient",
    [
        "Omar",
        "\u200fomar ",
        "Nobody; OMAR",
        OMAR,
        "050 123 4567",
        "966501234567",
        "00966501234567",
        "٠٥٠١٢٣٤٥٦٧",
        501234567,
    ],
)
async def test_what_a_recipient_writes_is_not_forwarded(
    hass: HomeAssistant, family: Account, recipient: str | int
) -> None:
    """However the number or name is written, nothing goes round in a circle."""
    record = Recorder(hass)
    await forward(
        hass, recipients=["Sara", recipient], actions=record.step(text="{{ forward }}")
    )
    await say(family, "Thank you", OMAR)
    assert (outbox(family), record.calls) == ([], [])
    await say(family, "Hello", BANK)
    assert [number for number, _ in outbox(family)] == [SARA, OMAR]


async def test_a_short_code_is_no_part_of_a_number(
    hass: HomeAssistant, family: Account
) -> None:
    """4567 is the end of Omar's number and is forwarded to him all the same."""
    await forward(hass, recipients=[OMAR])
    await say(family, "Hello", "4567")
    assert outbox(family) == [(OMAR, "SMS from 4567: Hello")]


@pytest.mark.parametrize("wanted", [True, False])
async def test_late_messages(
    hass: HomeAssistant, family: Account, wanted: bool
) -> None:
    """They are marked with their time, or left out."""
    await forward(hass, forward_late=wanted, late_text="{name} {time}: {text}")
    at = int(time.time()) - 7200
    await say(family, "Hello", at=at)
    when = time.strftime("%Y-%m-%d", time.gmtime(at))
    sent = [text or "" for _, text in outbox(family)]
    assert len(sent) == int(wanted)
    assert all(text.startswith("Sara 20") and text.endswith(": Hello") for text in sent)
    assert all(abs(int(text[5:9]) - int(when[:4])) <= 1 for text in sent)


async def test_a_doubled_message_is_forwarded_once(
    hass: HomeAssistant, family: Account
) -> None:
    """The phone posts again what it posted."""
    record = Recorder(hass)
    await forward(hass, actions=record.step(text="{{ forward.text }}"))
    at = time.time() + 1
    for _ in range(2):
        await say(family, "Hello", at=at)
    assert outbox(family) == [(OMAR, "SMS from Sara: Hello")]
    assert record.calls == [{"text": "SMS from Sara: Hello"}]


async def test_many_at_once_are_all_forwarded_in_order(
    hass: HomeAssistant, family: Account
) -> None:
    """None is dropped."""
    await forward(hass)
    for number in range(30):
        family.phone.receive(SARA, f"no. {number}")
    await until(lambda: len(outbox(family)) >= 30, "30 forwarded messages")
    await rest(family)
    assert len(outbox(family)) == len(set(outbox(family))) == 30


async def test_a_gateway_that_comes_back_gets_it(
    hass: HomeAssistant, family: Account
) -> None:
    """It is tried again, and sent once."""
    family.gateway.faults["status"] = Fault(value=400, path="messages")
    await forward(hass)
    family.phone.receive(SARA, "Hello", at=time.time() + 5)
    await rest(family)
    assert outbox(family) == []
    family.gateway.faults.clear()
    await later(family, 61)
    assert [number for number, _ in outbox(family)] == [OMAR]


async def test_what_could_not_be_forwarded_is_said(
    hass: HomeAssistant, family: Account
) -> None:
    """A recipient that does not exist keeps nobody else from getting it."""
    notes = Recorder(hass)
    hass.services.async_register("persistent_notification", "create", notes._note)
    await forward(hass, recipients=["Nobody", "Omar"])
    family.phone.receive(SARA, "Hello", at=time.time() + 5)
    for _ in range(5):
        await later(family, 61)
    assert [number for number, _ in outbox(family)] == [OMAR]
    (note,) = notes.calls
    assert "Nobody got the SMS from Sara" in note["message"]
    assert "Hello" not in note["message"]
