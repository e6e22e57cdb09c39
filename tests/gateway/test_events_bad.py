"""What is no event, and what nobody may see of one."""

from functools import partial
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.sms_gate.account.bus_event import PRIVATE_FIELDS, SmsGateEvent
from custom_components.sms_gate.account.contacts import Contact
from custom_components.sms_gate.gateway.errors import InvalidPayloadError
from custom_components.sms_gate.gateway.events import parse_events
from custom_components.sms_gate.gateway.fields import MAX_NAME_LENGTH
from tests.gateway.test_models import SIM, json_values, spoilt, without
from tests.support.common import OMAR, SARA
from tests.support.event_samples import (
    CHECK,
    HEALTH,
    PAYLOADS,
    TEXT,
    body,
    on_the_bus,
    read,
)


def bad(event: str = "sms:received", /, **changed: Any) -> dict[str, Any]:
    """Return a body whose payload is wrong."""
    return body(event, {**PAYLOADS[event], **changed})


@pytest.mark.parametrize(
    ("posted", "field"),
    [
        (None, "body"),
        ([], "body"),
        ("sms:received", "body"),
        ({}, "event"),
        (without(body("sms:received"), "id"), "id"),
        (without(body("sms:received"), "deviceId"), "deviceId"),
        (without(body("sms:received"), "event"), "event"),
        (without(body("sms:received"), "payload"), "payload"),
        ({**body("sms:received"), "id": 5}, "id"),
        ({**body("sms:received"), "event": ["sms:received"]}, "event"),
        ({**body("sms:received"), "event": "SMS:RECEIVED"}, "unknown"),
        ({**body("sms:received"), "event": "sms:batch:sent"}, "unknown"),
        ({**body("sms:received"), "payload": [PAYLOADS["sms:received"]]}, "payload"),
        (bad(message=None), "message"),
        (bad(message={"text": TEXT}), "message"),
        (bad(messageId=None), "messageId"),
        (bad(messageId=7), "messageId"),
        (bad(sender=[SARA]), "sender"),
        (bad(sender=None, phoneNumber=5), "phoneNumber"),
        (bad(simNumber="1"), "simNumber"),
        (bad(simNumber=True), "simNumber"),
        (bad(simNumber=1.5), "simNumber"),
        (bad(receivedAt="yesterday"), "receivedAt"),
        (bad(receivedAt="2026-06-22T15:46:11"), "receivedAt"),
        (bad(receivedAt=1_782_132_371), "receivedAt"),
        (bad("sms:data-received", data=None), "data"),
        (bad("mms:received", size="big"), "size"),
        (bad("mms:downloaded", attachments={}), "attachments"),
        (bad("sms:sent", partsCount="2"), "partsCount"),
        (bad("sms:failed", reason=5), "reason"),
        (bad("system:ping", health="good"), "health"),
        (bad("system:ping", health={"checks": {}}), "status"),
        (bad("system:ping", health={**HEALTH, "checks": [CHECK]}), "checks"),
        (bad("app:started", simCards=SIM), "simCards"),
    ],
)
def test_a_wrong_body_is_refused_by_the_fields_name(posted: object, field: str) -> None:
    """The error says which field, never what it holds."""
    with pytest.raises(InvalidPayloadError) as caught:
        parse_events(posted)
    assert field in str(caught.value)
    assert TEXT not in str(caught.value)
    assert SARA not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("event", PAYLOADS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_anything_parses_or_is_invalid(event: str, data: st.DataObject) -> None:
    """No JSON makes anything but an event that fits the bus or InvalidPayloadError."""
    good = body(event)
    posted = data.draw(
        json_values
        | spoilt(good)
        | st.builds(body, st.just(event), spoilt(PAYLOADS[event]))
    )
    try:
        parsed = parse_events(posted)
    except InvalidPayloadError:
        return
    for one in parsed:
        assert json.dumps(on_the_bus(one))


@pytest.mark.parametrize("event", PAYLOADS)
def test_no_repr_shows_anything_private(event: str) -> None:
    """Whatever logs an event logs no text, number or name."""
    parsed = read(body(event))
    contact = Contact(id="c1", name="Sara", phone_number=SARA)
    received = SmsGateEvent(
        event=parsed, entry_id="entry", device_id="device", contact=contact
    )
    shown = repr((parsed, received, parsed.attachments, parsed.sim_cards, contact))
    for private in (TEXT, SARA, OMAR, "SGk=", "AAAA", "private.jpg", "Sara"):
        assert private not in shown
    assert str(SIM["iccid"]) not in shown


@pytest.mark.parametrize("event", PAYLOADS)
def test_the_private_fields_are_named(event: str) -> None:
    """What the recorder and the diagnostics leave out covers all that is private."""
    contact = Contact(id="c1", name="Sara", phone_number=SARA)
    data = on_the_bus(read(body(event)), contact)
    public = repr({k: v for k, v in data.items() if k not in PRIVATE_FIELDS})
    for private in (TEXT, SARA, OMAR, "SGk=", "private.jpg", "Sara", str(SIM["iccid"])):
        assert private not in public


@pytest.mark.parametrize(
    "payload", [{}, {"messages": None}, {"items": [PAYLOADS["sms:received"]]}]
)
def test_a_batch_without_its_messages_is_refused(payload: dict[str, Any]) -> None:
    """A 200 for what was not understood would lose up to a hundred messages."""
    with pytest.raises(InvalidPayloadError):
        parse_events(
            {**body("sms:received"), "event": "sms:batch:received", "payload": payload}
        )


@pytest.mark.parametrize("messages", [{}, "x", [None], [[]], [{}, {}]])
def test_a_batch_in_which_nothing_can_be_read_is_refused(messages: object) -> None:
    """The phone posts it again."""
    posted = {
        **body("sms:received"),
        "event": "sms:batch:received",
        "payload": {"messages": messages},
    }
    with pytest.raises(InvalidPayloadError):
        parse_events(posted)


@pytest.mark.parametrize("field", ["id", "deviceId"])
@pytest.mark.parametrize("length", [255, 256, 5_000_000])
def test_ids_are_bounded(field: str, length: int) -> None:
    """No phone has ids of megabytes, so none are remembered."""
    posted = {**body("sms:received"), field: "f" * length}
    _expect_bounded(posted, field, length)


@pytest.mark.parametrize(
    ("event", "field"),
    [("sms:received", "messageId"), ("mms:received", "transactionId")],
)
@pytest.mark.parametrize("length", [255, 256, 5_000_000])
def test_ids_of_messages_are_bounded(event: str, field: str, length: int) -> None:
    """Up to there, every id has a name in the inbox."""
    posted = body(event, {**PAYLOADS[event], field: "f" * length})
    _expect_bounded(posted, field, length)


def _expect_bounded(posted: dict[str, Any], field: str, length: int) -> None:
    if length <= 255:
        assert read(posted).content_id
        return
    with pytest.raises(InvalidPayloadError, match=field):
        parse_events(posted)


@given(message_id=st.text(max_size=12))
@settings(deadline=None)
def test_any_message_id_has_an_inbox_name(message_id: str) -> None:
    """Blanks, signs and foreign digits are no crash either."""
    payload = {**PAYLOADS["sms:received"], "messageId": message_id}
    assert read(body("sms:received", payload)).content_id


@pytest.mark.parametrize("length", [MAX_NAME_LENGTH, MAX_NAME_LENGTH + 1])
@pytest.mark.parametrize("key", ["sender", "recipient", "phoneNumber"])
def test_an_address_has_a_bound(key: str, length: int) -> None:
    """Nobody's is as long; reading one would hold the event loop."""
    payload = {"messageId": "x", "message": "Hi", "receivedAt": None}
    envelope = {"id": "a", "deviceId": "b", "event": "sms:received"}
    parse = partial(
        parse_events, {**envelope, "payload": {**payload, key: "A" * length}}
    )
    if length > MAX_NAME_LENGTH:
        with pytest.raises(InvalidPayloadError, match=f"{key} is too long"):
            parse()
    else:
        assert len(parse()) == 1
