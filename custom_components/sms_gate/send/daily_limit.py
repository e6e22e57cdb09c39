"""Stops an automation that runs wild before it empties a prepaid card."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..receive.dedup import identity
from .counts import Counts, today

DEFAULT_DAILY_LIMIT: Final = 1_000
EXPEDITED_PRIORITY: Final = 100


class DailyLimit:
    """Counts messages per recipient and day; numbers are kept as digests only."""

    def __init__(self, maximum: int = DEFAULT_DAILY_LIMIT) -> None:
        """Begin to count; a maximum of 0 is no limit."""
        self.maximum = maximum
        self._days = Counts(today)
        self._over_on: str | None = None

    @property
    def holds_back(self) -> bool:
        """Return True if a recipient was refused today."""
        return self._over_on == today()

    def load(self, stored: Mapping[str, Any]) -> None:
        """Go on counting after a restart; versions before this kept one day only."""
        one_day = {stored.get("day", ""): stored.get("counts", {})}
        self._days.load(stored.get("days", one_day))

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {"days": self._days.as_dict()}

    def count(self, keys: Iterable[str], times: int = 1) -> None:
        """Count messages by their numbers' digests, or, below zero, take them back."""
        counts = self._days.current
        for key in keys:
            counts[key] = max(0, counts[key] + times)

    def reserve(self, phone_numbers: Sequence[str]) -> list[bool]:
        """Count a message to each number, but for those that got too many today."""
        counts, fits = self._days.current, []
        for key in digests(phone_numbers):
            fits.append(not self.maximum or counts[key] < self.maximum)
            counts[key] += fits[-1]
        if not all(fits):
            self._over_on = today()
        return fits


def digests(phone_numbers: Iterable[str]) -> list[str]:
    """Return what stands for numbers where they are counted."""
    return [identity(number).hex() for number in phone_numbers]
