"""Texts and names compared as people mean them, by the rules of Unicode."""

from functools import lru_cache
from typing import Final
import unicodedata

# An SMS of 26 parts; what follows is not compared, so that no SMS takes long
MAX_COMPARED: Final = 4000

# Marks that show nothing but are no format characters: joiners, fillers, variants
_INVISIBLE: Final = {
    *{0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0},
    *range(0x180B, 0x1810),
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
}
# What one keyboard writes for what another one writes
_ALIKE: Final = {
    **dict.fromkeys(map(ord, "`´‘’‚‛′‵ʹʻʼʽʾʿˈˊˋ՚＇"), "'"),
    **dict.fromkeys(map(ord, "“”„‟″‶«»＂"), '"'),
    **dict.fromkeys(map(ord, "−﹣－"), "-"),
    **dict.fromkeys(map(ord, "یى"), "ي"),
    ord("ک"): "ك",
    ord("ـ"): None,
}
_SMALL: Final = 0x3000
_NAME: Final = 64


class _Soft(dict[int, str | int | None]):
    """What each character counts as; None leaves it out."""

    def __missing__(self, code: int) -> str | int | None:
        soft = _counts_as(code)
        if code < _SMALL:
            self[code] = soft
        return soft


def _counts_as(code: int) -> str | int | None:
    char = chr(code)
    category = unicodedata.category(char)
    if code in _INVISIBLE or category == "Cf":
        return None
    if category == "Cc":
        return code if char.isspace() else None
    if category == "Pd":
        return "-"
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return code


_TABLE: Final = _Soft(_ALIKE)


def soften(text: str) -> str:
    """Return a text with its case, without what a keyboard or a network adds to it.

    Invisible marks go; quotes, dashes, spaces and digits become the usual ones; letters
    are composed.
    """
    soft = text[:MAX_COMPARED].translate(_TABLE)
    return unicodedata.normalize("NFKC", soft)[:MAX_COMPARED].translate(_TABLE)


def fold(text: str) -> str:
    """Return a text so that case, spacing and ways of writing do not matter.

    The Turkish dotted and dotless i are one letter: who writes ``IPTAL`` means it.
    """
    text = text[:MAX_COMPARED]
    return _fold_name(text) if len(text) <= _NAME else _fold_message(text)


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", soften(text).casefold())
    return " ".join(folded.replace("i\u0307", "i").replace("ı", "i").split())


# Thousands of names are compared at once, a message with each trigger
_fold_name: Final = lru_cache(maxsize=8192)(_fold)
_fold_message: Final = lru_cache(maxsize=64)(_fold)


def words_after(begin: str, text: str) -> str | None:
    """Return the softened words after those that a text begins with.

    None where it does not begin with these whole words, or is too long to tell.
    """
    soft = soften(text)
    words = soft.split()
    wanted = fold(begin).split()
    if len(soft) >= MAX_COMPARED or wanted != fold(soft).split()[: len(wanted)]:
        return None
    return " ".join(words[len(wanted) :])
