"""Timers of one phone: a heap and a single handle of the event loop."""

import asyncio
from collections.abc import Callable
import heapq
import itertools
import time

from .times import now_ms


class Timers:
    """Runs callbacks after simulated seconds, shortened by the gateway's speed."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to run what is due."""
        self._loop = asyncio.get_running_loop()
        self._arm()

    def stop(self) -> None:
        """Forget everything that waits."""
        self._heap.clear()
        self._loop = None
        self._disarm()

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Run a callback after simulated seconds."""
        self.after_real(seconds / self.speed, callback)

    def after_real(self, seconds: float, callback: Callable[[], None]) -> None:
        """Run a callback after real seconds."""
        base = self._loop.time() if self._loop else 0.0
        when = base + max(seconds, 0.0)
        heapq.heappush(self._heap, (when, next(self._order), callback))
        if self._heap[0][0] == when:
            self._arm()

    def _disarm(self) -> None:
        """Drop the loop's handle."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self) -> None:
        """Ask the loop to wake us for the earliest callback."""
        self._disarm()
        if self._loop is not None and self._heap:
            self._handle = self._loop.call_at(self._heap[0][0], self._run)

    def _run(self) -> None:
        """Run what is due, one at a time, then wait for the next."""
        self._handle = None
        if self._loop is None:
            return
        now = self._loop.time()
        for _ in range(200):  # others want the loop, too
            if not self._heap or self._heap[0][0] > now:
                break
            heapq.heappop(self._heap)[2]()
        self._arm()


SHORTEST_LIFE = 0.5


def deadline(until_ms: int | None, speed: float) -> float | None:
    """Return when a validity ends on the monotonic clock, shortened by the speed.

    What is valid at all stays valid for half a second, or no test could be quick enough.
    """
    if until_ms is None:
        return None
    left = (until_ms - now_ms()) / 1000
    if left <= 0:
        return time.monotonic()
    return time.monotonic() + max(left / speed, SHORTEST_LIFE)


def due(at_ms: int | None, speed: float) -> float | None:
    """Return when a schedule is due on the monotonic clock, shortened by the speed."""
    if at_ms is None:
        return None
    return time.monotonic() + max(at_ms - now_ms(), 0) / 1000 / speed
