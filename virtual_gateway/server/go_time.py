"""Times as the server reads them, with the words it refuses others in."""

from calendar import monthrange
import json
import re

LAYOUT = "2006-01-02T15:04:05Z07:00"
_DAY_SECONDS = 86_400
_DAYS_TO_1970 = 719_162
_FRACTION = re.compile(r"[.,](\d+)")


class GoTimeError(ValueError):
    """A text that is no time; the error is worded as the server words it."""


def _wrong(text: str, rest: str, element: str) -> GoTimeError:
    shown = f"cannot parse {json.dumps(rest)} as {json.dumps(element)}"
    return GoTimeError(
        f"parsing time {json.dumps(text)} as {json.dumps(LAYOUT)}: {shown}"
    )


def _beyond(text: str, what: str) -> GoTimeError:
    return GoTimeError(f"parsing time {json.dumps(text)}: {what} out of range")


class _Reader:
    """Reads a time from left to right."""

    def __init__(self, text: str) -> None:
        self.text = self.rest = text

    def skip(self, mark: str) -> None:
        """Pass over a mark between two numbers."""
        if not self.rest.startswith(mark):
            raise _wrong(self.text, self.rest, mark)
        self.rest = self.rest[1:]

    def number(
        self,
        element: str,
        width: int = 2,
        *,
        bounds: tuple[int, int, str] | None = None,
        short: bool = False,
    ) -> int:
        """Return the next number, which must lie between its bounds."""
        digits = self.rest[:width]
        if short and len(digits) > 1 and not _is_digits(digits):
            digits = digits[:1]
        if not _is_digits(digits) or (len(digits) < width and not short):
            raise _wrong(self.text, self.rest, element)
        self.rest = self.rest[len(digits) :]
        value = int(digits)
        if bounds is not None and not bounds[0] <= value <= bounds[1]:
            raise _beyond(self.text, bounds[2])
        return value

    def fraction(self) -> int:
        """Return a fraction of a second in nanoseconds."""
        match = _FRACTION.match(self.rest)
        if match is None:
            return 0
        self.rest = self.rest[match.end() :]
        return int(match[1][:9].ljust(9, "0"))

    def offset(self) -> int:
        """Return the offset from UTC in seconds."""
        rest = self.rest
        if rest.startswith("Z"):
            self.rest = rest[1:]
            return 0
        match = re.match(r"([+-])(\d\d):(\d\d)", rest)
        if match is None:
            raise _wrong(self.text, rest, "Z07:00")
        hours, minutes = int(match[2]), int(match[3])
        if hours > 24:
            raise _beyond(self.text, "time zone offset hour")
        if minutes > 60:
            raise _beyond(self.text, "time zone offset minute")
        self.rest = rest[match.end() :]
        seconds = (hours * 60 + minutes) * 60
        return -seconds if match[1] == "-" else seconds


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def go_time(text: str) -> int:
    """Return a time in milliseconds since 1970; GoTimeError for anything else."""
    reader = _Reader(text)
    year = reader.number("2006", 4)
    reader.skip("-")
    month = reader.number("01", bounds=(1, 12, "month"))
    reader.skip("-")
    day = reader.number("02")
    reader.skip("T")
    hour = reader.number("15", bounds=(0, 23, "hour"), short=True)
    reader.skip(":")
    minute = reader.number("04", bounds=(0, 59, "minute"))
    reader.skip(":")
    second = reader.number("05", bounds=(0, 59, "second"))
    nanoseconds = reader.fraction()
    offset = reader.offset()
    if reader.rest:
        shown = f"{json.dumps(text)}: extra text: {json.dumps(reader.rest)}"
        raise GoTimeError(f"parsing time {shown}")
    if not 1 <= day <= _days_in(year, month):
        raise _beyond(text, "day")
    days = _days_before(year) + _day_of_year(year, month, day) - _DAYS_TO_1970
    seconds = days * _DAY_SECONDS + (hour * 60 + minute) * 60 + second - offset
    return seconds * 1000 + nanoseconds // 1_000_000


def _days_in(year: int, month: int) -> int:
    return monthrange(year or 2000, month)[1]


def _days_before(year: int) -> int:
    """Return the days from the first of the year 1 to the first of a year."""
    last = year - 1
    return last * 365 + last // 4 - last // 100 + last // 400


def _day_of_year(year: int, month: int, day: int) -> int:
    return sum(_days_in(year, number) for number in range(1, month)) + day - 1
