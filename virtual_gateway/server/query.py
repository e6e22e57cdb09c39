"""Reading the server's query parameters."""

from collections.abc import Mapping

from virtual_gateway.errors import Refused
from virtual_gateway.times import parse_server_time

_TRUE = ("1", "t", "T", "TRUE", "true", "True", "on")
_FALSE = ("0", "f", "F", "FALSE", "false", "False", "off")


def flag(query: Mapping[str, str], name: str) -> bool | None:
    """Return a truth value; Refused for anything else."""
    value = query.get(name)
    if value is None:
        return None
    if value not in (*_TRUE, *_FALSE):
        raise Refused(400, f"failed to parse query: {name} must be a boolean")
    return value in _TRUE


def number(query: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    """Return a whole number between bounds; Refused for anything else."""
    value = query.get(name)
    if value is None:
        return None
    try:
        parsed = int(value)
    except ValueError as err:
        raise Refused(400, f"failed to parse query: {name} must be a number") from err
    if not low <= parsed <= high:
        raise Refused(
            400, f"failed to validate: {name} must be between {low} and {high}"
        )
    return parsed


def moment(query: Mapping[str, str], name: str) -> int | None:
    """Return a time in milliseconds; Refused for anything else."""
    value = query.get(name)
    if value is None:
        return None
    try:
        return parse_server_time(value)
    except ValueError as err:
        raise Refused(400, f"failed to parse query: {name} must be a time") from err


def word(query: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    """Return one of a few words; Refused for any other."""
    value = query.get(name)
    if value is None:
        return None
    if value not in allowed:
        raise Refused(
            400, f"failed to validate: {name} must be one of {', '.join(allowed)}"
        )
    return value
