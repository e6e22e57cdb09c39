"""What is known of one phone, from push and poll together."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ..gateway.models import Device, Health, SimCard

TOLERANCE: Final = timedelta(minutes=2)
MISSED_BEATS: Final = 2
# A phone tries a ping again that was not taken: those come close together
SHORTEST_RHYTHM: Final = timedelta(seconds=45)
GAPS_REMEMBERED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneState:
    """One phone. Times are aware; what was never told is None.

    ``rhythm`` is the longest silence of a phone that is well. ``gaps`` are
    the times between its last pings. ``unreported`` counts the messages in a row
    whose outcome no webhook told.
    """

    rhythm: timedelta
    device: Device | None = None
    health: Health | None = None
    version: str | None = None
    sim_cards: tuple[SimCard, ...] = field(default=(), repr=False)
    last_ping: datetime | None = None
    gaps: tuple[timedelta, ...] = ()
    last_push: datetime | None = None
    last_contact: datetime | None = None
    unreported: int = 0
    online: bool | None = None

    def check(self, name: str) -> int | None:
        """Return one of the phone's own readings."""
        if self.health is None or (found := self.health.checks.get(name)) is None:
            return None
        return found.value

    @property
    def beat(self) -> timedelta:
        """The phone's own rhythm where it pings more often than it must.

        Pings count no more once other signs of life come without them.
        """
        if not self.gaps or self.last_ping is None or self.last_contact is None:
            return self.rhythm
        if (
            self.last_contact - self.last_ping
            > max(self.gaps) * MISSED_BEATS + TOLERANCE
        ):
            return self.rhythm
        return min(max(self.gaps), self.rhythm)

    @property
    def patience(self) -> timedelta:
        """How long a silence of the phone may be before it means something."""
        return self.beat * MISSED_BEATS + TOLERANCE

    def is_online(self, now: datetime) -> bool | None:
        """Return True if the last sign of life is within the phone's own rhythm."""
        if self.last_contact is None:
            return None
        return now - self.last_contact <= self.patience

    def pings_stay_away(self, now: datetime) -> bool:
        """Return True if a phone that is there has stopped to ping."""
        if not self.gaps or self.last_ping is None or not self.online:
            return False
        return now - self.last_ping > max(self.gaps) * MISSED_BEATS + self.rhythm

    def pinged(self, now: datetime, health: Health | None) -> PhoneState:
        """Return the state after a ping."""
        gap = now - self.last_ping if self.last_ping else timedelta()
        state = self
        if gap >= SHORTEST_RHYTHM:
            state = replace(self, gaps=(*self.gaps, gap)[-GAPS_REMEMBERED:])
        if health is not None:
            state = replace(state, health=health, version=health.version)
        return replace(state, last_ping=now)

    def without_times(self) -> PhoneState:
        """Return what is worth a write at once: a burst changes times only."""
        return replace(
            self,
            device=self.device and replace(self.device, last_seen=None),
            last_push=None,
            last_contact=None,
            last_ping=None,
            gaps=(),
        )
