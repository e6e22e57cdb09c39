"""Reading fields of the gateway's JSON.

Every function raises ``InvalidPayloadError`` with the field's name, never with
its value.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from itertools import islice
import logging
import re
from typing import Any, Final, Self

from .errors import InvalidPayloadError

_LOGGER = logging.getLogger(__name__)

# Ids have 36 characters at most, or are a number with a prefix
MAX_ID_LENGTH: Final = 255
# Names and numbers are short; a server keeps them encrypted
MAX_NAME_LENGTH: Final = 1000
# By far more than an SMS of 255 parts; files apart
MAX_TEXT_LENGTH: Final = 1_000_000
# A minus behind a plus, as Android 5 and 6 write it west of Greenwich.
# Source: the app's ``extensions/GsonBuilder``
_DOUBLE_SIGN: Final = re.compile(r"(.+)\+-(\d{1,2}):-?([0-5]?\d)", re.ASCII)


class Items[T](tuple[T, ...]):  # noqa: SLOT001 - a tuple takes no slots
    """The items of a list that could be read; ``skipped`` counts the odd ones."""

    skipped: int

    def __new__(cls, items: Iterable[T], skipped: int = 0) -> Self:
        """Keep the items and how many were left out."""
        made = super().__new__(cls, items)
        made.skipped = skipped
        return made


def parse_items[S, T](
    values: Collection[S], parse: Callable[[S], T], limit: int | None = None
) -> Items[T]:
    """Read a list; an item that cannot be read leaves the others alone."""
    items: list[T] = []
    for value in islice(values, limit):
        try:
            items.append(parse(value))
        except InvalidPayloadError as err:
            _log_once(str(err))
    if limit is not None and len(values) > limit:
        _log_once(f"More than {limit} items")
    return Items(items, len(values) - len(items))


def or_none[T](
    read: Callable[[Mapping[str, Any], str], T | None],
    data: Mapping[str, Any],
    key: str,
) -> T | None:
    """Return a field, or None where it cannot be read."""
    try:
        return read(data, key)
    except InvalidPayloadError as err:
        _log_once(str(err))
        return None


_logged: set[str] = set()


def _log_once(reason: str) -> None:
    """Log why a part was left out: fields by our names, so that they are few."""
    if reason not in _logged:
        _logged.add(reason)
        _LOGGER.warning("A part of what the gateway says is left out: %s", reason)


def as_object(value: object, name: str) -> Mapping[str, Any]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise InvalidPayloadError(f"{name} is not an object")
    return value


def object_field(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a JSON object; a missing one or null is empty."""
    return {} if (value := data.get(key)) is None else as_object(value, key)


def list_field(data: Mapping[str, Any], key: str) -> list[object]:
    """Return a JSON array; a missing one or null is empty."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidPayloadError(f"{key} is not a list")
    return value


def id_field(data: Mapping[str, Any], key: str) -> str:
    """Return an id, which is never long."""
    return str_field(data, key, MAX_ID_LENGTH)


def str_field(
    data: Mapping[str, Any], key: str, limit: int | None = MAX_TEXT_LENGTH
) -> str:
    """Return a text that must be there."""
    if (value := opt_str_field(data, key, limit)) is None:
        raise InvalidPayloadError(f"{key} is missing")
    return value


def opt_str_field(
    data: Mapping[str, Any], key: str, limit: int | None = MAX_TEXT_LENGTH
) -> str | None:
    """Return a text, or None where it is missing or null."""
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidPayloadError(f"{key} is not a text")
    if limit is not None and len(value) > limit:
        raise InvalidPayloadError(f"{key} is too long")
    return value


def address_field(data: Mapping[str, Any], key: str) -> str:
    """Return a person's number or name, which is never long."""
    if (value := opt_address_field(data, key)) is None:
        raise InvalidPayloadError(f"{key} is missing")
    return value


def opt_address_field(data: Mapping[str, Any], key: str) -> str | None:
    """Return a person's number or name, None where it is missing or null."""
    return opt_str_field(data, key, MAX_NAME_LENGTH)


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


def opt_bool_field(data: Mapping[str, Any], key: str) -> bool | None:
    """Return a truth value, or None where it is missing or null."""
    value = data.get(key)
    if value is not None and not isinstance(value, bool):
        raise InvalidPayloadError(f"{key} is neither true nor false")
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
        time = datetime.fromisoformat(value)
    except ValueError:
        time = _unusual_time(value, key)
    if time.tzinfo is None:
        raise InvalidPayloadError(f"{key} has no offset")
    # A conversion to another time zone would leave the calendar
    if not MINYEAR < time.year < MAXYEAR:
        raise InvalidPayloadError(f"{key} is out of range")
    return time


def _unusual_time(value: str, key: str) -> datetime:
    usual = value.upper()
    if match := _DOUBLE_SIGN.fullmatch(usual):
        local, hours, minutes = match.groups()
        usual = f"{local}-{hours:0>2}:{minutes:0>2}"
    try:
        return datetime.fromisoformat(usual)
    except ValueError:
        raise InvalidPayloadError(f"{key} is not a time") from None


def rfc3339(value: datetime) -> str:
    """Return an aware time as phones read it: milliseconds, and Z.

    Source: the app's ``helpers/DateTimeParser``; it refuses microseconds.
    """
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
