"""The client against what is no gateway, or a gateway that answers strangely."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
import json
import logging
from typing import Any

from aiohttp import ClientTimeout, web
from aiohttp.test_utils import TestServer
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import orjson
import pytest

from custom_components.sms_gate.gateway import response
from custom_components.sms_gate.gateway.client import GatewayClient
from custom_components.sms_gate.gateway.errors import (
    GatewayAuthError,
    GatewayBusyError,
    GatewayConflictError,
    GatewayError,
    GatewayNotFoundError,
    GatewayRedirectError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayServerError,
    GatewayUnavailableError,
)
from custom_components.sms_gate.gateway.models import OutgoingMessage
from tests.support.turns import LONGEST_TURN, longest_turn

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
        (304, GatewayRedirectError),
        (400, GatewayResponseError),
        (401, GatewayResponseError),
        (403, GatewayResponseError),
        (404, GatewayResponseError),
        (405, GatewayResponseError),
        (407, GatewayResponseError),
        (408, GatewayUnavailableError),
        (409, GatewayResponseError),
        (429, GatewayUnavailableError),
        (499, GatewayResponseError),
        (500, GatewayServerError),
        (502, GatewayServerError),
        (503, GatewayUnavailableError),
        (504, GatewayServerError),
        (511, GatewayResponseError),
    ],
)
async def test_a_web_page_is_no_answer(
    server: Server, client: GatewayClient, status: int, error: type[GatewayError]
) -> None:
    """A proxy's page neither asks for a login nor promises that nothing was done."""
    server.always(status=status, text=PAGE, content_type="text/html")
    with pytest.raises(error) as caught:
        await client.devices()
    assert type(caught.value) is error
    assert PAGE not in str(caught.value)


PHONE_CHALLENGE = 'Basic realm="Access to SMS Gateway", charset=UTF-8'


@pytest.mark.parametrize(
    ("status", "body", "challenge", "error"),
    [
        pytest.param(
            401, '{"message":"Unauthorized"}', None, GatewayAuthError, id="server"
        ),
        pytest.param(
            403,
            '{"message":"scope required: messages:send"}',
            None,
            GatewayAuthError,
            id="server scope",
        ),
        pytest.param(401, "", PHONE_CHALLENGE, GatewayAuthError, id="phone"),
        pytest.param(
            401,
            "",
            'Bearer realm="Access to SMS Gateway"',
            GatewayAuthError,
            id="phone, token",
        ),
        pytest.param(
            403,
            '{"message":"Insufficient permissions"}',
            None,
            GatewayAuthError,
            id="phone scope",
        ),
        pytest.param(401, "", None, GatewayResponseError, id="empty, no challenge"),
        pytest.param(403, "", None, GatewayResponseError, id="empty 403"),
        pytest.param(
            401, "", 'Basic realm="restricted"', GatewayResponseError, id="caddy"
        ),
        pytest.param(
            401,
            '{"message":"No API key found in request"}',
            'Key realm="kong"',
            GatewayResponseError,
            id="kong",
        ),
        pytest.param(
            401, '{"error":"login"}', None, GatewayResponseError, id="other json"
        ),
        pytest.param(401, '"Unauthorized"', None, GatewayResponseError, id="a text"),
        pytest.param(401, "Unauthorized", None, GatewayResponseError, id="traefik"),
        pytest.param(403, PAGE, None, GatewayResponseError, id="page"),
        pytest.param(
            407, '{"message":"Unauthorized"}', None, GatewayResponseError, id="proxy"
        ),
        pytest.param(
            302, '{"message":"Unauthorized"}', None, GatewayRedirectError, id="302"
        ),
    ],
)
async def test_only_the_gateway_itself_refuses_a_login(
    server: Server,
    client: GatewayClient,
    status: int,
    body: str,
    challenge: str | None,
    error: type[GatewayError],
) -> None:
    """A login is asked for only where the gateway wants one."""
    headers = {} if challenge is None else {"WWW-Authenticate": challenge}
    server.always(status=status, text=body, headers=headers)
    with pytest.raises(error) as caught:
        await client.devices()
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, '{"message":"message not found"}', GatewayNotFoundError),
        (404, "", GatewayNotFoundError),
        (404, "Not Found", GatewayNotFoundError),
        (404, "404 page not found", GatewayResponseError),
        (404, "404: Not Found", GatewayResponseError),
        (409, '{"message":"message is not pending"}', GatewayConflictError),
        (400, "", GatewayRejectedError),
        (413, '{"message":"Request Entity Too Large"}', GatewayRejectedError),
        (
            503,
            '{"message":"queue limits exceeded: too many pending messages: 5 / 5"}',
            GatewayBusyError,
        ),
        (503, '{"message":"Service Unavailable"}', GatewayUnavailableError),
        (503, '{"message":"no healthy upstream"}', GatewayUnavailableError),
        (429, '{"message":"queue limits exceeded"}', GatewayUnavailableError),
        (429, '{"message":"Too Many Requests"}', GatewayUnavailableError),
        (408, '{"message":"Request Timeout"}', GatewayUnavailableError),
        (500, '{"message":"queue limits exceeded"}', GatewayServerError),
        (501, '{"message":"Inbox API is not implemented yet"}', GatewayServerError),
    ],
)
async def test_a_refusal_is_one_only_in_the_gateways_words(
    server: Server,
    client: GatewayClient,
    status: int,
    body: str,
    error: type[GatewayError],
) -> None:
    """Whether anything was carried out is known from the gateway alone."""
    server.always(status=status, text=body)
    with pytest.raises(error) as caught:
        await client.devices()
    assert type(caught.value) is error


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 399])
async def test_a_redirect_is_not_followed(
    server: Server, client: GatewayClient, status: int
) -> None:
    """The password goes nowhere but to the address that was entered."""
    server.always(status=status, headers={"Location": "/elsewhere"})
    with pytest.raises(GatewayRedirectError):
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
}
ODD_LISTS = {
    "list of null": b"[null]",
    "list of lists": b"[[]]",
    "empty object": b"[{}]",
    "id is a number": b'[{"id":1}]',
    "a bad one": b'[{"id":null}]',
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


@pytest.mark.parametrize("body", ODD_LISTS.values(), ids=ODD_LISTS)
async def test_a_list_in_which_nothing_can_be_read(
    server: Server, client: GatewayClient, body: bytes
) -> None:
    """No account has phones of which none can be read; other lists may be odd."""
    server.always(body=body, content_type="application/json")
    with pytest.raises(GatewayResponseError):
        await client.devices()
    webhooks = await client.webhooks()
    messages, total = await client.messages(offset=3)
    assert (webhooks, webhooks.skipped) == ((), 1)
    assert (messages, messages.skipped, total) == ((), 1, 4)


RECIPIENT = {"phoneNumber": "+966590042734", "state": "Sent"}
TIME = "2026-06-22T10:00:00Z"
GOOD_ITEMS: dict[str, dict[str, Any]] = {
    "devices": {"id": "a", "name": "Phone", "lastSeen": TIME},
    "webhooks": {"id": "a", "url": "https://example.com", "event": "sms:received"},
    "messages": {
        "id": "a",
        "deviceId": "b",
        "state": "Sent",
        "recipients": [RECIPIENT],
    },
    "inbox": {"id": "a", "type": "SMS", "sender": "+966590042734", "createdAt": TIME},
}
ODD_ITEMS: dict[str, list[Any]] = {
    "devices": [None, "a", {}, {"id": 5}, {"id": "b" * 256}],
    "webhooks": [
        [],
        {"id": "b"},
        {"id": "b", "url": None, "event": "sms:received"},
        {"id": "b", "url": "https://example.com", "event": 5},
        {"id": "b", "url": "https://example.com", "event": "x", "deviceId": 1},
    ],
    "messages": [
        5,
        {"id": "b"},
        {"id": "b", "deviceId": "c", "state": None},
        {"id": "b", "deviceId": "c", "state": "Sent", "recipients": [{}]},
        {"id": "b", "deviceId": "c", "state": "Sent", "textMessage": "hello"},
    ],
    "inbox": [
        True,
        {"id": "b", "type": "SMS", "sender": "c"},
        {"id": "b", "type": "SMS", "sender": None, "createdAt": TIME},
        {"id": "b", "type": "SMS", "sender": "c", "createdAt": "2026-06-22T10:00:00"},
        {"id": "b", "type": "SMS", "sender": "c", "createdAt": TIME, "simNumber": "1"},
    ],
}


@pytest.mark.parametrize(
    ("name", "odd"),
    [(name, odd) for name, items in ODD_ITEMS.items() for odd in items],
)
async def test_one_odd_item_leaves_the_others_alone(
    server: Server, client: GatewayClient, name: str, odd: object
) -> None:
    """It is left out and counted, wherever it stands, and the page is still full."""
    good = GOOD_ITEMS[name]
    server.always(body=orjson.dumps([good, odd, {**good, "id": "z"}]))
    calls: dict[str, Callable[[], Awaitable[Any]]] = {
        "devices": client.devices,
        "webhooks": client.webhooks,
        "messages": lambda: client.messages(offset=10, limit=3),
        "inbox": lambda: client.inbox(offset=10, limit=3),
    }
    found, total = await calls[name](), None
    if name in ("messages", "inbox"):
        found, total = found
    assert [item.id for item in found] == ["a", "z"]
    assert found.skipped == 1
    assert total in (None, 14)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{}", b'{"id":"a","deviceId":"b"}', b"Accepted"]
)
async def test_a_message_of_another_shape_is_refused(
    server: Server, client: GatewayClient, body: bytes
) -> None:
    """Neither a message nor a cancelled one can be read."""
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
    """What is larger than any gateway's answer is not kept in memory."""
    monkeypatch.setattr(response, "MAX_ANSWER_BYTES", 1000)
    server.always(body=b"[" + b" " * 998 + b"]")
    assert await client.devices() == ()
    server.always(body=b"[" + b" " * 999 + b"]")
    with pytest.raises(GatewayResponseError, match="too large"):
        await client.devices()


@pytest.mark.parametrize("status", [408, 429, 500, 503])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("1e9", 3600.0),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 3600.0),
        ("Wed, 99 Oct 2099 07:28:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
    ],
)
async def test_retry_after_is_seconds_or_a_date_and_bounded(
    server: Server,
    client: GatewayClient,
    status: int,
    header: str | None,
    seconds: float | None,
) -> None:
    """Nobody is kept away for longer than an hour."""
    headers = {"Retry-After": header} if header else {}
    server.always(status=status, text='{"message":"full"}', headers=headers)
    with pytest.raises(GatewayServerError) as caught:
        await client.devices()
    assert caught.value.retry_after == seconds


async def test_retry_after_a_date_counts_from_now(
    server: Server, client: GatewayClient
) -> None:
    """The gateway's own refusal has it too."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    server.always(
        status=503,
        text='{"message":"queue limits exceeded: no"}',
        headers={"Retry-After": date},
    )
    with pytest.raises(GatewayBusyError) as caught:
        await client.devices()
    assert caught.value.retry_after == pytest.approx(89.5, abs=1)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("no such phone", "no such phone"),
        ("", ""),
        ("a\n\n  b\tc", "a b c"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 200),
        ("x" * 1_000_000, "x" * 200),
        (" " * 1_000_000 + "x", ""),
    ],
)
async def test_a_refusal_keeps_the_gateways_words_on_one_short_line(
    server: Server, client: GatewayClient, words: str, reason: str
) -> None:
    """Errors show them, so they are bounded."""
    server.always(status=400, body=orjson.dumps({"message": words}))
    with pytest.raises(GatewayRejectedError) as caught:
        await client.devices()
    assert (caught.value.status, caught.value.reason) == (400, reason)


@pytest.mark.parametrize(
    ("header", "limit", "total"),
    [
        ("17", 50, 17),
        ("7", 50, 12),
        ("-1", 50, 12),
        (None, 50, 12),
        (None, 3, 12),
        (None, 2, 13),
        ("many", 2, 13),
        ("", 50, 12),
        ("9" * 5000, 50, 12),
    ],
)
async def test_without_a_total_what_is_known_counts(
    server: Server, client: GatewayClient, header: str | None, limit: int, total: int
) -> None:
    """At least the offset and the page are there, and after a full page maybe more."""
    message = '{"id":"a","deviceId":"b","state":"Odd","recipients":null}'
    headers = {} if header is None else {"X-Total-Count": header}
    server.always(text=f"[{message},{message}]", headers=headers)
    messages, found = await client.messages(offset=10, limit=limit)
    assert (len(messages), messages[0].state, found) == (2, "Odd", total)


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":"other","deviceId":"b","state":"Sent"}',
        b'{"id":"","deviceId":"b","state":"Sent"}',
    ],
)
async def test_an_answer_about_another_message_is_none(
    server: Server, client: GatewayClient, body: bytes
) -> None:
    """It would say that something was sent that was not."""
    server.always(body=body)
    for call in (client.message, client.cancel):
        with pytest.raises(GatewayResponseError, match="another"):
            await call("first")
    with pytest.raises(GatewayResponseError, match="another"):
        await client.send(OutgoingMessage(id="first", phone_numbers=("1",), text="x"))


async def test_ids_ignore_case(server: Server, client: GatewayClient) -> None:
    """A server's database does."""
    server.always(body=b'{"id":"First","deviceId":"b","state":"Sent"}')
    assert (await client.message("fIRST")).id == "First"


async def test_a_page_instead_of_a_file_or_a_promise_is_none(
    server: Server, client: GatewayClient
) -> None:
    """A captive portal answers 200 to everything."""
    server.always(text=PAGE, content_type="text/html")
    with pytest.raises(GatewayResponseError):
        await client.attachment("mms:1", 1, limit=1000)
    now = datetime.now(UTC)
    with pytest.raises(GatewayResponseError):
        await client.refresh_inbox(now, now)


async def test_what_is_not_json_is_not_sent(
    server: Server, client: GatewayClient
) -> None:
    """Half of an emoji cannot be written, and its words stay out of the error."""
    server.always(body=b"{}")
    message = OutgoingMessage(id="first", phone_numbers=("1",), text="secret \ud83d")
    with pytest.raises(GatewayRejectedError) as caught:
        await client.send(message)
    assert "secret" not in f"{caught.value} {caught.value.reason}"
    assert caught.value.__cause__ is None
    assert server.requests == []


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


@pytest.mark.parametrize(
    ("item", "count", "is_read"),
    [
        pytest.param("{}", 70_000, True, id="odd messages"),
        pytest.param("{}", 2_000_000, False, id="too many"),
        pytest.param(
            json.dumps(
                {
                    "id": "text:1",
                    "type": "SMS",
                    "sender": "+966590042734",
                    "contentPreview": "\u0634" * 9_000,
                    "createdAt": "2026-06-22T10:00:00Z",
                },
                ensure_ascii=False,
            ),
            120,
            True,
            id="long texts",
        ),
    ],
)
async def test_a_large_inbox_holds_no_event_loop(
    server: Server, client: GatewayClient, item: str, count: int, is_read: bool
) -> None:
    """It is decoded and read in another thread."""
    body = f"[{','.join([item] * count)}]".encode()
    server.always(body=body, content_type="application/json")

    async def read() -> None:
        if is_read:
            messages, _ = await client.inbox()
            assert len(messages) + messages.skipped == count
        else:
            with pytest.raises(GatewayResponseError, match="too many"):
                await client.inbox()

    assert await longest_turn(read) < LONGEST_TURN
