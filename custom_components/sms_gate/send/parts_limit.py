"""Limits the SMS of an account: of a long text, the network bills each part."""

from collections.abc import Mapping
from typing import Any, Final

from ..account.issues import IssueKind
from ..const import CONF_DAILY_LIMIT, CONF_PARTS_PER_DAY, CONF_PARTS_PER_MONTH
from ..gateway.sms_parts import count_parts
from .counts import Counts, this_month, today
from .daily_limit import DEFAULT_DAILY_LIMIT, DailyLimit, digests
from .draft import Draft

DEFAULT_PARTS_PER_DAY: Final = 300
DEFAULT_PARTS_PER_MONTH: Final = 3_000


def parts_of(draft: Draft) -> int:
    """Return the SMS per recipient; data, and an MMS, count as one."""
    is_text = draft.text is not None and draft.subject is None and not draft.attachments
    return count_parts(draft.text or "") if is_text else 1


class PartsLimit:
    """Counts the parts of an account's SMS, for each SIM, by day and by month.

    ``"0"`` stands for whichever SIM the phone chose.
    """

    def __init__(self) -> None:
        """Begin to count; a maximum of 0 is no limit."""
        self.per_day = DEFAULT_PARTS_PER_DAY
        self.per_month = DEFAULT_PARTS_PER_MONTH
        self.days, self.months = Counts(today), Counts(this_month)
        self._over_on: str | None = None

    @property
    def holds_back(self) -> bool:
        """Return True if a message was refused today."""
        return self._over_on == today()

    def load(self, stored: Mapping[str, Any]) -> None:
        """Go on counting after a restart."""
        self.days.load(stored.get("days", {}))
        self.months.load(stored.get("months", {}))

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {"days": self.days.as_dict(), "months": self.months.as_dict()}

    def reserve(self, sim_number: int | None, parts: int, *, is_urgent: bool) -> bool:
        """Count the parts of a message, unless there were too many; an alarm passes."""
        limits = ((self.days, self.per_day), (self.months, self.per_month))
        is_over = any(
            maximum and counts.current.total() + parts > maximum
            for counts, maximum in limits
        )
        if is_over and not is_urgent:
            self._over_on = today()
            return False
        self.add(sim_number, parts)
        return True

    def add(self, sim_number: int | None, parts: int) -> None:
        """Count parts, or, below zero, take them back."""
        for counts in (self.days, self.months):
            counts.add(str(sim_number or 0), parts)


class Limits:
    """What one account may send."""

    def __init__(self) -> None:
        """Begin to count."""
        self.daily, self.parts = DailyLimit(), PartsLimit()

    def set(self, options: Mapping[str, Any]) -> None:
        """Set what an account's options say."""
        self.daily.maximum = int(options.get(CONF_DAILY_LIMIT, DEFAULT_DAILY_LIMIT))
        self.parts.per_day = int(options.get(CONF_PARTS_PER_DAY, DEFAULT_PARTS_PER_DAY))
        self.parts.per_month = int(
            options.get(CONF_PARTS_PER_MONTH, DEFAULT_PARTS_PER_MONTH)
        )

    def reserve(
        self, number: str, sim_number: int | None, parts: int, *, is_urgent: bool
    ) -> IssueKind | None:
        """Count a message, or return the limit that it would exceed."""
        if not is_urgent and not self.daily.reserve(number):
            return IssueKind.DAILY_LIMIT
        if self.parts.reserve(sim_number, parts, is_urgent=is_urgent):
            return None
        self.daily.count(digests([number]), -1)
        return IssueKind.PARTS_LIMIT
