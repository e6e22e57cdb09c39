"""Reading the phone's inbox for what no webhook brought. Local mode only."""

from datetime import UTC, datetime, timedelta
import time
from typing import Final

from .data import Account
from .events import GatewayEvent
from .inbox import to_event
from .intake import Intake

# A network may deliver a message hours after the time it carries
OVERLAP: Final = timedelta(hours=48)
WINDOW: Final = timedelta(hours=72)
AHEAD: Final = timedelta(days=2)
LIGHT_PAGE: Final = 20
PAGE: Final = 200
MAX_PAGES: Final = 200


class InboxReader:
    """Finds what the intake does not know, by one light request when nothing is new.

    Messages are sorted by the network's time, so a late one can appear below others;
    the number of messages in the window tells that there is one.
    """

    def __init__(self, account: Account, intake: Intake) -> None:
        """Take the account and the way in."""
        self._account = account
        self._intake = intake
        self._start = datetime.now(UTC) - OVERLAP
        self._total: int | None = None

    def look_back_to(self, moment: float) -> None:
        """Begin the window before this time (Unix seconds)."""
        self._start = datetime.fromtimestamp(moment, UTC) - OVERLAP
        self._total = None

    async def async_unknown(self) -> list[GatewayEvent]:
        """Return the events that are not known yet, the oldest first.

        Raises:
            GatewayError: the phone could not be asked.
        """
        self._move_window()
        found: list[GatewayEvent] = []
        offset, limit = 0, LIGHT_PAGE
        for _ in range(MAX_PAGES):
            events, size, total = await self._async_page(limit, offset)
            unknown = [event for event in events if not self._intake.knows(event)]
            found += unknown
            offset += size
            missing = total if self._total is None else total - self._total
            complete = len(found) >= missing and len(unknown) < len(events)
            if offset >= total or not size or complete:
                break
            limit = PAGE
        self._total = total - len(found)
        return sorted(found, key=_time)

    async def _async_page(
        self, limit: int, offset: int
    ) -> tuple[list[GatewayEvent], int, int]:
        """Return a page's events, its size, and how many messages there are."""
        messages, total = await self._account.client.inbox(
            start=self._start,
            end=datetime.now(UTC) + AHEAD,
            limit=limit,
            offset=offset,
        )
        device_id = self._account.phones.choose() or ""
        events = (to_event(message, device_id) for message in messages)
        return [event for event in events if event], len(messages), total

    def _move_window(self) -> None:
        """Follow time, so that the window does not grow for ever."""
        now = datetime.now(UTC)
        if now - self._start > WINDOW and self._total is not None:
            self._start = now - OVERLAP
            self._total = None

    async def async_take_new(self, *, late: bool = False) -> int:
        """Let the intake fire what is unknown; return how many there were.

        Raises:
            GatewayError: the phone could not be asked.
            OSError: what was fired could not be remembered.
        """
        events = await self.async_unknown()
        if not events:
            return 0
        new = await self._intake.async_take(*events, late=late)
        self._total = (self._total or 0) + len(events)
        return new

    async def async_skip_all(self) -> None:
        """Take what is there now for old, at the very first start.

        Raises:
            GatewayError: the phone could not be asked.
        """
        events = await self.async_unknown()
        await self._intake.async_skip(*events)
        self._total = (self._total or 0) + len(events)


def _time(event: GatewayEvent) -> float:
    """Return when a message came."""
    return event.timestamp.timestamp() if event.timestamp else time.time()
