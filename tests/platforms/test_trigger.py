"""Triggers, in automations of a real Home Assistant."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from tests.support.common import OMAR, SARA, Account


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
