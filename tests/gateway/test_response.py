"""The client against what is no gateway, or a gateway that answers strangely."""

from collections.abc import AsyncGenerator, Awaitable, Callable
import logging
from typing import Any

from aiohttp import ClientTimeout, web
from aiohttp.test_utils import TestServer
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from custom_components.sms_gate.gateway import response
from custom_components.sms_gate.gateway.client import GatewayClient
from custom_components.sms_gate.gateway.errors import (
    GatewayAuthError,
    GatewayBusyError,
    GatewayError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayServerError,
)

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE = "<!doctype html><title>Log in</title>"
PASSWORD = "very secret"


class Server:
    """A web server that answers everything in one way."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.handler: Handler | None = None
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.running = TestServer(app)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """Note the request and answer."""
        self.requests.append(request)
        assert self.handler is not None
        return await self.handler(request)

    def always(self, **answer: Any) -> None:
        """Answer every request with this."""

        async def handle(_request: web.Request) -> web.StreamResponse:
            return web.Response(**answer)

        self.handler = handle


@pytest.fixture
async def server() -> AsyncGenerator[Server]:
    """A server on a real port, which is no gateway."""
    made = Server()
    async with made.running:
        yield made


@pytest.fixture
async def client(hass: HomeAssistant, server: Server) -> GatewayClient:
    """A client which takes that server for a gateway."""
    return GatewayClient(
        async_get_clientsession(hass),
        f"http://127.0.0.1:{server.running.port}",
        "user",
        PASSWORD,
        timeout=ClientTimeout(total=2),
    )


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, GatewayResponseError),
        (204, GatewayResponseError),
        (304, GatewayResponseError),
        (400, GatewayRejectedError),
        (401, GatewayResponseError),
        (403, GatewayResponseError),
        (404, GatewayNotFoundError),
        (405, GatewayRejectedError),
        (429, GatewayRejectedError),
        (500, GatewayServerError),
        (502, GatewayServerError),
        (503, GatewayServerError),
    ],
)
async def test_a_web_page_is_no_answer(
    server: Server, client: GatewayClient, status: int, error: type[GatewayError]
) -> None:
    """HTML instead of JSON; a proxy's 503 does not promise that nothing was done."""
    server.always(status=status, text=PAGE, content_type="text/html")
    with pytest.raises(error) as caught:
        await client.devices()
    assert type(caught.value) is error
    if isinstance(caught.value, GatewayRejectedError):
        assert caught.value.reason == ""
    assert PAGE not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(
    server: Server, client: GatewayClient, status: int
) -> None:
    """The password goes nowhere but to the address that was entered."""
    server.always(status=status, headers={"Location": "/elsewhere"})
    with pytest.raises(GatewayResponseError):
        await client.devices()
    assert [request.path for request in server.requests] == ["/devices"]


DEVICE = {"id": "phone", "name": "Phone"}
WRONG_LISTS = {
    "nothing": b"",
    "no json": b"{",
    "two values": b"[] []",
    "bom": b"\xef\xbb\xbf[]",
    "latin-1": '["\u00e9"]'.encode("latin-1"),
    "nan": b"[NaN]",
    "too deep": b"[" * 5000 + b"]" * 5000,
    "null": b"null",
    "object": b'{"devices":[]}',
    "text": b'"[]"',
    "number": b"0",
    "list of null": b"[null]",
    "list of lists": b"[[]]",
    "empty object": b"[{}]",
    "id is a number": b'[{"id":1}]',
    "one good, one bad": b'[{"id":"a"},{"id":null}]',
}


@pytest.mark.parametrize("body", WRONG_LISTS.values(), ids=WRONG_LISTS)
async def test_a_list_of_another_shape_is_refused(
    server: Server, client: GatewayClient, body: bytes
) -> None:
    """All of them say that the other end is no gateway, none is a crash."""
    server.always(body=body, content_type="application/json")
    for call in (client.devices, client.webhooks, client.messages):
        with pytest.raises(GatewayResponseError):
            await call()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{}", b'{"id":"a","deviceId":"b"}', b"Accepted"]
)
async def test_a_message_of_another_shape_is_refused(
    server: Server, client: GatewayClient, body: bytes
) -> None:
    """Neither a message that was asked for nor one taken back can be read."""
    server.always(body=body, content_type="application/json")
    for call in (client.message, client.cancel):
        with pytest.raises(GatewayResponseError):
            await call("first")


async def test_json_is_read_whatever_it_is_called(
    server: Server, client: GatewayClient
) -> None:
    """Some proxies change the content type; the body is what counts."""
    server.always(body=b'[{"id":"phone","name":null,"new":1}]', content_type="a/b")
    (device,) = await client.devices()
    assert (device.id, device.name, device.sim_cards) == ("phone", "", None)


async def test_a_huge_answer_is_cut_off(
    server: Server, client: GatewayClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is larger than any gateway's answer is not taken into memory."""
    monkeypatch.setattr(response, "MAX_ANSWER_BYTES", 1000)
    server.always(body=b"[" + b" " * 998 + b"]")
    assert await client.devices() == ()
    server.always(body=b"[" + b" " * 999 + b"]")
    with pytest.raises(GatewayResponseError, match="too large"):
        await client.devices()


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (503, None, None),
        (503, "120", 120.0),
        (429, "0.5", 0.5),
        (429, "-3", 0.0),
        (503, "Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
async def test_a_busy_gateway_tells_when_to_come_back(
    server: Server,
    client: GatewayClient,
    status: int,
    header: str | None,
    seconds: float | None,
) -> None:
    """Seconds are understood, and a date there does no harm."""
    headers = {"Retry-After": header} if header else {}
    server.always(status=status, text='{"message":"full"}', headers=headers)
    with pytest.raises(GatewayBusyError) as caught:
        await client.devices()
    assert (caught.value.reason, caught.value.retry_after) == ("full", seconds)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"message":"no such phone"}', "no such phone"),
        ('{"message":5}', ""),
        ('{"message":null}', ""),
        ('{"error":"x"}', ""),
        ('["message"]', ""),
        ("Not Found", ""),
        ("", ""),
    ],
)
async def test_a_refusal_keeps_the_gateways_words(
    server: Server, client: GatewayClient, body: str, reason: str
) -> None:
    """Where there are none, the status is all there is."""
    server.always(status=400, text=body)
    with pytest.raises(GatewayRejectedError) as caught:
        await client.devices()
    assert (caught.value.status, caught.value.reason) == (400, reason)


@pytest.mark.parametrize(
    ("header", "total"), [("7", 7), (None, 12), ("many", 12), ("", 12)]
)
async def test_without_a_total_what_is_known_counts(
    server: Server, client: GatewayClient, header: str | None, total: int
) -> None:
    """At least the offset and the page are there."""
    message = '{"id":"a","deviceId":"b","state":"Odd","recipients":null}'
    headers = {} if header is None else {"X-Total-Count": header}
    server.always(text=f"[{message},{message}]", headers=headers)
    messages, found = await client.messages(offset=10)
    assert (len(messages), messages[0].state, found) == (2, "Odd", total)


async def test_the_password_is_in_no_error_and_no_log(
    server: Server, client: GatewayClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even where debug logging is on."""
    caplog.set_level(logging.DEBUG)
    server.always(status=302, headers={"Location": "https://elsewhere.example"})
    with pytest.raises(GatewayResponseError) as caught:
        await client.devices()
    header = server.requests[0].headers["Authorization"]
    shown = f"{caught.value!r} {client!r} {caplog.text}"
    assert PASSWORD not in shown
    assert header not in shown
    assert header.removeprefix("Basic ") not in shown


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        (b'{"message":"Unauthorized"}', {}, GatewayAuthError),
        (b'{"error":"no"}', {}, GatewayResponseError),
        (b"Unauthorized", {}, GatewayResponseError),
        (b"", {}, GatewayResponseError),
        (b"", {"WWW-Authenticate": 'Basic realm="Access to SMS Gateway"'}, GatewayAuthError),
        (b"", {"WWW-Authenticate": 'Basic realm="Router"'}, GatewayResponseError),
        (b"<html>", {"WWW-Authenticate": 'Basic realm="x"'}, GatewayResponseError),
    ],
)  # fmt: skip
async def test_only_the_gateways_own_refusal_is_about_the_login(
    server: Server,
    client: GatewayClient,
    status: int,
    body: bytes,
    headers: dict[str, str],
    error: type[GatewayError],
) -> None:
    """A proxy, a router or a login page in between refuses in its own way."""
    server.always(status=status, body=body, headers=headers)
    with pytest.raises(GatewayError) as caught:
        await client.devices()
    assert type(caught.value) is error
