"""Assist: an SMS to a contact by a sentence, or by the tool of a language model."""

from collections.abc import Callable
from http import HTTPStatus
import logging
from pathlib import Path
import shutil
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import intent, llm
from homeassistant.setup import async_setup_component
import pytest

from custom_components.sms_gate.assist.sentences import INTENT_SEND
from custom_components.sms_gate.llm import TOOL
from tests.repository.source import ROOT
from tests.support.common import OMAR, SARA, Account, Rig, Web, contact
from tests.support.sending import on_the_phone, posts, short_waits
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

OFFERED = {"expose_to_assist": True}
TEXT = "Where are you? I'm home."
SENTENCE = f"Send a text to Sara saying {TEXT}"
HANDED_OVER = f"Sending to Sara: {TEXT}"
MOTHER = "+966555555555"


@pytest.fixture(autouse=True)
async def _conversation(hass: HomeAssistant, rig: Rig) -> None:
    """Set Home Assistant's own agent up, and what it needs."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})


async def say(
    hass: HomeAssistant, sentence: str, language: str = "en"
) -> tuple[str, str]:
    """Say something to Assist; return what it answers, and as what."""
    answer = await hass.services.async_call(
        "conversation",
        "process",
        {"text": sentence, "language": language},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    response: Any = answer["response"]
    return response["speech"]["plain"]["speech"], response["response_type"]


async def tools(
    hass: HomeAssistant, context: Context | None = None
) -> tuple[llm.APIInstance, list[llm.Tool]]:
    """Return what a language model is offered, and those tools that are ours."""
    asking = llm.LLMContext(
        platform="test",
        context=context or Context(),
        language="en",
        assistant="conversation",
        device_id=None,
    )
    api = await llm.async_get_api(hass, llm.LLM_API_ASSIST, asking)
    return api, [tool for tool in api.tools if tool.integration == "sms_gate"]


async def call_tool(
    hass: HomeAssistant, context: Context | None = None, **slots: Any
) -> Any:
    """Let a language model use the tool; return what it is told."""
    api, _ = await tools(hass, context)
    result = await api.async_call_tool(llm.ToolInput(TOOL, slots))
    return result.data


def spoken(answer: Any) -> str:
    """Return the words of a tool's answer."""
    speech: str = answer["speech"]["plain"]["speech"]
    return speech


def is_registered(hass: HomeAssistant) -> bool:
    """Return True if Home Assistant knows the intent."""
    return any(item.intent_type == INTENT_SEND for item in intent.async_get(hass))


async def test_a_sentence_sends_once_and_says_what(
    hass: HomeAssistant, rig: Rig
) -> None:
    """The text goes out as it was said, and nothing more is claimed than is known."""
    account = await rig.add_account(options=OFFERED)
    assert await say(hass, SENTENCE) == (HANDED_OVER, "action_done")
    await account.settled()
    assert [(sms.phone_number, sms.text) for sms in account.phone.outbox] == [
        (SARA, TEXT)
    ]
    assert len(posts(account.gateway)) == 1


@pytest.mark.parametrize(
    ("language", "sentence", "name", "text"),
    [
        ("en", "send an SMS to sara that says hello", "Sara", "hello"),
        ("en", "Send Sara a text message saying I'm late!", "Sara", "I'm late!"),
        ("en", "text Sara saying text Omar saying hi", "Sara", "text Omar saying hi"),
        ("en", "Write a text to Sara with the text 5:30 p.m.", "Sara", "5:30 p.m."),
        ("ar", "أرسل رسالة إلى سارة تقول كيف حالك؟", "سارة", "كيف حالك؟"),
        ("ar", "ارسل رسالة نصية لسارة نصها وصلت", "سارة", "وصلت"),
        ("ar", "أرسل لسارة رسالة تقول فيها وصلت، الحمد لله", "سارة", "وصلت، الحمد لله"),
        ("ar", "ابعث رسالة لسارة وقل لها العشاء جاهز", "سارة", "العشاء جاهز"),
        ("ar", "أرسل رسالة للوالدة تقول أنا في الطريق", "الوالدة", "أنا في الطريق"),
        ("ar", "أرسل رسالة إلى الوالدة مفادها وصلت", "الوالدة", "وصلت"),
    ],
)
async def test_the_usual_ways_to_say_it_are_understood(
    hass: HomeAssistant, rig: Rig, language: str, sentence: str, name: str, text: str
) -> None:
    """In English and Arabic, answered in the language of the question."""
    account = await rig.add_account(
        contacts=(
            contact("Sara", SARA),
            contact("سارة", OMAR),
            contact("الوالدة", MOTHER),
        ),
        options=OFFERED,
    )
    answer, kind = await say(hass, sentence, language)
    begin = {
        "en": "Sending to",
        "ar": "جارٍ الإرسال إلى",
    }
    assert (answer, kind) == (f"{begin[language]} {name}: {text}", "action_done")
    await account.settled()
    assert [sms.text for sms in account.phone.outbox] == [text]


@pytest.mark.parametrize(
    ("language", "begin"),
    [("ar-SA", "جارٍ الإرسال"), ("en-GB", "Sending"), ("ja", "Sending")],
)
async def test_the_answer_is_in_the_nearest_language_there_is(
    hass: HomeAssistant, rig: Rig, language: str, begin: str
) -> None:
    """English where there is none."""
    await rig.add_account(options=OFFERED)
    answer, _ = await say(hass, SENTENCE, language)
    assert answer.startswith(begin)


@pytest.mark.parametrize("options", [{}, {"expose_to_assist": False}])
async def test_without_the_option_there_is_nothing(
    hass: HomeAssistant, rig: Rig, options: dict[str, Any]
) -> None:
    """No intent, no sentence, no tool; nothing is sent."""
    account = await rig.add_account(options=options)
    assert not is_registered(hass)
    assert (await tools(hass))[1] == []
    _, kind = await say(hass, SENTENCE)
    assert kind == "error"
    with pytest.raises(intent.UnknownIntent):
        await intent.async_handle(hass, "test", INTENT_SEND, {})
    assert posts(account.gateway) == []


async def test_the_option_is_taken_over_when_it_changes(
    hass: HomeAssistant, account: Account
) -> None:
    """On and off in the dialog, without a restart."""
    for wanted in (True, False, True):
        flow = await hass.config_entries.options.async_init(account.entry.entry_id)
        await hass.config_entries.options.async_configure(
            flow["flow_id"], {"expose_to_assist": wanted}
        )
        await hass.async_block_till_done()
        assert is_registered(hass) is wanted
        assert bool((await tools(hass))[1]) is wanted
        before = len(posts(account.gateway))
        await say(hass, SENTENCE)
        assert len(posts(account.gateway)) == before + wanted


async def test_a_language_model_gets_a_tool(hass: HomeAssistant, rig: Rig) -> None:
    """With the names of the contacts, without their numbers; it sends once."""
    account = await rig.add_account(
        contacts=(contact("Sara", SARA), contact("Omar", OMAR)), options=OFFERED
    )
    _, (tool,) = await tools(hass)
    assert tool.name == TOOL
    schema = {str(key): value for key, value in tool.parameters.schema.items()}
    assert schema["contact"].container == ["Omar", "Sara"]
    assert "966" not in f"{tool.description} {tool.parameters!r} {vars(tool)!r}"
    assert tool.annotations.destructive
    assert not tool.annotations.idempotent
    answer = await call_tool(hass, contact="Sara", message=TEXT)
    assert answer["response_type"] == "action_done"
    assert spoken(answer) == HANDED_OVER
    await account.settled()
    assert on_the_phone(account) == {SARA: 1}
    assert len(posts(account.gateway)) == 1


async def test_an_account_without_contacts_offers_no_tool(
    hass: HomeAssistant, rig: Rig
) -> None:
    """There is nobody it could write to."""
    await rig.add_account(contacts=(), options=OFFERED)
    assert (await tools(hass))[1] == []


async def test_another_api_gets_no_tool(hass: HomeAssistant, rig: Rig) -> None:
    """The option is about Assist."""
    await rig.add_account(options=OFFERED)
    asking = llm.LLMContext("test", Context(), "en", "conversation", None)
    offered = hass.data["llm_platforms"]
    platforms = await offered.async_get_platforms()
    assert platforms["sms_gate"].async_get_tools(hass, asking, "mine") is None


@pytest.mark.parametrize(
    "name", ["0590042734", SARA, "00966590042734", "STC", "5555", "Sarah", "Sara Omar"]
)
async def test_only_a_contact_can_be_written_to(
    hass: HomeAssistant, rig: Rig, name: str
) -> None:
    """Neither a number, nor a sender's name, nor nearly a contact."""
    account = await rig.add_account(options=OFFERED)
    told = f"There is no contact called {name.strip('+')}, so nothing was sent."
    said, _ = await say(hass, f"send a text to {name} saying hi")
    assert said.replace("+", "") == told
    answer = await call_tool(hass, contact=name, message="hi")
    assert spoken(answer).replace("+", "") == told
    assert answer["response_type"] == "error"
    assert answer["data"]["code"] == "no_valid_targets"
    assert posts(account.gateway) == []


async def test_a_name_of_two_contacts_sends_to_neither(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Whether in one account or in two that Assist may use."""
    account = await rig.add_account(
        contacts=(contact("Sara", SARA), contact("sara", OMAR)), options=OFFERED
    )
    told = "Several contacts are called Sara, so nothing was sent."
    said, _ = await say(hass, SENTENCE)
    assert said.startswith(told)
    answer = await call_tool(hass, contact="Sara", message="hi")
    assert spoken(answer).startswith(told)
    assert answer["data"]["code"] == "no_valid_targets"
    assert posts(account.gateway) == []


async def test_two_accounts_are_one_house(hass: HomeAssistant, rig: Rig) -> None:
    """A contact is written to by its own account; the same name in both is unclear."""
    async with VirtualGateway(username="second") as other:
        first = await rig.add_account(options=OFFERED)
        second = await rig.add_account(
            gateway=other,
            contacts=(contact("Omar", OMAR), contact("Sara", MOTHER)),
            options=OFFERED,
        )
        assert (await say(hass, "text Omar saying hi"))[1] == "action_done"
        assert (len(posts(first.gateway)), len(posts(other))) == (0, 1)
        assert (await say(hass, SENTENCE))[0].startswith("Several contacts")
        hass.config_entries.async_update_entry(second.entry, options={})
        await hass.async_block_till_done()
        assert (await say(hass, SENTENCE))[0] == HANDED_OVER
        assert (await say(hass, "text Omar saying hi"))[0].startswith("There is no")
        assert (len(posts(first.gateway)), len(posts(other))) == (1, 1)
        for account in (first, second):
            await account.settled()
            for phone in account.gateway.phones:
                await phone.stop()


async def test_it_goes_with_the_last_account(
    hass: HomeAssistant, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """Unloading one of two leaves it, the other one ends it, loading brings it back."""
    first = await rig.add_account(options=OFFERED)
    second = await rig.add_account(contacts=(contact("Omar", OMAR),), options=OFFERED)
    assert await hass.config_entries.async_unload(first.entry.entry_id)
    assert is_registered(hass)
    assert (await say(hass, SENTENCE))[0].startswith("There is no contact")
    assert await hass.config_entries.async_unload(second.entry.entry_id)
    assert not is_registered(hass)
    assert (await tools(hass))[1] == []
    assert (await say(hass, SENTENCE))[1] == "error"
    assert posts(first.gateway) == []
    assert await hass.config_entries.async_setup(first.entry.entry_id)
    assert (await say(hass, SENTENCE))[0] == HANDED_OVER
    assert await hass.config_entries.async_reload(first.entry.entry_id)
    assert (await say(hass, SENTENCE))[0] == HANDED_OVER
    assert len(posts(first.gateway)) == 2
    assert "overwritten" not in caplog.text  # registered once for both


async def test_an_account_that_cannot_start_offers_nothing(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Not even for the time it tries."""
    rig.gateway.faults["status"] = Fault(value=500, path="/webhooks")
    rig.gateway.faults["reset"] = Fault(path="/devices")
    await rig.add_account(options=OFFERED, state=ConfigEntryState.SETUP_RETRY)
    assert not is_registered(hass)
    assert (await tools(hass))[1] == []


async def test_the_contacts_sim_sends(hass: HomeAssistant, rig: Rig) -> None:
    """As from everywhere else."""
    await rig.add_account(contacts=(contact("Sara", SARA, 2),), options=OFFERED)
    await say(hass, SENTENCE)
    assert posts(rig.gateway)[0]["simNumber"] == 2


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "The gateway cannot be reached. Make sure"),
        ("ar", "تعذّر الوصول إلى البوابة. تأكد"),
    ],
)
async def test_a_gateway_that_is_down_is_told(
    hass: HomeAssistant,
    rig: Rig,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    told: str,
) -> None:
    """Spoken in one's language; nothing is claimed."""
    account = await rig.add_account(options=OFFERED)
    short_waits(monkeypatch)
    await account.phone.stop()
    await account.gateway._web.stop()
    assert (await say(hass, SENTENCE, language))[0].startswith(told)
    answer = await call_tool(hass, contact="Sara", message="hi")
    assert answer["response_type"] == "error"
    assert answer["data"]["code"] == "failed_to_handle"


async def test_the_daily_limit_holds(hass: HomeAssistant, rig: Rig) -> None:
    """A language model in a circle is stopped as an automation is."""
    account = await rig.add_account(options={**OFFERED, "daily_limit": 2})
    answers = [await call_tool(hass, contact="Sara", message=TEXT) for _ in range(3)]
    assert [answer["response_type"] for answer in answers] == [
        "action_done",
        "action_done",
        "error",
    ]
    assert "daily limit" in spoken(answers[2])
    assert len(posts(account.gateway)) == 2
    await account.settled()


@pytest.mark.parametrize("message", [" ", "\n"])
async def test_an_empty_text_is_refused(
    hass: HomeAssistant, rig: Rig, message: str
) -> None:
    """Also where it only looks like one."""
    account = await rig.add_account(options=OFFERED)
    response = await intent.async_handle(
        hass,
        "test",
        INTENT_SEND,
        {"contact": {"value": "Sara"}, "message": {"value": message}},
    )
    assert "must contain 1 to" in response.speech["plain"]["speech"]
    assert response.response_type is intent.IntentResponseType.ERROR
    assert posts(account.gateway) == []


async def test_an_unknown_outcome_is_called_unknown(
    hass: HomeAssistant, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that tries again at once sends nothing; a person who asks again does."""
    account = await rig.add_account(options=OFFERED)
    short_waits(monkeypatch)
    account.gateway.faults["drop_response"] = Fault()
    context = Context()
    for _ in range(2):
        answer = await call_tool(hass, context, contact="Sara", message=TEXT)
        assert spoken(answer).startswith("It is not known whether the message to Sara")
        assert answer["response_type"] == "error"
        assert len(posts(account.gateway)) == 3  # one message, tried three times
    account.gateway.faults.clear()
    for message in (TEXT, "something else"):
        said = await call_tool(hass, Context(), contact="Sara", message=message)
        assert said["response_type"] == "action_done"
    await call_tool(hass, context, contact="Sara", message="something else")
    assert len(posts(account.gateway)) == 6
    await account.settled()
    assert on_the_phone(account) == {SARA: 4}


async def test_a_sentence_tells_an_unknown_outcome_too(
    hass: HomeAssistant, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Arabic here."""
    account = await rig.add_account(options=OFFERED)
    short_waits(monkeypatch)
    account.gateway.faults["status"] = Fault(value=500, path="/messages")
    said, _ = await say(hass, SENTENCE, "ar")
    assert said.startswith("لم تستجب البوابة، ولا يُعرف هل أُرسلت الرسالة إلى Sara")


@pytest.mark.parametrize("fault", [None, "status"])
async def test_what_was_said_stays_out_of_the_log(
    hass: HomeAssistant,
    rig: Rig,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: str | None,
) -> None:
    """Whether it goes out or not; what Home Assistant debugs is its own."""
    account = await rig.add_account(options=OFFERED)
    short_waits(monkeypatch)
    if fault:
        account.gateway.faults[fault] = Fault(value=500, path="/messages")
    caplog.set_level(logging.DEBUG)
    await say(hass, SENTENCE)
    await say(hass, "send a text to Nobody saying Where are you?")
    await call_tool(hass, contact="Sara", message=TEXT)
    await account.settled()
    logged = [
        record.getMessage() + (record.exc_text or "")
        for record in caplog.records
        if record.levelno > logging.DEBUG or record.name.startswith("custom_components")
    ]
    assert logged
    for private in ("Where are", "Nobody", SARA[4:], "saying"):
        assert [line for line in logged if private in line] == []


async def test_the_intent_can_be_called_by_what_shows_a_keyboard(
    hass: HomeAssistant, rig: Rig, hass_client: Callable[..., Any]
) -> None:
    """Home Assistant's own address for intents, used by other voice assistants."""
    account = await rig.add_account(options=OFFERED)
    client: Web = await hass_client()
    body = {"name": INTENT_SEND, "data": {"contact": "sara", "message": TEXT}}
    answer = await client.post("/api/intent/handle", json=body)
    assert answer.status == HTTPStatus.OK
    assert spoken(await answer.json()) == HANDED_OVER
    assert len(posts(account.gateway)) == 1


@pytest.mark.parametrize(
    ("language", "sentence", "done", "unknown"),
    [
        (
            "de",
            "Schick Sara eine SMS mit dem Text bin da, und du?",
            "Wird an Sara gesendet: bin da, und du?",
            "Es gibt keinen Kontakt namens Lina. Es wurde nichts gesendet.",
        ),
        (
            "de",
            "Sende eine SMS an Sara mit dem Text Hallo",
            "Wird an Sara gesendet: Hallo",
            "Es gibt keinen Kontakt namens Lina. Es wurde nichts gesendet.",
        ),
        (
            "fr",
            "Envoie un SMS à Sara disant j'arrive !",
            "Envoi en cours à Sara\N{NO-BREAK SPACE}: j'arrive !",
            "Aucun contact ne s'appelle Lina. Rien n'a été envoyé.",
        ),
    ],
)
async def test_a_file_with_sentences_of_ones_own_works(
    hass: HomeAssistant, rig: Rig, language: str, sentence: str, done: str, unknown: str
) -> None:
    """Copied as the documentation says; an unknown name is an error there."""
    source = ROOT / "assist" / "custom_sentences" / language
    target = Path(hass.config.path("custom_sentences", language))
    await hass.async_add_executor_job(shutil.copytree, source, target)
    account = await rig.add_account(options=OFFERED)
    answer, kind = await say(hass, sentence, language)
    assert (answer, kind) == (done, "action_done")
    answer, kind = await say(hass, sentence.replace("Sara", "Lina"), language)
    assert (answer, kind) == (unknown, "error")
    await account.settled()
    (sms,) = account.phone.outbox
    assert done.endswith(str(sms.text))
