"""A gateway, and a Home Assistant to be killed, with the integration set up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
import json
from pathlib import Path
import signal
import sys
from typing import Final, Literal

from harness import log
from harness.dialogs import NO_LIMITS, add_account, set_options
from harness.home import Home
from harness.until import HarnessError, until
from virtual_gateway import VirtualGateway, VirtualPhone
from virtual_gateway.records import Journal

from . import chaos_record
from .chaos_record import DOMAIN, KILL_ORDER, RECORD

type Way = Literal["webhook", "poll"]

SIGNING_KEY: Final = "chaos-signing-key"
LOOK_SECONDS: Final = 0.003
PATIENCE: Final = 120.0
PACKAGE: Final = """
chaos_record:
automation:
  - id: chaos_event
    alias: Chaos by event
    mode: parallel
    max: 1000
    triggers:
      - trigger: event
        event_type: sms_gate_sms_received
    actions:
      - action: chaos_record.write
        data:
          by: event
          text: "{{ trigger.event.data.message }}"
  - id: chaos_trigger
    alias: Chaos by trigger
    mode: parallel
    max: 1000
    triggers:
      - trigger: sms_gate.message_received
    actions:
      - action: chaos_record.write
        data:
          by: trigger
          text: "{{ trigger.message }}"
"""


@dataclass
class World:
    """One run's gateway and Home Assistant."""

    gateway: VirtualGateway
    home: Home
    way: Way
    entry_id: str = ""
    webhook_url: str = ""

    @property
    def phone(self) -> VirtualPhone:
        """The phone that receives."""
        return self.gateway.phones[0]

    @property
    def record(self) -> Path:
        """The automation's own record."""
        return self.home.folder / RECORD

    def lines(self) -> int:
        """Return how many lines the record has."""
        return self.record.read_bytes().count(b"\n") if self.record.exists() else 0

    def size(self) -> int:
        """Return the record's size, which is cheaper to look at."""
        return self.record.stat().st_size if self.record.exists() else 0

    def order_kill(self, line: int) -> None:
        """Have a process killed at a line of its own record; 0 for never."""
        (self.home.folder / KILL_ORDER).write_text(str(line), encoding="ascii")

    async def kill(self) -> bool:
        """Kill the process; return True if it was killed by order before."""
        code = self.home.exit_status
        if code not in {None, -signal.SIGKILL}:
            raise HarnessError(f"Home Assistant ended by itself: {code}")
        await self.home.kill()
        return code is not None

    def complaints(self) -> list[str]:
        """Return the integration's warnings and errors in the log of all processes."""
        return log.complaints(self.home.console())

    def leaks(self, *secrets: str) -> list[str]:
        """Return those of the secrets that somebody wrote into the log."""
        return log.leaks(self.home.console(), secrets)

    async def set_up(self) -> None:
        """Go through the dialogs, as a person would, until it is all on the disk."""
        name = {"username": self.gateway.username, "password": self.gateway.password}
        if self.way == "poll":
            address = {"host": "127.0.0.1", "port": self.gateway.port}
            self.entry_id = await add_account(self.home, "local", {**address, **name})
        else:
            server = {"url": self.gateway.url, "verify_ssl": True}
            self.entry_id = await add_account(self.home, "private", {**server, **name})
        self.webhook_url = await until(
            self._address, "the webhooks are registered", PATIENCE
        )
        options = {"receive_mode": self.way, "signing_key": SIGNING_KEY}
        await set_options(self.home, self.entry_id, {**options, **NO_LIMITS})
        await until(self._is_set_up, "receiving is set up and stored", PATIENCE)

    def _address(self) -> str:
        """Return where the phone posts messages to; nothing while it does not."""
        hooks = [*self.gateway.account_webhooks.values(), *self.phone.webhooks.values()]
        found = (hook["url"] for hook in hooks if hook["event"] == "sms:received")
        return str(next(found, ""))

    def _is_set_up(self) -> bool:
        """Return True if the options are in force and would survive a kill."""
        storage = self.home.folder / ".storage"
        with suppress(FileNotFoundError, json.JSONDecodeError):
            kept = json.loads((storage / "core.config_entries").read_text())
            ours = [
                entry["options"].get("receive_mode")
                for entry in kept["data"]["entries"]
                if entry["entry_id"] == self.entry_id
            ]
            is_kept = (storage / f"sms_gate.{self.entry_id}.receiving").exists()
            posts = bool(self._address())
            return ours == [self.way] and is_kept and posts == (self.way == "webhook")
        return False

    def receive(self, sender: str, text: str, at: float, *, doubled: bool) -> None:
        """Let the phone receive an SMS; ``doubled`` for telling of it twice.

        Where Home Assistant polls, the second way is a webhook that somebody else
        registered for the same address, just for this message.
        """
        if not (doubled and self.way == "poll"):
            self.phone.receive(sender, text, at=at)
            return
        self.phone.webhooks["left over"] = {
            "id": "left over",
            "url": self.webhook_url,
            "event": "sms:received",
        }
        self.phone.receive(sender, text, at=at)
        del self.phone.webhooks["left over"]


@asynccontextmanager
async def world(
    folder: Path, way: Way, *, speed: float, app: str | None
) -> AsyncIterator[World]:
    """Start both and set the integration up."""
    gateway = VirtualGateway(speed=speed, signing_key=SIGNING_KEY)
    gateway.deliveries = Journal(bound=sys.maxsize)
    if app:
        gateway.phones[0].app_version = app
    async with gateway, Home(folder, packages={"chaos.yaml": PACKAGE}) as home:
        home.install(Path(chaos_record.__file__), DOMAIN)
        await home.start_new()
        made = World(gateway, home, way)
        await made.set_up()
        yield made
