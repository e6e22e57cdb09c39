"""A list of people as it was written: names and numbers, in any usual form."""

from collections.abc import Callable, Iterable, Iterator
import re
from typing import Final

from .phone_number import (
    InvalidPhoneNumberError,
    Written,
    clean,
    parse,
    reads_as_number,
)
from .readings import country_code
from .text import fold

# A semicolon before one of these begins a part of the number, not another number
_SEPARATORS: Final = re.compile(
    r"([,;|\n\r\u2028\u2029\u060c\u061b\u3001\uff0c\uff1b\ufe10\ufe11\ufe50\ufe51\ufe54])"
    r"(?!\s*(?:ext|isub|phone-context)\b)",
    re.IGNORECASE,
)
_BEFORE_A_PLUS: Final = re.compile(r"(?<=\S)\s+(?=\(?[+\uff0b]|(?:tel|sms|smsto):)")
_LONGEST_NAME: Final = 4
_MOST_BLOCKS: Final = 40
_MOST_PIECES: Final = 8


def listed(value: object) -> list[Written]:
    """Return what a field holds as one flat list; an empty item stays as one."""
    if value is None:
        return [""]
    if isinstance(value, (str, int, float)):
        return [value]
    if isinstance(value, Iterable) and not isinstance(value, (bytes, dict)):
        return [item for part in value for item in listed(part)]
    raise ValueError("neither a name nor a number")


def is_blank(written: Written) -> bool:
    """Return True for a text that shows nothing, or only what stands between people."""
    return isinstance(written, str) and not fold(_SEPARATORS.sub("", written))


def split(
    written: Written, country: str | None, is_name: Callable[[str], bool]
) -> list[Written]:
    """Return the names and numbers in one text, none of them cut in pieces.

    Blocks on first use: run it in the executor.
    """
    if not isinstance(written, str):
        return [written]
    if is_name(written):
        return [written.strip()]
    whole = _joined([*parts(written, is_name)], country)
    found = [
        item
        for part in whole
        for item in ([part] if is_name(part) else _numbers(part, country))
    ]
    return [part for part in found if part] or [""]


def _joined(parts: list[str], country: str | None) -> Iterator[str]:
    """Yield the parts; those that would be one number together are one, and refused.

    Who writes ``201,555,0123`` means no short codes.
    """
    begin = 0
    while begin < len(parts):
        end = begin + 1
        if _is_piece(parts[begin], country):
            for last in range(begin + 2, min(begin + _MOST_PIECES, len(parts)) + 1):
                if not _is_piece(parts[last - 1], country):
                    break
                if _is_own("".join(parts[begin:last]), country):
                    end = last
        yield ", ".join(parts[begin:end])
        begin = end


def _is_own(number: str, country: str | None) -> bool:
    """Return True for a full number that has a plus, or is of the own country."""
    try:
        value = parse(number, country).value
    except InvalidPhoneNumberError as err:
        return err.key == "ambiguous_number"
    return value.startswith("+") and (
        clean(number).startswith("+") or value.startswith(f"+{country_code(country)}")
    )


def _is_piece(part: str, country: str | None) -> bool:
    """Return True for digits that are no full number."""
    return reads_as_number(part) and not _is_full(part, country)


def parts(written: str, is_name: Callable[[str], bool]) -> Iterator[str]:
    """Yield what stands between separators; a name may have some of them."""
    pieces = _SEPARATORS.split(written)
    begin = 0
    while begin < len(pieces):
        for end in range(begin + 2 * _LONGEST_NAME - 1, begin, -2):
            part = "".join(pieces[begin:end])
            if end == begin + 1 or (end <= len(pieces) and is_name(part)):
                yield part.strip()
                begin = end + 1
                break


def _numbers(part: str, country: str | None) -> Iterator[str]:
    """Yield the numbers of a text: a blank before a plus, or between full numbers."""
    for piece in _BEFORE_A_PLUS.split(part):
        blocks = piece.split()
        if len(blocks) < 2 or len(blocks) > _MOST_BLOCKS or _is_full(piece, country):
            yield piece
            continue
        ways = _ways(blocks, country)
        yield from ways[0] if len(ways) == 1 else [piece]


def _ways(blocks: list[str], country: str | None) -> list[list[str]]:
    """Return the ways to read blocks of digits as full numbers, two at the most."""
    ways: list[list[list[str]]] = [[[]]]
    for end in range(1, len(blocks) + 1):
        found = [
            [*way, number]
            for begin in range(max(0, end - 8), end)
            if ways[begin] and _is_full(number := " ".join(blocks[begin:end]), country)
            for way in ways[begin]
        ]
        ways.append(found[:2])
    return ways[-1]


def _is_full(number: str, country: str | None) -> bool:
    """Return True for a full number; a short code may be a piece of one."""
    try:
        return parse(number, country).value.startswith("+")
    except InvalidPhoneNumberError as err:
        return err.key == "ambiguous_number"
