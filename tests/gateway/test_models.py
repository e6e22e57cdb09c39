"""The gateway's JSON, good and bad, as models."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.sms_gate.gateway.errors import InvalidPayloadError
from custom_components.sms_gate.gateway.fields import Items
from custom_components.sms_gate.gateway.models import (
    MAX_STORED_BYTES,
    Attachment,
    Device,
    Health,
    HealthCheck,
    InboxMessage,
    Message,
    MessageState,
    OutgoingAttachment,
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
    """A server leaves out what the phone did not report."""
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


TIME = "2026-06-22T12:46:11Z"
ODD_TIMES = [None, 5, "now", "2026-06-22T15:46:11", "0001-01-01T00:00:00Z"]


@pytest.mark.parametrize("odd", ODD_TIMES)
def test_an_odd_state_leaves_the_others_alone(odd: object) -> None:
    """A message is followed, whatever its history holds."""
    states = {"Pending": TIME, "Teleported": odd, "Sent": TIME}
    message = Message.from_payload({**MESSAGE, "states": states})
    assert list(message.states) == ["Pending", "Sent"]


@pytest.mark.parametrize("odd", ODD_TIMES)
def test_an_odd_time_hides_no_phone(odd: object) -> None:
    """Messages can be sent through it all the same."""
    device = Device.from_payload({**DEVICE, "lastSeen": odd, "name": 5})
    assert (device.id, device.name, device.last_seen) == ("d1", "", None)


@pytest.mark.parametrize(
    "odd",
    [None, [], without(SIM, "simNumber"), {**SIM, "iccid": 5}, {"simNumber": "1"}],
)
@pytest.mark.parametrize("place", [0, 1])
def test_an_odd_sim_leaves_the_others_alone(odd: object, place: int) -> None:
    """It is counted."""
    cards: list[object] = [SIM]
    cards.insert(place, odd)
    device = Device.from_payload({**DEVICE, "simCards": cards})
    assert device.sim_cards == (SimCard.from_payload(SIM),)
    assert isinstance(device.sim_cards, Items)
    assert device.sim_cards.skipped == 1


READING = {"observedValue": 94, "status": "pass", "observedUnit": "%"}


@pytest.mark.parametrize(
    "odd",
    [
        None,
        94,
        {"status": "pass"},
        {**READING, "observedValue": "94"},
        {**READING, "observedValue": 94.5},
        {**READING, "status": None},
    ],
)
@pytest.mark.parametrize("place", ["a", "z"])
def test_an_odd_reading_leaves_the_others_alone(odd: object, place: str) -> None:
    """The battery is known, whatever else the phone reports."""
    checks = {place: odd, "battery:level": READING}
    health = Health.from_payload(
        {"status": "pass", "checks": dict(sorted(checks.items()))}
    )
    assert health.checks == {"battery:level": HealthCheck(value=94, status="pass")}


FILE = {"partId": 1, "contentType": "image/jpeg", "name": "a.jpg", "size": 3}
INBOX = {"id": "mms:1", "type": "MMS_DOWNLOADED", "sender": SARA, "createdAt": TIME}


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {},
        without(FILE, "contentType"),
        {**FILE, "partId": "1"},
        {**FILE, "size": 1.5},
    ],
)
def test_an_odd_attachment_leaves_the_others_alone(odd: object) -> None:
    """A picture is kept, whatever else came with it."""
    message = InboxMessage.from_payload({**INBOX, "attachments": [odd, FILE]})
    assert message.attachments == (Attachment.from_payload(FILE),)


@pytest.mark.parametrize(("count", "kept"), [(100, 100), (101, 100), (20_000, 100)])
def test_attachments_are_bounded(count: int, kept: int) -> None:
    """No MMS has more files than that."""
    files = [{**FILE, "partId": number} for number in range(count)]
    attachments = InboxMessage.from_payload({**INBOX, "attachments": files}).attachments
    assert attachments is not None
    assert [item.part_id for item in attachments] == list(range(kept))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"isEncrypted": True}, True),
        ({"isEncrypted": False}, False),
        ({"isEncrypted": "true"}, False),
        ({}, False),
    ],
)
def test_a_servers_inbox_is_encrypted(
    changed: dict[str, Any], *, expected: bool
) -> None:
    """A phone's is not."""
    assert InboxMessage.from_payload({**INBOX, **changed}).is_encrypted is expected


def test_a_type_of_the_future_is_data() -> None:
    """An inbox that holds it can be read."""
    assert InboxMessage.from_payload({**INBOX, "type": "RCS"}).type == "RCS"


@pytest.mark.parametrize(
    ("size", "limit", "there"), [(3, 3, True), (4, 3, False), (0, 0, True)]
)
def test_content_is_read_up_to_a_limit(size: int, limit: int, *, there: bool) -> None:
    """Whether it came as base64 or as bytes."""
    content = b"x" * size
    for item in (
        Attachment(part_id=1, content_type="a/b", content=content),
        Attachment(part_id=1, content_type="a/b", data=b64encode(content).decode()),
    ):
        assert item.read(limit) == (content if there else None)
    assert Attachment(part_id=1, content_type="a/b").read(10) is None
    assert Attachment(part_id=1, content_type="a/b", data="*").read(10) is None


@pytest.mark.parametrize("device_id", [None, "d1"])
def test_a_webhook_is_of_one_phone_or_of_all(device_id: str | None) -> None:
    """It is registered as it was read."""
    payload = WEBHOOK if device_id is None else {**WEBHOOK, "deviceId": device_id}
    webhook = Webhook.from_payload(payload)
    assert webhook.device_id == device_id
    assert webhook.as_payload() == payload


def test_an_mms_is_what_the_app_takes() -> None:
    """Subject, text and name may be away, the list of files is always there."""
    picture = OutgoingAttachment(content_type="image/jpeg", name="a.jpg", data="AAAA")
    message = OutgoingMessage(
        id="m1",
        phone_numbers=(SARA,),
        text="Look",
        subject="Door",
        attachments=(picture, OutgoingAttachment(content_type="a/b", data="BBBB")),
    )
    assert message.is_mms
    payload = message.as_payload()
    assert payload["mmsMessage"] == {
        "subject": "Door",
        "text": "Look",
        "attachments": [
            {"contentType": "image/jpeg", "name": "a.jpg", "data": "AAAA"},
            {"contentType": "a/b", "data": "BBBB"},
        ],
    }
    assert "textMessage" not in payload
    only_subject = OutgoingMessage(id="m1", phone_numbers=(SARA,), text="", subject="")
    assert only_subject.as_payload()["mmsMessage"] == {
        "subject": "",
        "text": "",
        "attachments": [],
    }
    assert not OutgoingMessage(id="m1", phone_numbers=(SARA,), text="x").is_mms
    for private in ("Look", "Door", "AAAA", "a.jpg"):
        assert private not in repr((message, picture))


def test_an_mms_that_was_sent_is_read() -> None:
    """With ``includeContent`` its words come back."""
    mms = {"subject": "Door", "text": "Look", "attachments": [FILE]}
    payload = {**without(MESSAGE, "textMessage"), "mmsMessage": mms}
    message = Message.from_payload(payload)
    assert (message.text, message.subject) == ("Look", "Door")
    assert "Door" not in repr(message)


def stored(text: str) -> int:
    """Return what a server's database holds of a text, in bytes."""
    return OutgoingMessage(id="m", phone_numbers=(SARA,), text=text).stored_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", 0),
        ("a", 1),
        ("<", 6),
        (">", 6),
        ("&", 6),
        ('"', 2),
        ("\\", 2),
        ("\n", 2),
        ("\r", 2),
        ("\t", 2),
        ("\b", 2),
        ("\f", 2),
        ("\x00", 6),
        ("\x1f", 6),
        ("\x7f", 1),
        ("'", 1),
        ("/", 1),
        ("\u0645", 2),
        ("\u2028", 6),
        ("\u2029", 6),
        ("\u202a", 3),
        ("\u20ac", 3),
        ("\U0001f6aa", 4),
        ("\ud83d", 1),
    ],
)
def test_a_text_is_as_large_as_go_writes_it(text: str, size: int) -> None:
    """Its JSON encoder escapes for HTML, and writes letters as they are."""
    assert stored(text) == len('{"text":""}') + size


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a" * 65_524, True),
        ("a" * 65_525, False),
        ("\u0645" * 32_762, True),
        ("\u0645" * 32_763, False),
        ("<" * 10_920, True),
        ("<" * 10_921, False),
    ],
)
def test_the_limit_of_a_server_is_exact(text: str, *, fits: bool) -> None:
    """Behind it, the real one answers 500."""
    assert (stored(text) <= MAX_STORED_BYTES) is fits


def test_data_is_stored_with_its_port() -> None:
    """Base64 needs no escaping."""
    message = OutgoingMessage(id="m", phone_numbers=(SARA,), data="SGk=", port=53739)
    assert message.stored_bytes == len('{"data":"SGk=","port":53739}')
