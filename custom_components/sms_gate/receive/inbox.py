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
from .pipeline import Pipeline, PipelineClosedError

# A network may deliver a message hours after the time it carries
OVERLAP: Final = timedelta(hours=48)
WINDOW: Final = timedelta(hours=72)
# No clock decides what is left out at the end
END: Final = datetime(2100, 1, 1, tzinfo=UTC)
LIGHT_PAGE: Final = 20
PAGE: Final = 200
MAX_PAGES: Final = 200


class Inbox:
    """Finds what the pipeline does not know, by one light request when nothing is new.

    Messages are sorted by the network's time, so a late one can appear below others;
    the number of messages in the window tells that there is one. The window begins
    before the newest message that was seen, whatever our own clock says.
    """

    def __init__(self, account: Account, pipeline: Pipeline) -> None:
        """Take the account, and where messages come in."""
        self._account = account
        self._pipeline = pipeline
        self._files = MmsDownloader(account.client)
        self._start: datetime | None = None
        self._newest: datetime | None = None
        self._known: set[str] = set()
        # How many messages of the window could not be read
        self._odd = 0
        self.last_read: datetime | None = None

    def look_back_to(self, moment: float) -> None:
        """Begin the window before this time (Unix seconds)."""
        self._newest = datetime.fromtimestamp(moment, UTC)
        self._start = self._newest - OVERLAP
        self._known.clear()
        self._odd = 0

    async def async_unknown(self, *, thorough: bool = False) -> list[GatewayEvent]:
        """Return the events that are not known yet, the oldest first.

        ``thorough`` reads all of the window, also where nothing tells of a new one: a
        message that was deleted makes room for one that nobody counts.

        Raises:
            GatewayError: the phone could not be asked.
        """
        self._move_window()
        found: dict[str, GatewayEvent] = {}
        listed: set[str] = set()
        offset, odd, total = 0, 0, 0
        limit = PAGE if thorough else LIGHT_PAGE
        for _ in range(MAX_PAGES):
            messages, total = await self._async_page(limit, offset)
            self._partition(messages, found)
            listed.update(message.id for message in messages)
            offset += len(messages) + messages.skipped
            odd += messages.skipped
            if len(self._known) > total:
                self._known = listed - found.keys()
            if offset >= total or not (messages or messages.skipped):
                break
            counted = len(self._known) + len(found) + max(odd, self._odd)
            if counted >= total and not thorough:
                break
            limit = PAGE
        if offset >= total:
            self._odd, self._known = odd, listed - found.keys()
        self.last_read = datetime.now(UTC)
        return sorted(found.values(), key=_time)

    async def _async_page(
        self, limit: int, offset: int
    ) -> tuple[Items[InboxMessage], int]:
        """Return a page, and how many messages there are in the window."""
        messages, total = await self._account.client.inbox(
            start=self._start, end=END, limit=limit, offset=offset
        )
        self._account.log_skipped("messages in the inbox", messages)
        return messages, total

    def _partition(
        self, messages: Iterable[InboxMessage], found: dict[str, GatewayEvent]
    ) -> None:
        """Partition messages into those that are known, or of no known type, and new."""
        device_id = self._account.phones.choose() or ""
        for message in messages:
            self._newest = max(self._newest or message.created_at, message.created_at)
            event = event_from_inbox(message, device_id)
            if event is None:
                self._known.add(message.id)
            elif self._pipeline.knows(event):
                if message.id not in self._known:
                    self._pipeline.async_repeat(event)
                self._known.add(message.id)
            else:
                found[message.id] = event

    def _move_window(self) -> None:
        """Follow the newest message, so that the window does not grow for ever."""
        if self._newest is None:
            return
        # A message may carry a time that is far ahead
        begin = min(self._newest, datetime.now(UTC)) - OVERLAP
        if self._start is None:
            self._start = begin
        elif abs(begin - self._start) > WINDOW - OVERLAP:
            self._start = begin
            self._known.clear()
            self._odd = 0

    async def async_fetch(self, *, late: bool = False, thorough: bool = False) -> int:
        """Let the pipeline fire what is unknown; return how many there were.

        Raises:
            GatewayError: the phone could not be asked.
            OSError: what was fired could not be remembered.
        """
        events = await self.async_unknown(thorough=thorough)
        return await self.async_process(*events, late=late)

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
            try:
                new += await self._pipeline.async_process(whole, late=late)
            except PipelineClosedError:
                break  # the rest is for those who load the account next
            self._remember((event,))
        return new

    async def async_mark_known(self, until: float = END.timestamp()) -> None:
        """Remember what is there now without firing it.

        Raises:
            GatewayError: the phone could not be asked.
        """
        if self._newest is None:
            self._partition((await self._async_page(LIGHT_PAGE, 0))[0], {})
        # An SMS' time has whole seconds
        events = [
            item for item in await self.async_unknown() if _time(item) < int(until)
        ]
        self._pipeline.skip(*events)
        self._remember(events)

    def _remember(self, events: Iterable[GatewayEvent]) -> None:
        """Count what was taken, so that the next look is a light one."""
        self._known.update(event.inbox_id for event in events if event.inbox_id)


def _time(event: GatewayEvent) -> float:
    """Return when a message came."""
    return event.timestamp.timestamp() if event.timestamp else time.time()
