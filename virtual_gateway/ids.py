"""Identifiers in the shape the real gateway uses, drawn from a seed."""

from random import Random
import string

_ALPHABET = string.ascii_letters + string.digits + "_-"
NANO_LENGTH = 21


def nano_id(random: Random, length: int = NANO_LENGTH) -> str:
    """Return an identifier of letters, digits, underscores and dashes."""
    return "".join(random.choices(_ALPHABET, k=length))


def java_hash(text: str) -> int:
    """Return the signed 32-bit hash Java gives a text."""
    units = text.encode("utf-16-be", "surrogatepass")
    result = 0
    for index in range(0, len(units), 2):
        result = (31 * result + (units[index] << 8 | units[index + 1])) & 0xFFFFFFFF
    return signed(result)


def java_bytes_hash(data: bytes) -> int:
    """Return the signed 32-bit hash Java gives the contents of a byte array."""
    result = 1
    for byte in data:
        result = (31 * result + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    return signed(result)


def java_date_hash(milliseconds: int) -> int:
    """Return the signed 32-bit hash Java gives a date."""
    return signed((milliseconds ^ (milliseconds >> 32)) & 0xFFFFFFFF)


def signed(value: int) -> int:
    """Read the lowest 32 bits as a signed number."""
    value &= 0xFFFFFFFF
    return value - 0x1_0000_0000 if value & 0x8000_0000 else value


def device_id_of(name: str, installed_ms: int) -> str:
    """Return the id a phone gives itself: hash of its name and time of installation."""
    name_hash = java_hash(name) & 0xFFFF_FFFF_FFFF_FFFF
    return f"{name_hash:016x}{installed_ms:016x}"
