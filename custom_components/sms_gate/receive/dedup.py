"""Remembering what was received, across reloads and crashes.

One memory per account, which belongs to no single load of it. What is added is known
at once, and written in the loop's next turn: automations begin in that turn, before a
crash could tell a remembered message from one that ran.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from hashlib import blake2b
import logging
from pathlib import Path
import time
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..const import DOMAIN
from .ring import Ring

_LOGGER = logging.getLogger(__name__)

_MAX_TIME: Final = 2**32 - 1
# How long an account may be unloaded before a message counts as come in its absence
_RELOAD_SECONDS: Final = 300
# How seldom a disk is tried at most that cannot be written
_RETRY_SECONDS: Final = 60.0


def identity(*parts: str | None) -> bytes:
    """Return 16 bytes that stand for an event, from which nothing can be read."""
    joined = "\x1f".join(part or "" for part in parts)
    return blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Memory:
    """The identities of the last 20,000 events of an account.

    ``is_new`` is True where an earlier memory was lost, or never was.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Name the files; nothing is read yet."""
        self._hass = hass
        self._entry = entry
        self._path = Path(
            hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry.entry_id}.received")
        )
        self._ring = Ring(self._path)
        self._pending: deque[bytes] = deque()
        self._lock = asyncio.Lock()
        self._closed = asyncio.Event()
        self._failures = 0
        self._retry: asyncio.TimerHandle | None = None
        self._began = self._stopped = time.monotonic()
        self.newest = 0
        self.is_new = False

    async def async_load(self) -> None:
        """Read the file, or make one; without one, remember until the next restart."""
        is_whole = await self._hass.async_add_executor_job(self._load)
        self.newest = max(self._ring.known.values(), default=0)
        self._tell(IssueKind.MEMORY_DAMAGED, is_so=not is_whole)

    def _load(self) -> bool:
        """Return True if nothing that was remembered is damaged."""
        if not self._ring.exists():
            self._ring.known = _read_old(self._path)
            self.is_new = not self._ring.known
            return True
        try:
            is_whole = self._ring.open()
        except OSError:
            is_whole = False  # it will not be possible to make another one
        self.is_new = not is_whole
        return is_whole

    async def async_begin(self) -> None:
        """Begin another load of the account."""
        if time.monotonic() - self._stopped > _RELOAD_SECONDS:
            self._began = time.monotonic()
        await self._async_put_in_place()

    async def _async_put_in_place(self) -> None:
        """Make the file again where it is closed, or gone from its place.

        What is not in it yet is written to it, but for what waits for its own turn.
        """
        async with self._lock:
            if self._closed.is_set():
                return
            waiting = set(self._pending)
            known = {it: at for it, at in self._ring.known.items() if it not in waiting}
            try:
                file = await self._hass.async_add_executor_job(self._make, known)
            except OSError as err:
                self._failed(err)
                return
            if file is not None:
                self._ring.use(file, known)
                done = known.keys() | self._pending
                self._write(*(it for it in self._ring.known if it not in done))
            if self._closed.is_set():
                self._ring.close()
        if self._ring.is_open:
            self._failures = 0
            self._tell(IssueKind.MEMORY_NOT_KEPT, is_so=False)

    def _make(self, known: Mapping[bytes, int]) -> int | None:
        """Return a new file, None where the one there is can be used."""
        file = None if self._ring.is_in_place() else self._ring.make(known)
        _remove_old(self._path)
        return file

    @callback
    def stop(self) -> None:
        """Note when a load of the account ended."""
        self._stopped = time.monotonic()

    @property
    def since(self) -> int:
        """When Home Assistant began to receive, by the clock as it is now.

        An SMS' time has whole seconds.
        """
        return int(time.time() - (time.monotonic() - self._began))

    def __contains__(self, item: bytes) -> bool:
        """Return True if this was received before."""
        return item in self._ring.known

    @callback
    def add(self, item: bytes, came: float = 0) -> None:
        """Remember an event; ``came`` is the time of a received message."""
        # Its clock, or the network's, may be ahead
        came = max(0, min(int(came), int(time.time()), _MAX_TIME))
        self.newest = max(self.newest, came)
        self._ring.remember(item, came)
        self._pending.append(item)
        self._hass.loop.call_soon(self._write_next)

    @callback
    def _write_next(self) -> None:
        """Write the oldest only: automations of others in this turn begin after it."""
        if self._pending:
            self._write(self._pending.popleft())

    def _write(self, *items: bytes) -> None:
        try:
            self._ring.write(items)
        except OSError as err:
            self._failed(err)

    def _failed(self, err: OSError) -> None:
        """Report it once, and try again later."""
        if not self._failures:
            _LOGGER.error("Cannot write deduplication data: %s", err.strerror)
            self._tell(IssueKind.MEMORY_NOT_KEPT, is_so=True)
        self._failures += 1
        self._cancel_retry()
        pause = min(2.0**self._failures, _RETRY_SECONDS)
        self._retry = self._hass.loop.call_later(pause, self._put_in_place_soon)

    @callback
    def _put_in_place_soon(self) -> None:
        self._hass.async_create_background_task(
            self._async_put_in_place(), f"{DOMAIN} deduplication data"
        )

    def _cancel_retry(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def _tell(self, kind: IssueKind, *, is_so: bool) -> None:
        if is_so:
            async_create_issue(self._hass, self._entry, kind)
        else:
            async_delete_issue(self._hass, self._entry, kind)

    def close(self) -> None:
        """Close the file for good."""
        self._closed.set()
        self._write(*self._pending)
        self._pending.clear()
        self._cancel_retry()
        self._ring.close()

    async def async_remove(self) -> None:
        """Close and delete the files."""
        async with self._lock:
            self.close()
            await self._hass.async_add_executor_job(self._remove)

    def _remove(self) -> None:
        self._ring.remove()
        _remove_old(self._path)


_MEMORIES: HassKey[dict[str, Memory]] = HassKey(f"{DOMAIN}_memories")


async def async_memory(hass: HomeAssistant, entry: ConfigEntry) -> Memory:
    """Return the memory of an account, which outlives its reloads."""
    memories = hass.data.setdefault(_MEMORIES, {})
    if (memory := memories.get(entry.entry_id)) is None:
        memory = Memory(hass, entry)
        await memory.async_load()
        memories[entry.entry_id] = memory

        @callback
        def close(_event: Event) -> None:
            memory.close()

        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, close)
    await memory.async_begin()
    return memory


async def async_forget(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Forget what a removed account received."""
    memory = hass.data.get(_MEMORIES, {}).pop(entry.entry_id, None)
    await (memory or Memory(hass, entry)).async_remove()


def _old_paths(path: Path) -> tuple[Path, Path]:
    """Return the two files of earlier versions, the older one first."""
    return path.with_suffix(".previous"), path.with_suffix(".seen")


def _read_old(path: Path) -> dict[bytes, int]:
    """Read what an earlier version wrote: one identity in each line."""
    known: dict[bytes, int] = {}
    for old in _old_paths(path):
        try:
            lines = old.read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            continue
        for line in lines:
            try:
                item = bytes.fromhex(line)
            except ValueError:
                continue
            if len(item) == 16:
                known[item] = 0
    return known


def _remove_old(path: Path) -> None:
    for old in _old_paths(path):
        old.unlink(missing_ok=True)
