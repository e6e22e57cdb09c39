"""A gateway, and a Home Assistant to be killed, with the integration set up."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
import json
from pathlib import Path
from random import Random
import signal
import sys
import time
from typing import Any, Final, Literal

from harness import log
from harness.dialogs import NO_LIMITS, add_account, set_options
from harness.home import Home
from harness.until import HarnessError, until
from harness.websocket import ask
from virtual_gateway import VirtualGateway, VirtualPhone
from virtual_gateway.records import Journal

from . import chaos_record
from .chaos_record import DOMAIN, KILL_ORDER, RECORD
from .clock import Clock

type Way = Literal["webhook", "poll"]

SIGNING_KEY: Final = "chaos-signing-key"
LOOK_SECONDS: Final = 0.003
PATIENCE: Final = 120.0
AHEAD_MS: Final = 30_000
# More than the clock jumps
KEEP_DAYS: Final = 30
ALTERNATE_SECONDS: Final = 0.1
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
  - id: chaos_event_mms
    alias: Chaos by event, MMS
    mode: parallel
    max: 1000
    triggers:
      - trigger: event
        event_type: sms_gate_mms_downloaded
    actions:
      - action: chaos_record.write
        data:
          by: event
          text: "{{ trigger.event.data.body }}"
  - id: chaos_trigger_mms
    alias: Chaos by trigger, MMS
    mode: parallel
    max: 1000
    triggers:
      - trigger: sms_gate.mms_downloaded
    actions:
      - action: chaos_record.write
        data:
          by: trigger
          text: "{{ trigger.body }}"
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
    clock: Clock
    entry_id: str = ""
    webhook_url: str = ""
    host: str = "127.0.0.1"
    mms: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    # What the phone's app missed, and when
    missed: list[str] = field(default_factory=list)
    missed_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    # When each process was killed, by the monotonic clock
    deaths: dict[int, float] = field(default_factory=dict)

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
        if code is not None:
            self._note_death_by_order()
        elif self.home.is_alive:
            self.deaths[self.home.pid] = time.monotonic()
        await self.home.kill()
        return code is not None

    def _note_death_by_order(self) -> None:
        """Note that a process was killed as soon as it had written its last line."""
        last = json.loads(self.record.read_bytes().splitlines()[-1])
        self.deaths[last["pid"]] = last["at"]

    def knows(self, message_id: str) -> bool:
        """Return True if the gateway has a message of this id."""
        phones = self.gateway.phones
        return message_id in self.gateway.messages or any(
            message_id in phone.sender.messages for phone in phones
        )

    def forget(self, message_id: str) -> None:
        """Let gateway and phones know a message no longer, as after a year."""
        self.gateway.account.forget(message_id)
        for phone in self.gateway.phones:
            phone.sender.messages.pop(message_id, None)

    async def alternate(self, random: Random) -> None:
        """Let the server see now the one, now the other phone last, until cancelled.

        What is sent without a phone goes to the one that was seen last.
        """
        phones = self.gateway.phones
        while True:
            last, end = random.choice(phones), time.monotonic() + random.uniform(1, 5)
            while time.monotonic() < end:
                now = time.time_ns() // 1_000_000
                for phone in phones:
                    phone.last_seen_ms = now + (AHEAD_MS if phone is last else 0)
                await asyncio.sleep(ALTERNATE_SECONDS)

    def complaints(self) -> list[str]:
        """Return the integration's warnings and errors in the log of all processes."""
        return log.complaints(self.home.console())

    def leaks(self, *secrets: str) -> list[str]:
        """Return those of the secrets that somebody wrote into the log."""
        return log.leaks(self.home.console(), secrets)

    async def set_up(self) -> None:
        """Go through the dialogs, as a person would, until it is all on the disk."""
        mode = "local" if self.way == "poll" else "private"
        self.entry_id = await add_account(self.home, mode, self.login())
        self.webhook_url = await until(
            self._address, "the webhooks are registered", PATIENCE
        )
        options = {**self.options, **NO_LIMITS}
        await set_options(self.home, self.entry_id, options)
        await until(self._is_set_up, "receiving is set up and stored", PATIENCE)
        if self.way == "webhook":
            # Later events are registered once each phone told the version of its app,
            # and nothing brings back an MMS that came before
            for phone in self.gateway.phones:
                phone.ping()
            await until(self._brings_mms, "webhooks bring MMS", PATIENCE)

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of each run."""
        keep = {"keep_messages_days": KEEP_DAYS}
        return {"receive_mode": self.way, "signing_key": SIGNING_KEY, **keep}

    @property
    def kept(self) -> Path:
        """The file of kept conversations."""
        return self.home.folder / ".storage" / f"sms_gate.{self.entry_id}.messages"

    def submitted(self) -> dict[str, float]:
        """Return when each message was submitted first, by the monotonic clock."""
        ahead = time.time() - time.monotonic()
        first: dict[str, float] = {}
        for request in self.gateway.requests:
            is_post = request.method == "POST" and request.path.endswith("/messages")
            if is_post and isinstance(request.body, dict):
                first.setdefault(request.body["id"], request.at - ahead)
        return first

    def login(self) -> Mapping[str, Any]:
        """Return where the gateway is now, and how to log in there."""
        name = {"username": self.gateway.username, "password": self.gateway.password}
        if self.way == "poll":
            return {"host": self.host, "port": self.gateway.port, **name}
        url = f"http://{self.host}:{self.gateway.port}"
        return {"url": url, "verify_ssl": True, **name}

    def _address(self) -> str:
        """Return where the phone posts messages to; nothing while it does not."""
        hooks = [*self.gateway.account_webhooks.values(), *self.phone.webhooks.values()]
        found = (hook["url"] for hook in hooks if hook["event"] == "sms:received")
        return str(next(found, ""))

    def _brings_mms(self) -> bool:
        hooks = self.gateway.account_webhooks.values()
        return any(hook["event"] == "mms:downloaded" for hook in hooks)

    def _is_set_up(self) -> bool:
        """Return True if the options are in force and would survive a kill."""
        is_kept = self._entry().get("options", {}).get("receive_mode") == self.way
        file = f"sms_gate.{self.entry_id}.receiving"
        is_kept &= (self.home.folder / ".storage" / file).exists()
        return is_kept and bool(self._address()) == (self.way == "webhook")

    def stored(self, key: str) -> object:
        """Return what the account's entry has on the disk."""
        return self._entry().get("data", {}).get(key)

    def _entry(self) -> dict[str, Any]:
        """Return the account's entry as it would survive a kill."""
        path = self.home.folder / ".storage" / "core.config_entries"
        with suppress(FileNotFoundError, json.JSONDecodeError):
            for entry in json.loads(path.read_text())["data"]["entries"]:
                if entry["entry_id"] == self.entry_id:
                    return dict(entry)
        return {}

    def recorded_mms(self) -> int:
        """Return how many MMS came."""
        content = self.record.read_bytes() if self.record.exists() else b""
        return content.count(b'"mms": true')

    def has(self, text: str) -> bool:
        """Return True if the record has a text."""
        return self.record.exists() and text.encode() in self.record.read_bytes()

    def receive_mms(self, sender: str, text: str) -> None:
        """Let the phone receive an MMS with a picture."""
        self.mms.append(text)
        picture = ("picture.jpg", "image/jpeg", b"picture")
        self.phone.receive_mms_downloaded(sender, body=text, attachments=[picture])

    def receive_more(self, text: str, *, missed: bool = False) -> None:
        """Let the phone receive an SMS that was not drawn; its app may miss it."""
        self.more.append(text)
        self.phone.receive("+966590042734", text, missed=missed)

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
    # Two phones where a repeated id could go to the other one
    phones = 1 if way == "poll" else 2
    gateway = VirtualGateway(speed=speed, signing_key=SIGNING_KEY, phones=phones)
    gateway.deliveries = Journal(bound=sys.maxsize)
    gateway.requests = Journal(bound=sys.maxsize)
    if app:
        gateway.phones[0].app_version = app
    # Beside the folder, which is made anew, and no other run's
    beside = folder.with_name(f"{folder.name}.clock")
    beside.mkdir(parents=True, exist_ok=True)
    clock = Clock(beside)
    home = Home(folder, packages={"chaos.yaml": PACKAGE}, environment=clock.environment)
    async with gateway, home:
        home.install(Path(chaos_record.__file__), DOMAIN)
        await home.start_new()
        lasting = {"client_name": "chaos", "lifespan": 365}
        home.use_token(await ask(home, "auth/long_lived_access_token", **lasting))
        made = World(gateway, home, way, clock)
        await made.set_up()
        yield made
