"""Decoding what may be large without holding the event loop.

That is done in another thread. A decoder lets no other thread run until it is done, so
base64 is decoded in pieces, and JSON that would take long is refused before.
"""

import asyncio
from base64 import b64decode
from collections.abc import Callable
import re
import time
from typing import Final

import orjson

from .errors import InvalidPayloadError

# Decoded at once in a millisecond, whatever is in it
SMALL_BYTES: Final = 64 * 1024
# More than the longest of lists has, and than a hundred texts of nothing but escapes
MAX_ITEMS: Final = 150_000
MAX_ESCAPES: Final = 1_500_000
_PIECE: Final = 1 << 20
_WINDOW: Final = 16 * 1024
_PAUSE: Final = 0.0001
_TOKEN: Final = re.compile(rb'\\.?|["\[{,]', re.DOTALL)


async def run_for[**P, T](
    body: bytes, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run what reads a body: in the executor where the body is large."""
    if len(body) <= SMALL_BYTES:
        return function(*args, **kwargs)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: function(*args, **kwargs))


def decode_json(body: bytes) -> object:
    """Decode JSON. Large bodies are for the executor.

    Raises:
        InvalidPayloadError: it is not JSON, or more of it than a gateway has.
    """
    if len(body) > SMALL_BYTES and _may_take_long(body):
        _check_items(body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InvalidPayloadError("It is not JSON") from None


def _may_take_long(body: bytes) -> bool:
    """Return True if there are many items, or a text looks as if there were."""
    count = 0
    for start in range(0, len(body), _WINDOW):
        window = body[start : start + _WINDOW]
        count += sum(map(window.count, (b"[", b"{", b",", b"\\")))
        if count > MAX_ITEMS:
            return True
    return False


def _check_items(body: bytes) -> None:
    """Count items outside of texts, and escapes, which are slow to decode as well."""
    items = escapes = 0
    is_text = False
    start = 0
    while start < len(body):
        window = body[start : start + _WINDOW]
        # What the last backslash escapes belongs to it
        end = start + len(window) + (len(window) - len(window.rstrip(b"\\"))) % 2
        for token in _TOKEN.findall(body, start, end):
            if token == b'"':
                is_text = not is_text
            elif token.startswith(b"\\"):
                escapes += 1
            elif not is_text:
                items += 1
        if items > MAX_ITEMS or escapes > MAX_ESCAPES:
            raise InvalidPayloadError("It has too many items")
        start = end
        # Let the event loop run now, not when this thread's time is over
        time.sleep(_PAUSE)


def decode_base64(data: str, piece: int = _PIECE) -> bytes:
    """Decode base64 in pieces of so many characters, a multiple of four.

    Raises:
        ValueError: it is none.
    """
    if "=" in data[:-2]:
        raise ValueError
    pieces = (data[at : at + piece] for at in range(0, len(data), piece))
    return b"".join(b64decode(it, validate=True) for it in pieces)
