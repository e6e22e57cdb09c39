"""Questions, without a gateway."""

from dataclasses import replace

from homeassistant.core import HomeAssistant

from custom_components.sms_gate.account.bus_event import SmsGateEvent
from custom_components.sms_gate.account.questions import (
    Answers,
    Question,
    async_process,
)
from tests.support.common import SARA
from tests.support.event_samples import body, read


def received(message: str) -> SmsGateEvent:
    """Return a message from Sara."""
    event = replace(read(body("sms:received")), message=message)
    return SmsGateEvent(event=event, entry_id="entry", device_id="d", contact=None)


async def test_two_answers_in_one_turn(hass: HomeAssistant) -> None:
    """Only the first ends the question, before anything else could run."""
    question = Question(hass, Answers.build({"close": ["1"], "leave": ["2"]}))
    question.async_ask("entry", "m1", {SARA}, [SARA])
    found = [async_process(hass, received(text)) for text in ("3", "1", "2")]
    assert [it.answers_question for it in found] == [False, True, False]
    answer = await question.async_wait(1)
    assert answer is not None
    assert answer.id == "close"
    question.close()


async def test_a_name_is_no_number(hass: HomeAssistant) -> None:
    """Whatever the network calls a sender, only digits can have been asked."""
    question = Question(hass, Answers.build({}))
    question.async_ask("entry", "m1", {"Sara"}, ["Sara", "sara"])
    event = replace(received("1").event, sender="Sara")
    assert not async_process(hass, replace(received("1"), event=event)).answers_question
    question.close()


def test_a_long_text_is_not_cut_to_an_answer() -> None:
    """What is not compared could say the opposite."""
    answers = Answers.build({"close": ["1"]})
    assert answers.id_of("1" + " " * 50) == "close"
    assert answers.id_of("1" + " " * 5000 + "no") is None
