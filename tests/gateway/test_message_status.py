"""How far a message got: states only go forward, whatever the gateway answers."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from hypothesis import given, strategies as st
import pytest

from custom_components.sms_gate.gateway.message_status import (
    absorb,
    advance,
    failed_recipients,
    overall,
    rank,
    settled,
)
from custom_components.sms_gate.gateway.models import Message, MessageState, Recipient
from tests.support.common import OMAR, SARA
from tests.support.sending import SHORT_CODE

PENDING, PROCESSED, SENT, DELIVERED, FAILED, CANCELLED = (
    MessageState.PENDING,
    MessageState.PROCESSED,
    MessageState.SENT,
    MessageState.DELIVERED,
    MessageState.FAILED,
    MessageState.CANCELLED,
)
WHEN = datetime(2026, 11, 22, 12, tzinfo=UTC)


def message(state: str, *recipients: tuple[str, str]) -> Message:
    """Return a message with these recipients and their states."""
    return Message(
        id="m",
        device_id="d",
        state=state,
        recipients=tuple(
            Recipient(phone_number=number, state=each, error=None)
            for number, each in recipients
        ),
    )


def digest(number: str) -> str:
    """Return what a server keeps of a number."""
    return sha256(number.encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param((PENDING, DELIVERED), PENDING, id="one waits"),
        pytest.param((MessageState.CANCELLING, SENT), "Cancelling", id="cancelling"),
        pytest.param((CANCELLED, CANCELLED), CANCELLED, id="cancelled"),
        pytest.param((PROCESSED, SENT), PROCESSED, id="one is being sent"),
        pytest.param((FAILED, FAILED), FAILED, id="all failed"),
        pytest.param((DELIVERED, DELIVERED), DELIVERED, id="all delivered"),
        pytest.param((FAILED, DELIVERED), SENT, id="one failed"),
        pytest.param((SENT, DELIVERED), SENT, id="one delivered"),
        pytest.param(("Teleported", DELIVERED), SENT, id="unknown state"),
    ],
)
def test_the_messages_state_is_the_apps(states: tuple[str, ...], expected: str) -> None:
    """As the app computes it of the recipients'."""
    assert overall(tuple(Recipient(phone_number="1", state=x) for x in states)) == (
        expected
    )


@given(
    st.lists(st.sampled_from([*MessageState, "Teleported"]), max_size=8),
    st.sampled_from(list(MessageState)),
)
def test_a_recipient_never_goes_back(later: list[str], first: str) -> None:
    """Late and doubled reports change nothing."""
    known = message(first, (SARA, first))
    for state in later:
        after = advance(known, SARA, state, "why")
        assert rank(after.recipients[0].state) >= rank(known.recipients[0].state)
        assert absorb(after, message(state, (SARA, state))).state == after.state
        known = after


def test_a_report_about_somebody_else_changes_nothing() -> None:
    """Only the recipient that is named moves."""
    known = message(PENDING, (SARA, PENDING), (OMAR, PENDING))
    after = advance(known, OMAR, SENT, None)
    assert [item.state for item in after.recipients] == [PENDING, SENT]
    assert advance(known, "+966500000000", SENT, None) == known


@pytest.mark.parametrize(
    ("known", "answer", "expected"),
    [
        pytest.param(SARA, (SARA, DELIVERED), DELIVERED, id="as it was"),
        pytest.param(SARA, (digest(SARA), DELIVERED), DELIVERED, id="hashed"),
        pytest.param(SHORT_CODE, ("+5555", SENT), SENT, id="server's plus"),
        pytest.param(SHORT_CODE, (digest("+5555"), SENT), SENT, id="plus, hashed"),
        pytest.param(SHORT_CODE, (digest("5555"), SENT), SENT, id="code, hashed"),
        pytest.param(SARA, (OMAR, DELIVERED), PENDING, id="somebody else"),
        pytest.param(SARA, (SARA, "Teleported"), PENDING, id="unknown state"),
    ],
)
def test_a_recipient_is_found_in_every_form(
    known: str, answer: tuple[str, str], expected: str
) -> None:
    """Servers hash, reorder and prefix; the answer shows the number as it was given."""
    after = absorb(message(PENDING, (known, PENDING)), message(PENDING, answer))
    assert [(item.phone_number, item.state) for item in after.recipients] == [
        (known, expected)
    ]


def test_where_no_recipient_is_known_the_messages_state_counts() -> None:
    """Short codes and encrypted numbers stay Pending on a server for ever."""
    known = message(PENDING, (SHORT_CODE, PENDING), (SARA, FAILED))
    after = absorb(known, message(SENT, ("x", PENDING), ("y", PENDING)))
    assert [item.state for item in after.recipients] == [SENT, FAILED]
    assert after.state == SENT


def test_the_phone_and_times_are_those_of_the_answer() -> None:
    """What the gateway adds is kept besides what was known."""
    known = replace(message(PENDING, (SARA, PENDING)), states={PENDING: WHEN})
    answer = replace(
        message(SENT, (SARA, SENT)), device_id="other", states={SENT: WHEN}
    )
    after = absorb(known, answer)
    assert after.device_id == "other"
    assert after.states == {PENDING: WHEN, SENT: WHEN}


@pytest.mark.parametrize(
    ("states", "target", "expected"),
    [
        pytest.param((SENT, DELIVERED), SENT, True, id="all sent"),
        pytest.param((SENT, DELIVERED), DELIVERED, False, id="one not delivered"),
        pytest.param((FAILED, DELIVERED), DELIVERED, True, id="failed is an end"),
        pytest.param((CANCELLED,), SENT, True, id="cancelled is an end"),
        pytest.param((PROCESSED,), SENT, False, id="being sent"),
        pytest.param(("Teleported",), SENT, False, id="unknown state"),
    ],
)
def test_when_a_message_is_settled(
    states: tuple[str, ...], target: MessageState, expected: bool
) -> None:
    """Every recipient got as far as the target, or to an end."""
    recipients = [(str(place), state) for place, state in enumerate(states)]
    assert settled(message(PENDING, *recipients), target) is expected


def test_failed_recipients_are_those_that_will_not_get_it() -> None:
    """Failed or cancelled; nobody else."""
    known = message(PENDING, ("1", PENDING), ("2", CANCELLED), ("3", SENT))
    known = advance(known, "1", FAILED, "no credit")
    failed = [(item.phone_number, item.error) for item in failed_recipients(known)]
    assert failed == [("1", "no credit"), ("2", None)]
    assert failed_recipients(message(SENT, (SARA, SENT))) == ()


@pytest.mark.parametrize(("first", "again"), [(FAILED, FAILED), (CANCELLED, FAILED)])
def test_the_first_end_of_a_recipient_stays(first: str, again: str) -> None:
    """A second report of the same rank neither changes it nor takes its reason away."""
    ended = advance(message(PENDING, (SARA, PENDING)), SARA, first, "no credit")
    assert advance(ended, SARA, again, None) == ended
