"""Waiting for what must happen, for as long as it may take."""

import asyncio
from collections.abc import Awaitable, Callable
import inspect
import time
from typing import Any, Final, overload

PATIENCE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.01


class HarnessError(Exception):
    """A process did not do what was asked."""


class NotSeenError(HarnessError):
    """Something else was seen than what should have been."""


@overload
async def until[T](
    look: Callable[[], Awaitable[T | None]],
    what: str = ...,
    seconds: float = ...,
    *,
    pause: float = ...,
) -> T: ...


@overload
async def until[T](
    look: Callable[[], T | None],
    what: str = ...,
    seconds: float = ...,
    *,
    pause: float = ...,
) -> T: ...


async def until(
    look: Callable[[], Any],
    what: str = "what was waited for",
    seconds: float = PATIENCE_SECONDS,
    *,
    pause: float = LOOK_SECONDS,
) -> Any:
    """Look until there is something, and return it.

    The clock and the pauses are real ones, also where a test has frozen time.
    """
    end = _now() + seconds
    while True:
        found = look()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        if _now() > end:
            raise NotSeenError(f"not seen within {seconds:.0f} s: {what}")
        await asyncio.to_thread(time.sleep, pause)


def _now() -> float:
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def expect(seen: object, wanted: object, what: str) -> None:
    """Raise where two values differ."""
    if seen != wanted:
        raise NotSeenError(f"{what}: {seen!r} instead of {wanted!r}")
