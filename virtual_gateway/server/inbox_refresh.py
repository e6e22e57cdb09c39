"""Asking the phones to tell again of what they received."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from virtual_gateway.json_body import Fields
from virtual_gateway.phone.inbox import DELIVERIES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from virtual_gateway.phone import VirtualPhone
    from virtual_gateway.phone.inbox import Delivery

    from .account import Account


@dataclass(frozen=True)
class RefreshRequest:
    """A period, and how the phones shall tell of it."""

    device_id: str | None
    start_ms: int
    end_ms: int
    kinds: tuple[str, ...]
    delivery: Delivery


def parse_refresh(body: dict[str, object]) -> RefreshRequest:
    """Read a request; Refused when it is wrong."""
    fields = Fields(body)
    start, end = fields.time("since"), fields.time("until")
    if start is None or end is None:
        raise fields.invalid("since" if start is None else "until", "given")
    if start > end:
        raise fields.invalid("since", "before until")
    kinds = fields.texts("messageTypes")
    if kinds is not None and (not kinds or not set(kinds) <= {"SMS", "MMS"}):
        raise fields.invalid("messageTypes", "SMS or MMS")
    asked = fields.one_of("webhookDelivery", DELIVERIES)
    trigger = fields.flag("triggerWebhooks")
    return RefreshRequest(
        device_id=fields.text("deviceId", 21),
        start_ms=start,
        end_ms=end,
        kinds=tuple(kinds or ("SMS",)),
        delivery=_delivery(asked, trigger=trigger),
    )


def _delivery(asked: str | None, *, trigger: bool | None) -> Delivery:
    """Return how to tell: the newer field wins over the older one."""
    if asked is not None:
        return cast("Delivery", asked)
    return "Individual" if trigger else "Disabled"


def refresh(
    account: Account,
    wanted: RefreshRequest,
    kinds: Sequence[str],
    delivery: Delivery,
) -> None:
    """Notify the asked phone or all; the notice carries whole seconds."""
    start = wanted.start_ms // 1000 * 1000
    end = wanted.end_ms // 1000 * 1000
    for phone in account.phones:
        if wanted.device_id in (None, phone.id):
            phone.link.push(_exporter(phone, start, end, kinds, delivery))


def _exporter(
    phone: VirtualPhone, start: int, end: int, kinds: Sequence[str], delivery: Delivery
) -> Callable[[], None]:
    """Return what the phone does once it is told."""
    return lambda: phone.inbox.export(start, end, kinds, delivery)
