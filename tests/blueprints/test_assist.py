"""Assist by SMS: who may ask, and how the answer comes back."""

import time
from typing import Any

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.support.blueprints import outbox, say, use
from tests.support.common import OMAR, SARA, Account

PIN = "4711"


class Echo(conversation.AbstractConversationAgent):
    """An assistant that answers what it is told to."""

    def __init__(self) -> None:
        """Begin with a short answer."""
        self.answer = "It is off."
        self.heard: list[conversation.ConversationInput] = []

    @property
    def supported_languages(self) -> list[str]:
        """Understand everything."""
        return ["*"]

    async def async_process(
        self, user_input: conversation.ConversationInput
    ) -> conversation.ConversationResult:
        """Note the question and answer."""
        self.heard.append(user_input)
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech(self.answer)
        return conversation.ConversationResult(
            response=response, conversation_id=user_input.conversation_id
        )


@pytest.fixture
async def echo(hass: HomeAssistant) -> Echo:
    """An assistant that can be chosen."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    entry = MockConfigEntry(domain="echo", entry_id="echo")
    entry.add_to_hass(hass)
    agent = Echo()
    conversation.async_set_agent(hass, entry, agent)
    return agent


async def assist(hass: HomeAssistant, **inputs: Any) -> None:
    """Let Sara talk to it."""
    defaults = {"senders": ["Sara"], "pin": PIN, "agent": "echo"}
    await use(hass, "assist_by_sms", **(defaults | inputs))


@pytest.mark.parametrize(
    ("inputs", "text", "heard"),
    [
        pytest.param({}, f"{PIN} turn it off", ["turn it off"], id="PIN"),
        pytest.param({}, "٤٧١١ أطفئ النور", ["أطفئ النور"], id="Arabic"),
        pytest.param({}, "turn it off", [], id="no PIN"),
        pytest.param({}, f"{PIN}1 turn it off", [], id="longer PIN"),
        pytest.param({}, f"turn it off {PIN}", [], id="PIN elsewhere"),
        pytest.param({}, PIN, [], id="PIN alone"),
        pytest.param({"pin": ""}, "turn it off", [], id="no PIN set"),
        pytest.param({"pin": "", "without_pin": True}, "hi", ["hi"], id="none needed"),
        pytest.param({"without_pin": True}, "hi", [], id="PIN still needed"),
        pytest.param({"keyword": "Assist"}, f"assist {PIN} hi", ["hi"], id="keyword"),
        pytest.param({"keyword": "Assist"}, f"{PIN} hi", [], id="no keyword"),
        pytest.param({"senders": []}, f"{PIN} hi", [], id="nobody may"),
        pytest.param({"senders": [OMAR]}, f"{PIN} hi", [], id="not on the list"),
        pytest.param({}, f"{PIN} 1.50", ["1.50"], id="like a number"),
        pytest.param({}, "\u202b٤٧١١\u202c أطفئ", ["أطفئ"], id="embedding"),
        pytest.param({}, "\u200f ٤٧١١ أطفئ", ["أطفئ"], id="a mark of its own"),
        pytest.param({}, f"{PIN} چراغ کجاست", ["چراغ کجاست"], id="Persian stays"),
        pytest.param({}, f"{PIN} It’s Zoë", ["It’s Zoë"], id="words stay"),
        pytest.param({"pin": "x’1"}, "x'1 hi", ["hi"], id="apostrophe"),
        pytest.param({"pin": "Ａ１"}, "Ａ１ hi", ["hi"], id="full width"),
        pytest.param({"pin": "ab"}, "AB hi", [], id="PIN in other case"),
        pytest.param({"pin": "\u200f"}, "hi", [], id="invisible PIN"),
        pytest.param(
            {"keyword": "Işık"}, f"ıŞIK {PIN} hi", ["hi"], id="Turkish keyword"
        ),
        pytest.param(
            {"keyword": "Assist"}, f"assistant {PIN} hi", [], id="longer word"
        ),
        pytest.param(
            {"pin": "{{ states('input_text.x') }}"}, "unknown hi", [], id="no helper"
        ),
    ],
)
async def test_who_and_how(
    hass: HomeAssistant,
    account: Account,
    echo: Echo,
    inputs: dict[str, Any],
    text: str,
    heard: list[str],
) -> None:
    """Only with the PIN, and only what comes behind it."""
    await assist(hass, **inputs)
    await say(account, text)
    assert [item.text for item in echo.heard] == heard
    assert outbox(account) == [(SARA, "It is off.")] * len(heard)


async def test_a_late_message_is_ignored(
    hass: HomeAssistant, account: Account, echo: Echo
) -> None:
    """It asked for something else, hours ago."""
    await assist(hass)
    await say(account, f"{PIN} hi", at=time.time() - 3600)
    assert (echo.heard, outbox(account)) == ([], [])


async def test_each_number_has_its_conversation(
    hass: HomeAssistant, account: Account, echo: Echo
) -> None:
    """The second question belongs to the first, if the same person asks."""
    await assist(hass, senders=[SARA, OMAR])
    for sender in (SARA, SARA, OMAR):
        await say(account, f"{PIN} hi", sender)
    first, second, other = (item.conversation_id for item in echo.heard)
    assert first == second != other


async def test_an_assistant_without_words_is_answered_for(
    hass: HomeAssistant, account: Account, echo: Echo
) -> None:
    """Who asked learns that it did not work."""
    echo.answer = ""
    await assist(hass)
    await say(account, f"{PIN} hi")
    assert outbox(account) == [(SARA, "That did not work.")]


@pytest.mark.parametrize(
    ("answer", "count", "total"),
    [
        pytest.param("word " * 30, 1, 1, id="short"),
        pytest.param("word " * 60, 2, 2, id="two"),
        pytest.param("word " * 200, 3, 7, id="cut off"),
        pytest.param("x" * 400, 3, 3, id="no spaces"),
        pytest.param("[~] " * 60, 3, 3, id="characters that count twice"),
        pytest.param("كلمة " * 30, 3, 3, id="Arabic"),
        pytest.param("\U0001f6aa" * 60, 2, 2, id="emoji"),
        pytest.param("21 °C, " * 20, 3, 3, id="one character of another alphabet"),
    ],
)
async def test_long_answers(
    hass: HomeAssistant,
    account: Account,
    echo: Echo,
    answer: str,
    count: int,
    total: int,
) -> None:
    """Each part is one SMS, in order, and says how many there are."""
    echo.answer = answer
    await assist(hass)
    await say(account, f"{PIN} hi")
    sent = account.phone.outbox
    assert [sms.parts for sms in sent] == [1] * count
    texts = [sms.text or "" for sms in sent]
    if total == 1:
        assert texts == [answer.strip()]
        return
    heads = [f"{number}/{total} " for number in range(1, count + 1)]
    assert [text[:4] for text in texts] == heads
    said = "".join(text[4:] for text in texts).replace(" ", "")
    whole = answer.replace(" ", "")
    assert said == whole if count == total else whole.startswith(said)
