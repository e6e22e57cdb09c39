"""Reading inboxes for what no webhook brought: a local phone's, or those at a server."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
import time
from typing import Final

from ..account.context import Account
from ..account.issues import IssueKind, async_create_issue
from ..const import CONF_MODE, Mode
from ..gateway.derived_events import event_from_inbox
from ..gateway.encryption import DecryptionError
from ..gateway.events import EventKind, GatewayEvent
from ..gateway.fields import Items
from ..gateway.models import InboxMessage
from .mms import MmsDownloader
from .pipeline import Pipeline, PipelineClosedError
from .server_inbox import NO_INBOX, async_note_missing

# A network may deliver a message hours after the time it carries
OVERLAP: Final = timedelta(hours=48)
WINDOW: Final = timedelta(hours=72)
# How far the network's clock may be behind Home Assistant's
CLOCKS: Final = timedelta(minutes=1)
# No clock decides what is left out at the end
END: Final = datetime(2100, 1, 1, tzinfo=UTC)
LIGHT_PAGE: Final = 20
PAGE: Final = 200
MAX_PAGES: Final = 200
# A message that was deleted makes room for a late one, which the number does not show
WHOLE_SECONDS: Final = 1800.0


@dataclass(slots=True)
class _Window:
    """How far one phone's inbox was read.

    Messages are sorted by the network's time, so a late one can appear below others;
    the number of messages in the window tells that there is one, and now and then the
    whole window is read. It begins before the newest message that was seen, whatever
    our own clock says.
    """

    start: datetime | None = None
    newest: datetime | None = None
    known: set[str] = field(default_factory=set)
    # How many messages of the window could not be read
    odd: int = 0
    read_whole: float = field(default_factory=time.monotonic)

    def begin(self, start: datetime) -> None:
        """Read from another time on."""
        self.start, self.odd = start, 0
        self.known.clear()

    def move(self) -> None:
        """Follow the newest message, so that the window does not grow for ever."""
        if self.newest is None:
            return
        # A message may carry a time that is far ahead
        begin = min(self.newest, datetime.now(UTC)) - OVERLAP
        if self.start is None:
            self.start = begin
        elif abs(begin - self.start) > WINDOW - OVERLAP:
            self.begin(begin)


class Inbox:
    """Finds what the pipeline does not know, by one light request when nothing is new.

    A server does not say whose a message is, so each of its phones is asked for. What
    it holds from before the account was set up is not of interest.
    """

    def __init__(self, account: Account, pipeline: Pipeline) -> None:
        """Take the account, and where messages come in."""
        self._account = account
        self._pipeline = pipeline
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        self._files = MmsDownloader(account.client)
        self._since: datetime | None = None
        self._windows: dict[str, _Window] = {}
        self.last_read: datetime | None = None

    def look_back_to(self, moment: float) -> None:
        """Begin the windows before this time (Unix seconds)."""
        self._since = datetime.fromtimestamp(moment, UTC)
        self._windows.clear()

    @property
    def _phones(self) -> tuple[str, ...]:
        """Return the phones with an inbox; a local one may have no name yet."""
        if self._is_local:
            return (self._account.phones.choose() or "",)
        return tuple(self._account.phones.present)

    def _window(self, phone: str) -> _Window:
        """Return a phone's window."""
        if phone not in self._windows:
            self._windows[phone] = window = _Window(newest=self._since)
            if self._since is not None:
                window.start = self._since - OVERLAP
        return self._windows[phone]

    async def async_unknown(self) -> list[GatewayEvent]:
        """Return the events that are not known yet, the oldest first.

        Raises:
            GatewayError: the gateway could not be asked.
        """
        found: list[GatewayEvent] = []
        for phone in self._phones:
            found += await self._async_unknown(phone)
        self.last_read = datetime.now(UTC)
        return sorted(found, key=_time)

    async def _async_unknown(self, phone: str) -> Iterable[GatewayEvent]:
        """Return one phone's events that are not known yet."""
        window = self._window(phone)
        window.move()
        found: dict[str, GatewayEvent] = {}
        listed: set[str] = set()
        offset, odd = 0, 0
        is_whole = time.monotonic() - window.read_whole >= WHOLE_SECONDS
        limit = PAGE if is_whole else LIGHT_PAGE
        for _ in range(MAX_PAGES):
            messages, total = await self._async_page(phone, limit, offset)
            await self._async_partition(phone, messages, found)
            listed.update(message.id for message in messages)
            offset += len(messages) + messages.skipped
            odd += messages.skipped
            if len(window.known) > total:
                window.known = listed - found.keys()
            if offset >= total or not (messages or messages.skipped):
                break
            counted = len(window.known) + len(found) + max(odd, window.odd)
            if counted >= total and not is_whole:
                break
            limit = PAGE
        if offset >= total:
            window.odd, window.known = odd, listed - found.keys()
        if is_whole or offset >= total:
            window.read_whole = time.monotonic()
        return found.values()

    async def _async_page(
        self, phone: str, limit: int, offset: int
    ) -> tuple[Items[InboxMessage], float]:
        """Return a page, and how many messages the window has: infinite if unknown."""
        start = self._window(phone).start
        if not self._is_local:
            created = self._account.entry.created_at - CLOCKS
            start = max(start or created, created)
        try:
            messages, total = await self._account.client.inbox(
                start=start,
                end=END,
                device_id=None if self._is_local else phone,
                limit=limit,
                offset=offset,
            )
        except NO_INBOX as err:
            if not self._is_local:
                async_note_missing(self._account, err)
            raise
        self._account.log_skipped("messages in the inbox", messages)
        return messages, inf if total is None else total

    async def _async_partition(
        self,
        phone: str,
        messages: Iterable[InboxMessage],
        found: dict[str, GatewayEvent],
    ) -> None:
        """Partition messages into those that are known, or of no use, and new."""
        window = self._window(phone)
        for message in messages:
            window.newest = max(window.newest or message.created_at, message.created_at)
            is_known = message.id in window.known
            if is_known and message.is_encrypted:
                continue  # opening it again takes long
            event = await self._async_event(phone, message)
            if event is None:
                window.known.add(message.id)
            elif self._pipeline.knows(event):
                if not is_known:
                    self._pipeline.async_repeat(event)
                window.known.add(message.id)
            else:
                found[message.id] = event

    async def _async_event(
        self, phone: str, message: InboxMessage
    ) -> GatewayEvent | None:
        """Return a message's event; None for an unknown type, or without its key."""
        account = self._account
        try:
            clear = await account.cipher.async_decrypt_inbox(message)
        except DecryptionError:
            async_create_issue(account.hass, account.entry, IssueKind.INBOX_ENCRYPTED)
            return None
        return event_from_inbox(clear, phone)

    async def async_fetch(self, *, late: bool = False) -> None:
        """Let the pipeline fire what is unknown.

        Raises:
            GatewayError: the phone could not be asked.
            OSError: what was fired could not be remembered.
        """
        await self.async_process(*await self.async_unknown(), late=late)

    async def async_process(self, *events: GatewayEvent, late: bool = False) -> None:
        """Let the pipeline fire these, an MMS with its files.

        One by one, so that a phone that goes away in between keeps back only what
        comes after, in its order.

        Raises:
            GatewayError: the phone could not be asked for an MMS' files.
            OSError: what was fired could not be remembered.
        """
        for event in events:
            whole = event
            if (
                self._is_local
                and event.kind is EventKind.MMS_DOWNLOADED
                and not self._pipeline.knows(event)
            ):
                whole = await self._files.async_add(event)
            try:
                await self._pipeline.async_process(whole, late=late)
            except PipelineClosedError:
                break  # the rest is for those who load the account next
            self._remember((event,))

    async def async_mark_known(self, until: float = END.timestamp()) -> None:
        """Remember what is there now without firing it.

        Raises:
            GatewayError: the phone could not be asked.
        """
        for phone in self._phones:
            if self._window(phone).newest is None:
                page = await self._async_page(phone, LIGHT_PAGE, 0)
                await self._async_partition(phone, page[0], {})
        # An SMS' time has whole seconds
        events = [
            item for item in await self.async_unknown() if _time(item) < int(until)
        ]
        self._pipeline.skip(*events)
        self._remember(events)

    def _remember(self, events: Iterable[GatewayEvent]) -> None:
        """Count what was taken, so that the next look is a light one."""
        for event in events:
            if event.inbox_id:
                self._window(event.device_id).known.add(event.inbox_id)


def _time(event: GatewayEvent) -> float:
    """Return when a message came."""
    return event.timestamp.timestamp() if event.timestamp else time.time()
