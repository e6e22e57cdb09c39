"""The virtual gateway as a process of its own."""

import asyncio
from asyncio.subprocess import PIPE, Process
from base64 import b64encode
from collections.abc import Mapping
import os
import sys
from typing import Any, Final, Self

from aiohttp import ClientSession

from .home import ROOT
from .process import COMPILED_ONCE, end
from .until import HarnessError

USERNAME: Final = "user"
PASSWORD: Final = "pass"  # of a gateway that lives for the length of a run
START_SECONDS: Final = 60


def basic_auth(username: str, password: str) -> dict[str, str]:
    """Return the header of a login; aiohttp's own ways to send one are deprecated."""
    credentials = b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


class GatewayProcess:
    """Started in ``async with``, ended after it."""

    url: str

    def __init__(
        self,
        port: int = 0,
        *,
        speed: float,
        phones: int = 1,
        username: str = USERNAME,
        half_set_up: bool = False,
    ) -> None:
        """Choose the port, 0 for a free one; ``speed`` shortens the phones' waits.

        Two user names have two accounts, with phones of their own. Phones that are
        half set up have settings that lose messages.
        """
        self._arguments = [
            *("--username", username, "--password", PASSWORD, "--port", str(port)),
            *("--speed", str(speed), "--phones", str(phones)),
            *(["--half-set-up"] if half_set_up else []),
        ]
        self._process: Process | None = None
        self._session = ClientSession(headers=basic_auth(username, PASSWORD))

    async def __aenter__(self) -> Self:
        """Start the process and read from it where it listens."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "virtual_gateway", *self._arguments),
            cwd=ROOT,
            env={**os.environ, **COMPILED_ONCE},
            stdout=PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            said = (await self._process.stdout.readline()).decode().split()
        if not said:
            await self.__aexit__()
            raise HarnessError("the virtual gateway did not start")
        self.url = said[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the process."""
        await self._session.close()
        await end(self._process)

    async def control(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Ask what only a virtual gateway has."""
        return await self._ask(method, f"/control/{path}", body)

    async def api(self, method: str, path: str) -> Any:
        """Ask the gateway's own API."""
        return await self._ask(method, f"/api/3rdparty/v1/{path}", None)

    async def phone(self, method: str, path: str) -> Any:
        """Ask the first phone's own API."""
        return await self._ask(method, f"/{path}", None)

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        async with self._session.request(method, self.url + path, json=body) as answer:
            if answer.status >= 400:
                raise HarnessError(f"HTTP {answer.status}: {await answer.text()}")
            return await answer.json(content_type=None)

    async def outbox(self) -> list[dict[str, Any]]:
        """Return all messages that left a phone, the oldest first."""
        found: dict[str, list[dict[str, Any]]] = await self.control("GET", "outbox")
        return found["messages"]
