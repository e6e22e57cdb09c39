"""How long the event loop is held, by its own clock."""

import asyncio
from collections.abc import Awaitable, Callable
import os
from pathlib import Path
from typing import Final

LONGEST_TURN: Final = 0.02


# The second number is how long a thread was ready and had no processor
_SCHEDULER: Final = Path("/proc/thread-self/schedstat")


class LongestTurn:
    """The longest time between two turns of the loop, also where a thread held it.

    Not the time for which the thread was ready and had no processor.
    """

    def __init__(self) -> None:
        """Start with none."""
        self.seconds = 0.0
        # Open all the time: each call lets other threads run, and waits for them
        self._waits = os.open(_SCHEDULER, os.O_RDONLY) if _SCHEDULER.exists() else None
        self._loop = asyncio.get_running_loop()
        self._last = self._now()
        self._handle = self._loop.call_soon(self._turn)

    def _now(self) -> float:
        if self._waits is None:
            return self._loop.time()
        return self._loop.time() - int(os.pread(self._waits, 99, 0).split()[1]) / 1e9

    def _measure(self) -> None:
        now = self._now()
        self.seconds = max(self.seconds, now - self._last)
        self._last = now

    def _turn(self) -> None:
        self._measure()
        self._handle = self._loop.call_later(0, self._turn)

    def stop(self) -> None:
        """End measuring, with the turn that this is."""
        self._measure()
        self._handle.cancel()
        if self._waits is not None:
            os.close(self._waits)


async def longest_turn(act: Callable[[], Awaitable[None]], tries: int = 8) -> float:
    """Return the longest turn while something is done.

    What holds the loop does so each time, and a busy machine does not: the shortest
    of some tries counts, and the first that is short enough is the last.
    """
    shortest = float("inf")
    for _ in range(tries):
        measured = LongestTurn()
        try:
            await act()
        finally:
            measured.stop()
        shortest = min(shortest, measured.seconds)
        if shortest < LONGEST_TURN:
            break
    return shortest
