"""Stops an automation that runs wild before it empties a prepaid card."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ..receive.dedup import identity

DEFAULT_DAILY_LIMIT: Final = 1_000
EXPEDITED_PRIORITY: Final = 100


class DailyLimit:
    """Counts messages per recipient and day; numbers are kept as digests only."""

    def __init__(self, limit: int) -> None:
        """Take the limit; 0 is none."""
        self._limit = limit
        self._day = dt_util.now().date()
        self._counts: Counter[str] = Counter()
        self.holds_back = False

    def load(self, stored: Mapping[str, Any]) -> None:
        """Go on counting after a restart on the same day."""
        if stored.get("day") == self._day.isoformat():
            self._counts = Counter(stored.get("counts", {}))

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {"day": self._day.isoformat(), "counts": dict(self._counts)}

    def allows(self, phone_numbers: Iterable[str]) -> bool:
        """Count one message to each number, unless that is too much for one of them."""
        self._start_day(dt_util.now().date())
        keys = [identity(number).hex() for number in phone_numbers]
        if self._limit and any(self._counts[key] >= self._limit for key in keys):
            self.holds_back = True
            return False
        self._counts.update(keys)
        return True

    def _start_day(self, today: date) -> None:
        if today != self._day:
            self._day = today
            self._counts.clear()
            self.holds_back = False
