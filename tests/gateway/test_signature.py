"""The signature of a webhook: whose it is, and when it was made."""

from collections.abc import Callable
import hashlib
import hmac
import time

import pytest

from custom_components.sms_gate.gateway.signature import (
    Signature,
    check_signature,
    is_plausible,
)

KEY = "key"
BODY = b'{"event":"sms:received"}'


def signed(
    age: float = 0, *, key: str = KEY, body: bytes = BODY, timestamp: str | None = None
) -> dict[str, str]:
    """Return the headers of a body that was signed some seconds ago."""
    if timestamp is None:
        timestamp = str(int(time.time() - age))
    mac = hmac.new(key.encode(), body + timestamp.encode(), hashlib.sha256)
    return {"X-Signature": mac.hexdigest(), "X-Timestamp": timestamp}


@pytest.mark.parametrize(
    ("make", "result"),
    [
        (signed, Signature.VALID),
        (
            lambda: {**signed(), "X-Signature": signed()["X-Signature"].upper()},
            Signature.VALID,
        ),
        (
            lambda: {**signed(), "X-Signature": f" {signed()['X-Signature']} "},
            Signature.VALID,
        ),
        (lambda: signed(key="other"), Signature.INVALID),
        (lambda: signed(600, key="other"), Signature.INVALID),
        (lambda: signed(body=BODY + b" "), Signature.INVALID),
        (
            lambda: {**signed(), "X-Timestamp": str(int(time.time()) - 1)},
            Signature.INVALID,
        ),
        (dict, Signature.INVALID),
        (lambda: {"X-Timestamp": signed()["X-Timestamp"]}, Signature.INVALID),
        (lambda: signed(600), Signature.OUT_OF_WINDOW),
        (lambda: signed(-600), Signature.OUT_OF_WINDOW),
        (lambda: signed(timestamp="soon"), Signature.OUT_OF_WINDOW),
        (lambda: signed(timestamp=""), Signature.OUT_OF_WINDOW),
        (lambda: signed(timestamp="9" * 400), Signature.OUT_OF_WINDOW),
    ],
)
def test_a_wrong_clock_is_told_from_a_wrong_key(
    make: Callable[[], dict[str, str]], result: Signature
) -> None:
    """Each of them is refused, and has a remedy of its own."""
    assert check_signature(make(), BODY, KEY) is result


@pytest.mark.parametrize(
    ("age", "result"),
    [
        (300, Signature.VALID),
        (301, Signature.OUT_OF_WINDOW),
        (-300, Signature.VALID),
        (-301, Signature.OUT_OF_WINDOW),
    ],
)
def test_the_window_has_exact_ends(
    monkeypatch: pytest.MonkeyPatch, age: int, result: Signature
) -> None:
    """Five minutes to either side, and not a second more."""
    monkeypatch.setattr(time, "time", lambda: 1_790_000_000.0)
    headers = signed(timestamp=str(1_790_000_000 - age))
    assert check_signature(headers, BODY, KEY) is result


@pytest.mark.parametrize(
    ("headers", "plausible"),
    [
        (signed(), True),
        (signed(600), True),
        ({"X-Signature": "0" * 64, "X-Timestamp": "1"}, True),
        ({}, False),
        ({"X-Signature": "0" * 64}, False),
        ({"X-Signature": "0" * 63, "X-Timestamp": "1"}, False),
        ({"X-Signature": "0" * 65, "X-Timestamp": "1"}, False),
        ({"X-Signature": "g" * 64, "X-Timestamp": "1"}, False),
        ({"X-Signature": "\u0660" * 64, "X-Timestamp": "1"}, False),
        ({"X-Signature": "0" * 64, "X-Timestamp": "soon"}, False),
    ],
)
def test_headers_that_fit_no_body_need_no_body(
    headers: dict[str, str], *, plausible: bool
) -> None:
    """What can be refused before it is read costs nothing."""
    assert is_plausible(headers) is plausible
