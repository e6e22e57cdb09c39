"""Reading the phone's inbox for what no webhook brought. Local mode only."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
import time
from typing import Final

from ..account.context import Account
from ..gateway.derived_events import event_from_inbox
from ..gateway.events import EventKind, GatewayEvent
from ..gateway.fields import Items
from ..gateway.models import InboxMessage
from .mms import MmsDownloader
from .pipeline import Pipeline

# A network may deliver a message hours after the time it carries
OVERLAP: Final = timedelta(hours=48)
WINDOW: Final = timedelta(hours=72)
AHEAD: Final = timedelta(days=2)
LIGHT_PAGE: Final = 20
PAGE: Final = 200
MAX_PAGES: Final = 200


class Inbox:
    """Finds what the pipeline does not know, by one light request when nothing is new.

    Messages are sorted by the network's time, so a late one can appear below others;
    the number of messages in the window tells that there is one.
    """

    def __init__(self, account: Account, pipeline: Pipeline) -> None:
        """Take the account and the way in."""
        self._account = account
        self._pipeline = pipeline
        self._files = MmsDownloader(account.client)
        self._is_stopped = False
        account.entry.async_on_unload(self._stop)
        self._start = datetime.now(UTC) - OVERLAP
        self._heard = datetime.now(UTC)
        self._known: set[str] = set()
        # How many messages of the window could not be read
        self._odd = 0
        self.last_read: datetime | None = None

    def _stop(self) -> None:
        """Take nothing more: what is there is for those who load the account next."""
        self._is_stopped = True

    def look_back_to(self, moment: float) -> None:
        """Begin the window before this time (Unix seconds)."""
        self._heard = datetime.fromtimestamp(moment, UTC)
        self._start = self._heard - OVERLAP
        self._known.clear()
        self._odd = 0

    async def async_unknown(self) -> list[GatewayEvent]:
        """Return the events that are not known yet, the oldest first.

        Raises:
            GatewayError: the phone could not be asked.
        """
        self._move_window()
        found: dict[str, GatewayEvent] = {}
        offset, limit, odd, total = 0, LIGHT_PAGE, 0, 0
        for _ in range(MAX_PAGES):
            messages, total = await self._async_page(limit, offset)
            self._sort(messages, found)
            offset += len(messages) + messages.skipped
            odd += messages.skipped
            if len(self._known) > total:
                self._known = {message.id for message in messages} - found.keys()
            if (
                offset >= total
                or not (messages or messages.skipped)
                or len(self._known) + len(found) + max(odd, self._odd) >= total
            ):
                break
            limit = PAGE
        if offset >= total:
            self._odd = odd
        self._heard = self.last_read = datetime.now(UTC)
        return sorted(found.values(), key=_time)

    async def _async_page(
        self, limit: int, offset: int
    ) -> tuple[Items[InboxMessage], int]:
        """Return a page, and how many messages there are in the window."""
        messages, total = await self._account.client.inbox(
            start=self._start,
            end=datetime.now(UTC) + AHEAD,
            limit=limit,
            offset=offset,
        )
        self._account.log_skipped("messages in the inbox", messages)
        return messages, total

    def _sort(
        self, messages: Iterable[InboxMessage], found: dict[str, GatewayEvent]
    ) -> None:
        """Tell what the pipeline knows, and what is none of its business, from news."""
        device_id = self._account.phones.choose() or ""
        for message in messages:
            event = event_from_inbox(message, device_id)
            if event is None or self._pipeline.knows(event):
                self._known.add(message.id)
            else:
                found[message.id] = event

    def _move_window(self) -> None:
        """Follow time, so that the window does not grow for ever.

        It begins before the phone was last heard, however long ago that was.
        """
        begin = self._heard - OVERLAP
        if begin - self._start > WINDOW - OVERLAP:
            self._start = begin
            self._known.clear()
            self._odd = 0

    async def async_fetch(self, *, late: bool = False) -> int:
        """Let the pipeline fire what is unknown; return how many there were.

        Raises:
            GatewayError: the phone could not be asked.
            OSError: what was fired could not be remembered.
        """
        return await self.async_process(*await self.async_unknown(), late=late)

    async def async_process(self, *events: GatewayEvent, late: bool = False) -> int:
        """Let the pipeline fire these, an MMS with its files; return how many were new.

        One by one, so that a phone that goes away in between keeps back only what
        comes after, in its order.

        Raises:
            GatewayError: the phone could not be asked for an MMS' files.
            OSError: what was fired could not be remembered.
        """
        new = 0
        for event in events:
            whole = event
            if event.kind is EventKind.MMS_DOWNLOADED and not self._pipeline.knows(
                event
            ):
                whole = await self._files.async_add(event)
            if self._is_stopped:
                break
            new += await self._pipeline.async_process(whole, late=late)
            self._remember((event,))
        return new

    async def async_mark_all_known(self) -> None:
        """Take what is there now for old, at the very first start.

        Raises:
            GatewayError: the phone could not be asked.
        """
        events = await self.async_unknown()
        await self._pipeline.async_skip(*events)
        self._remember(events)

    def _remember(self, events: Iterable[GatewayEvent]) -> None:
        """Count what was taken, so that the next look is a light one."""
        self._known.update(event.inbox_id for event in events if event.inbox_id)


def _time(event: GatewayEvent) -> float:
    """Return when a message came."""
    return event.timestamp.timestamp() if event.timestamp else time.time()
