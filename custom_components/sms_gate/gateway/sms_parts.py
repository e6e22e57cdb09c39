"""How many SMS a text is sent as, where the gateway does not say (3GPP TS 23.038)."""

from collections.abc import Iterable
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")
_BEYOND_16_BITS: Final = 0xFFFF


def count_parts(text: str) -> int:
    """Return the parts of a text: in 7 bits if all of it fits, else in 16 bits."""
    if _BASIC.union(_EXTENSION).issuperset(text):
        return _fill((1 + (char in _EXTENSION) for char in text), 160, 153)
    return _fill((1 + (ord(char) > _BEYOND_16_BITS) for char in text), 70, 67)


def _fill(widths: Iterable[int], alone: int, each: int) -> int:
    """Return the parts of characters of which none is torn in two."""
    parts, used, total = 1, 0, 0
    for width in widths:
        total += width
        if used + width > each:
            parts, used = parts + 1, 0
        used += width
    return parts if total > alone else 1
