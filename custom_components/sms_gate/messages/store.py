"""Keeps what was said: written behind, at most a second later, off the event loop.

One store per account, which belongs to no single load of it: what is sent while the
account reloads is kept as well. With nothing to keep there is no file and no thread.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from pathlib import Path
import sqlite3
import time
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    EVENT_HOMEASSISTANT_CLOSE,
    EVENT_HOMEASSISTANT_FINAL_WRITE,
)
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from ..account.bus_event import SmsGateEvent
from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..account.login import country_of
from ..account.signals import (
    signal_again,
    signal_event,
    signal_outgoing,
    signal_progress,
)
from ..const import CONF_KEEP_MESSAGES_DAYS, DOMAIN
from ..gateway.models import Message, OutgoingMessage
from .database import Database, Key, Row, conversation_key
from .record import Progress, Record, answered, received, reported, sent

_LOGGER = logging.getLogger(__name__)

WRITE_SECONDS: Final = 0.5
# A disk that is full is tried again
RETRY_SECONDS: Final = 30.0
# What waits for a disk that cannot be written; more is not kept
MAX_WAITING: Final = 5_000
MAX_WAITING_TEXT: Final = 8_000_000
_DAY: Final = 24 * 3600
_TIDY_INTERVAL: Final = timedelta(days=1)

type Item = Record | Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed: these messages, or, without any, more than can be listed."""

    ids: tuple[int, ...] = ()


type Listener = Callable[[Change], None]


class MessageStore:
    """The conversations of one account. ``unread`` counts what nobody has read."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Name the file; nothing is kept yet."""
        self.hass = hass
        self.entry = entry
        path = Path(
            hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry.entry_id}.messages")
        )
        self._database = Database(path)
        self._worker: ThreadPoolExecutor | None = None
        self._lock = asyncio.Lock()
        self._waiting: list[Item] = []
        self._waiting_text = 0
        self._timer: asyncio.TimerHandle | None = None
        self._has_failed = False
        self._listeners: dict[object, Listener] = {}
        self._stop_listening: list[CALLBACK_TYPE] = []
        self.days = 0
        self.unread = 0

    async def async_apply_option(self) -> None:
        """Keep messages for as many days as the account's option says."""
        days = int(self.entry.options.get(CONF_KEEP_MESSAGES_DAYS, 0))
        async with self._lock:
            before, self.days = self.days, days
            if days and not before:
                self._start()
            elif before and not days:
                await self._async_stop()
                await self.hass.async_add_executor_job(self._database.remove)
        if days:
            await self.async_tidy()
        elif not before:
            # An earlier run of Home Assistant may have kept some
            await self.hass.async_add_executor_job(self._database.remove)
        self._notify(Change())

    def _start(self) -> None:
        hass, entry_id = self.hass, self.entry.entry_id
        self._worker = ThreadPoolExecutor(1, "sms_gate_messages")
        self._stop_listening = [
            async_dispatcher_connect(hass, signal_event(entry_id), self._async_event),
            async_dispatcher_connect(hass, signal_again(entry_id), self._async_again),
            async_dispatcher_connect(hass, signal_outgoing(entry_id), self._async_sent),
            async_dispatcher_connect(
                hass, signal_progress(entry_id), self._async_progress
            ),
            async_track_time_interval(
                hass, self.async_tidy, _TIDY_INTERVAL, cancel_on_shutdown=True
            ),
            hass.bus.async_listen(EVENT_HOMEASSISTANT_FINAL_WRITE, self._async_final),
            hass.bus.async_listen(EVENT_HOMEASSISTANT_CLOSE, self._async_close),
        ]

    async def _async_stop(self) -> None:
        """Keep nothing from now on."""
        self._stop_taking()
        self._has_failed = False
        self.unread = 0
        if worker := self._worker:
            self._worker = None
            await self.hass.async_add_executor_job(worker.shutdown)
        for kind in (IssueKind.MESSAGES_NOT_KEPT, IssueKind.MESSAGES_SET_ASIDE):
            async_delete_issue(self.hass, self.entry, kind)

    def _stop_taking(self) -> None:
        for stop in self._stop_listening:
            stop()
        self._stop_listening = []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting, self._waiting_text = [], 0

    async def async_remove(self) -> None:
        """Delete all that was kept."""
        async with self._lock:
            self.days = 0
            await self._async_stop()
        await self.hass.async_add_executor_job(self._database.remove)

    @callback
    def _async_event(self, event: SmsGateEvent) -> None:
        self._add(received(event, again=False), reported(event))

    @callback
    def _async_again(self, event: SmsGateEvent) -> None:
        # What is most likely kept must leave room for what is new
        if len(self._waiting) < MAX_WAITING // 2:
            self._add(received(event, again=True))

    @callback
    def _async_sent(self, message: OutgoingMessage) -> None:
        self._add(*sent(message))

    @callback
    def _async_progress(self, message: Message) -> None:
        self._add(*answered(message))

    def _add(self, *items: Item | None) -> None:
        """Let items be written soon; what does not fit is not kept."""
        for item in items:
            if item is None:
                continue
            if (
                len(self._waiting) >= MAX_WAITING
                or self._waiting_text + item.size > MAX_WAITING_TEXT
            ):
                self._create_issue()
                return
            self._waiting.append(item)
            self._waiting_text += item.size
        if self._waiting:
            self._plan(WRITE_SECONDS)

    def _plan(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = self.hass.loop.call_later(seconds, self._write_soon)

    @callback
    def _write_soon(self) -> None:
        self._timer = None
        self.hass.async_create_background_task(self.async_write(), f"{DOMAIN} messages")

    async def async_write(self) -> None:
        """Write what waits; what cannot be written now is tried again."""
        async with self._lock:
            items, self._waiting, self._waiting_text = self._waiting, [], 0
            if self._worker is None or not (items or self._has_failed):
                return
            try:
                changed, self.unread = await self._async_run(self._write, items)
            except (sqlite3.Error, OSError) as err:
                self._failed(items, err)
                return
            self._recovered()
        self._notify(Change(ids=tuple(changed)))

    def _write(self, items: Iterable[Item]) -> tuple[list[int], int]:
        """Write items. Runs in the worker."""
        country = country_of(self.hass, self.entry)
        return self._database.write(items, country, self._oldest)

    def _recovered(self) -> None:
        if self._has_failed:
            self._has_failed = False
            _LOGGER.info("Messages can be kept again")
        async_delete_issue(self.hass, self.entry, IssueKind.MESSAGES_NOT_KEPT)

    def _failed(self, items: list[Item], err: Exception) -> None:
        if not self._has_failed:
            self._has_failed = True
            _LOGGER.warning("Messages cannot be kept: %s", type(err).__name__)
        self._create_issue()
        self._waiting = [*items, *self._waiting][:MAX_WAITING]
        self._waiting_text = sum(item.size for item in self._waiting)
        self._plan(RETRY_SECONDS)

    def _create_issue(self) -> None:
        async_create_issue(self.hass, self.entry, IssueKind.MESSAGES_NOT_KEPT)

    async def async_hold(self, *, is_held: bool) -> None:
        """Leave the file as it is while it is copied, or no longer."""
        async with self._lock:
            if self._worker is None:
                self._database.hold(is_held=is_held)
            else:
                await self._async_run(self._database.hold, is_held=is_held)

    @property
    def _oldest(self) -> float:
        return time.time() - self.days * _DAY

    async def _async_run[**P, T](
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a function returns in the worker; one after the other."""
        result = await self.hass.loop.run_in_executor(
            self._worker, lambda: function(*args, **kwargs)
        )
        if self._database.was_set_aside:
            self._database.was_set_aside = False
            _LOGGER.error("Kept messages cannot be read and were set aside")
            async_create_issue(self.hass, self.entry, IssueKind.MESSAGES_SET_ASIDE)
        return result

    async def async_tidy(self, _now: datetime | None = None) -> None:
        """Remove what is older than the option says."""
        try:
            async with self._lock:
                if self._worker is not None:
                    self.unread = await self._async_run(
                        self._database.tidy, self._oldest
                    )
        except (sqlite3.Error, OSError) as err:
            self._failed([], err)
        else:
            self._notify(Change())

    async def _async_final(self, _event: Event) -> None:
        await self.async_write()

    @callback
    def _async_close(self, _event: Event) -> None:
        """Write what came since, and close."""
        waiting = self._waiting
        self._stop_taking()
        if (worker := self._worker) is not None:
            self._worker = None
            if waiting:
                worker.submit(self._write, waiting)
            worker.submit(self._database.close)
            worker.shutdown()

    @callback
    def async_listen(self, listener: Listener) -> CALLBACK_TYPE:
        """Call a listener after each change; return how to end that."""
        key = object()
        self._listeners[key] = listener

        @callback
        def stop() -> None:
            self._listeners.pop(key, None)

        return stop

    def _notify(self, change: Change) -> None:
        for listener in tuple(self._listeners.values()):
            listener(change)

    async def async_conversations(self, limit: int, before: Key | None) -> list[Row]:
        """Return conversations with their last message, the newest first.

        This and what follows raise sqlite3.Error or OSError.
        """
        return await self._async_read(self._database.conversations, limit, before)

    async def async_messages(
        self, conversation: str, limit: int, before: Key | None
    ) -> list[Row]:
        """Return a page of a conversation, the newest first."""
        return await self._async_read(
            self._database.messages, conversation, limit, before
        )

    async def async_key(self, number: str) -> str:
        """Return the key of a conversation, whatever the spelling of its number."""
        if self._worker is None:
            return number
        country = country_of(self.hass, self.entry)
        return await self._async_run(conversation_key, number, country)

    async def async_rows(self, ids: Iterable[int]) -> list[Row]:
        """Return these messages."""
        return await self._async_read(self._database.rows, ids)

    async def async_search(self, text: str, limit: int) -> list[Row]:
        """Return the newest messages with this text."""
        return await self._async_read(self._database.search, text, limit)

    async def _async_read[**P](
        self, read: Callable[P, list[Row]], *args: P.args, **kwargs: P.kwargs
    ) -> list[Row]:
        if self._worker is None:
            return []
        return await self._async_run(read, *args, **kwargs)

    async def async_mark_read(self, conversation: str, until: int) -> None:
        """Mark a conversation as read up to a message."""
        await self._async_change(self._database.mark_read, conversation, until)

    async def async_delete(
        self, *, message: int | None = None, conversation: str | None = None
    ) -> None:
        """Delete a message or a conversation, without either all."""
        await self.async_write()
        await self._async_change(self._database.delete, message, conversation)

    async def _async_change(self, change: Callable[..., int], *args: object) -> None:
        async with self._lock:
            if self._worker is None:
                return
            self.unread = await self._async_run(change, *args)
        self._notify(Change())


_STORES: Final[HassKey[dict[str, MessageStore]]] = HassKey(f"{DOMAIN}_messages")


def stores(hass: HomeAssistant) -> list[MessageStore]:
    """Return the stores of all accounts, also of those that keep nothing."""
    return list(hass.data.get(_STORES, {}).values())


async def async_get_store(hass: HomeAssistant, entry: ConfigEntry) -> MessageStore:
    """Return an account's store, the same one after a reload."""
    loaded = hass.data.setdefault(_STORES, {})
    if (store := loaded.get(entry.entry_id)) is None:
        store = loaded[entry.entry_id] = MessageStore(hass, entry)
    await store.async_apply_option()
    return store


async def async_remove_store(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete what a removed account kept."""
    store = hass.data.get(_STORES, {}).pop(entry.entry_id, None)
    await (store or MessageStore(hass, entry)).async_remove()
