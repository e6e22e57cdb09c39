"""A WebSocket connection to Home Assistant, as the frontend has one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from .home import Home
from .until import PATIENCE_SECONDS, HarnessError, until

type BusEvent = Mapping[str, Any]


class CommandError(HarnessError):
    """A command was answered with an error, of which ``key`` is the most exact name."""

    def __init__(self, kind: str, error: Mapping[str, Any]) -> None:
        """Keep the key of its text, or its code."""
        super().__init__(f"{kind} failed: {error}")
        self.key = str(error.get("translation_key") or error["code"])


class Connection:
    """Sends commands, and collects the events of some types in order."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        """Use a socket that is logged in."""
        self.events: list[BusEvent] = []
        self._socket = socket
        self._ids = count(1)
        self._answers: dict[int, asyncio.Future[Mapping[str, Any]]] = {}

    async def ask(self, kind: str, **fields: object) -> Any:
        """Send a command and return its result."""
        number = next(self._ids)
        waiting = asyncio.get_running_loop().create_future()
        self._answers[number] = waiting
        await self._socket.send_json({"id": number, "type": kind, **fields})
        answer = await waiting
        if not answer["success"]:
            raise CommandError(kind, answer["error"])
        return answer["result"]

    async def action(self, domain: str, name: str, data: Mapping[str, Any]) -> None:
        """Run an action and wait for its end."""
        await self.ask("call_service", domain=domain, service=name, service_data=data)

    async def read(self) -> None:
        """Read until the connection is closed."""
        async for item in self._socket:
            message = item.json()
            if message["type"] == "event":
                self.events.append(message["event"])
            elif waiting := self._answers.pop(message["id"], None):
                waiting.set_result(message)
        for waiting in self._answers.values():
            waiting.set_exception(HarnessError("the WebSocket was closed"))

    async def wait_for(
        self,
        matches: Callable[[BusEvent], bool],
        what: str,
        seconds: float = PATIENCE_SECONDS,
    ) -> BusEvent:
        """Return the first event that matches, whether it came or is to come."""
        return await until(
            lambda: next(filter(matches, self.events), None), what, seconds
        )


@asynccontextmanager
async def connect(home: Home, *event_types: str) -> AsyncIterator[Connection]:
    """Log in, and listen to the types of events."""
    url = f"{home.url}/api/websocket"
    async with (
        ClientSession() as session,
        session.ws_connect(url, max_msg_size=0) as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": home.token})
        if (await socket.receive_json())["type"] != "auth_ok":
            raise HarnessError("the WebSocket refused the token")
        connection = Connection(socket)
        reader = asyncio.create_task(connection.read())
        try:
            for event_type in event_types:
                await connection.ask("subscribe_events", event_type=event_type)
            yield connection
        finally:
            reader.cancel()


async def ask(home: Home, kind: str, **fields: object) -> Any:
    """Send one command over a connection of its own."""
    async with connect(home) as connection:
        return await connection.ask(kind, **fields)
