"""Remembering what was already taken, also across a crash.

An event is answered 2xx only after its identity is in a file. Home Assistant's
``Store`` writes a whole file with a delay; here every event is one appended line,
and all that wait are written together in one go.
"""

import asyncio
from hashlib import blake2b
import logging
from pathlib import Path
import time
from typing import Final

from homeassistant.core import HomeAssistant

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
        self._path = path
        self._previous_path = path.with_suffix(".previous")
        self._current: set[bytes] = set()
        self._previous: set[bytes] = set()
        self._started = time.time()
        self._pending: list[bytes] = []
        self._added = 0
        self._written = 0
        self._failing = False
        self._writer: asyncio.Task[None] | None = None

    async def async_load(self) -> None:
        """Read both generations."""
        await self._hass.async_add_executor_job(self._load)

    def _load(self) -> None:
        self._previous = _read(self._previous_path)
        self._current = _read(self._path)
        if self._current:
            self._started = self._path.stat().st_ctime

    def __contains__(self, item: bytes) -> bool:
        """Tell whether this was taken before."""
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
            # An eager task may be over before this assignment
            if self._writer is None or self._writer.done():
                self._writer = self._hass.async_create_task(
                    self._async_write(), "sms_gate remember events"
                )
            await asyncio.shield(self._writer)

    async def _async_write(self) -> None:
        """Write all that waits; what could not be written goes on waiting."""
        batch, self._pending = self._pending, []
        rotate = self._rotate_if_due(batch)
        try:
            await self._hass.async_add_executor_job(self._append, batch, rotate)
        except OSError as err:
            self._pending[:0] = batch
            if not self._failing:
                _LOGGER.error(
                    "What was received cannot be remembered: %s", err.strerror
                )
            self._failing = True
            raise
        else:
            if self._failing:
                _LOGGER.info("What was received can be remembered again")
            self._failing = False
            self._written += len(batch)

    def _rotate_if_due(self, batch: list[bytes]) -> bool:
        """Start a new generation where the younger one is full or old."""
        full = len(self._current) > GENERATION_SIZE
        if not full and time.time() - self._started < GENERATION_SECONDS:
            return False
        self._previous = self._current.difference(batch)
        self._current = set(batch)
        self._started = time.time()
        return True

    def _append(self, batch: list[bytes], rotate: bool) -> None:
        """Append lines to the file. Runs in the executor.

        Each line begins with its end of line, so that one which a crash or a full
        disk cut short spoils only itself.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if rotate and self._path.exists():
            self._path.replace(self._previous_path)
        with self._path.open("a", encoding="ascii") as file:
            file.write("".join(f"\n{item.hex()}" for item in batch))

    async def async_remove(self) -> None:
        """Delete the files when the account is removed."""
        await self._hass.async_add_executor_job(self._remove)

    def _remove(self) -> None:
        self._path.unlink(missing_ok=True)
        self._previous_path.unlink(missing_ok=True)


def _read(path: Path) -> set[bytes]:
    """Read one generation; a line that a crash cut short is left out."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return set()
    known: set[bytes] = set()
    for line in lines:
        try:
            item = bytes.fromhex(line)
        except ValueError:
            continue
        if len(item) == 16:
            known.add(item)
    return known
