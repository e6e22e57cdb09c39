"""The listening side: one port, all APIs, records and faults before them."""

import asyncio
import contextlib
import json
import socket
import struct
import time
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Middleware

from .answers import answer, empty, plain
from .control.api import ControlApi
from .faults import strikes
from .phone import api_inbox, api_messages as phone_messages, api_rest as phone_rest
from .records import RecordedRequest
from .server import api_messages as server_messages, api_rest as server_rest
from .server.api import Server

if TYPE_CHECKING:
    from .gateway import VirtualGateway
    from .server.api import Handler

BODY_LIMIT = 4 * 1024 * 1024
CONTROL = "/control"
BASES = {"cloud": "/3rdparty/v1", "private": "/api/3rdparty/v1"}


class WebServer:
    """Listens for the gateway."""

    def __init__(self, gateway: VirtualGateway) -> None:
        self._gateway = gateway
        self._runner: web.AppRunner | None = None
        self._stopped = asyncio.Event()
        self.host = "127.0.0.1"
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen."""
        self._stopped = asyncio.Event()
        app = web.Application(
            client_max_size=BODY_LIMIT, middlewares=[self._middleware()]
        )
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        self.host = host
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening; the port stays known."""
        self._stopped.set()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _routes(self) -> list[web.RouteDef]:
        """Return the routes of all parts that are on."""
        gateway = self._gateway
        routes = ControlApi(gateway).routes(CONTROL)
        sides = [
            side(gateway)
            for side in (
                server_rest.HealthApi,
                server_messages.MessagesApi,
                server_rest.DevicesApi,
                server_rest.WebhooksApi,
                server_rest.InboxApi,
                server_rest.SettingsApi,
                server_rest.AuthApi,
            )
        ]
        server = Server(gateway, sides)
        routes += [
            server.route(base) for part, base in BASES.items() if part in gateway.paths
        ]
        if "phone" not in gateway.paths:
            routes.append(Server(gateway, sides[:1]).route("", "/health"))
        else:
            for own in (
                phone_rest.DeviceApi,
                phone_messages.MessagesApi,
                api_inbox.InboxApi,
                phone_rest.WebhooksApi,
                phone_rest.AuthApi,
            ):
                routes += own(gateway).routes()
        return routes

    def _middleware(self) -> Middleware:
        """Return what stands before every request."""

        @web.middleware
        async def run(request: web.Request, handler: Handler) -> web.StreamResponse:
            """Record the request and let faults strike."""
            if request.path.startswith(CONTROL):
                return await handler(request)
            return await self._serve(request, handler)

        return run

    async def _serve(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Serve one recorded request."""
        faults, path = self._gateway.faults, request.path
        started = time.time()
        if strikes(faults, "reset", path):
            return await self._cut(request, started, hard=True)
        if strikes(faults, "delay", path):
            # The client may be gone then
            await request.read()
            await self._pause(faults["delay"].value or 1.0)
        if strikes(faults, "status", path):
            status = int(faults["status"].value or 500)
            response: web.StreamResponse = answer({"message": "fault"}, status)
        else:
            response = await self._handle(request, handler)
        if strikes(faults, "drop_response", path):
            return await self._cut(request, started, hard=False)
        await self._record(request, response.status, started)
        return response

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than the gateway runs."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopped.wait()

    async def _handle(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Run the handler; paths that do not exist answer as their side would."""
        try:
            return await handler(request)
        except web.HTTPNotFound, web.HTTPMethodNotAllowed:
            return self._unknown()
        except web.HTTPRequestEntityTooLarge:
            return answer({"message": "Request Entity Too Large"}, 413)

    def _unknown(self) -> web.Response:
        """Answer for a path or method that does not exist."""
        return empty(404) if "phone" in self._gateway.paths else plain("Not Found", 404)

    async def _cut(
        self, request: web.Request, started: float, *, hard: bool
    ) -> web.StreamResponse:
        """End the connection without an answer, by a reset when it is hard."""
        await self._record(request, None, started)
        transport = request.transport
        if transport is not None:
            if hard and (sock := transport.get_extra_info("socket")) is not None:
                linger = struct.pack("ii", 1, 0)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
        return empty(500)

    async def _record(
        self, request: web.Request, status: int | None, started: float
    ) -> None:
        """Remember a request with its body."""
        self._gateway.requests.note(
            RecordedRequest(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                status=status,
                body=await _body(request),
                at=started,
                headers=dict(request.headers),
            )
        )


async def _body(request: web.Request) -> object:
    """Return a request's body: JSON as it is, else text, else nothing."""
    raw = b""
    with contextlib.suppress(web.HTTPException, ConnectionError):
        raw = await request.read()
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")
