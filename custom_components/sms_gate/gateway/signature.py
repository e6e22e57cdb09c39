"""The signature by which the phone proves that a webhook is its own."""

from collections.abc import Mapping
from enum import StrEnum
import hashlib
import hmac
import re
import time
from typing import Final

WINDOW_SECONDS: Final = 300
_SIGNATURE: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Signature(StrEnum):
    """The result of a check."""

    VALID = "valid"
    INVALID = "invalid"
    # The right key, but the clock of the phone, or of Home Assistant, is wrong
    OUT_OF_WINDOW = "out_of_window"


def is_plausible(headers: Mapping[str, str]) -> bool:
    """Return False if no body could make these headers a signature."""
    signature, timestamp = _signature(headers), headers.get("X-Timestamp", "")
    return bool(_SIGNATURE.fullmatch(signature)) and _age(timestamp) is not None


def check_signature(headers: Mapping[str, str], body: bytes, key: str) -> Signature:
    """Check ``X-Signature``: hex HMAC-SHA256 over the raw body and ``X-Timestamp``.

    Every retry is signed anew, so five minutes to either side are enough.
    """
    timestamp = headers.get("X-Timestamp", "")
    mac = hmac.new(key.encode(), body, hashlib.sha256)
    mac.update(timestamp.encode("utf-8", "surrogatepass"))
    offered = _signature(headers).encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(mac.hexdigest().encode(), offered):
        return Signature.INVALID
    if (age := _age(timestamp)) is None or abs(age) > WINDOW_SECONDS:
        return Signature.OUT_OF_WINDOW
    return Signature.VALID


def _signature(headers: Mapping[str, str]) -> str:
    return headers.get("X-Signature", "").strip().lower()


def _age(timestamp: str) -> float | None:
    try:
        return time.time() - int(timestamp)
    except ValueError, OverflowError:
        return None
