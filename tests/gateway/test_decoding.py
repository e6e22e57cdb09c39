"""Decoding what may be large."""

import asyncio
from base64 import b64decode, b64encode
from functools import partial
import threading
from typing import Final

from hypothesis import given, strategies as st
import pytest

from custom_components.sms_gate.gateway.decoding import (
    MAX_ESCAPES,
    MAX_ITEMS,
    SMALL_BYTES,
    decode_base64,
    decode_json,
    run_for,
)
from custom_components.sms_gate.gateway.errors import InvalidPayloadError

# As long as it takes to be looked at closely
LONG: Final = MAX_ITEMS + 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" + b"[]," * LONG + b"1]", id="lists"),
        pytest.param(b"[" + b"{}," * LONG + b"1]", id="objects"),
        pytest.param(b"[" + b"1," * LONG + b"1]", id="numbers"),
        pytest.param(b"[" + b'"",' * LONG + b"1]", id="texts"),
        pytest.param(b"[" * LONG, id="deep"),
        pytest.param(b'["\\\\",' + b"[]," * LONG + b"1]", id="behind a backslash"),
        pytest.param(b'["\\"",' + b"[]," * LONG + b"1]", id="behind a quote"),
        pytest.param(b'"' + b"\\n" * (MAX_ESCAPES + 1) + b'"', id="escapes"),
        pytest.param(b"\\" * 2 * (MAX_ESCAPES + 1), id="backslashes"),
        pytest.param(b"," * LONG, id="not JSON"),
        pytest.param(b" " * SMALL_BYTES + b"{", id="cut"),
        pytest.param(b"{", id="cut and small"),
    ],
)
def test_too_many_items_are_refused(body: bytes) -> None:
    """They would hold the interpreter, in whichever thread."""
    with pytest.raises(InvalidPayloadError):
        decode_json(body)


@pytest.mark.parametrize(
    ("body", "length"),
    [
        pytest.param(b'"' + b",[{" * LONG + b'"', 3 * LONG, id="text"),
        pytest.param(b'"' + b'\\",[' * LONG + b'"', 3 * LONG, id="with quotes"),
        pytest.param(b'"' + b"\\\\[[" * LONG + b'"', 3 * LONG, id="with backslashes"),
        pytest.param(b'" ' + b"\\\\" * LONG + b'"', LONG + 1, id="only backslashes"),
        pytest.param(b"[" + b"1," * (LONG // 2) + b"1]", LONG // 2 + 1, id="numbers"),
    ],
)
def test_what_is_inside_of_a_text_is_no_item(body: bytes, length: int) -> None:
    """A text may have as many brackets and commas as it likes."""
    decoded = decode_json(body)
    assert isinstance(decoded, (str, list))
    assert len(decoded) == length


async def test_only_what_is_large_is_read_in_another_thread() -> None:
    """A thread costs more than a small body does."""
    here = threading.get_ident()
    assert await run_for(b" " * SMALL_BYTES, threading.get_ident) == here
    assert await run_for(b" " * (SMALL_BYTES + 1), threading.get_ident) != here


async def test_the_loop_turns_while_a_body_is_looked_at() -> None:
    """A text of what looks like items."""
    body = b'"' + b",[{" * 300_000 + b'"'
    reading = asyncio.ensure_future(run_for(body, decode_json, body))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert len(str(reading.result())) == 900_000
    assert turns > 10


@given(
    data=st.binary(max_size=30).map(lambda it: b64encode(it).decode()),
    odd=st.sampled_from(["", "=", "A", "\n", "é"]),
    place=st.integers(0, 40),
)
def test_base64_in_pieces_is_the_same(data: str, odd: str, place: int) -> None:
    """Padding inside of it is none."""
    written = data[:place] + odd + data[place:]
    results: list[bytes | None] = []
    for decode in (partial(b64decode, validate=True), partial(decode_base64, piece=8)):
        try:
            results.append(decode(written))
        except ValueError:
            results.append(None)
    assert results[0] == results[1]
