"""The virtual gateway as a process of its own."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
import os
import signal
import sys
from typing import Any, Self

from aiohttp import ClientSession

from .home import ROOT, HomeError

USERNAME = "user"
PASSWORD = "pass"  # of a gateway that lives for the length of a demo
START_SECONDS = 30


class GatewayProcess:
    """Started in ``async with``, ended after it."""

    def __init__(self, port: int, *, speed: float) -> None:
        """Choose the port; ``speed`` shortens the phone's waits."""
        self.url = f"http://127.0.0.1:{port}"
        self._arguments = ("--port", str(port), "--speed", str(speed))
        self._process: asyncio.subprocess.Process | None = None
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Start the process and wait until it answers."""
        self._session = ClientSession()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "virtual_gateway",
            *("--username", USERNAME, "--password", PASSWORD),
            *self._arguments,
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        async with asyncio.timeout(START_SECONDS):
            while not await self._is_up():
                await asyncio.sleep(0.1)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the process."""
        if self._session:
            await self._session.close()
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await self._process.wait()

    async def _is_up(self) -> bool:
        if self._process is None or self._process.returncode is not None:
            raise HomeError("the virtual gateway ended")
        try:
            await self.control("GET", "state")
        except OSError:
            return False
        return True

    async def control(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Ask what only a virtual gateway has."""
        return await self._ask(method, f"/control/{path}", body)

    async def api(self, method: str, path: str) -> Any:
        """Ask the gateway's own API."""
        return await self._ask(method, f"/api/3rdparty/v1/{path}", None)

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        if self._session is None:
            raise HomeError("use 'async with'")
        async with self._session.request(
            method,
            self.url + path,
            json=body,
            headers={"Authorization": _basic(USERNAME, PASSWORD)},
        ) as answer:
            if answer.status >= 400:
                raise HomeError(f"HTTP {answer.status}: {await answer.text()}")
            return await answer.json(content_type=None)


def _basic(username: str, password: str) -> str:
    """Return the header of basic authentication."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()
