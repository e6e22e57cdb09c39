"""Reading fields: times as every app writes them, lists with odd items in them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.sms_gate.gateway import fields
from custom_components.sms_gate.gateway.errors import InvalidPayloadError
from custom_components.sms_gate.gateway.events import parse_events
from custom_components.sms_gate.gateway.fields import (
    Items,
    as_object,
    object_field,
    opt_bool_field,
    opt_int_field,
    opt_time_field,
    or_none,
    parse_items,
    rfc3339,
    str_field,
    time_field,
)
from custom_components.sms_gate.gateway.models import (
    Attachment,
    Device,
    Health,
    Message,
    Webhook,
)

TEN = datetime(2026, 6, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "offset"),
    [
        ("2026-06-22T10:00:00.000+00:00", (0, 0)),
        ("2026-06-22T10:00:00.000Z", (0, 0)),
        ("2026-06-22T10:00:00Z", (0, 0)),
        ("2026-06-22T10:00:00z", (0, 0)),
        ("2026-06-22t10:00:00.000z", (0, 0)),
        ("2026-06-22T10:00:00.000+0000", (0, 0)),
        ("2026-06-22T10:00:00-00:00", (0, 0)),
        ("2026-06-22T10:00:00.000000000Z", (0, 0)),
        ("2026-06-22T10:00:00,000Z", (0, 0)),
        ("2026-06-22 10:00:00Z", (0, 0)),
        ("2026-06-22T13:00:00.000+03:00", (3, 0)),
        ("2026-06-22T13:00:00+03", (3, 0)),
        ("2026-06-22T15:30:00.000+05:30", (5, 30)),
        ("2026-06-22T05:00:00.000-05:00", (-5, 0)),
        ("2026-06-22T05:00:00.000+-5:00", (-5, 0)),
        ("2026-06-22T00:00:00.000+-10:00", (-10, 0)),
        ("2026-06-21T23:00:00.000+-11:00", (-11, 0)),
        ("2026-06-22T06:30:00.000+-3:-30", (-3, -30)),
        ("2026-06-22T00:30:00.000+-9:-30", (-9, -30)),
        ("2026-06-22t06:30:00+-3:-30", (-3, -30)),
        ("2026-06-23T09:59:00.000+23:59", (23, 59)),
    ],
)
def test_a_time_is_read_as_every_app_writes_it(
    written: str, offset: tuple[int, int]
) -> None:
    """The moment is the same, and its offset is kept."""
    read = time_field({"at": written}, "at")
    assert read == TEN
    assert read.utcoffset() == timedelta(hours=offset[0], minutes=offset[1])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "1782132371",
        "2026-06-22",
        "2026-06-22T10:00:00",
        "2026-06-22T10:00:00.000",
        "2026-02-30T10:00:00Z",
        "2026-06-22T25:00:00Z",
        "2026-06-22T10:00:60Z",
        "2026-06-22T10:00:00+24:00",
        "2026-06-22T10:00:00-24:00",
        "2026-06-22T10:00:00+-24:00",
        "2026-06-22T10:00:00+-5:99",
        "2026-06-22T10:00:00+--5:00",
        "2026-06-22T10:00:00++5:00",
        "2026-06-22T10:00:00+-5",
        "2026-06-22T10:00:00+-\u0665:00",
        "\u0662\u0660\u0662\u0666-06-22T10:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "0001-12-31T23:59:59Z",
        "9999-01-01T00:00:00Z",
        "9999-12-31T23:59:59-05:00",
        "9999-12-31T24:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-06-22T10:00:00Z" + " " * 1000,
        "\ud800",
    ],
)
def test_no_other_text_is_a_time(written: str) -> None:
    """A time without an offset could be any of 26 hours, so it is none."""
    with pytest.raises(InvalidPayloadError, match="at ") as caught:
        opt_time_field({"at": written}, "at")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "written", ["0002-01-01T00:00:00+14:00", "9998-12-31T23:59:59-12:00"]
)
def test_a_time_that_was_read_can_be_shown_anywhere(written: str) -> None:
    """No time zone of the world leads out of the calendar."""
    read = time_field({"at": written}, "at")
    for hours in (-14, 14):
        assert read.astimezone(timezone(timedelta(hours=hours))) == read


@given(written=st.text(max_size=40) | st.from_regex(r"[0-9+\-:.TZ ,]{8,36}"))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_time_or_invalid(written: str) -> None:
    """Nothing but InvalidPayloadError ever comes out."""
    try:
        read = time_field({"at": written}, "at")
    except InvalidPayloadError:
        return
    assert read.astimezone(UTC) == read


def test_times_are_written_as_phones_read_them() -> None:
    """Milliseconds and Z, whatever the offset was."""
    time = datetime(2026, 6, 22, 13, 0, 0, 999_999, timezone(timedelta(hours=3)))
    assert rfc3339(time) == "2026-06-22T10:00:00.999Z"


@pytest.mark.parametrize("odd", [None, 5, "", [], {}])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_odd_item_is_left_out_and_counted(odd: object, place: int) -> None:
    """The others keep their order."""
    values: list[object] = [{"id": "a"}, {"id": "b"}]
    values.insert(place, odd)
    read = parse_items(values, lambda item: str_field(as_object(item, "item"), "id"))
    assert (read, read.skipped) == (("a", "b"), 1)


@pytest.mark.parametrize(
    ("count", "limit", "kept", "skipped"),
    [(3, None, 3, 0), (3, 3, 3, 0), (4, 3, 3, 1), (0, 3, 0, 0)],
)
def test_a_list_is_bounded(
    count: int, limit: int | None, kept: int, skipped: int
) -> None:
    """What lies behind the limit is not even read, but counted."""
    read = parse_items(range(count), lambda item: item, limit)
    assert (len(read), read.skipped) == (kept, skipped)


def test_items_are_a_tuple() -> None:
    """They compare with one, and are frozen like one."""
    assert Items((1, 2), 3) == (1, 2)
    assert Items(()).skipped == 0


@pytest.mark.parametrize(
    ("value", "read"), [(None, {}), ({}, {}), ({"a": 1}, {"a": 1})]
)
def test_an_object_may_be_missing(value: object, read: dict[str, Any]) -> None:
    """Null and nothing are an empty one."""
    assert object_field({"key": value}, "key") == read
    assert object_field({}, "key") == {}


@pytest.mark.parametrize("value", ["", 0, False, [], "x"])
def test_an_object_is_nothing_else(value: object) -> None:
    """Not even where it is empty."""
    with pytest.raises(InvalidPayloadError, match="key"):
        object_field({"key": value}, "key")
    assert or_none(object_field, {"key": value}, "key") is None


@pytest.mark.parametrize("value", [0, 1, "true", [], {}])
def test_a_truth_value_is_true_or_false(value: object) -> None:
    """A number is none."""
    with pytest.raises(InvalidPayloadError, match="key"):
        opt_bool_field({"key": value}, "key")
    assert opt_bool_field({"key": True}, "key") is True
    assert opt_bool_field({"key": False}, "key") is False
    assert opt_bool_field({"key": None}, "key") is None


@pytest.mark.parametrize("value", [True, False, 1.0, "1", []])
def test_a_whole_number_is_no_truth_value(value: object) -> None:
    """And the other way round."""
    with pytest.raises(InvalidPayloadError, match="key"):
        opt_int_field({"key": value}, "key")


SIM = {"simNumber": 1}
CHECK = {"observedValue": 1, "status": "pass"}
PART = {"partId": 1, "contentType": "image/png"}
SECRET = "4711 Sara"


@pytest.mark.parametrize(
    ("read", "word"),
    [
        pytest.param(
            lambda odd: Device.from_payload(
                {"id": "x", "name": "y", "simCards": [SIM, odd, odd]}
            ),
            "simCards",
            id="SIM",
        ),
        pytest.param(
            lambda odd: Device.from_payload({"id": "x", "name": 5, "lastSeen": odd}),
            "lastSeen",
            id="what a phone says of itself",
        ),
        pytest.param(
            lambda odd: Health.from_payload(
                {"status": "pass", "checks": {"a": CHECK, SECRET: odd, "c": odd}}
            ),
            "checks",
            id="reading of a ping",
        ),
        pytest.param(
            lambda odd: parse_events(
                {
                    "id": "x",
                    "deviceId": "y",
                    "event": "mms:downloaded",
                    "payload": {
                        "messageId": "z",
                        "receivedAt": "2026-06-22T10:00:00Z",
                        "attachments": [PART, odd],
                    },
                }
            ),
            "attachments",
            id="attachment",
        ),
        pytest.param(
            lambda odd: parse_items([odd, odd], Webhook.from_payload),
            "webhook",
            id="webhook",
        ),
        pytest.param(
            lambda odd: Message.from_payload(
                {
                    "id": "x",
                    "deviceId": "y",
                    "state": "Sent",
                    "states": {SECRET: odd, "Sent": "2026-06-22T10:00:00Z"},
                }
            ),
            "states",
            id="state",
        ),
    ],
)
def test_what_is_left_out_is_logged_once(
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[object], object],
    word: str,
) -> None:
    """By the name of its field, without anything of what it holds."""
    monkeypatch.setattr(fields, "_logged", set())
    for _ in range(3):
        read(SECRET)
    logged = [item.getMessage() for item in caplog.records if word in item.getMessage()]
    assert len(logged) == 1
    assert SECRET not in caplog.text


def test_more_than_can_be_read_is_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20,000 attachments, say."""
    monkeypatch.setattr(fields, "_logged", set())
    for _ in range(2):
        assert len(parse_items([PART] * 20_000, Attachment.from_payload, 100)) == 100
    assert [item.args for item in caplog.records] == [("More than 100 items",)]
