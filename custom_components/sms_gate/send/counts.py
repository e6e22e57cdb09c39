"""Counts by day or month that neither a restart nor a wrong clock begins again."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.util import dt as dt_util

_KEPT: Final = 3


def today() -> str:
    """Return today's name."""
    return dt_util.now().date().isoformat()


def this_month() -> str:
    """Return this month's name."""
    return today()[:7]


class Counts:
    """What was counted in each of the last periods.

    Those of others are kept for a while: a clock that is wrong for a moment must not
    begin the period again.
    """

    def __init__(self, period: Callable[[], str]) -> None:
        """Begin to count; ``period`` names the current one."""
        self._period = period
        self._counts: dict[str, Counter[str]] = {}

    @property
    def current(self) -> Counter[str]:
        """Return the current counts, as the last of those that are kept."""
        name = self._period()
        counts = self._counts.pop(name, None) or Counter()
        self._counts[name] = counts
        while len(self._counts) > _KEPT:
            del self._counts[next(iter(self._counts))]
        return counts

    def add(self, key: str, number: int) -> None:
        """Count, or, below zero, take back."""
        counts = self.current
        counts[key] = max(0, counts[key] + number)

    def load(self, stored: Mapping[str, Mapping[str, Any]]) -> None:
        """Go on counting after a restart."""
        self._counts = {
            str(name): Counter({key: int(count) for key, count in counts.items()})
            for name, counts in stored.items()
        }

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Return what to store."""
        return {name: dict(counts) for name, counts in self._counts.items()}
