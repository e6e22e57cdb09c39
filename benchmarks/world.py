"""A real Home Assistant with the integration and, beside it, the bare view."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import hashlib
import hmac
from itertools import count
import json
from pathlib import Path
import time

from aiohttp import ClientSession

from harness.dialogs import NO_LIMITS, add_account, add_contact, set_options
from harness.home import ROOT, Home
from harness.until import HarnessError, until
from virtual_gateway import VirtualGateway

from . import bare

SARA = "+966590042734"
STRANGER = "+966507654321"
SIGNING_KEY = "bench-signing-key"
PATIENCE_SECONDS = 60.0
# The recorder commits once a second; what it owes is paid before CPU is read
SETTLE_SECONDS = 1.5
DATABASE = "home-assistant_v2.db"
MESSAGES_PATH = "/api/3rdparty/v1/messages"
# The trigger looks at each message, and none is its own: what an automation then
# does is Home Assistant's and the user's
PACKAGE = """
bench_bare:
  url: {url}
  username: {username}
  password: {password}
  contact: "{contact}"
automation:
  - id: bench
    alias: Bench
    triggers:
      - trigger: sms_gate.message_received
        options:
          text: nobody writes this
    actions:
      - event: bench_never
"""


@dataclass(eq=False)
class World:
    """The gateway, the measured process, and a phone's connection to it."""

    name: str
    gateway: VirtualGateway
    home: Home
    phone: ClientSession
    records: bool
    webhook_url: str = ""
    entry_id: str = ""
    numbers: count[int] = field(default_factory=count)
    posted: int = 0
    posted_ids: int = 0

    @property
    def bare_url(self) -> str:
        """Where the bare view is."""
        return self.home.url + bare.PATH

    @property
    def states_url(self) -> str:
        """Where the view is that writes what an SMS has to leave."""
        return self.home.url + bare.STATES_PATH

    @property
    def handler_url(self) -> str:
        """Where the bare handler of the webhook component is."""
        return self.home.url + bare.WEBHOOK_PATH

    def cpu_seconds(self) -> float:
        """Return what all threads of the process used, in user and system mode."""
        return sum(self.cpu_of_threads().values())

    def cpu_of_threads(self) -> dict[str, float]:
        """Return what the event loop, the recorder and all others used, in seconds."""
        used = dict.fromkeys(("event loop", "recorder", "others"), 0.0)
        for task in Path(f"/proc/{self.home.pid}/task").iterdir():
            try:
                name = (task / "comm").read_text(encoding="utf-8").strip()
                spent = (task / "schedstat").read_text(encoding="ascii").split()[0]
            except OSError:  # it has just ended
                continue
            if task.name == str(self.home.pid):
                name = "event loop"
            used[name.lower() if name.lower() in used else "others"] += int(spent) / 1e9
        return used

    def rss_mib(self) -> float:
        """Return the memory that the process holds."""
        text = Path(f"/proc/{self.home.pid}/status").read_text(encoding="ascii")
        line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def database_mib(self) -> float:
        """Return the size of the recorder's database."""
        return (self.home.folder / DATABASE).stat().st_size / 2**20

    def new_sms(self, sender: str = SARA) -> bytes:
        """Return a webhook's body that was never posted."""
        number = next(self.numbers)
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000+00:00", time.gmtime())
        payload = {
            "messageId": f"{number:08x}",
            "sender": sender,
            "recipient": "+966500000001",
            "simNumber": 1,
            "message": f"The garage door is still open, {number}",
            "receivedAt": at,
        }
        body = {
            "id": f"bench-{number}",
            "webhookId": "bench",
            "deviceId": self.gateway.phones[0].id,
            "event": "sms:received",
            "payload": payload,
        }
        return json.dumps(body).encode()

    async def post(self, url: str, body: bytes, *, signed: bool = True) -> int:
        """Post as the phone does; return the answer's status."""
        headers = {"Content-Type": "application/json"}
        if signed:
            at = str(int(time.time()))
            made = hmac.new(SIGNING_KEY.encode(), body + at.encode(), hashlib.sha256)
            headers |= {"X-Timestamp": at, "X-Signature": made.hexdigest()}
        async with self.phone.post(url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def post_many(
        self, url: str, number: int, *, sender: str = SARA, lines: int = 1
    ) -> list[float]:
        """Post over some connections, each one after the other.

        Returns how long each answer took, in seconds.
        """
        waits: list[float] = []
        left = count(number, -1)

        async def one_line() -> None:
            while next(left) > 0:
                waits.append(await self._post_new(url, sender))

        async with asyncio.TaskGroup() as group:
            for _ in range(lines):
                group.create_task(one_line())
        return waits

    async def _post_new(self, url: str, sender: str) -> float:
        """Post a new SMS; return how long the answer took, in seconds."""
        body = self.new_sms(sender)
        start = time.perf_counter()
        status = await self.post(url, body)
        took = time.perf_counter() - start
        if status != 200:
            raise HarnessError(f"a webhook was answered {status}")
        if url == self.webhook_url:
            self.posted += 1
            self.posted_ids += int(json.loads(body)["payload"]["messageId"], 16)
        return took

    async def check_nothing_lost(self) -> None:
        """Compare what was posted with the total, and with what was on the bus."""
        await asyncio.sleep(SETTLE_SECONDS)
        fired = await self.home.get(bare.PATH)
        counted = await self.total("received")
        wanted = {"events": self.posted, "ids": self.posted_ids}
        if fired != wanted or counted != self.posted:
            raise HarnessError(f"posted {wanted}, fired {fired}, counted {counted}")

    async def set_up(self) -> None:
        """Go through the dialogs: an account, a contact, a signing key."""
        login = {"username": self.gateway.username, "password": self.gateway.password}
        server = {"url": self.gateway.url, "verify_ssl": True}
        entry_id = await add_account(self.home, "private", {**server, **login})
        self.entry_id = entry_id
        await add_contact(self.home, entry_id, {"name": "Sara", "phone_number": SARA})
        options = {"receive_mode": "webhook", "signing_key": SIGNING_KEY}
        await set_options(self.home, entry_id, {**options, **NO_LIMITS})
        what = "the webhook asks for a signature and accepts one"
        await until(self._is_ready, what, PATIENCE_SECONDS)

    async def _is_ready(self) -> bool:
        hooks = self.gateway.account_webhooks.values()
        found = (hook["url"] for hook in hooks if hook["event"] == "sms:received")
        self.webhook_url = str(next(found, ""))
        if not self.webhook_url:
            return False
        states = await self.home.get("/api/states")
        state_of = {item["entity_id"]: item["state"] for item in states}
        if (
            state_of.get("notify.sara", "unavailable") == "unavailable"
            or state_of.get("automation.bench") != "on"
            or await self.post(self.webhook_url, self.new_sms(), signed=False) != 401
        ):
            return False
        await self._post_new(self.webhook_url, SARA)
        return True

    async def total(self, what: str) -> int:
        """Return one of the account's totals, as its sensor tells it."""
        path = f"/api/states/sensor.sms_gate_messages_{what}"
        return int(float((await self.home.get(path))["state"]))


@asynccontextmanager
async def world(
    name: str, folder: Path, *, checkout: Path = ROOT, records: bool = True
) -> AsyncIterator[World]:
    """Start everything, with the integration of a checkout, and end it afterwards."""
    async with (
        VirtualGateway(signing_key=SIGNING_KEY) as gateway,
        Home(
            folder,
            packages={"bench.yaml": _package(gateway)},
            records=records,
            checkout=checkout,
        ) as home,
        ClientSession() as phone,
    ):
        home.install(Path(bare.__file__), bare.DOMAIN, dependencies=["http", "webhook"])
        await home.start_new()
        made = World(name, gateway, home, phone, records)
        await made.set_up()
        yield made


def _package(gateway: VirtualGateway) -> str:
    """Return the measured Home Assistant's own YAML."""
    return PACKAGE.format(
        url=gateway.url + MESSAGES_PATH,
        username=gateway.username,
        password=gateway.password,
        contact=SARA,
    )
