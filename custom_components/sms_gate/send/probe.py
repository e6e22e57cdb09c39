"""The SMS of line tests, recognised wherever they come back."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from ..account.phone_number import clean
from ..gateway.events import OUTBOUND, EventKind, GatewayEvent
from ..receive.dedup import identity

# A phone delivers what it received for about two days
MAX_PROBES: Final = 50
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The SMS of one line test.

    Only an SMS with its token proves the line, and only from one of its senders:
    digests of whole numbers, or of the last digits where the gateway shows no more.
    """

    message_id: str
    token: str = field(repr=False)
    senders: frozenset[str] = field(repr=False)
    received: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def restore(cls, stored: Mapping[str, Any]) -> Self:
        """Return a probe that was stored."""
        return cls(
            message_id=str(stored["message_id"]),
            token=str(stored["token"]),
            senders=frozenset(map(str, stored["senders"])),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what to store: no number can be read from it."""
        return {
            "message_id": self.message_id,
            "token": self.token,
            "senders": sorted(self.senders),
        }

    def includes(self, event: GatewayEvent) -> bool:
        """Return True if an event is about the SMS of this test."""
        if event.kind in OUTBOUND:
            return event.message_id == self.message_id
        return (
            event.kind is EventKind.SMS_RECEIVED
            and self.token in (event.message or "")
            and self._is_from(clean(event.sender or "").casefold())
        )

    def _is_from(self, sender: str) -> bool:
        return not self.senders.isdisjoint({_digest(sender), _digest(_end(sender))})


class Probes:
    """The probes of an account, and the phones whose line is tested now."""

    def __init__(self) -> None:
        """Begin with none."""
        self._probes: OrderedDict[str, Probe] = OrderedDict()
        self.running: set[str] = set()

    def load(self, stored: Iterable[Mapping[str, Any]]) -> None:
        """Recognise what was sent before a restart."""
        for item in stored:
            self.add(Probe.restore(item))

    def as_list(self) -> list[dict[str, Any]]:
        """Return what to store."""
        return [probe.as_dict() for probe in self._probes.values()]

    def add(self, probe: Probe) -> None:
        """Recognise a probe, before it is submitted."""
        self._probes[probe.message_id] = probe
        while len(self._probes) > MAX_PROBES:
            self._probes.popitem(last=False)

    def __contains__(self, message_id: object) -> bool:
        """Return True if a message is the SMS of a line test."""
        return message_id in self._probes

    def __iter__(self) -> Iterator[str]:
        """Go through the ids of their messages."""
        return iter(self._probes)

    def find(self, event: GatewayEvent) -> Probe | None:
        """Return the probe that an event is about."""
        probes = self._probes.values()
        return next((probe for probe in probes if probe.includes(event)), None)


def senders(forms: Iterable[str], redacted: Iterable[str]) -> frozenset[str]:
    """Return who may send a probe back; of redacted numbers the end is known."""
    return frozenset({*map(_digest, forms), *(_digest(_end(it)) for it in redacted)})


def _end(number: str) -> str:
    return f"…{number[-_SHOWN:]}"


def _digest(text: str) -> str:
    return identity(text).hex()
