"""A real Home Assistant process in a folder of its own, and its REST API."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Mapping
from importlib.util import find_spec
import json
import os
from pathlib import Path
from secrets import token_hex
import shutil
import sys
from typing import Any, Final, Self

from aiohttp import ClientSession

from .process import COMPILED_ONCE, end, free_port, has_network, kill
from .until import HarnessError, until

ROOT: Final = Path(__file__).parent.parent
CONFIG: Final = Path(__file__).parent / "config"
USERNAME: Final = "demo"
PASSWORD: Final = "demo-password"
START_SECONDS: Final = 300
# Assist's voice, which has no wheels: without it Home Assistant cannot list its actions
_VOICE: Final = ("pymicro_vad", "pyspeex_noise")
_STAND_IN: Final = "def __getattr__(name): return object\n"
_CONSOLE: Final = "console.log"
_PORT_TAKEN: Final = "Failed to create HTTP server"


class Home:
    """One Home Assistant: its folder, its process, and a logged-in session."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        packages: Mapping[str, str] | None = None,
        overlay: Path | None = None,
        records: bool = True,
        checkout: Path = ROOT,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Name the folder; files of ``overlay`` and ``packages`` are added to it.

        Without ``records`` there is neither recorder nor history nor activity. The
        integration is that of a checkout. ``environment`` is added to the process's.
        """
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._packages = dict(packages or {})
        self._overlay = overlay
        self._records = records
        self._checkout = checkout
        self._environment = dict(environment or {})
        # Only the process started here serves this file
        self._mark = token_hex()
        self._process: Process | None = None
        self._session = ClientSession()
        self._token = ""

    async def __aenter__(self) -> Self:
        """Make the folder; the process is started by ``start``."""
        await asyncio.to_thread(self._prepare)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the process and the session."""
        await self.stop()
        await self._session.close()

    def _prepare(self) -> None:
        """Write what Home Assistant reads at its first start."""
        folder = self.folder
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(CONFIG, folder)
        if self._overlay:
            shutil.copytree(self._overlay, folder, dirs_exist_ok=True)
        for name in ("packages", "media", "www", "custom_components", ".storage"):
            (folder / name).mkdir(exist_ok=True)
        if not self._records:
            (folder / "packages" / "recorder.yaml").unlink()
        for name, text in self._packages.items():
            (folder / "packages" / name).write_text(text, encoding="utf-8")
        self.replace_setting("PORT", str(self.port))
        self.replace_setting("FOLDER", str(folder))
        (folder / "www" / self._mark).touch()
        (folder / "stand_ins").mkdir(exist_ok=True)
        for name in _VOICE:
            if find_spec(name) is None:
                path = folder / "stand_ins" / f"{name}.py"
                path.write_text(_STAND_IN, encoding="utf-8")
        ours = self._checkout / "custom_components" / "sms_gate"
        (folder / "custom_components" / "sms_gate").symlink_to(ours)
        self._store("http", _http(self.port))
        # The one step of onboarding that would fetch other integrations
        done = {"version": 4, "key": "onboarding", "data": {"done": ["core_config"]}}
        self._store("onboarding", done)

    def _store(self, key: str, content: Mapping[str, Any]) -> None:
        path = self.folder / ".storage" / key
        path.write_text(json.dumps(content), encoding="utf-8")

    def replace_setting(self, old: str, new: str) -> None:
        """Change a text of configuration.yaml."""
        path = self.folder / "configuration.yaml"
        text = path.read_text(encoding="utf-8").replace(old, new)
        path.write_text(text, encoding="utf-8")

    def install(self, module: Path, domain: str, **manifest: object) -> None:
        """Add a module as a custom integration.

        Its manifest is made here: the checks of HACS want one manifest in a repository.
        """
        custom = self.folder / "custom_components"
        (custom / domain).mkdir()
        (custom / domain / "__init__.py").symlink_to(module)
        content = {**_MANIFEST, "domain": domain, "name": domain, **manifest}
        (custom / domain / "manifest.json").write_text(json.dumps(content))
        # Without it, Python looks in the working directory's folder of that name only
        (custom / "__init__.py").touch()

    async def start(self) -> None:
        """Start the process and wait until it answers."""
        if not has_network():
            raise HarnessError(
                "Home Assistant needs a network adapter that is up; here is none"
            )
        command = (
            *(sys.executable, "-m", "homeassistant", "--config", str(self.folder)),
            *("--skip-pip-packages", ",".join(_VOICE).replace("_", "-")),
        )
        with (self.folder / _CONSOLE).open("ab") as console:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdout=console,
                stderr=console,
                env={
                    **os.environ,
                    **COMPILED_ONCE,
                    "PYTHONPATH": str(self.folder / "stand_ins"),
                    **_tool_paths(),
                    **self._environment,
                },
                start_new_session=True,
            )
        await until(self._is_up, "an answer of Home Assistant", START_SECONDS)

    async def _is_up(self) -> bool:
        """Return True if the process that was started here serves its pages."""
        if not self.is_alive:
            raise HarnessError(f"Home Assistant ended:\n{self.last_words()}")
        if _PORT_TAKEN in self.console():
            raise HarnessError(f"Port {self.port} was taken by somebody else")
        try:
            async with self._session.get(f"{self.url}/local/{self._mark}") as answer:
                return answer.status == 200
        except OSError:
            return False

    async def start_new(self) -> None:
        """Start for the first time: create the user, and wait until all is set up."""
        await self.start()
        await self._onboard()
        await self.wait_until_running()

    async def wait_until_running(self) -> None:
        """Wait until everything is set up."""

        async def is_running() -> bool:
            return bool((await self.get("/api/config"))["state"] == "RUNNING")

        await until(is_running, "the end of the start", START_SECONDS, pause=0.1)

    async def stop(self) -> None:
        """Ask the process to end, and make it end."""
        process, self._process = self._process, None
        await end(process)

    async def kill(self) -> None:
        """End the process at once, as a power cut would."""
        process, self._process = self._process, None
        await kill(process)

    @property
    def is_alive(self) -> bool:
        """Return True while the process runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_status(self) -> int | None:
        """How the process ended; None while it runs, or was ended from here."""
        return self._process.returncode if self._process else None

    @property
    def pid(self) -> int:
        """The process's id."""
        if self._process is None:
            raise HarnessError("Home Assistant is not running")
        return self._process.pid

    async def _onboard(self) -> None:
        """Create the user and log in."""
        client_id = f"{self.url}/"
        user = {"client_id": client_id, "name": "Demo", "language": "en"}
        login = {"username": USERNAME, "password": PASSWORD}
        answer = await self.post("/api/onboarding/users", {**user, **login})
        await self._log_in(answer["auth_code"])
        await self.post("/api/onboarding/analytics", {})
        back = {"client_id": client_id, "redirect_uri": client_id}
        await self.post("/api/onboarding/integration", back)

    async def _log_in(self, code: str) -> None:
        """Exchange a code for a token."""
        form = {"grant_type": "authorization_code", "code": code}
        form["client_id"] = f"{self.url}/"
        async with self._session.post(f"{self.url}/auth/token", data=form) as answer:
            found = await _read(answer.status, await answer.text())
        self._token = found["access_token"]

    @property
    def token(self) -> str:
        """An access token of the user, good for half an hour unless it was replaced."""
        return self._token

    def use_token(self, token: str) -> None:
        """Log in with another token from now on."""
        self._token = token

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
        async with self._session.request(
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

    async def states(self, domain: str) -> dict[str, dict[str, Any]]:
        """Return the states of a domain by entity id."""
        found = await self.get("/api/states")
        return {
            item["entity_id"]: item
            for item in found
            if item["entity_id"].startswith(f"{domain}.")
        }

    def console(self) -> str:
        """Return what all processes of this folder logged."""
        path = self.folder / _CONSOLE
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def last_words(self, lines: int = 20) -> str:
        """Return the end of the log."""
        return "\n".join(self.console().splitlines()[-lines:])


_MANIFEST: Final = {
    "codeowners": [],
    "documentation": "https://github.com/sms-gate-home-assistant/sms_gate",
    "integration_type": "service",
    "iot_class": "calculated",
    "requirements": [],
    "version": "1.0.0",
}


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
        raise HarnessError(f"HTTP {status}: {text[:500]}")
    return json.loads(text) if text else None


def _tool_paths() -> dict[str, str]:
    """Let Home Assistant find the programs of its own environment."""
    return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
