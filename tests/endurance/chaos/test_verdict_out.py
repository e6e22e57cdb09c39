"""What counts as lost, doubled or untrue in sending: this judge is tested itself, too."""

from dataclasses import replace

import pytest

from virtual_gateway.records import SentSms

from .sending import Call, Fate, Order, WaitFor
from .verdict_out import OutVerdict, judge_out


def order(fate: Fate = "delivered", wait_for: WaitFor = "delivered") -> Order:
    """Return the one order."""
    return Order(
        id="1",
        text="a",
        phone_number="+966550000001",
        wait_for=wait_for,
        fate=fate,
        is_repeated=False,
    )


SENT = SentSms(
    message_id="1",
    phone_number="+966550000001",
    text="a",
    data=None,
    port=None,
    sim_number=1,
    state="sent",
    sent_at=0,
    delivered_at=None,
    parts=1,
)
DELIVERED = replace(SENT, state="delivered")


def faults(verdict: OutVerdict) -> dict[str, tuple[str, ...]]:
    """Return what the verdict complains about."""
    kinds = ("lost", "doubled", "strange", "untrue")
    return {kind: found for kind in kinds if (found := getattr(verdict, kind))}


@pytest.mark.parametrize(
    ("fate", "wait_for", "state", "error", "outbox", "wrong"),
    [
        ("delivered", "delivered", "Delivered", None, [DELIVERED], set()),
        ("delivered", "delivered", "Delivered", None, [], {"lost", "untrue"}),
        ("delivered", "delivered", "Delivered", None, [DELIVERED] * 2, {"doubled"}),
        ("sent", "delivered", "Delivered", None, [SENT], {"untrue"}),
        ("sent", "delivered", "Sent", None, [SENT], set()),
        ("sent", "sent", "Sent", None, [], {"lost", "untrue"}),
        ("delivered", "accepted", "Pending", None, [DELIVERED], set()),
        ("delivered", "accepted", "Pending", None, [], {"lost"}),
        ("failed", "sent", "Failed", None, [], set()),
        ("failed", "sent", "Sent", None, [], {"untrue"}),
        ("delivered", "sent", None, "outcome_unknown", [DELIVERED], set()),
        ("delivered", "sent", None, "outcome_unknown", [], set()),
        ("delivered", "sent", None, "cannot_connect", [], set()),
        ("delivered", "sent", None, "cannot_connect", [DELIVERED], {"untrue"}),
        ("delivered", "sent", None, None, [DELIVERED], set()),
        ("delivered", "sent", None, None, [], set()),
        ("delivered", "sent", None, None, [DELIVERED] * 2, {"doubled"}),
    ],
)
def test_the_judge_sees(
    fate: Fate,
    wait_for: WaitFor,
    state: str | None,
    error: str | None,
    outbox: list[SentSms],
    wrong: set[str],
) -> None:
    """Answers are held against what the phone did."""
    wanted = order(fate, wait_for)
    verdict = judge_out([wanted], [Call(wanted, state, error)], outbox)
    assert faults(verdict).keys() == wrong
    assert verdict.is_right == (not wrong)


def test_an_order_without_any_call_is_lost() -> None:
    """The run must not lose calls of its own."""
    assert faults(judge_out([order()], [], [])) == {"lost": ("a",)}


def test_a_message_nobody_ordered_is_strange() -> None:
    """Nor may anything else leave a phone."""
    wanted = order()
    outbox = [DELIVERED, replace(SENT, text="b")]
    verdict = judge_out([wanted], [Call(wanted, "Delivered")], outbox)
    assert faults(verdict) == {"strange": ("b",)}
