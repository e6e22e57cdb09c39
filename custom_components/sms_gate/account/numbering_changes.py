"""Numbers that a country changed: the old form and the new one are one person.

Networks show old forms years after a change, and address books keep them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Final


@dataclass(frozen=True, slots=True)
class _Change:
    """An old national number and what it is today, as patterns with templates."""

    old: str
    becomes: str
    new: str = ""
    was: str = ""
    needs_code: bool = False


_IVORY_COAST: Final = {"01": "0-3", "05": "4-6", "07": "7-9"}
_GABON: Final = {"2": "62", "4": "74", "5": "65", "6": "66", "7": "77"}
_VIETNAM: Final = {
    "120": "70",
    "121": "79",
    "122": "77",
    "126": "76",
    "128": "78",
    "123": "83",
    "124": "84",
    "125": "85",
    "127": "81",
    "129": "82",
    "162": "32",
    "163": "33",
    "164": "34",
    "165": "35",
    "166": "36",
    "167": "37",
    "168": "38",
    "169": "39",
    "186": "56",
    "188": "58",
    "199": "59",
}

_CHANGES: Final[dict[int, tuple[_Change, ...]]] = {
    # Italy, 2001: mobile numbers lost their 0
    39: (_Change(r"0(3\d{8,9})", r"\1", r"(3\d{8,9})", r"0\1"),),
    # Mexico, 2019: one way to dial all numbers
    52: (
        _Change(r"1(\d{10})", r"\1", r"(\d{10})", r"1\1", needs_code=True),
        _Change(r"(?:01|044|045)(\d{10})", r"\1"),
    ),
    # Argentina: 9 in front of mobile numbers for calls, without it for SMS
    54: (
        _Change(r"9(\d{10})", r"\1", r"9(\d{10})", r"\1"),
        _Change("", "", r"([1-8]\d{9})", r"9\1"),
    ),
    # Brazil, 2012 to 2016: the ninth digit
    55: (_Change(r"(\d\d)([6-9]\d{7})", r"\g<1>9\2", r"(\d\d)9([6-9]\d{7})", r"\1\2"),),
    # Vietnam, 2018
    84: tuple(
        _Change(rf"{old}(\d{{7}})", rf"{new}\1", rf"{new}(\d{{7}})", rf"{old}\1")
        for old, new in _VIETNAM.items()
    ),
    # Ivory Coast, 2021: two digits of the network in front
    225: tuple(
        _Change(
            rf"([04-9][{digits}]\d{{6}})",
            rf"{network}\1",
            rf"{network}([04-9][{digits}]\d{{6}})",
            r"\1",
        )
        for network, digits in _IVORY_COAST.items()
    ),
    # Benin, 2024
    229: (_Change(r"([4-9]\d{7})", r"01\1", r"01([4-9]\d{7})", r"\1"),),
    # Mauritius, 2013
    230: (_Change(r"([4-9]\d{6})", r"5\1", r"5([4-9]\d{6})", r"\1"),),
    # Cameroon, 2014
    237: (_Change(r"([5-9]\d{7})", r"6\1", r"6([5-9]\d{7})", r"\1"),),
    # Gabon, 2019
    241: tuple(
        _Change(rf"0?{old}(\d{{6}})", rf"{new}\1", rf"{new}(\d{{6}})", rf"0{old}\1")
        for old, new in _GABON.items()
    ),
    # Guinea-Bissau, 2017
    245: tuple(
        _Change(rf"({old}\d{{6}})", rf"9{old}\1", rf"9{old}({old}\d{{6}})", r"\1")
        for old in "567"
    ),
    # Ecuador, 2012
    593: (_Change(r"([689]\d{7})", r"9\1", r"9([689]\d{7})", r"\1"),),
}
# Both forms are valid: a number's form does not say which one the network shows
_TWO_FORMS: Final = (54, 241)
_TWO_CODES: Final = (re.compile(r"\+972(5[69]\d{7})"), r"+970\1")


def current_forms(code: int, national: str, *, with_code: bool) -> Iterator[str]:
    """Yield what an old national number may be today, with plus and code."""
    for change in _CHANGES.get(code, ()):
        match = re.fullmatch(change.old, national)
        if match and (with_code or not change.needs_code):
            yield f"+{code}{match.expand(change.becomes)}"


def old_forms(code: int, national: str) -> Iterator[str]:
    """Yield the old forms of a national number, with plus and code."""
    for change in _CHANGES.get(code, ()):
        if change.new and (match := re.fullmatch(change.new, national)):
            yield f"+{code}{match.expand(change.was)}"
    if code == 970 and re.fullmatch(r"5[69]\d{7}", national):
        yield f"+972{national}"


def person(e164: str) -> str:
    """Return the same text for all valid numbers of one person."""
    for code in _TWO_FORMS:
        if e164.startswith(f"+{code}"):
            national = e164.removeprefix(f"+{code}")
            return next(current_forms(code, national, with_code=True), e164)
    pattern, same = _TWO_CODES
    return pattern.sub(same, e164)
