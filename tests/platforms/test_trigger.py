"""Triggers, in automations of a real Home Assistant."""

import asyncio
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.trigger import TriggerConfig
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.sms_gate.account.bus_event import SmsGateEvent
from custom_components.sms_gate.account.signals import signal_kind
from custom_components.sms_gate.account.wanted import async_forget_unknown, async_wanted
from custom_components.sms_gate.gateway.events import EventKind
from custom_components.sms_gate.trigger import MessageReceived
from harness.until import until
from tests.support.common import OMAR, SARA, Account
from tests.support.event_samples import AT, IN, body, read
from tests.support.turns import LONGEST_TURN, longest_turn


async def automation(
    hass: HomeAssistant, kind: str, **options: Any
) -> list[dict[str, Any]]:
    """Add an automation and return where it records the trigger's variables.

    The sign in front keeps a template from making a whole number of a phone number.
    """
    runs: list[dict[str, Any]] = []
    hass.services.async_register(
        "test", "record", lambda call: runs.append(dict(call.data))
    )
    names = ("message", "sender", "contact", "sim_number", "message_id", "recipient")
    data = {
        name: f"={{{{ trigger.{name} }}}}"
        for name in names
        if kind == "message_received" or name != "message"
    }
    if kind == "message_received":
        data["groups"] = "{{ trigger.groups }}"
        data["rest"] = "={{ trigger.rest }}"
    if kind == "message_failed":
        data["reason"] = "{{ trigger.reason }}"
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "triggers": [{"trigger": f"sms_gate.{kind}", "options": options}],
                "actions": [{"action": "test.record", "data": data}],
            }
        },
    )
    await hass.async_block_till_done()
    return runs


@pytest.mark.parametrize(
    ("options", "fires"),
    [
        pytest.param({}, True, id="no options"),
        pytest.param({"senders": ["sara"]}, True, id="contact's name"),
        pytest.param({"senders": ["059 004 2734"]}, True, id="number, local form"),
        pytest.param({"senders": [OMAR, SARA]}, True, id="one of two numbers"),
        pytest.param({"senders": [OMAR]}, False, id="another number"),
        pytest.param({"senders": "Omar"}, False, id="another name"),
        pytest.param({"text": "GATE"}, True, id="contains"),
        pytest.param({"text": "door"}, False, id="does not contain"),
        pytest.param({"text": "open", "match": "starts_with"}, True, id="starts with"),
        pytest.param(
            {"text": "gate", "match": "starts_with"}, False, id="starts otherwise"
        ),
        pytest.param({"text": "open GATE 42", "match": "equals"}, True, id="equals"),
        pytest.param({"text": "open gate", "match": "equals"}, False, id="not equal"),
        pytest.param({"text": r"gate (\d+)", "match": "regex"}, True, id="regex"),
        pytest.param(
            {"text": r"gate (\d{3})", "match": "regex"}, False, id="regex, no match"
        ),
        pytest.param({"sim_number": 1}, True, id="sim"),
        pytest.param({"sim_number": 2}, False, id="another sim"),
        pytest.param({"config_entry_id": "another"}, False, id="another account"),
    ],
)
async def test_received(
    hass: HomeAssistant, account: Account, options: dict[str, Any], fires: bool
) -> None:
    """A message fires the automation whose options it fits."""
    runs = await automation(hass, "message_received", **options)
    account.phone.receive(SARA, "Open gate 42")
    await account.settled()
    assert bool(runs) is fires
    if fires:
        assert runs[0]["message"] == "=Open gate 42"
        assert runs[0]["contact"] == "=Sara"
        assert runs[0]["sim_number"] == "=1"
        assert runs[0]["groups"] == (["42"] if options.get("match") == "regex" else [])


@pytest.mark.parametrize("kind", ["message_sent", "message_delivered"])
async def test_sent_and_delivered(
    hass: HomeAssistant, account: Account, kind: str
) -> None:
    """A message sent to one of the recipients fires once."""
    runs = await automation(hass, kind, recipients=["Sara"])
    answer = await account.send("Hello", "Sara", OMAR)
    await account.settled()
    assert [run["recipient"] for run in runs] == [f"={SARA}"]
    assert runs[0]["message_id"] == f"={answer['messages'][0]['message_id']}"


async def test_failed(hass: HomeAssistant, account: Account) -> None:
    """A failed message fires with the phone's reason."""
    runs = await automation(hass, "message_failed")
    account.phone.outcomes[SARA] = "failed"
    await account.send("Hello", "Sara")
    await account.settled()
    assert [run["reason"] for run in runs] == [
        f"Send result: {account.phone.fail_reason}"
    ]


async def test_a_bad_regex_is_refused_when_the_automation_is_saved(
    hass: HomeAssistant, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """The automation does not load, and the log says which field is wrong."""
    await automation(hass, "message_received", text="gate (", match="regex")
    (state,) = hass.states.async_all("automation")
    assert state.state == "unavailable"
    assert "not a regular expression" in caplog.text


@pytest.mark.parametrize(
    ("options", "text"),
    [
        pytest.param({"text": "ışık aç"}, "Işık aç", id="dotless i"),
        pytest.param({"text": "Işık aç"}, "ışık aç", id="capital of dotless i"),
        pytest.param({"text": "iptal"}, "İptal", id="dotted capital"),
        pytest.param({"text": "İPTAL"}, "iptal", id="dotted capital in the option"),
        pytest.param({"text": "افتح", "match": "equals"}, "\u200fافتح\u200f", id="RLM"),
        pytest.param({"text": "افتح", "match": "equals"}, "\u202bافتح\u202c", id="RLE"),
        pytest.param({"text": "it's me"}, "It’s me", id="apostrophe"),
        pytest.param({"text": "café"}, "Cafe\u0301!", id="two code points"),
        pytest.param({"text": "open  gate"}, "OPEN\u00a0GATE", id="spaces"),
        pytest.param({"text": "0042", "match": "equals"}, "٠٠٤٢", id="digits"),
        pytest.param(
            {"text": "^it's (.*)$", "match": "regex"}, "IT’S\u200f ok", id="regex"
        ),
        pytest.param({"text": "kapı", "match": "regex"}, "KAPI", id="regex, Turkish"),
    ],
)
async def test_texts_are_compared_as_people_mean_them(
    hass: HomeAssistant, account: Account, options: dict[str, Any], text: str
) -> None:
    """Case, composition, quotes and invisible marks do not matter."""
    runs = await automation(hass, "message_received", **options)
    account.phone.receive(SARA, text)
    await account.settled()
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("options", "message", "rest"),
    [
        pytest.param({"text": "gate"}, "Gate  ٤٧١١ now", "4711 now", id="words"),
        pytest.param({"text": "open gate"}, "OPEN\u00a0gate", "", id="nothing more"),
        pytest.param({"text": "STRASSE"}, "Straße Ab", "Ab", id="case stays"),
        pytest.param({"text": "gat"}, "gate 1", None, id="within a word"),
        pytest.param({}, " a  b ", "a b", id="no text"),
        pytest.param({"text": "gate", "match": "equals"}, "gate", None, id="equals"),
        pytest.param({"text": "gate", "match": "regex"}, "gate", None, id="regex"),
    ],
)
async def test_what_follows_the_text(
    hass: HomeAssistant,
    account: Account,
    options: dict[str, Any],
    message: str,
    rest: str | None,
) -> None:
    """Whole words only, in the usual digits and spaces: to compare a PIN with."""
    runs = await automation(
        hass, "message_received", **({"match": "starts_with"} | options)
    )
    account.phone.receive(SARA, message)
    await account.settled()
    assert [run["rest"] for run in runs] == [f"={rest}"]


@pytest.mark.parametrize(
    ("senders", "sender", "fires"),
    [
        pytest.param(["Sara"], "Sara", False, id="who calls itself like a contact"),
        pytest.param(["Sara"], "SARA", False, id="in capitals"),
        pytest.param(["STC"], "STC", True, id="name of a sender"),
        pytest.param(["STC"], "stc", True, id="in small letters"),
        pytest.param(["STC"], "STCPAY", False, id="a longer name"),
        pytest.param(["AL-RAJHI"], "AL-RAJHI", True, id="with a dash"),
        pytest.param(["*mybank*"], "AD-MYBANK-S", True, id="pattern"),
        pytest.param(["*MYBANK*"], "AD-MYBNK-S", False, id="pattern, another"),
        pytest.param(["MyBank*"], "MYBANK", True, id="pattern with nothing left"),
        pytest.param(["my*nk"], "MyBank", True, id="pattern inside"),
        pytest.param(["ab*ba"], "aba", False, id="pattern that would overlap"),
        pytest.param(["*"], "Anybody", True, id="any"),
        pytest.param(["+96659*"], SARA, True, id="pattern of numbers"),
        pytest.param(["MyBank"], "MyBank", False, id="a person's name is no sender's"),
        pytest.param([f"Nobody, {SARA}"], SARA, True, id="list in a text"),
        pytest.param(f"{OMAR}; 059 004 2734", SARA, True, id="semicolon"),
        pytest.param(["Nobody", [SARA]], SARA, True, id="list in a list"),
        pytest.param([590042734], SARA, True, id="whole number"),
        pytest.param("966590042734", SARA, True, id="without a plus"),
        pytest.param(["", "Sara"], SARA, True, id="an empty one beside"),
        pytest.param(["5555"], "5555", True, id="short code"),
        pytest.param([SARA], "0590042734", True, id="sent in local form"),
    ],
)
async def test_senders_are_read_like_recipients(
    hass: HomeAssistant, account: Account, senders: Any, sender: str, fires: bool
) -> None:
    """Lists, spellings, patterns; a contact's name is never a sender's."""
    runs = await automation(hass, "message_received", senders=senders)
    account.phone.receive(sender, "Hello")
    await account.settled()
    assert bool(runs) is fires


@pytest.mark.parametrize(
    ("options", "sender", "fires"),
    [
        pytest.param({"except_senders": ["sara "]}, SARA, False, id="a contact"),
        pytest.param({"except_senders": "Sara"}, OMAR, True, id="somebody else"),
        pytest.param({"except_senders": "Sara"}, "Sara", True, id="bought name"),
        pytest.param({"except_senders": []}, SARA, True, id="nobody"),
        pytest.param({"except_senders": [590042734]}, SARA, False, id="whole number"),
        pytest.param(
            {"except_senders": f"{OMAR}; 059 004 2734"}, SARA, False, id="list"
        ),
        pytest.param({"except_senders": ["*bank*"]}, "MyBank", False, id="pattern"),
        pytest.param(
            {"senders": [SARA, OMAR], "except_senders": ["Sara"]},
            SARA,
            False,
            id="also a sender",
        ),
        pytest.param(
            {"senders": [SARA, OMAR], "except_senders": ["Sara"]},
            OMAR,
            True,
            id="the other sender",
        ),
    ],
)
async def test_exceptions_are_read_like_senders(
    hass: HomeAssistant,
    account: Account,
    options: dict[str, Any],
    sender: str,
    fires: bool,
) -> None:
    """Whoever is excepted runs nothing, also where a sender is the same person."""
    runs = await automation(hass, "message_received", **options)
    account.phone.receive(sender, "Hello")
    await account.settled()
    assert bool(runs) is fires


@pytest.mark.parametrize(
    ("options", "word"),
    [
        pytest.param({"text": True}, "quotes", id="on"),
        pytest.param({"text": 42}, "quotes", id="digits"),
        pytest.param({"text": 4.5}, "quotes", id="fraction"),
        pytest.param({"text": None}, "quotes", id="nothing"),
        pytest.param({"text": "\u200f "}, "nothing to see", id="invisible"),
        pytest.param({"text": "{{ states('a.b') }}"}, "not rendered", id="template"),
        pytest.param({"senders": ["{{ 1 }}"]}, "not rendered", id="template sender"),
        pytest.param({"text": "(" * 2000, "match": "regex"}, "longer", id="long"),
        pytest.param(
            {"text": "(" * 900 + ")" * 900, "match": "regex"}, "longer", id="long too"
        ),
        pytest.param(
            {"text": "(" * 499 + ")" * 499, "match": "regex"}, "not a reg", id="deep"
        ),
        pytest.param({"senders": ""}, "name somebody", id="empty sender"),
        pytest.param({"senders": ["", " "]}, "name somebody", id="empty senders"),
        pytest.param({"senders": [[]]}, "name somebody", id="empty list in a list"),
        pytest.param({"senders": " ، ; "}, "name somebody", id="separators only"),
        pytest.param({"senders": [True]}, "quotes", id="true as a sender"),
        pytest.param({"senders": [71234567]}, "quotes", id="no whole number"),
        pytest.param({"senders": {"name": "Sara"}}, "neither", id="mapping"),
        pytest.param({"except_senders": ["{{ 1 }}"]}, "not rendered", id="but for: {{"),
        pytest.param({"except_senders": [""]}, "name somebody", id="but for nobody"),
        pytest.param({"except_senders": [71234567]}, "quotes", id="but for a number"),
    ],
)
async def test_what_could_never_fire_is_refused_when_saved(
    hass: HomeAssistant,
    account: Account,
    caplog: pytest.LogCaptureFixture,
    options: dict[str, Any],
    word: str,
) -> None:
    """With a word on what to do."""
    await automation(hass, "message_received", **options)
    (state,) = hass.states.async_all("automation")
    assert state.state == "unavailable"
    assert word in caplog.text


async def test_octal_senders_are_the_ones_that_were_written(
    hass: HomeAssistant, account: Account
) -> None:
    """YAML reads 0551234567 as 94714231."""
    runs = await automation(hass, "message_received", senders=0o551234567)
    account.phone.receive("+966551234567", "Hello")
    await account.settled()
    assert len(runs) == 1


def unknown(hass: HomeAssistant) -> list[tuple[str, str]]:
    """Return the names that issues call unknown, and the nearest."""
    return [
        (issue.translation_placeholders["name"], issue.translation_placeholders["near"])
        for (_, key), issue in ir.async_get(hass).issues.items()
        if key.startswith("unknown_contact") and issue.translation_placeholders
    ]


async def test_a_name_that_no_contact_has_is_an_issue(
    hass: HomeAssistant, account: Account
) -> None:
    """With the nearest; it goes with the automation."""
    await automation(
        hass,
        "message_received",
        senders=["Sarah", "Bob", "SARAH", "STC", "*x*", "5555"],
        except_senders=["Eve", "bob", "Sara"],
    )
    found = [("Eve", "–"), ("SARAH", "Sara"), ("bob", "–")]
    assert sorted(unknown(hass)) == found
    (state,) = hass.states.async_all("automation")
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": state.entity_id}, blocking=True
    )
    assert unknown(hass) == []


async def test_an_issue_stays_as_long_as_a_trigger_has_it(hass: HomeAssistant) -> None:
    """Two triggers may have the same name."""
    MockConfigEntry(domain="sms_gate", version=2).add_to_hass(hass)
    one, other = object(), object()
    for owner in (one, other):
        await async_wanted(hass, {"senders": ["Bob"]}, owner)
    async_forget_unknown(hass, one)
    assert unknown(hass) == [("Bob", "–")]
    async_forget_unknown(hass, other)
    assert unknown(hass) == []


WORST = [
    pytest.param([(r"^(\w+\s?)+$", "a" * 40 + "!")], id="nested quantifier"),
    pytest.param([(r"(a|aa)+$", "a" * 60 + "!")], id="alternatives"),
    pytest.param([(r"(\d+)\s*%", "1" * 20_000)], id="quadratic"),
    pytest.param([(r"(.*?,){20}P", "1," * 2000)], id="many commas"),
    pytest.param([(r"\s+$", " " * 3900 + "x")], id="blanks"),
    pytest.param([(r"(?:.*a){10}b", "a" * 4000)], id="polynomial"),
    pytest.param([(f"word {i}", "Ab " * 100_000) for i in range(50)], id="50 texts"),
    pytest.param(
        [(f"word {i}", "\ufdfa" * 100_000) for i in range(50)], id="ligatures"
    ),
    pytest.param([("x", "a" + "\u0301\u0323" * 100_000)], id="marks"),
]


def received(message: str) -> SmsGateEvent:
    """Return a message as triggers get it."""
    payload = {**IN, "message": message, "receivedAt": AT}
    event = read(body("sms:received", payload))
    return SmsGateEvent(event=event, entry_id="e", device_id="d", contact=None)


async def attached(hass: HomeAssistant, text: str, match: str) -> list[str]:
    """Attach a trigger and return where it tells how each message ended."""
    ends: list[str] = []
    config = await MessageReceived.async_validate_config(
        hass, {"options": {"text": text, "match": match}}
    )
    trigger = MessageReceived(
        hass, TriggerConfig(key="message_received", options=config["options"])
    )

    def run(
        extra_trigger_payload: dict[str, Any],
        description: str,
        context: Context | None = None,
    ) -> asyncio.Task[Any]:
        ends.append("fired")
        return hass.async_create_task(asyncio.sleep(0))

    await trigger.async_attach_runner(
        run, lambda info, context=None: ends.append(info.reason)
    )
    return ends


@pytest.mark.parametrize("pairs", WORST)
async def test_no_message_holds_the_event_loop(
    hass: HomeAssistant, pairs: list[tuple[str, str]]
) -> None:
    """Whatever the pattern and the text; each trigger ends with a reason."""
    match = "contains" if len(pairs) > 1 else "regex"
    ends = [await attached(hass, text, match) for text, _ in pairs]
    event = received("warm up ع")
    async_dispatcher_send(hass, signal_kind(EventKind.SMS_RECEIVED), event)
    await until(lambda: all(ends))
    message = pairs[0][1]
    event = received(message)

    async def match_all() -> None:
        before = len(ends[0])  # no more than five a second are reported
        async_dispatcher_send(hass, signal_kind(EventKind.SMS_RECEIVED), event)
        await until(lambda: all(len(reasons) > before for reasons in ends))

    assert await longest_turn(match_all, tries=4) < LONGEST_TURN
    assert {reason for reasons in ends for reason in reasons[1:]} <= {
        "text_does_not_match",
        "pattern_took_too_long",
    }


async def test_a_pattern_that_takes_too_long_is_given_up(hass: HomeAssistant) -> None:
    """With a line in the log that has neither text nor pattern."""
    ends = await attached(hass, r"(a|aa)+$", "regex")
    event = received("a" * 90 + "!")
    async_dispatcher_send(hass, signal_kind(EventKind.SMS_RECEIVED), event)
    await until(lambda: ends)
    assert ends == ["pattern_took_too_long"]


async def test_why_a_trigger_did_not_fire(
    hass: HomeAssistant, account: Account
) -> None:
    """Home Assistant shows it in the automation's traces."""
    ends = await attached(hass, "gate", "equals")
    account.phone.receive(SARA, "door")
    await account.settled()
    assert ends == ["text_does_not_match"]


async def test_a_burst_that_matches_nothing_reports_as_much_as_is_kept(
    hass: HomeAssistant,
) -> None:
    """Each report is a trace of Home Assistant, which keeps the last five."""
    ends = await attached(hass, "nobody writes this", "contains")

    def dispatch() -> list[str]:
        for number in range(20):
            event = received(f"number {number}")
            async_dispatcher_send(hass, signal_kind(EventKind.SMS_RECEIVED), event)
        return ends

    assert dispatch() == ["text_does_not_match"] * 5
    await asyncio.sleep(1)
    assert dispatch() == ["text_does_not_match"] * 10
