"""Writing answers."""

from collections.abc import Mapping
import json

from aiohttp import web


def dump(value: object) -> str:
    """Write JSON as both sides do: no blanks, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a JSON answer."""
    return web.Response(
        body=dump(value).encode("utf-8", "replace"),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def plain(text: str, status: int) -> web.Response:
    """Return a plain text answer."""
    return web.Response(text=text, status=status)


def empty(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an answer without a body."""
    return web.Response(status=status, headers=headers)
