"""What counts as lost, doubled or untrue in sending: this judge is tested itself, too."""

from dataclasses import replace
from random import Random

import pytest

from virtual_gateway.records import SentSms

from .sending import Call, Fate, Order, WaitFor, draw, queued
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
    ("fate", "wait_for", "answer", "outbox", "wrong"),
    [
        ("delivered", "delivered", "Delivered", [DELIVERED], set()),
        ("delivered", "delivered", "Delivered", [], {"lost", "untrue"}),
        ("delivered", "delivered", "Delivered", [DELIVERED] * 2, {"doubled"}),
        ("delivered", "delivered", "Sent", [DELIVERED], {"untrue"}),
        ("sent", "delivered", "Delivered", [SENT], {"untrue"}),
        ("sent", "delivered", "Sent", [SENT], set()),
        ("sent", "delivered", "Pending", [SENT], set()),
        ("sent", "sent", "Sent", [], {"lost", "untrue"}),
        ("sent", "sent", "Pending", [SENT], {"untrue"}),
        ("delivered", "accepted", "Pending", [DELIVERED], set()),
        ("delivered", "accepted", "Pending", [], {"lost"}),
        ("failed", "sent", "Failed", [], set()),
        ("failed", "sent", "sending_failed", [], set()),
        ("failed", "sent", "Sent", [], {"untrue"}),
        ("delivered", "sent", "sending_failed", [DELIVERED], {"untrue"}),
        ("delivered", "sent", "message_id_used", [DELIVERED], {"untrue"}),
        ("delivered", "sent", "outcome_unknown", [DELIVERED], set()),
        ("delivered", "sent", "outcome_unknown", [], {"lost"}),
        ("delivered", "sent", "cannot_connect", [], {"lost"}),
        ("delivered", "sent", None, [DELIVERED], set()),
        ("delivered", "sent", None, [DELIVERED] * 2, {"doubled"}),
    ],
)
def test_the_judge_sees(
    fate: Fate,
    wait_for: WaitFor,
    answer: str | None,
    outbox: list[SentSms],
    wrong: set[str],
) -> None:
    """Answers are held against what the phone did."""
    wanted = order(fate, wait_for)
    is_state = answer is not None and answer[0].isupper()
    call = Call(
        order=wanted,
        state=answer if is_state else None,
        error=None if is_state else answer,
    )
    verdict = judge_out([wanted], [call], outbox)
    assert faults(verdict).keys() == wrong
    assert verdict.is_right == (not wrong)


def test_a_refusal_of_what_the_gateway_knows_is_untrue_but_after_an_open_call() -> None:
    """Nothing was sent, a refusal says; of what an earlier call did it says nothing."""
    wanted = order()
    refused = Call(order=wanted, error="account_not_loaded", is_known=True)
    told = Call(order=wanted, state="Delivered")
    for earlier in (Call(order=wanted), Call(order=wanted, error="outcome_unknown")):
        assert judge_out([wanted], [earlier, refused, told], [DELIVERED]).is_right
    verdict = judge_out([wanted], [refused, told], [DELIVERED])
    assert faults(verdict) == {"untrue": ("a: account_not_loaded",)}
    unknown = replace(refused, is_known=False)
    assert judge_out([wanted], [unknown, told], [DELIVERED]).is_right


def test_a_refusal_of_what_the_phone_could_not_send_is_true() -> None:
    """The gateway knows a message that failed; only this call has sent nothing."""
    wanted = order("failed")
    failed = Call(order=wanted, error="sending_failed", is_known=True)
    refused = Call(order=wanted, error="account_not_loaded", is_known=True)
    assert judge_out([wanted], [failed, refused, failed], []).is_right
    verdict = judge_out([wanted], [refused, failed], [])
    assert faults(verdict) == {"untrue": ("a: account_not_loaded",)}
    assert verdict.courses == {
        "a": [
            "0.00 to 0.00: account_not_loaded, known",
            "0.00 to 0.00: sending_failed, known",
        ]
    }


def test_an_order_without_any_call_is_lost() -> None:
    """The run must not lose calls of its own."""
    assert faults(judge_out([order()], [], [])) == {"lost": ("a",)}


def test_a_message_nobody_ordered_is_strange() -> None:
    """Nor may anything else leave a phone."""
    wanted = order()
    outbox = [DELIVERED, replace(SENT, text="b")]
    verdict = judge_out([wanted], [Call(order=wanted, state="Delivered")], outbox)
    assert faults(verdict) == {"strange": ("b",)}


def test_an_order_is_repeated_some_time_after_its_first_call() -> None:
    """So that a kill can be in between, and each is called at least once."""
    orders = draw(200, 1)
    found = queued(orders, Random(1))
    repeated = [it for it in orders if it.is_repeated]
    assert len(found) == len(orders) + len(repeated)
    assert [it for place, it in enumerate(found) if it not in found[:place]] == orders
    assert any(
        found[place] is not found[place + 1]
        for place in range(len(found) - 1)
        if found[place].is_repeated
    )
