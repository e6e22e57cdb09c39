"""Events that no webhook delivered: from the phone's inbox, and from a message's states."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custom_components.sms_gate.gateway.derived_events import (
    event_from_inbox,
    events_from_states,
)
from custom_components.sms_gate.gateway.events import EventKind
from custom_components.sms_gate.gateway.models import (
    InboxMessage,
    Message,
    MessageState,
    Recipient,
)
from tests.support.common import SARA


def test_a_type_of_the_future_is_no_event() -> None:
    """An app that knows more kinds of messages stops nothing."""
    message = InboxMessage(
        id="rcs:1", type="RCS", sender=SARA, text="?", created_at=datetime.now(UTC)
    )
    assert event_from_inbox(message, "phone") is None


@pytest.mark.parametrize(
    ("kind", "inbox_id", "shown", "message_id", "data"),
    [
        ("SMS", "text:-1", "", "ffffffff", None),
        ("SMS", "text:12", "", "c", None),
        ("SMS", "text:x", "", "text:x", None),
        ("SMS", "12", "", "12", None),
        ("DATA_SMS", "data:1", "4869...", "1", "SGk="),
        ("DATA_SMS", "data:1", "no hex", "1", ""),
        ("MMS", "mms-header:5", "", "mms-header:5", None),
    ],
)
def test_the_inbox_is_read_whatever_it_holds(
    kind: str, inbox_id: str, shown: str, message_id: str, data: str | None
) -> None:
    """Ids as webhooks show them; what cannot be read stops nothing."""
    message = InboxMessage(
        id=inbox_id, type=kind, sender=SARA, text=shown, created_at=datetime.now(UTC)
    )
    event = event_from_inbox(message, "phone")
    assert event is not None
    assert (event.message_id, event.data) == (message_id, data)


@pytest.mark.parametrize(
    ("kind", "shown", "is_cut"),
    [
        ("DATA_SMS", "00" * 64 + "...", True),
        ("DATA_SMS", "00" * 64, False),
        ("SMS", "I wonder...", False),
        ("MMS_DOWNLOADED", "Look...", False),
    ],
)
def test_only_data_is_ever_cut(kind: str, shown: str, *, is_cut: bool) -> None:
    """Three dots of a person are three dots."""
    message = InboxMessage(
        id="x:1", type=kind, sender=SARA, text=shown, created_at=datetime.now(UTC)
    )
    event = event_from_inbox(message, "phone")
    assert event is not None
    assert event.is_cut is is_cut


@pytest.mark.parametrize(
    ("kind", "shown", "subject", "body"),
    [
        ("MMS", "MMS notification", None, None),
        ("MMS", "Hello", "Hello", None),
        ("MMS_DOWNLOADED", "MMS content", None, None),
        ("MMS_DOWNLOADED", "Hello", None, "Hello"),
        ("MMS_DOWNLOADED", "MMS notification", None, "MMS notification"),
    ],
)
def test_words_of_the_app_are_nobodys(
    kind: str, shown: str, subject: str | None, body: str | None
) -> None:
    """An MMS without a word shows some of the app's own in the inbox."""
    message = InboxMessage(
        id="mms:1", type=kind, sender=SARA, text=shown, created_at=datetime.now(UTC)
    )
    event = event_from_inbox(message, "phone")
    assert event is not None
    assert (event.subject, event.body) == (subject, body)


WHEN = datetime(2026, 11, 22, 12, tzinfo=UTC)


def message(state: str) -> Message:
    """Return a message to Sara."""
    recipient = Recipient(phone_number=SARA, state=state)
    return Message(id="m", device_id="d", state=state, recipients=(recipient,))


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        pytest.param(MessageState.PENDING, MessageState.PENDING, [], id="nothing new"),
        pytest.param(
            MessageState.PENDING, MessageState.PROCESSED, [], id="no webhook reports it"
        ),
        pytest.param(
            MessageState.PENDING, MessageState.SENT, [EventKind.SMS_SENT], id="sent"
        ),
        pytest.param(
            MessageState.PENDING,
            MessageState.DELIVERED,
            [EventKind.SMS_SENT, EventKind.SMS_DELIVERED],
            id="sent and delivered between two looks",
        ),
        pytest.param(
            MessageState.SENT,
            MessageState.DELIVERED,
            [EventKind.SMS_DELIVERED],
            id="delivered",
        ),
        pytest.param(
            MessageState.SENT, MessageState.FAILED, [EventKind.SMS_FAILED], id="failed"
        ),
        pytest.param(
            MessageState.PENDING,
            MessageState.CANCELLED,
            [EventKind.SMS_CANCELLED],
            id="cancelled",
        ),
        pytest.param(MessageState.DELIVERED, MessageState.SENT, [], id="a late answer"),
        pytest.param(MessageState.SENT, MessageState.SENT, [], id="still sent"),
        pytest.param(MessageState.FAILED, MessageState.CANCELLED, [], id="an end"),
    ],
)
def test_each_step_is_reported_once(
    before: str, after: str, kinds: list[EventKind]
) -> None:
    """What webhooks would have said, with the gateway's time where it has one."""
    now = replace(message(after), states={after: WHEN})
    now = replace(now, recipients=(replace(now.recipients[0], error="why"),))
    events = list(events_from_states(message(before), now))
    assert [event.kind for event in events] == kinds
    assert all(event.recipient == SARA for event in events)
    assert all(event.message_id == "m" for event in events)
    if events:
        assert events[-1].timestamp == WHEN
        failed = events[-1].kind is EventKind.SMS_FAILED
        assert events[-1].reason == ("why" if failed else None)
