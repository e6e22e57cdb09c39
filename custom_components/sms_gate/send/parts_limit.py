"""Limits the SMS of an account: of a long text, the network bills each part."""

from collections import Counter
from collections.abc import Mapping, Sequence
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

    def reserve(
        self, sim_numbers: Sequence[int | None], parts: int, *, is_urgent: bool
    ) -> int:
        """Count the parts of messages, one for each SIM given, while there is room.

        Return how many of the first were counted; of alarms, all are.
        """
        limits = ((self.days, self.per_day), (self.months, self.per_month))
        rooms = [
            max(0, maximum - counts.current.total()) // parts
            for counts, maximum in limits
            if maximum and not is_urgent
        ]
        room = min([len(sim_numbers), *rooms])
        if room < len(sim_numbers):
            self._over_on = today()
        for sim_number, number in Counter(sim_numbers[:room]).items():
            self.add(sim_number, number * parts)
        return room

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
        self,
        messages: Sequence[tuple[str, int | None]],
        parts: int,
        *,
        is_urgent: bool,
    ) -> list[IssueKind | None]:
        """Count messages, each a number and a SIM; return which limit each exceeds."""
        numbers = [number for number, _sim in messages]
        fits = [True] * len(numbers) if is_urgent else self.daily.reserve(numbers)
        some = [
            message
            for message, does_fit in zip(messages, fits, strict=True)
            if does_fit
        ]
        sims = [sim for _number, sim in some]
        room = self.parts.reserve(sims, parts, is_urgent=is_urgent)
        self.daily.count(digests(number for number, _sim in some[room:]), -1)
        left = iter([None] * room + [IssueKind.PARTS_LIMIT] * (len(some) - room))
        return [next(left) if does_fit else IssueKind.DAILY_LIMIT for does_fit in fits]
