"""A WebSocket connection to Home Assistant, as the frontend has one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from demo.home import Home, HomeError


class Line:
    """Runs actions one after the other, without a login for each."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        """Take a connection that is logged in."""
        self._socket = socket
        self._ids = count(1)

    async def action(self, domain: str, name: str, data: Mapping[str, Any]) -> None:
        """Run an action and wait for its end."""
        await self._socket.send_json(
            {
                "id": next(self._ids),
                "type": "call_service",
                "domain": domain,
                "service": name,
                "service_data": data,
            }
        )
        answer = await self._socket.receive_json()
        if not answer["success"]:
            raise HomeError(f"{domain}.{name} failed: {answer['error']}")


@asynccontextmanager
async def line(home: Home) -> AsyncIterator[Line]:
    """Connect and log in."""
    async with (
        ClientSession() as session,
        session.ws_connect(f"{home.url}/api/websocket") as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": home.token})
        if (await socket.receive_json())["type"] != "auth_ok":
            raise HomeError("the WebSocket refused the login")
        yield Line(socket)
