"""The signature by which the phone proves that a webhook is its own."""

from collections.abc import Mapping
import hashlib
import hmac
import time
from typing import Final

WINDOW_SECONDS: Final = 300


def is_signed(headers: Mapping[str, str], body: bytes, key: str) -> bool:
    """Check ``X-Signature``: hex HMAC-SHA256 over the raw body and ``X-Timestamp``.

    Every retry is signed anew, so five minutes to either side are enough.
    """
    timestamp = headers.get("X-Timestamp", "")
    signature = headers.get("X-Signature", "").strip().lower()
    signed = body + timestamp.encode("utf-8", "surrogatepass")
    expected = hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    matches = hmac.compare_digest(
        expected.encode(), signature.encode("utf-8", "surrogatepass")
    )
    try:
        age = abs(time.time() - int(timestamp))
    except ValueError, OverflowError:
        return False
    return matches and age <= WINDOW_SECONDS
