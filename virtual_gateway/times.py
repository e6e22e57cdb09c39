"""Times as the two sides write and read them: milliseconds inside, text outside."""

from datetime import UTC, datetime, timedelta, timezone
import re
import time

_GO = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})"
)
_PHONE_QUERY = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?(Z|[+-]\d{2}:\d{2})"
)


def now_ms() -> int:
    """Return the wall clock in milliseconds."""
    return time.time_ns() // 1_000_000


def _utc(seconds: int) -> str:
    """Return whole seconds since 1970 as date and time without an offset."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def server_time(nanoseconds: int) -> str:
    """Write a time as Go does: UTC, as many digits as needed, no trailing zeros."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    digits = f"{rest:09d}".rstrip("0")
    return f"{_utc(seconds)}{'.' + digits if digits else ''}Z"


def stored_time(milliseconds: int) -> str:
    """Write a time read from the server's database, which keeps milliseconds."""
    return server_time(milliseconds * 1_000_000)


def phone_time(milliseconds: int, offset: timedelta) -> str:
    """Write a time as the phone does: its own offset, always three digits."""
    seconds, rest = divmod(milliseconds, 1000)
    local = datetime.fromtimestamp(seconds, timezone(offset))
    text = local.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:03d}{_offset_text(offset)}"


def relayed_time(milliseconds: int, offset: timedelta) -> str:
    """Write a phone's time as the server repeats it: no trailing zeros."""
    text = phone_time(milliseconds, offset)
    head, tail = text.split(".")
    digits = tail[:3].rstrip("0")
    return f"{head}{'.' + digits if digits else ''}{tail[3:]}"


class LegacyOffset(timedelta):
    """An offset as Android 5 and 6 write it: +-5:00 west of Greenwich."""


def _offset_text(offset: timedelta) -> str:
    """Write an offset as +03:00, and UTC as Z."""
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return "Z"
    if isinstance(offset, LegacyOffset) and minutes < 0:
        hours, rest = divmod(-minutes, 60)
        return f"+{-hours}:{f'-{rest}' if rest else '00'}"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def _to_ms(text: str) -> int:
    """Read an ISO time with an offset; ValueError when it is no such time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def parse_server_time(text: str) -> int:
    """Read RFC 3339 as Go does; ValueError for anything else."""
    if _GO.fullmatch(text) is None:
        raise ValueError("no RFC 3339 time")
    return _to_ms(text)


def parse_phone_query(text: str) -> int | None:
    """Read a time of a query as the phone does: none or three digits, else nothing."""
    if _PHONE_QUERY.fullmatch(text) is None:
        return None
    try:
        return _to_ms(text)
    except ValueError:
        return None


def parse_phone_body(text: str) -> int:
    """Read a time of a body as the phone does; ValueError for anything else."""
    if not re.match(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", text):
        raise ValueError("no time")
    return _to_ms(text)
