"""A real Home Assistant process in a folder of its own, and its REST API."""

import asyncio
from collections.abc import Mapping
import json
import os
from pathlib import Path
import shutil
import signal
import socket
import sys
from typing import Any, Final, Self

from aiohttp import ClientSession

ROOT: Final = Path(__file__).parent.parent
CONFIG: Final = Path(__file__).parent / "config"
USERNAME: Final = "demo"
PASSWORD: Final = "demo-password"
START_SECONDS: Final = 300
STOP_SECONDS: Final = 30


class HomeError(Exception):
    """Home Assistant did not do what was asked."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Home:
    """One Home Assistant: its folder, its process, and a logged-in session."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        packages: Mapping[str, str] | None = None,
        python: Path | None = None,
    ) -> None:
        """Name the folder; ``packages`` adds YAML to the demo's own by file name."""
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._packages = dict(packages or {})
        self._python = python or Path(sys.executable)
        self._process: asyncio.subprocess.Process | None = None
        self._session: ClientSession | None = None
        self._token = ""

    async def __aenter__(self) -> Self:
        """Open the session; the process is started by ``start``."""
        self._session = ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the process and the session."""
        await self.stop()
        if self._session:
            await self._session.close()

    def prepare(self) -> None:
        """Make the folder anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(CONFIG, self.folder)
        (self.folder / "packages").mkdir(exist_ok=True)
        for name, text in self._packages.items():
            (self.folder / "packages" / name).write_text(text, encoding="utf-8")
        main = self.folder / "configuration.yaml"
        main.write_text(
            main.read_text(encoding="utf-8").replace("PORT", str(self.port)),
            encoding="utf-8",
        )
        (self.folder / "custom_components").mkdir()
        (self.folder / "custom_components" / "sms_gate").symlink_to(
            ROOT / "custom_components" / "sms_gate"
        )
        storage = self.folder / ".storage"
        storage.mkdir()
        (storage / "http").write_text(json.dumps(_http(self.port)), encoding="utf-8")
        # The one step of onboarding that would fetch other integrations
        (storage / "onboarding").write_text(
            json.dumps(
                {"version": 4, "key": "onboarding", "data": {"done": ["core_config"]}}
            ),
            encoding="utf-8",
        )

    async def start(self) -> None:
        """Start the process and wait until it answers."""
        log = (self.folder / "console.log").open("ab")
        with log:
            self._process = await asyncio.create_subprocess_exec(
                self._python,
                "-m",
                "homeassistant",
                "--config",
                str(self.folder),
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **_tool_paths()},
                start_new_session=True,
            )
        await self._wait_until_up()

    async def _wait_until_up(self) -> None:
        """Ask until the frontend's manifest is there and start-up is over."""
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if self._process is None or self._process.returncode is not None:
                raise HomeError(f"Home Assistant ended, see {self.folder}/console.log")
            try:
                async with self._web.get(f"{self.url}/manifest.json") as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            await asyncio.sleep(0.2)
        raise HomeError(f"Home Assistant did not answer within {START_SECONDS} s")

    async def wait_until_running(self) -> None:
        """Wait until everything is set up."""
        while (await self.get("/api/config"))["state"] != "RUNNING":
            await asyncio.sleep(0.2)

    async def stop(self) -> None:
        """Ask the process to end, and make it end."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def kill(self) -> None:
        """End the process at once, as a power cut would."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    @property
    def pid(self) -> int:
        """The process's id."""
        if self._process is None:
            raise HomeError("Home Assistant is not running")
        return self._process.pid

    @property
    def _web(self) -> ClientSession:
        if self._session is None:
            raise HomeError("use 'async with'")
        return self._session

    async def onboard(self) -> None:
        """Create the demo's user and log in."""
        client_id = f"{self.url}/"
        answer = await self.post(
            "/api/onboarding/users",
            {
                "client_id": client_id,
                "name": "Demo",
                "username": USERNAME,
                "password": PASSWORD,
                "language": "en",
            },
        )
        await self._log_in(answer["auth_code"])
        await self.post("/api/onboarding/analytics", {})
        await self.post(
            "/api/onboarding/integration",
            {"client_id": client_id, "redirect_uri": client_id},
        )

    async def _log_in(self, code: str) -> None:
        """Exchange a code for a token."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": f"{self.url}/",
        }
        async with self._web.post(f"{self.url}/auth/token", data=form) as answer:
            self._token = (await _read(answer.status, await answer.text()))[
                "access_token"
            ]

    @property
    def token(self) -> str:
        """An access token of the demo's user, good for half an hour."""
        return self._token

    async def get(self, path: str) -> Any:
        """Ask the REST API."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Post to the REST API."""
        return await self._ask("POST", path, body)

    async def delete(self, path: str) -> Any:
        """Delete through the REST API."""
        return await self._ask("DELETE", path, None)

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._web.request(
            method, self.url + path, json=body, headers=headers
        ) as answer:
            return await _read(answer.status, await answer.text())

    async def action(
        self, domain: str, name: str, data: Mapping[str, Any], *, answer: bool = False
    ) -> Any:
        """Run an action; ``answer`` asks for its response."""
        query = "?return_response" if answer else ""
        result = await self.post(f"/api/services/{domain}/{name}{query}", data)
        return result["service_response"] if answer else result

    def log(self) -> str:
        """Return what Home Assistant logged."""
        return (self.folder / "home-assistant.log").read_text(encoding="utf-8")


def _http(port: int) -> dict[str, Any]:
    """Return the web server's settings as confirmed.

    Home Assistant takes ``http:`` in YAML for a trial, asks for a confirmation, and
    restarts without it after five minutes.
    """
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    return {"version": 2, "minor_version": 2, "key": "http", "data": data}


async def _read(status: int, text: str) -> Any:
    """Return the answer's JSON, or raise what was refused."""
    if status >= 400:
        raise HomeError(f"HTTP {status}: {text[:500]}")
    return json.loads(text) if text else None


def _tool_paths() -> dict[str, str]:
    """Let Home Assistant find the compiler's headers that scripts/setup prepared."""
    return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
