"""Reading fields of the gateway's JSON. Nothing of Home Assistant here.

Every function raises ``InvalidPayloadError`` with the field's name, never with
what it holds.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .errors import InvalidPayloadError


def as_object(value: object, name: str) -> Mapping[str, Any]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise InvalidPayloadError(f"{name} is not an object")
    return value


def list_field(data: Mapping[str, Any], key: str) -> list[object]:
    """Return a JSON array; a missing one or null is empty."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidPayloadError(f"{key} is not a list")
    return value


def str_field(data: Mapping[str, Any], key: str) -> str:
    """Return a text that must be there."""
    if (value := opt_str_field(data, key)) is None:
        raise InvalidPayloadError(f"{key} is missing")
    return value


def opt_str_field(data: Mapping[str, Any], key: str) -> str | None:
    """Return a text, or None where it is missing or null."""
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidPayloadError(f"{key} is not a text")
    return value


def int_field(data: Mapping[str, Any], key: str) -> int:
    """Return a whole number that must be there."""
    if (value := opt_int_field(data, key)) is None:
        raise InvalidPayloadError(f"{key} is missing")
    return value


def opt_int_field(data: Mapping[str, Any], key: str) -> int | None:
    """Return a whole number, or None where it is missing or null."""
    value = data.get(key)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise InvalidPayloadError(f"{key} is not a whole number")
    return value


def time_field(data: Mapping[str, Any], key: str) -> datetime:
    """Return an aware time that must be there; its offset is kept."""
    if (value := opt_time_field(data, key)) is None:
        raise InvalidPayloadError(f"{key} is missing")
    return value


def opt_time_field(data: Mapping[str, Any], key: str) -> datetime | None:
    """Return an aware time (RFC 3339), or None where it is missing or null."""
    if (value := opt_str_field(data, key)) is None:
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidPayloadError(f"{key} is not a time") from None
    if parsed.tzinfo is None:
        raise InvalidPayloadError(f"{key} has no offset")
    return parsed


def rfc3339(value: datetime) -> str:
    """Return an aware time as phones read it: milliseconds, and Z.

    Source: the app's ``helpers/DateTimeParser``; it refuses microseconds.
    """
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
