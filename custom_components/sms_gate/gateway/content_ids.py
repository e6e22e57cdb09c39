"""How the app computes the ids of what it received. Nothing of Home Assistant."""

from typing import Final

_HASH_DIGITS: Final = 8


def java_hash(text: str) -> int:
    """Return what Java calls a text's hash code: 32 bits with a sign."""
    value = 0
    for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"):
        value = (31 * value + unit) & 0xFFFFFFFF
    return value - ((value & 0x80000000) << 1)


def signed(message_id: str) -> str:
    """Return 32 hexadecimal bits as a number with a sign, anything else as it is."""
    if len(message_id) > _HASH_DIGITS:
        return message_id
    try:
        value = int(message_id, 16)
    except ValueError:
        return message_id
    return str(value - ((value & 0x80000000) << 1))
