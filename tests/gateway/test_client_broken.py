"""The client against sockets that speak HTTP badly, late, or not at all."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import ClientTimeout
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from custom_components.sms_gate.gateway.client import GatewayClient
from custom_components.sms_gate.gateway.errors import (
    GatewayConnectionError,
    GatewayTimeoutError,
    GatewayUnreachableError,
)

OK = b"HTTP/1.1 200 OK\r\n"


@asynccontextmanager
async def listening(raw: bytes, *, stay: bool = False) -> AsyncGenerator[int]:
    """Give a port that says this to everybody, and then hangs up or keeps silent."""
    done = asyncio.Event()

    async def talk(_reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        out.write(raw)
        if stay:
            await done.wait()
        out.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            done.set()


def make_client(hass: HomeAssistant, url: str, **timeout: float) -> GatewayClient:
    """Return a client of such a port, in a hurry."""
    return GatewayClient(
        async_get_clientsession(hass),
        url,
        "user",
        "very secret",
        timeout=ClientTimeout(**{"total": 5, **timeout}),
    )


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="closed at once"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="no http"),
        pytest.param(OK + b"Content-Length: 9\r\n\r\n[", id="cut short"),
        pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", id="chunks"),
        pytest.param(
            OK + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nno gzip!!",
            id="no gzip",
        ),
        pytest.param(OK + b"X: " + b"a" * 99_999, id="endless header"),
    ],
)
async def test_broken_http_is_a_broken_connection(
    hass: HomeAssistant, raw: bytes
) -> None:
    """Nothing of aiohttp's own comes out, however the other end misbehaves."""
    async with listening(raw) as port:
        with pytest.raises(GatewayConnectionError) as caught:
            await make_client(hass, f"http://127.0.0.1:{port}").devices()
    assert type(caught.value) is GatewayConnectionError


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(OK, id="half a header"),
        pytest.param(OK + b"Content-Length: 9\r\n\r\n[", id="half a body"),
    ],
)
async def test_an_answer_that_does_not_end_is_a_timeout(
    hass: HomeAssistant, raw: bytes
) -> None:
    """The body is read inside the time that the whole request has."""
    async with listening(raw, stay=True) as port:
        with pytest.raises(GatewayTimeoutError):
            await make_client(hass, f"http://127.0.0.1:{port}", total=0.1).devices()


async def test_a_connection_that_never_stands_is_unreachable(
    hass: HomeAssistant,
) -> None:
    """TLS that is never answered runs into the time for connecting: nothing was sent."""
    async with listening(b"", stay=True) as port:
        client = make_client(hass, f"https://127.0.0.1:{port}", connect=0.1)
        with pytest.raises(GatewayUnreachableError):
            await client.devices()


async def test_https_at_a_plain_port_is_unreachable(hass: HomeAssistant) -> None:
    """What does not speak TLS was asked nothing."""
    async with listening(OK) as port:
        with pytest.raises(GatewayUnreachableError):
            await make_client(hass, f"https://127.0.0.1:{port}").devices()
