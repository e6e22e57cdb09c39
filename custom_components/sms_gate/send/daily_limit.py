"""Stops an automation that runs wild before it empties a prepaid card."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ..receive.dedup import identity

DEFAULT_DAILY_LIMIT: Final = 1_000
EXPEDITED_PRIORITY: Final = 100
_DAYS_KEPT: Final = 3


class DailyLimit:
    """Counts messages per recipient and day; numbers are kept as digests only.

    Counts of other days are kept for a while: a clock that is wrong for a moment
    must not begin the day again.
    """

    def __init__(self, maximum: int = DEFAULT_DAILY_LIMIT) -> None:
        """Begin to count; a maximum of 0 is no limit."""
        self.maximum = maximum
        self._days: dict[str, Counter[str]] = {}
        self._over_on: str | None = None

    @property
    def holds_back(self) -> bool:
        """Return True if a recipient was refused today."""
        return self._over_on == _today()

    def load(self, stored: Mapping[str, Any]) -> None:
        """Go on counting after a restart; versions before this kept one day only."""
        days = stored.get("days", {stored.get("day", ""): stored.get("counts", {})})
        self._days = {
            str(day): Counter({key: int(count) for key, count in counts.items()})
            for day, counts in days.items()
        }

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {"days": {day: dict(counts) for day, counts in self._days.items()}}

    def reserve(self, phone_number: str) -> bool:
        """Count a message to a number, unless it got too many today."""
        counts = self._counts()
        key = identity(phone_number).hex()
        if self.maximum and counts[key] >= self.maximum:
            self._over_on = _today()
            return False
        counts[key] += 1
        return True

    def release(self, phone_numbers: Iterable[str]) -> None:
        """Forget messages that did not leave after all."""
        counts = self._counts()
        for number in phone_numbers:
            key = identity(number).hex()
            counts[key] = max(0, counts[key] - 1)

    def _counts(self) -> Counter[str]:
        """Return today's counts, as the last of those that are kept."""
        today = _today()
        counts = self._days.pop(today, None) or Counter()
        self._days[today] = counts
        while len(self._days) > _DAYS_KEPT:
            del self._days[next(iter(self._days))]
        return counts


def _today() -> str:
    return dt_util.now().date().isoformat()
