"""The bodies that phones post, and the data they become on the bus."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.sms_gate.account.contacts import Contact
from custom_components.sms_gate.gateway.events import (
    INBOUND,
    EventKind,
    java_hash,
    parse_events,
)
from tests.gateway.test_models import SIM, without
from tests.support.common import KINDS, OMAR, SARA
from tests.support.event_samples import PAYLOADS, TEXT, body, on_the_bus, read

DETAILS: dict[str, dict[str, Any]] = {
    "sms:received": {"message": TEXT},
    "sms:data-received": {"data": "SGk="},
    "mms:received": {
        "subject": TEXT,
        "size": 125_000,
        "content_class": "IMAGE_BASIC",
        "transaction_id": "T123",
    },
    "mms:downloaded": {
        "subject": TEXT,
        "body": TEXT,
        "attachments": [
            {
                "part_id": 7,
                "content_type": "image/jpeg",
                "name": "private.jpg",
                "size": 3,
            }
        ],
    },
    "sms:sent": {"parts_count": 2},
    "sms:delivered": {},
    "sms:failed": {"reason": f"cannot reach {SARA}"},
    "sms:cancelled": {},
    "system:ping": {
        "health": {
            "status": "warn",
            "version": "1.2.3",
            "checks": {"battery:level": {"value": 94, "status": "pass"}},
        }
    },
    "app:started": {
        "sim_cards": [
            {
                "sim_number": 1,
                "slot_index": 0,
                "phone_number": SARA,
                "carrier_name": "STC",
                "iccid": SIM["iccid"],
            }
        ]
    },
}
NO_MESSAGE = ("system:ping", "app:started")
messages_only = pytest.mark.parametrize(
    "event", [name for name in PAYLOADS if name not in NO_MESSAGE]
)


def test_there_are_ten_kinds() -> None:
    """The names on the bus are those of the contract."""
    assert {kind.key for kind in EventKind} == set(KINDS)
    assert {kind.value for kind in EventKind} == PAYLOADS.keys()


@pytest.mark.parametrize("event", PAYLOADS)
def test_every_event_has_the_contracts_data(event: str) -> None:
    """All the names in snake case, ready for JSON, and no attachment's content."""
    data = on_the_bus(read(body(event)))
    has_message = event not in NO_MESSAGE
    inbound = event in INBOUND
    expected = {
        "config_entry_id": "entry",
        "device_id": "device",
        "gateway_device_id": "d1",
        "event_id": "e1",
        "message_id": "abc" if has_message else None,
        "sender": (SARA if inbound else OMAR) if has_message else None,
        "recipient": (OMAR if inbound else SARA) if has_message else None,
        "contact": None,
        "sim_number": (1 if inbound else 2) if has_message else None,
        "timestamp": "2026-06-22T15:46:11+03:00" if has_message else None,
        **DETAILS[event],
    }
    for item in data.get("attachments", ()):
        item.pop("media_content_id", None)
    assert {key: data[key] for key in expected} == expected
    shown = json.dumps(data)
    assert json.loads(shown) == data
    assert "AAAA" not in shown


@messages_only
def test_the_peer_is_the_other_end(event: str) -> None:
    """Who wrote, or who was written to."""
    assert read(body(event)).peer == SARA


@messages_only
def test_older_apps_name_only_a_phone_number(event: str) -> None:
    """Without sender and recipient, the old name is the other end."""
    old = without(PAYLOADS[event], "sender", "recipient") | {"phoneNumber": SARA}
    parsed = read(body(event, old))
    assert parsed.peer == SARA
    assert (parsed.recipient if event in INBOUND else parsed.sender) is None


@messages_only
def test_the_new_names_win(event: str) -> None:
    """The deprecated one is there as well, and says nothing new."""
    both = PAYLOADS[event] | {"phoneNumber": "+1"}
    assert read(body(event, both)).peer == SARA


@messages_only
def test_what_may_be_null_may_be_null_or_away(event: str) -> None:
    """Only the id, and what a received SMS consists of, must be there."""
    needed = {"messageId", "message", "data"}
    nulls = {
        key: value if key in needed else None for key, value in PAYLOADS[event].items()
    }
    with_nulls = on_the_bus(read(body(event, nulls)))
    away = {key: value for key, value in nulls.items() if value is not None}
    assert on_the_bus(read(body(event, away))) == with_nulls
    assert with_nulls["timestamp"] is None
    assert with_nulls["sender"] is None


@pytest.mark.parametrize(
    ("given_time", "moment"),
    [
        (
            "2026-06-22T15:46:11.000+03:00",
            datetime(2026, 6, 22, 12, 46, 11, tzinfo=UTC),
        ),
        ("2026-06-22T12:46:11Z", datetime(2026, 6, 22, 12, 46, 11, tzinfo=UTC)),
        ("2026-06-22T23:46:11-09:30", datetime(2026, 6, 23, 9, 16, 11, tzinfo=UTC)),
        (
            "2026-06-22T12:46:11.123456789Z",
            datetime(2026, 6, 22, 12, 46, 11, 123456, tzinfo=UTC),
        ),
    ],
    ids=["offset", "utc", "half hours", "nanoseconds"],
)
def test_times_keep_their_offset(given_time: str, moment: datetime) -> None:
    """The moment is right, and the phone's clock stays readable."""
    payload = {**PAYLOADS["sms:received"], "receivedAt": given_time}
    event = read(body("sms:received", payload))
    assert event.timestamp == moment
    assert event.timestamp is not None
    shown = on_the_bus(event)["timestamp"]
    assert datetime.fromisoformat(shown).utcoffset() == event.timestamp.utcoffset()
    assert event.timestamp.utcoffset() != timedelta(hours=5)


def test_a_ping_without_health_and_a_start_without_sims_are_events() -> None:
    """Older apps send nothing with them."""
    assert on_the_bus(read(body("system:ping", {})))["health"] is None
    started = read(body("app:started", {"simCards": None}))
    assert on_the_bus(started)["sim_cards"] == []


def test_the_contacts_name_goes_along() -> None:
    """The bus gets the name only."""
    sara = Contact(id="c1", name="Sara", phone_number=SARA)
    event = read(body("sms:received"))
    assert on_the_bus(event, sara)["contact"] == "Sara"


@pytest.mark.parametrize(
    ("event", "batch"),
    [
        ("sms:received", "sms:batch:received"),
        ("sms:data-received", "sms:batch:data-received"),
        ("mms:received", "mms:batch:received"),
        ("mms:downloaded", "mms:batch:downloaded"),
    ],
)
def test_a_batch_becomes_events_in_its_order(event: str, batch: str) -> None:
    """Each message of a batch is an event like one that came alone."""
    payloads = [{**PAYLOADS[event], "messageId": name} for name in ("c", "a", "b")]
    events = parse_events(
        {**body(event), "event": batch, "payload": {"messages": payloads}}
    )
    assert events == tuple(read(body(event, payload)) for payload in payloads)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 0),
        ("a", 97),
        ("hello", 99162322),
        ("polygenelubricants", -(2**31)),
        ("🚪", 1773069),
    ],
)
def test_hashes_are_those_of_java(text: str, value: int) -> None:
    """The phone's inbox names messages by them, over UTF-16 and with a sign."""
    assert java_hash(text) == value


@pytest.mark.parametrize(
    ("event", "message_id", "content_id"),
    [
        ("sms:received", "ffffffff", "text:-1"),
        ("sms:received", "7fffffff", "text:2147483647"),
        ("sms:received", "not hex", "text:not hex"),
        ("sms:data-received", "80000000", "data:-2147483648"),
        ("mms:received", "any", "mms-header:2551134"),
        ("mms:downloaded", "hello", "mms:99162322"),
        ("sms:sent", "ff", "text:255"),
    ],
)
def test_a_webhooks_message_is_found_in_the_inbox(
    event: str, message_id: str, content_id: str
) -> None:
    """Both ways in lead to the same name of a message."""
    payload = {**PAYLOADS[event], "messageId": message_id}
    assert read(body(event, payload)).content_id == content_id


def test_an_event_without_a_message_has_no_content_id() -> None:
    """A ping is in no inbox."""
    assert read(body("system:ping")).content_id is None


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {},
        {**PAYLOADS["sms:received"], "message": 5},
        {**PAYLOADS["sms:received"], "messageId": None},
        {**PAYLOADS["sms:received"], "receivedAt": "2026-06-22T15:46:11"},
    ],
)
@pytest.mark.parametrize("place", [0, 50, 99])
def test_one_odd_message_of_a_batch_leaves_the_others_alone(
    odd: object, place: int
) -> None:
    """Ninety-nine are received, in their order, and one is counted."""
    messages: list[object] = [
        {**PAYLOADS["sms:received"], "messageId": str(number)} for number in range(99)
    ]
    messages.insert(place, odd)
    events = parse_events(
        {
            **body("sms:received"),
            "event": "sms:batch:received",
            "payload": {"messages": messages},
        }
    )
    assert [event.message_id for event in events] == [str(n) for n in range(99)]
    assert events.skipped == 1


def test_an_event_alone_skips_nothing() -> None:
    """There is no other that could be kept."""
    assert parse_events(body("sms:received")).skipped == 0


def test_the_name_in_the_inbox_is_computed_once() -> None:
    """It is needed to recognise a message, and to name its files."""
    event = read(body("mms:downloaded"))
    assert event.content_id is event.content_id
    assert replace(event, message_id="hello").content_id == "mms:99162322"
    assert read(body("mms:downloaded")) == event


def test_a_time_west_of_greenwich_of_an_old_android_is_read() -> None:
    """It was answered with 400 until the phone gave up."""
    for written in ("2026-06-22T10:46:11.000+-5:00", "2026-06-22T12:16:11.000+-3:-30"):
        payload = {**PAYLOADS["sms:received"], "receivedAt": written}
        event = read(body("sms:received", payload))
        assert event.timestamp == datetime(2026, 6, 22, 15, 46, 11, tzinfo=UTC)


@pytest.mark.parametrize(("count", "parts"), [(2, 2), (1, 1), (0, None), (-1, None)])
def test_a_count_that_is_none_is_unknown(count: int, parts: int | None) -> None:
    """An app that did not count sends zero."""
    payload = {**PAYLOADS["sms:sent"], "partsCount": count}
    assert read(body("sms:sent", payload)).parts_count == parts
