"""What is known of one phone, from push and poll together."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from ..gateway.models import Device, Health, SimCard
from .issues import IssueKind

TOLERANCE: Final = timedelta(minutes=2)
MISSED_CONTACTS: Final = 2
# A phone repeats a ping that was not accepted: those come close together
SHORTEST_PING_INTERVAL: Final = timedelta(seconds=45)
INTERVALS_KEPT: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """What the tests of a phone's line showed; ``failed`` is about the last of them.

    ``round_trip`` is in seconds.
    """

    tested: datetime | None = None
    proven: datetime | None = None
    round_trip: float | None = None
    failed: IssueKind | None = None
    reason: str = field(default="", repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return what to keep over a restart."""
        return {
            "tested": self.tested and self.tested.isoformat(),
            "proven": self.proven and self.proven.isoformat(),
            "round_trip": self.round_trip,
            "failed": self.failed,
            "reason": self.reason,
        }

    @classmethod
    def restore(cls, stored: Mapping[str, Any]) -> Self:
        """Return the state that was kept."""
        failed = stored["failed"]
        return cls(
            tested=_time(stored["tested"]),
            proven=_time(stored["proven"]),
            round_trip=stored["round_trip"],
            failed=failed and IssueKind(failed),
            reason=stored["reason"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneState:
    """One phone. Times are aware; what is not known is None.

    ``contact_interval`` is the longest that a phone goes without contact while it is
    well, ``ping_intervals`` are those between its last pings. ``unreported`` counts
    the messages in a row whose outcome no webhook reported. ``known_sims`` are the
    numbers of the SIMs it ever had, but for those that a person removed; it
    ``lists_sims`` once its gateway's list had some.
    """

    contact_interval: timedelta
    device: Device | None = None
    health: Health | None = None
    version: str | None = None
    sim_cards: tuple[SimCard, ...] = field(default=(), repr=False)
    known_sims: frozenset[int] = frozenset()
    lists_sims: bool = False
    last_ping: datetime | None = None
    ping_intervals: tuple[timedelta, ...] = ()
    last_push: datetime | None = None
    last_contact: datetime | None = None
    unreported: int = 0
    online: bool | None = None
    line: LineState = LineState()

    def check(self, name: str) -> int | None:
        """Return one of the phone's own readings."""
        if self.health is None or (found := self.health.checks.get(name)) is None:
            return None
        return found.value

    @property
    def expected_interval(self) -> timedelta:
        """How often the phone makes contact: its own pings may be the more frequent.

        Pings do not count any more once the phone makes contact without them.
        """
        if not self.ping_intervals or self.last_ping is None or not self.last_contact:
            return self.contact_interval
        longest = max(self.ping_intervals)
        if self.last_contact - self.last_ping > longest * MISSED_CONTACTS + TOLERANCE:
            return self.contact_interval
        return min(longest, self.contact_interval)

    @property
    def offline_timeout(self) -> timedelta:
        """How long the phone may go without contact before it counts as offline."""
        return self.expected_interval * MISSED_CONTACTS + TOLERANCE

    @property
    def pings_missing_since(self) -> datetime | None:
        """When pings of a phone that is online count as missing, None if never."""
        if not self.ping_intervals or self.last_ping is None or not self.online:
            return None
        longest = max(self.ping_intervals)
        return self.last_ping + longest * MISSED_CONTACTS + self.contact_interval

    def pinged(self, now: datetime, health: Health | None) -> PhoneState:
        """Return the state after a ping."""
        gap = now - self.last_ping if self.last_ping else timedelta()
        state = self
        if gap >= SHORTEST_PING_INTERVAL:
            kept = (*self.ping_intervals, gap)[-INTERVALS_KEPT:]
            state = replace(self, ping_intervals=kept)
        if health is not None:
            version = health.version or self.version
            state = replace(state, health=health, version=version)
        return replace(state, last_ping=now)

    def with_sims(self, sim_cards: tuple[SimCard, ...]) -> PhoneState:
        """Return the state of a phone that shows these SIMs."""
        known = self.known_sims | {card.sim_number for card in sim_cards}
        return replace(self, sim_cards=sim_cards, known_sims=known)

    def listed(self, device: Device) -> PhoneState:
        """Return the state after the gateway's list had the phone.

        Servers leave an empty list of SIMs out, older ones every list of them.
        """
        state = replace(self, device=device)
        if device.sim_cards is not None:
            return replace(state, lists_sims=True).with_sims(device.sim_cards)
        return state.with_sims(()) if state.lists_sims else state

    def without_times(self) -> PhoneState:
        """Return what is worth a write at once: a burst changes times only."""
        return replace(
            self,
            device=self.device and replace(self.device, last_seen=None),
            last_push=None,
            last_contact=None,
            last_ping=None,
            ping_intervals=(),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what to keep over a restart: no phone numbers."""
        return {
            "health": self.health and asdict(self.health),
            "version": self.version,
            "sim_cards": [
                {"sim_number": card.sim_number, "carrier_name": card.carrier_name}
                for card in self.sim_cards
            ],
            "known_sims": sorted(self.known_sims),
            "lists_sims": self.lists_sims,
            "last_push": self.last_push and self.last_push.isoformat(),
            "last_contact": self.last_contact and self.last_contact.isoformat(),
            "line": self.line.as_dict(),
        }

    @classmethod
    def restore(cls, stored: Mapping[str, Any]) -> Self:
        """Return the state that was kept; its interval is set by the next account.

        Raises:
            AttributeError, KeyError, TypeError, ValueError: it is damaged.
        """
        return cls(
            contact_interval=timedelta(),
            health=stored["health"] and _health(stored["health"]),
            version=stored["version"],
            sim_cards=tuple(SimCard(**card) for card in stored["sim_cards"]),
            known_sims=frozenset(map(int, stored["known_sims"])),
            lists_sims=stored["lists_sims"] is True,
            last_push=_time(stored["last_push"]),
            last_contact=_time(stored["last_contact"]),
            line=LineState.restore(stored["line"]) if "line" in stored else LineState(),
        )


def _health(stored: Mapping[str, Any]) -> Health:
    checks = {
        name: {"observedValue": check["value"], "status": check["status"]}
        for name, check in stored["checks"].items()
    }
    return Health.from_payload({**stored, "checks": checks})


def _time(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored).astimezone(UTC) if stored else None
