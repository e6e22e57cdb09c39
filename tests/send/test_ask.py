"""Questions by SMS: who may answer, what counts, and what else can happen."""

import asyncio
from collections.abc import AsyncGenerator
import time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.sms_gate.account import questions
from custom_components.sms_gate.const import DOMAIN
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Collected, Rig, collect, contact
from virtual_gateway import Fault, VirtualGateway

ALI = "+966551112222"
ANSWERS = [
    {"id": "close", "sentences": ["1", "close [it]"]},
    {"id": "leave", "sentences": ["2", "(leave|keep) it", "اتركه"]},
]
LONG = {"seconds": 30}
NOBODY = dict.fromkeys(("id", "message", "sender", "contact", "answered_at"))


@pytest.fixture
async def account(rig: Rig) -> Account:
    """An account with two contacts."""
    return await rig.add_account(
        contacts=(contact("Sara", SARA), contact("Omar", OMAR))
    )


@pytest.fixture
async def seen(hass: HomeAssistant, account: Account) -> Collected:
    """What comes on the bus."""
    return collect(hass)


@pytest.fixture(autouse=True)
async def _nothing_stays_open(hass: HomeAssistant) -> AsyncGenerator[None]:
    """A question that is done is not remembered."""
    yield
    assert hass.data.get(questions._OPEN, []) == []


async def run(hass: HomeAssistant, *recipients: Any, **data: Any) -> Any:
    """Ask, and return the answer."""
    fields: dict[str, Any] = {
        "message": "The garage is open",
        "recipients": list(recipients),
        "answers": ANSWERS,
        "timeout": LONG,
    }
    return await hass.services.async_call(
        DOMAIN, "ask", {**fields, **data}, blocking=True, return_response=True
    )


async def asked(
    account: Account, *recipients: Any, expect: int = 1, **data: Any
) -> asyncio.Task[Any]:
    """Begin to ask, and return once so many messages left the phone in all."""
    task = asyncio.create_task(run(account.hass, *recipients, **data))
    await left(account, expect)
    return task


async def left(account: Account, count: int) -> None:
    """Wait until so many messages left the phone."""
    await until(lambda: len(account.phone.outbox) >= count)
    await account.settled()


async def write(account: Account, sender: str, text: str, **more: Any) -> None:
    """Let somebody write."""
    account.phone.receive(sender, text, **more)
    await account.settled()


def flags(seen: Collected) -> list[bool]:
    """Return which received messages were answers."""
    return [it.get("answers_question", False) for it in seen.data("sms_received")]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1", "close"),
        ("Close IT!", "close"),
        (" close. ", "close"),
        ("١", "close"),
        ("\u200f۲", "leave"),
        ("2\ufe0f\u20e3", "leave"),
        ("keep it", "leave"),
        ("اتركه.", "leave"),
    ],
)
async def test_an_answer(
    hass: HomeAssistant, account: Account, seen: Collected, text: str, answer: str
) -> None:
    """Case, marks and digits of any script do not matter."""
    task = await asked(account, "Sara")
    await write(account, SARA, text)
    result = await task
    assert result.pop("answered_at")
    assert result == {
        "id": answer,
        "message": text,
        "sender": SARA,
        "contact": "Sara",
    }
    assert flags(seen) == [True]


@pytest.mark.parametrize("text", ["12", "1 2", "close the door", "yes", "11", "-1 no"])
async def test_another_text_is_no_answer(
    hass: HomeAssistant, account: Account, seen: Collected, text: str
) -> None:
    """It is an ordinary message, and the question stays open."""
    task = await asked(account, "Sara")
    await write(account, SARA, text)
    assert not task.done()
    await write(account, SARA, "2")
    assert (await task)["id"] == "leave"
    assert flags(seen) == [False, True]


async def test_any_text(hass: HomeAssistant, account: Account) -> None:
    """Where no answers are given."""
    task = await asked(account, ALI, answers=[])
    await write(account, ALI, "At six, I think")
    result = await task
    assert (result["id"], result["message"]) == (None, "At six, I think")
    assert (result["sender"], result["contact"]) == (ALI, None)


@pytest.mark.parametrize("sender", [OMAR, ALI, "Sara", "SARA", "1", "966"])
async def test_the_wrong_person(
    hass: HomeAssistant, account: Account, seen: Collected, sender: str
) -> None:
    """Neither another contact, nor a stranger, nor whoever calls itself so."""
    task = await asked(account, "Sara")
    await write(account, sender, "1")
    assert not task.done()
    assert flags(seen) == [False]
    await write(account, SARA, "1")
    assert (await task)["sender"] == SARA


async def test_in_local_form(hass: HomeAssistant, account: Account) -> None:
    """The network writes a number in another form than it was asked in."""
    task = await asked(account, SARA)
    await write(account, "0590042734", "1")
    assert (await task)["id"] == "close"


async def test_an_answer_twice(
    hass: HomeAssistant, account: Account, seen: Collected
) -> None:
    """The second is an ordinary message."""
    task = await asked(account, "Sara")
    await write(account, SARA, "1")
    await write(account, SARA, "1", at=time.time() + 1)
    assert (await task)["id"] == "close"
    assert flags(seen) == [True, False]


async def test_a_late_answer(
    hass: HomeAssistant, account: Account, seen: Collected
) -> None:
    """After the time-out it is an ordinary message."""
    assert await run(hass, "Sara", timeout={"seconds": 1}) == NOBODY
    await write(account, SARA, "1")
    assert flags(seen) == [False]


async def test_what_was_written_before_the_question_is_no_answer(
    hass: HomeAssistant, account: Account, seen: Collected
) -> None:
    """It only arrives now."""
    task = await asked(account, "Sara")
    await write(account, SARA, "1", at=time.time() - 1000)
    assert not task.done()
    await write(account, SARA, "2")
    assert (await task)["id"] == "leave"
    assert flags(seen) == [False, True]


async def test_two_questions(
    hass: HomeAssistant, account: Account, seen: Collected
) -> None:
    """An answer ends one: the newest that it fits; then the other."""
    first = await asked(account, "Sara")
    second = await asked(account, "Sara", message="And the door?", expect=2)
    await write(account, SARA, "1")
    assert (await second)["id"] == "close"
    assert not first.done()
    await write(account, SARA, "2", at=time.time() + 1)
    assert (await first)["id"] == "leave"
    assert flags(seen) == [True, True]


async def test_two_questions_with_other_answers(
    hass: HomeAssistant, account: Account
) -> None:
    """The answers tell them apart."""
    first = await asked(account, "Sara")
    other = [{"id": "lock", "sentences": "lock"}]
    second = await asked(account, "Sara", message="Door?", answers=other, expect=2)
    await write(account, SARA, "1")
    assert (await first)["id"] == "close"
    await write(account, SARA, "lock")
    assert (await second)["id"] == "lock"


async def test_several_recipients(
    hass: HomeAssistant, account: Account, seen: Collected
) -> None:
    """The first valid answer counts; what comes then is an ordinary message."""
    task = await asked(account, "Sara", "Omar", ALI)
    await write(account, ALI, "what?")
    await write(account, OMAR, "2")
    await write(account, SARA, "1")
    assert (await task)["contact"] == "Omar"
    assert flags(seen) == [False, True, False]


async def test_a_reload_in_between(
    hass: HomeAssistant, account: Account, seen: Collected
) -> None:
    """The question waits on, and reminds through the account that is loaded then."""
    task = await asked(account, "Sara", remind_after={"seconds": 2})
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    await left(account, 2)
    await write(account, SARA, "1")
    assert (await task)["id"] == "close"
    assert flags(seen) == [True]


async def test_an_answer_while_the_account_is_unloaded(
    hass: HomeAssistant, account: Account, seen: Collected
) -> None:
    """The phone delivers it once the account is back."""
    task = await asked(account, "Sara")
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    account.phone.receive(SARA, "1")
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    assert (await task)["id"] == "close"


async def test_a_reminder(hass: HomeAssistant, account: Account) -> None:
    """Once, and the answer to the first question counts as well."""
    task = await asked(
        account, "Sara", remind_after={"seconds": 1}, timeout={"seconds": 3}
    )
    await left(account, 2)
    assert [it.text for it in account.phone.outbox] == ["The garage is open"] * 2
    assert await task == NOBODY
    assert len(account.phone.outbox) == 2


async def test_no_reminder_after_an_answer(
    hass: HomeAssistant, account: Account
) -> None:
    """Nobody is asked what they answered."""
    task = await asked(account, "Sara", remind_after={"seconds": 1})
    await write(account, SARA, "1")
    await task
    assert len(account.phone.outbox) == 1


@pytest.mark.parametrize("others", [["Omar"], ["notify.omar"], OMAR])
@pytest.mark.parametrize("who", [SARA, OMAR])
async def test_escalation(
    hass: HomeAssistant, account: Account, others: Any, who: str
) -> None:
    """After the time-out others are asked; whoever answers first counts."""
    task = await asked(
        account, "Sara", escalate_to=others, timeout={"seconds": 2}, expect=1
    )
    assert [it.phone_number for it in account.phone.outbox] == [SARA]
    await left(account, 2)
    assert account.phone.outbox[-1].phone_number == OMAR
    await write(account, who, "1")
    assert (await task)["sender"] == who


async def test_nobody_answers_the_escalation(
    hass: HomeAssistant, account: Account
) -> None:
    """Then all is null."""
    result = await run(hass, "Sara", escalate_to="Omar", timeout={"seconds": 1})
    assert result == NOBODY
    assert len(account.phone.outbox) == 2


async def test_sending_fails(hass: HomeAssistant, account: Account) -> None:
    """The phone says so: nobody waits for an answer that cannot come."""
    account.phone.outcomes[SARA] = "failed"
    with pytest.raises(HomeAssistantError) as caught:
        await run(hass, "Sara")
    assert caught.value.translation_key == "sending_failed"


async def test_sending_fails_for_one(hass: HomeAssistant, account: Account) -> None:
    """The other can still answer."""
    account.phone.outcomes[SARA] = "failed"
    task = await asked(account, "Sara", "Omar", expect=1)
    await write(account, OMAR, "1")
    assert (await task)["sender"] == OMAR


async def test_sending_fails_and_others_are_asked_at_once(
    hass: HomeAssistant, account: Account
) -> None:
    """Long before the time-out."""
    account.phone.outcomes[SARA] = "failed"
    task = await asked(account, "Sara", escalate_to="Omar")
    await until(lambda: OMAR in {it.phone_number for it in account.phone.outbox})
    await write(account, OMAR, "2")
    assert (await task)["sender"] == OMAR


async def test_a_bad_recipient_holds_back_none_of_the_others(
    hass: HomeAssistant, account: Account
) -> None:
    """The answer names it."""
    task = await asked(account, "Sarah", "Omar")
    await write(account, OMAR, "1")
    result = await task
    assert result["sender"] == OMAR
    assert [item["recipient"] for item in result["refused"]] == ["Sarah"]


async def test_the_gateway_refuses(hass: HomeAssistant, account: Account) -> None:
    """An error, without waiting."""
    account.gateway.faults["status"] = Fault(value=500, path="/messages")
    with pytest.raises(HomeAssistantError):
        await run(hass, "Sara")
    account.gateway.faults.clear()


async def test_another_account_is_not_asked(hass: HomeAssistant, rig: Rig) -> None:
    """What comes by another account is no answer."""
    async with VirtualGateway("other", speed=1000.0) as other:
        first = await rig.add_account()
        second = await rig.add_account(gateway=other, title="Other", contacts=())
        task = await asked(first, "Sara")
        await write(second, SARA, "1")
        assert not task.done()
        await write(first, SARA, "2")
        assert (await task)["id"] == "leave"
        await second.phone.stop()


async def test_a_stopped_script_waits_no_more(
    hass: HomeAssistant, account: Account, seen: Collected
) -> None:
    """An answer that comes then is an ordinary message."""
    task = await asked(account, "Sara")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await write(account, SARA, "1")
    assert flags(seen) == [False]


async def test_who_cannot_receive_cannot_ask(hass: HomeAssistant, rig: Rig) -> None:
    """Nothing is sent."""
    account = await rig.add_account(options={"receive_mode": "off"})
    with pytest.raises(HomeAssistantError) as caught:
        await run(hass, "Sara")
    assert caught.value.translation_key == "receives_no_answer"
    assert len(account.phone.outbox) == 0


@pytest.mark.parametrize(
    ("data", "key"),
    [
        pytest.param(
            {"answers": [{"id": "a", "sentences": []}]}, "bad_answer", id="none"
        ),
        pytest.param(
            {"answers": [{"id": "a", "sentences": ["1", " "]}]},
            "bad_answer",
            id="empty",
        ),
        pytest.param(
            {"answers": [{"id": "a", "sentences": "[yes"}]}, "bad_answer", id="open"
        ),
        pytest.param(
            {"answers": [{"id": "a", "sentences": "call {who}"}]},
            "bad_answer",
            id="slot",
        ),
        pytest.param(
            {"answers": [{"id": "a", "sentences": "(a|b)" * 20}]},
            "bad_answer",
            id="huge",
        ),
        pytest.param(
            {"answers": [{"id": "a", "sentences": "[please]"}]},
            "bad_answer",
            id="maybe",
        ),
        pytest.param(
            {
                "answers": [
                    {"id": "a", "sentences": "Yes"},
                    {"id": "b", "sentences": "[oh] yes!"},
                ]
            },
            "answers_alike",
            id="twice",
        ),
        pytest.param({"remind_after": LONG}, "reminder_too_late", id="reminder"),
        pytest.param(
            {"answers": [{"id": True, "sentences": "yes"}]},
            "text_needs_quotes",
            id="id",
        ),
        pytest.param(
            {"answers": [{"id": "a", "sentences": [True]}]},
            "text_needs_quotes",
            id="sentence",
        ),
        pytest.param({"recipients": []}, "no_recipients", id="nobody"),
    ],
)
async def test_what_cannot_be_asked(
    hass: HomeAssistant, account: Account, data: dict[str, Any], key: str
) -> None:
    """Nothing is sent."""
    with pytest.raises(HomeAssistantError) as caught:
        await run(hass, "Sara", **data)
    assert caught.value.translation_key == key
    assert len(account.phone.outbox) == 0
