"""Watching the event bus of a real Home Assistant, as the frontend does."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Self

from aiohttp import ClientSession, ClientWebSocketResponse

from .home import Home, HomeError

type BusEvent = Mapping[str, Any]


class Listener:
    """Collects all events of some types, in the order they were fired."""

    def __init__(self, home: Home, *event_types: str) -> None:
        """Name what to listen to."""
        self.events: list[BusEvent] = []
        self._home = home
        self._types = event_types
        self._arrived = asyncio.Condition()
        self._session = ClientSession()
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Log in and subscribe."""
        socket = await self._session.ws_connect(
            f"{self._home.url}/api/websocket", max_msg_size=0
        )
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": self._home.token})
        if (await socket.receive_json())["type"] != "auth_ok":
            raise HomeError("the websocket refused the token")
        for number, event_type in enumerate(self._types, start=1):
            await socket.send_json(
                {"id": number, "type": "subscribe_events", "event_type": event_type}
            )
            if not (await socket.receive_json())["success"]:
                raise HomeError(f"no subscription to {event_type}")
        self._reader = asyncio.create_task(self._read(socket))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        if self._reader:
            self._reader.cancel()
        await self._session.close()

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        async for item in socket:
            message = item.json()
            if message.get("type") == "event":
                async with self._arrived:
                    self.events.append(message["event"])
                    self._arrived.notify_all()

    async def wait_for(
        self, matches: Callable[[BusEvent], bool], what: str, seconds: float = 30
    ) -> BusEvent:
        """Return the first event that matches, whether it came or is to come."""

        def found() -> BusEvent | None:
            return next(filter(matches, self.events), None)

        try:
            async with asyncio.timeout(seconds), self._arrived:
                await self._arrived.wait_for(found)
        except TimeoutError:
            raise HomeError(f"not seen within {seconds:.0f} s: {what}") from None
        event = found()
        if event is None:
            raise HomeError(f"not seen: {what}")
        return event
