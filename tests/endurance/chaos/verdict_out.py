"""What the phones say about the messages that were sent."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from virtual_gateway.records import SentSms

from .sending import OPEN, Call, Order


@dataclass(frozen=True)
class OutVerdict:
    """How the calls were answered, and which of the answers the phones do not bear out.

    ``lost`` never left, though every caller tried until there was an answer; ``untrue``
    is an answer that says more, or something else, than what the phone did.
    """

    orders: int
    calls: int
    at_the_phones: int
    answered: dict[str, int]
    refused: dict[str, int]
    unknown: int
    cut: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    strange: tuple[str, ...]
    untrue: tuple[str, ...]
    # All calls of the orders that were lost, doubled, or answered untruly
    courses: dict[str, list[str]]

    @property
    def is_right(self) -> bool:
        """Return True if each message left once, and each answer is true."""
        return not (self.lost or self.doubled or self.strange or self.untrue)


def judge_out(
    orders: Sequence[Order], calls: Sequence[Call], outbox: Iterable[SentSms]
) -> OutVerdict:
    """Compare what the callers were told with what left the phones."""
    sent = list(outbox)
    left = Counter(sms.text for sms in sent)
    delivered = {sms.text for sms in sent if sms.state == "delivered"}
    lost = [it.text for it in orders if it.fate != "failed" and it.text not in left]
    doubled = [text or "" for text, times in left.items() if times > 1]
    untrue = list(_untrue(calls, left, delivered))
    wrong = {*lost, *doubled, *(call.order.text for call in untrue)}
    return OutVerdict(
        orders=len(orders),
        calls=len(calls),
        at_the_phones=len(left),
        answered=dict(Counter(call.state for call in calls if call.state)),
        refused=dict(
            Counter(c.error for c in calls if c.error and c.error not in OPEN)
        ),
        unknown=sum(call.error in OPEN for call in calls),
        cut=sum(call.is_cut for call in calls),
        lost=tuple(lost),
        doubled=tuple(doubled),
        strange=tuple(
            text or "" for text in left if text not in {it.text for it in orders}
        ),
        untrue=tuple(
            f"{call.order.text}: {call.state or call.error}" for call in untrue
        ),
        courses={
            text: [str(call) for call in calls if call.order.text == text]
            for text in sorted(wrong)
        },
    )


def _untrue(
    calls: Sequence[Call], left: Counter[str | None], delivered: set[str | None]
) -> Iterable[Call]:
    """Yield the calls whose answers are not true, in the order in which they came."""
    begun: set[str] = set()
    for call in calls:
        order = call.order
        if not _is_true(call, left, delivered, is_begun=order.id in begun):
            yield call
        if call.is_last or call.is_open:
            begun.add(order.id)


def _is_true(
    call: Call, left: Counter[str | None], delivered: set[str | None], *, is_begun: bool
) -> bool:
    """Return True if the phone bears out what the caller was told.

    ``is_begun`` where an earlier call of the same id may have sent the message.
    """
    text, fate = call.order.text, call.order.fate
    match call.state or call.error:
        case "Delivered":
            return fate == "delivered" and text in delivered
        case "Sent":
            return text in left and (
                fate == "sent" or call.order.wait_for != "delivered"
            )
        case "Failed" | "sending_failed":
            return fate == "failed" and text not in left
        case "Pending" | "Processed":
            return call.order.wait_for == "accepted" or call.order.is_in_vain
        case None | "outcome_unknown":
            return True
        case "message_id_used":  # the same message goes under it each time
            return False
        case _:  # all other errors say that nothing was sent
            return is_begun or not call.is_known
