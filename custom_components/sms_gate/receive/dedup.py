"""Remembering what was already taken, also across a crash.

Home Assistant's ``Store`` writes a whole file with a delay; here every event is one
appended line, and all that wait are written together in one go. No event is fired
before the identities of those that were answered are in the file (``pipeline.py``).
"""

import asyncio
from contextlib import suppress
import errno
from functools import partial
from hashlib import blake2b
import logging
from pathlib import Path
import time
from typing import Final

from homeassistant.core import HomeAssistant, callback

from .journal import Journal

_LOGGER = logging.getLogger(__name__)

GENERATION_SIZE: Final = 10_000
GENERATION_SECONDS: Final = 3 * 24 * 3600


def identity(*parts: str | None) -> bytes:
    """Return 16 bytes that stand for an event, from which nothing can be read."""
    joined = "\x1f".join(part or "" for part in parts)
    return blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Seen:
    """Identities in two generations; when the younger is full or old, it ages.

    So at least the last 10,000 identities of at least three days are known, twice
    as many at the most.
    """

    def __init__(self, hass: HomeAssistant, path: Path) -> None:
        """Name the file; nothing is read yet."""
        self._hass = hass
        self._journal = Journal(path)
        self._current: set[bytes] = set()
        self._previous: set[bytes] = set()
        self._started = time.time()
        self._pending: list[bytes] = []
        self._added = 0
        self._written = 0
        self._failing = False
        self._is_closed = False
        self._writing: asyncio.Future[None] | None = None
        self._waiters: list[asyncio.Future[BaseException | None]] = []

    async def async_load(self) -> None:
        """Read both generations."""
        await self._hass.async_add_executor_job(self._load)

    def _load(self) -> None:
        self._current, self._previous = self._journal.read()
        if self._current:
            self._started = self._journal.started()

    def __contains__(self, item: bytes) -> bool:
        """Return True if this was taken before."""
        return item in self._current or item in self._previous

    def add(self, item: bytes) -> None:
        """Remember it; ``async_commit`` makes it last."""
        self._current.add(item)
        self._pending.append(item)
        self._added += 1

    async def async_commit(self) -> None:
        """Return once all that was added until now is in the file.

        Raises:
            OSError: it could not be written; the sender must try again.
        """
        wanted = self._added
        while self._written < wanted:
            if self._writing is None:
                self._writing = self._write()
            # A future of its own: who stops waiting does not stop the writing
            waiter = self._hass.loop.create_future()
            self._waiters.append(waiter)
            if (err := await waiter) is not None:
                raise err

    @property
    def is_failing(self) -> bool:
        """Return True if the last write failed."""
        return self._failing

    @callback
    def commit_soon(self) -> None:
        """Begin to write what was added; a later commit says whether that worked."""
        if self._pending and self._writing is None:
            self._writing = self._write()

    @callback
    def _write(self) -> asyncio.Future[None]:
        """Begin to write all that waits."""
        batch, self._pending = self._pending, []
        rotate = self._rotate_if_due(batch)
        writing = self._hass.async_add_executor_job(self._append, batch, rotate)
        writing.add_done_callback(partial(self._async_written, batch))
        return writing

    def _append(self, batch: list[bytes], rotate: bool) -> None:
        """Write to the file. Runs in the executor."""
        self._journal.append(batch, rotate=rotate)
        if self._is_closed:
            self._journal.close()

    @callback
    def _async_written(self, batch: list[bytes], writing: asyncio.Future[None]) -> None:
        """Go on after a write; what was not written goes on waiting."""
        self._writing = None
        if writing.cancelled():  # Home Assistant stops
            err: BaseException | None = OSError(errno.ECANCELED, "Cancelled")
        else:
            err = writing.exception()
            self._note(err)
        if err is None:
            self._written += len(batch)
        else:
            self._pending[:0] = batch
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(err)
        if err is None:
            self.commit_soon()

    def _note(self, err: BaseException | None) -> None:
        """Log the way down and the way up, once each."""
        if err is not None and not self._failing:
            reason = err.strerror if isinstance(err, OSError) else type(err).__name__
            _LOGGER.error("What was received cannot be remembered: %s", reason)
        elif err is None and self._failing:
            _LOGGER.info("What was received can be remembered again")
        self._failing = err is not None

    def _rotate_if_due(self, batch: list[bytes]) -> bool:
        """Start a new generation where the younger one is full or old."""
        full = len(self._current) > GENERATION_SIZE
        if not full and time.time() - self._started < GENERATION_SECONDS:
            return False
        self._previous = self._current.difference(batch)
        self._current = set(batch)
        self._started = time.time()
        return True

    async def async_close(self) -> None:
        """Write the rest and let go of the file when the account unloads.

        A write that is later still lets go of it by itself.
        """
        with suppress(OSError):
            await self.async_commit()
        self._is_closed = True
        await self._hass.async_add_executor_job(self._journal.close)

    async def async_remove(self) -> None:
        """Delete the files when the account is removed."""
        await self._hass.async_add_executor_job(self._journal.remove)
