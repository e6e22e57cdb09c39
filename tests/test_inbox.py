"""What the phone's inbox lists, read as the events its webhooks would have brought."""

from datetime import UTC, datetime

import pytest

from custom_components.sms_gate.inbox import to_event
from custom_components.sms_gate.models import InboxMessage
from tests.common import SARA


def test_a_type_of_the_future_is_no_event() -> None:
    """An app that knows more kinds of messages stops nothing."""
    message = InboxMessage(
        id="rcs:1", type="RCS", sender=SARA, text="?", created_at=datetime.now(UTC)
    )
    assert to_event(message, "phone") is None


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
    event = to_event(message, "phone")
    assert event is not None
    assert (event.message_id, event.data) == (message_id, data)
