"""How many SMS a text takes on the air."""

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("^{}\\[~]|€\f")


def parts_of(text: str) -> int:
    """Return the number of parts: 160/153 characters of GSM, else 70/67 UTF-16 units."""
    if all(char in _GSM_BASIC or char in _GSM_DOUBLE for char in text):
        septets = [2 if char in _GSM_DOUBLE else 1 for char in text]
        return _fill(septets, single=160, part=153)
    units = [len(char.encode("utf-16-be")) // 2 for char in text]
    return _fill(units, single=70, part=67)


def _fill(widths: list[int], single: int, part: int) -> int:
    """Count the parts when no character may be torn in two."""
    if sum(widths) <= single:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts
