"""Query parameters as the server reads them, in its own words."""

import re
from typing import Any
from urllib.parse import unquote_plus

from virtual_gateway.errors import Refused

from .go_time import GoTimeError, go_time
from .schema import Flag, Kind, Struct, Time, Values, Whole

_TRUE = ("1", "t", "T", "TRUE", "true", "True", "on")
_FALSE = ("", "0", "f", "F", "FALSE", "false", "False", "off")
_WHOLE = re.compile(r"[+-]?[0-9]+")


def parse_query(struct: Struct, text: str) -> Values:
    """Return the values of a query; Refused with 400 when something is wrong."""
    fields = {item.key.lower(): item for item in struct.fields}
    given: dict[str, str] = {}
    for pair in text.split("&"):
        key, _, value = pair.partition("=")
        given[unquote_plus(key).lower()] = unquote_plus(value)
    values: Values = {item.key: None for item in struct.fields}
    for key, value in given.items():
        if (item := fields.get(key)) is not None:
            values[item.key] = _value(item.kind, item.key, value)
    struct.check(values)
    return values


def _value(kind: Kind, key: str, text: str) -> Any:
    """Return one value; Refused when it cannot be converted."""
    details = ""
    if isinstance(kind, Whole):
        if not text:
            return 0
        if _WHOLE.fullmatch(text) and kind.low <= int(text) <= kind.high:
            return int(text)
    elif isinstance(kind, Flag):
        if text in (*_TRUE, *_FALSE):
            return text in _TRUE
    elif isinstance(kind, Time):
        try:
            return go_time(text)
        except GoTimeError as err:
            details = f". Details: {err}"
    else:
        return text
    fault = f'schema: error converting value for "{key}"{details}'
    raise Refused(400, f"failed to parse query: failed to decode: {fault}")
