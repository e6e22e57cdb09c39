"""Asking the phones to send again what they received."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from virtual_gateway.phone.inbox import DELIVERIES

from .schema import (
    PACKAGE,
    Field,
    Flag,
    Items,
    Struct,
    Text,
    Time,
    at_least,
    at_most,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from virtual_gateway.phone import VirtualPhone
    from virtual_gateway.phone.inbox import Delivery

    from .account import Account

_ZERO_MS = -62_135_596_800_000  # the first of January of the year 1
_KIND = Field(key="", name="", kind=Text(), rules=(one_of("SMS", "MMS"),))
_REFRESH = Struct(
    "InboxRefreshRequest",
    (
        Field(key="deviceId", name="DeviceID", kind=Text(), rules=(at_most(21),)),
        Field(key="since", name="Since", kind=Time()),
        Field(key="until", name="Until", kind=Time()),
        Field(
            key="messageTypes",
            name="MessageTypes",
            kind=Items(Text(f"{PACKAGE}.IncomingMessageType")),
            rules=(at_least(1),),
            each=_KIND,
        ),
        Field(key="triggerWebhooks", name="TriggerWebhooks", kind=Flag()),
        Field(
            key="webhookDelivery",
            name="WebhookDelivery",
            kind=Text(f"{PACKAGE}.WebhookDelivery"),
            rules=(one_of(*DELIVERIES),),
        ),
    ),
)


@dataclass(frozen=True)
class RefreshRequest:
    """A period, and how the phones shall tell of it."""

    device_id: str | None
    start_ms: int
    end_ms: int
    kinds: tuple[str, ...]
    delivery: Delivery


class _Period:
    """The two times, each checked against the other."""

    def __init__(self, since: int | None, until: int | None) -> None:
        self.since = _ZERO_MS if since is None else since
        self.until = _ZERO_MS if until is None else until

    def faults(self) -> list[tuple[str, str]]:
        """Return which time breaks which rule."""
        since, until = self.since, self.until
        found = []
        if since == _ZERO_MS:
            found.append(("Since", "required"))
        elif since > until:
            found.append(("Since", "ltefield"))
        if until == _ZERO_MS:
            found.append(("Until", "required"))
        elif until < since:
            found.append(("Until", "gtefield"))
        return found


def parse_refresh(raw: bytes) -> RefreshRequest:
    """Read a request; Refused when it is wrong."""
    values = _REFRESH.read_body(raw)
    period = _Period(values["since"], values["until"])
    faults = list(_REFRESH.faults(values, _REFRESH.name))
    own = [(f"{_REFRESH.name}.{name}", name, tag) for name, tag in period.faults()]
    place = sum(name == "DeviceID" for _, name, _ in faults)
    _REFRESH.refuse([*faults[:place], *own, *faults[place:]])
    return RefreshRequest(
        device_id=values["deviceId"],
        start_ms=period.since,
        end_ms=period.until,
        kinds=tuple(values["messageTypes"] or ("SMS",)),
        delivery=_delivery(values["webhookDelivery"], values["triggerWebhooks"]),
    )


def _delivery(asked: Any, trigger: bool | None) -> Delivery:
    """Return how to tell: the newer field wins over the older one."""
    if asked is not None:
        delivery: Delivery = asked
        return delivery
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
