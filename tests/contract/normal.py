"""Answers without what differs from run to run: ids, times, tokens, versions."""

from collections.abc import Mapping
import hashlib
import json
import re
from typing import Any

from .scenario import Names

HEADERS = (
    "Content-Type",
    "Deprecation",
    "Link",
    "Location",
    "WWW-Authenticate",
    "X-Total-Count",
)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(Z|[+-]\d{2}:\d{2})")
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_GO_LAYOUT = "2006-01-02T15:04:05Z07:00"  # how Go names the form of a time
_LONGEST = 600
_DRAWN = ("id", "jti")


def normal_answer(
    status: int, headers: Mapping[str, str], body: bytes, asked: str, names: Names
) -> dict[str, Any]:
    """Return an answer as it is recorded and compared."""
    shown = {
        key: _text(headers[key], asked, names) for key in HEADERS if key in headers
    }
    if (
        "Location" in shown
        and (drawn := shown["Location"].rpartition("/")[2]) not in asked
    ):
        shown["Location"] = shown["Location"].removesuffix(drawn) + "<id>"
    shown["X-Request-Id"] = "<id>" if "X-Request-Id" in headers else "<none>"
    return {"status": status, "headers": shown, "body": _body(body, asked, names)}


def _body(body: bytes, asked: str, names: Names) -> object:
    text = body.decode("utf-8", "replace")
    try:
        return _value(json.loads(text), "", asked, names)
    except ValueError:
        return {"<text>": _text(text, asked, names)}


def _value(value: object, key: str, asked: str, names: Names) -> object:
    match value:
        case dict():
            return {
                name: _value(item, name, asked, names) for name, item in value.items()
            }
        case list():
            return [_value(item, key, asked, names) for item in value]
        case str() if key == "version":
            return "<version>"
        case int() if key == "observedValue" and value > 1:
            return "<number>"
        case str():
            known = _text(value, asked, names)
            drawn = key in _DRAWN and known == value and value not in asked
            return "<id>" if drawn else known
        case _:
            return value


def _text(text: str, asked: str, names: Names) -> str:
    for name, value in sorted(names.values.items(), key=lambda item: -len(item[1])):
        if value:
            text = text.replace(value, f"<{name}>")
    text = _TOKEN.sub("<token>", text)
    kept = (asked, _GO_LAYOUT)
    text = _TIME.sub(
        lambda match: match[0] if any(match[0] in item for item in kept) else "<time>",
        text,
    )
    if len(text) <= _LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{text[:40]}<{len(text)} characters, {digest}>"
