"""What the gateway says, good and bad, as models."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.sms_gate.gateway.errors import InvalidPayloadError
from custom_components.sms_gate.gateway.models import (
    Device,
    Message,
    MessageState,
    OutgoingMessage,
    Recipient,
    SimCard,
    Webhook,
)
from tests.support.common import OMAR, SARA

TEXT = "Nobody may read this"
RECIPIENT = {"phoneNumber": SARA, "state": "Sent", "error": None}
MESSAGE = {
    "id": "m1",
    "deviceId": "d1",
    "state": "Sent",
    "isHashed": False,
    "isEncrypted": False,
    "recipients": [RECIPIENT],
    "states": {
        "Pending": "2026-06-22T15:46:11.000+03:00",
        "Sent": "2026-06-22T12:46:12.123456789Z",
    },
    "textMessage": {"text": TEXT},
}
SIM = {
    "slotIndex": 0,
    "simNumber": 1,
    "phoneNumber": SARA,
    "carrierName": "STC",
    "iccid": "8996601234567890123",
}
DEVICE = {
    "id": "d1",
    "name": "Pixel",
    "createdAt": "2026-06-22T12:46:11Z",
    "updatedAt": "2026-06-22T12:46:11Z",
    "lastSeen": "2026-06-22T12:46:11.5Z",
    "simCards": [SIM],
}
WEBHOOK = {"id": "w1", "url": "https://ha.example/api/s3cret", "event": "sms:received"}
GOOD: dict[Any, dict[str, Any]] = {Message: MESSAGE, Device: DEVICE, Webhook: WEBHOOK}
MODELS = [*GOOD, Recipient, SimCard]
NO_OBJECTS: tuple[object, ...] = (None, [], "x", 1, True)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["2026-06-22T15:46:11Z", "9999-12-31T24:00:00Z", "0001-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def spoilt(draw: st.DrawFn, good: dict[str, Any]) -> dict[str, Any]:
    """Return a good payload in which some fields hold anything, or are missing."""
    payload = dict(good)
    for key in draw(st.sets(st.sampled_from(sorted(good)))):
        if draw(st.booleans()):
            del payload[key]
        elif isinstance(good[key], dict) and good[key] and draw(st.booleans()):
            payload[key] = draw(spoilt(good[key]))
        elif isinstance(good[key], list) and good[key] and draw(st.booleans()):
            payload[key] = [draw(spoilt(good[key][0])), draw(json_values)]
        else:
            payload[key] = draw(json_values)
    return payload


def without(payload: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return the payload without these fields."""
    return {key: value for key, value in payload.items() if key not in keys}


def test_a_message_is_read_whole() -> None:
    """Every field arrives, the offset of its times too, nanoseconds are cut."""
    message = Message.from_payload(MESSAGE)
    assert message == Message(
        id="m1",
        device_id="d1",
        state="Sent",
        recipients=(Recipient(phone_number=SARA, state="Sent"),),
        states={
            "Pending": datetime(2026, 6, 22, 12, 46, 11, tzinfo=UTC),
            "Sent": datetime(2026, 6, 22, 12, 46, 12, 123456, tzinfo=UTC),
        },
        text=TEXT,
    )
    assert message.states["Pending"].utcoffset() == timedelta(hours=3)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"state": "Teleported"}, {"state": "Teleported"}),
        ({"recipients": None}, {"recipients": ()}),
        ({"states": None}, {"states": {}}),
        ({"textMessage": None}, {"text": None}),
        ({"textMessage": {}}, {"text": None}),
        ({"dataMessage": {"data": "SGk=", "port": 5}}, {"data": "SGk=", "port": 5}),
        ({"isEncrypted": True}, {"is_encrypted": True}),
        ({"isEncrypted": "true"}, {"is_encrypted": False}),
        ({"hashedMessage": {"hash": "6129c7baa5c3b651"}}, {"text": TEXT}),
        ({"createdAt": "yesterday"}, {"id": "m1"}),
    ],
    ids=lambda value: next(iter(value)),
)
def test_a_message_may_miss_or_add_much(
    changed: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Unknown states and fields are data, content may be away."""
    message = Message.from_payload({**MESSAGE, **changed})
    assert {key: getattr(message, key) for key in expected} == expected


def test_a_hashed_message_has_no_text() -> None:
    """After a minute the server knows neither text nor number any more."""
    hashed = {
        **without(MESSAGE, "textMessage"),
        "isHashed": True,
        "hashedMessage": {"hash": "ab"},
        "recipients": [{"phoneNumber": "6129c7baa5c3b651", "state": "Failed"}],
    }
    message = Message.from_payload(hashed)
    assert (message.text, message.recipients[0].state) == (None, "Failed")


@pytest.mark.parametrize(
    ("model", "payload", "field"),
    [
        *((model, bad, "") for model in MODELS for bad in NO_OBJECTS),
        (Message, without(MESSAGE, "id"), "id"),
        (Message, without(MESSAGE, "deviceId"), "deviceId"),
        (Message, {**MESSAGE, "id": 1}, "id"),
        (Message, {**MESSAGE, "state": None}, "state"),
        (Message, {**MESSAGE, "recipients": {}}, "recipients"),
        (Message, {**MESSAGE, "recipients": [None]}, "recipients"),
        (Message, {**MESSAGE, "recipients": [{"state": "Sent"}]}, "phoneNumber"),
        (Message, {**MESSAGE, "recipients": [{"phoneNumber": SARA}]}, "state"),
        (Message, {**MESSAGE, "recipients": [{**RECIPIENT, "error": 1}]}, "error"),
        (Message, {**MESSAGE, "states": ["Sent"]}, "states"),
        (Message, {**MESSAGE, "textMessage": TEXT}, "textMessage"),
        (Message, {**MESSAGE, "textMessage": {"text": 1}}, "text"),
        (Message, {**MESSAGE, "dataMessage": {"port": True}}, "port"),
        (Message, {**MESSAGE, "dataMessage": {"port": 1.5}}, "port"),
        (Device, without(DEVICE, "id"), "id"),
        (Device, {**DEVICE, "simCards": "none"}, "simCards"),
        (Webhook, without(WEBHOOK, "url"), "url"),
        (Webhook, {**WEBHOOK, "event": None}, "event"),
    ],
)
def test_a_wrong_payload_is_refused_by_the_fields_name(
    model: type[Message], payload: object, field: str
) -> None:
    """The error says which field, never what it holds."""
    with pytest.raises(InvalidPayloadError) as caught:
        model.from_payload(payload)
    assert field in str(caught.value)
    assert TEXT not in str(caught.value)
    assert SARA not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("model", GOOD, ids=lambda model: model.__name__)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_anything_parses_or_is_invalid(
    model: type[Message], data: st.DataObject
) -> None:
    """No JSON makes anything but a model or an InvalidPayloadError."""
    payload: Any = data.draw(json_values | spoilt(GOOD[model]))
    try:
        parsed = model.from_payload(payload)
    except InvalidPayloadError:
        return
    assert parsed.id == payload["id"]


def test_a_phone_may_have_no_name_and_no_sim() -> None:
    """A server leaves away what the phone did not tell."""
    device = Device.from_payload({"id": "d1", "name": "", "lastSeen": None})
    assert device == Device(id="d1", name="")
    cards = Device.from_payload({**DEVICE, "simCards": [{"simNumber": 2}]}).sim_cards
    assert cards == (SimCard(sim_number=2),)


def test_what_is_not_set_stays_out_of_the_request() -> None:
    """The gateway refuses some nulls and zeros, so they are not sent."""
    message = OutgoingMessage(id="m1", phone_numbers=(SARA, OMAR), text="")
    assert message.as_payload() == {
        "id": "m1",
        "phoneNumbers": [SARA, OMAR],
        "withDeliveryReport": True,
        "textMessage": {"text": ""},
    }


def test_everything_that_is_set_is_in_the_request() -> None:
    """Zero is a priority, and times are written as phones read them."""
    offset = timezone(timedelta(hours=3))
    now = datetime(2026, 6, 22, 15, 46, 0, 123456, tzinfo=offset)
    message = OutgoingMessage(
        id="m1",
        phone_numbers=(SARA,),
        data="SGk=",
        port=53739,
        sim_number=2,
        device_id="d1",
        ttl=60,
        valid_until=now,
        schedule_at=now,
        priority=0,
        delivery_report=False,
        is_encrypted=True,
        skip_phone_validation=True,
    )
    assert message.as_payload() == {
        "id": "m1",
        "phoneNumbers": [SARA],
        "withDeliveryReport": False,
        "dataMessage": {"data": "SGk=", "port": 53739},
        "isEncrypted": True,
        "simNumber": 2,
        "deviceId": "d1",
        "ttl": 60,
        "validUntil": "2026-06-22T12:46:00.123Z",
        "scheduleAt": "2026-06-22T12:46:00.123Z",
        "priority": 0,
    }


def test_no_repr_shows_anything_private() -> None:
    """Whatever logs an object logs no text, number or secret."""
    failed = {**RECIPIENT, "error": f"cannot reach {OMAR}"}
    shown = repr(
        (
            Message.from_payload(
                {**MESSAGE, "recipients": [failed], "dataMessage": {"data": "SGk="}}
            ),
            OutgoingMessage(id="m", phone_numbers=(SARA,), text=TEXT, data="SGk="),
            Device.from_payload(DEVICE),
            Webhook.from_payload(WEBHOOK),
        )
    )
    for private in (SARA, OMAR, TEXT, "SGk=", SIM["iccid"], "s3cret"):
        assert str(private) not in shown
    assert "m1" in shown


def test_models_cannot_be_changed() -> None:
    """What is shared is frozen."""
    device = Device.from_payload(DEVICE)
    with pytest.raises(AttributeError):
        device.name = "Other"  # type: ignore[misc]


def test_the_states_are_those_of_the_gateway() -> None:
    """The names are the protocol's."""
    assert [state.value for state in MessageState] == [
        "Pending",
        "Cancelling",
        "Cancelled",
        "Processed",
        "Sent",
        "Delivered",
        "Failed",
    ]
