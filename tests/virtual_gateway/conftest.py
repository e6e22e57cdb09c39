"""A running gateway, a client that may log in, and a receiver of webhooks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
import hashlib
import hmac
import json
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from virtual_gateway import VirtualGateway

SERVER = "/3rdparty/v1"
NUMBER = "+966590042734"
type Asker = Callable[..., Awaitable["Reply"]]


@dataclass
class Reply:
    """An answer that was read to its end."""

    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        """Return the JSON of the answer."""
        return json.loads(self.text)

    @property
    def message(self) -> str:
        """Return the message of a refusal, which must be its only field."""
        body = self.json
        assert set(body) == {"message"}
        return str(body["message"])


@dataclass
class Receiver:
    """A web server that takes webhooks; `answers` are used up first, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Record one posting and answer."""
        body = await request.read()
        self.requests.append((body, dict(request.headers)))
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.events.append(json.loads(body))
        return web.Response(status=status)

    def named(self, event: str) -> list[dict[str, Any]]:
        """Return the payloads of an event in the order they came."""
        return [item["payload"] for item in self.events if item["event"] == event]


def signed(body: bytes, headers: dict[str, str], key: str) -> bool:
    """Return True if a posting is signed with a key."""
    content = body + headers["X-Timestamp"].encode()
    digest = hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
    return hmac.compare_digest(digest, headers["X-Signature"])


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Return a running receiver."""
    taken = Receiver()
    app = web.Application()
    app.router.add_post("/hook", taken.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taken.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield taken
    await runner.cleanup()


@pytest.fixture
async def gateway() -> AsyncIterator[VirtualGateway]:
    """Return a running gateway that is much faster than a real one."""
    async with VirtualGateway(speed=100_000) as running:
        yield running


@pytest.fixture
async def ask(gateway: VirtualGateway) -> AsyncIterator[Asker]:
    """Return a function that asks the gateway with the right login."""
    login = {"Authorization": aiohttp.encode_basic_auth("user", "pass")}
    async with aiohttp.ClientSession() as session:

        async def asked(
            method: str, path: str, body: object = None, **kwargs: Any
        ) -> Reply:
            """Ask and read the answer to its end."""
            headers = login | kwargs.pop("headers", {})
            if body is not None:
                kwargs["json"] = body
            async with session.request(
                method, gateway.url + path, headers=headers, **kwargs
            ) as response:
                return Reply(response.status, response.headers, await response.text())

        yield asked


@pytest.fixture
def text_message() -> dict[str, Any]:
    """Return a message that both sides take."""
    return {"textMessage": {"text": "hello"}, "phoneNumbers": [NUMBER]}
