"""The virtual gateway: account, phones and everything around them."""

import asyncio
from collections.abc import Iterable
from random import Random
import time
from typing import Literal, Self

import aiohttp

from .auth import TokenOffice
from .faults import Fault
from .phone import VirtualPhone, VirtualSim
from .phone.webhook_queue import deliverable
from .phone.webhooks import Registration
from .records import Journal, RecordedRequest, WebhookDelivery
from .server.account import Account
from .server.message import ServerMessage
from .web import WebServer

CLOUD_BASE = "/3rdparty/v1"
PRIVATE_BASE = "/api/3rdparty/v1"
PARTS = ("cloud", "private", "phone")
DEFAULT_NAME = "Samsung/a16"
DEFAULT_SIMS = (VirtualSim(1, "+966500000001", "STC", "8996601000000000001"),)
_SETTLE_STEP = 0.002


class VirtualGateway:
    """One server account with its phones, and the first phone's own API."""

    def __init__(
        self,
        username: str = "user",
        password: str = "pass",  # noqa: S107 - nothing is secret here
        speed: float = 1000.0,
        seed: int = 0,
        phones: int = 1,
        signing_key: str | None = None,
        paths: Iterable[str] = PARTS,
    ) -> None:
        self.username = username
        self.password = password
        self.speed = speed
        self.signing_key = signing_key
        self.paths = frozenset(paths)
        if unknown := self.paths - set(PARTS):
            raise ValueError(f"no such part of the gateway: {min(unknown)}")
        self.random = Random(f"{seed}:{username}")
        self.server_tokens = TokenOffice(self.random)
        self.phone_tokens = TokenOffice(self.random)
        self.jwt_enabled = True
        self.inbox_refresh: Literal["yes", "placeholder", "no"] = "yes"
        self.server_inbox = False
        self.server_healthy = True
        self.login_cached = False
        self.plain_webhooks: bool | Literal["loopback"] = "loopback"
        self.verify_certificates = True
        self.webhook_timeout = 5.0
        self.send_seconds = 2.0
        self.deliver_seconds = 3.0
        self.faults: dict[str, Fault] = {}
        self.requests: Journal[RecordedRequest] = Journal()
        self.deliveries: Journal[WebhookDelivery] = Journal()
        self.phones: list[VirtualPhone] = []
        self.account = Account(self.random, self.phones, self.changed)
        self.version = 0
        self._watchers: set[asyncio.Event] = set()
        self._session: aiohttp.ClientSession | None = None
        self._web = WebServer(self)
        for _ in range(phones):
            self.add_phone()

    # Address

    @property
    def port(self) -> int:
        """Return the port the gateway listens on."""
        return self._web.port

    @property
    def running(self) -> bool:
        """Tell whether the gateway listens."""
        return self._session is not None

    @property
    def url(self) -> str:
        """Return the address of the gateway without a slash at its end."""
        return f"http://{self._web.host}:{self.port}"

    def location_base(self, path: str) -> str:
        """Return where the server says that its messages are."""
        base = PRIVATE_BASE if path.startswith(PRIVATE_BASE) else CLOUD_BASE
        return f"{base}/message"

    # Life

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen and switch the phones on."""
        await self._web.start(host, port)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=1)
        )
        for phone in self.phones:
            phone.start(self._session)

    async def stop(self) -> None:
        """Switch the phones off and close all connections."""
        session, self._session = self._session, None
        for phone in self.phones:
            await phone.stop()
        for watcher in self._watchers:
            watcher.set()
        await self._web.stop()
        if session is not None:
            await session.close()

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    # Phones

    def add_phone(
        self,
        name: str = DEFAULT_NAME,
        sims: Iterable[VirtualSim] = DEFAULT_SIMS,
    ) -> VirtualPhone:
        """Add a phone to the account; it starts at once when the gateway runs."""
        phone = VirtualPhone(self, name, tuple(sims))
        self.phones.append(phone)
        if self._session is not None:
            phone.start(self._session)
        self.changed()
        return phone

    async def remove_phone(self, phone_id: str) -> None:
        """Remove a phone with all that belongs to it; an unknown id changes nothing."""
        phone = self.account.phone(phone_id)
        if phone is None:
            return
        self.phones.remove(phone)
        self.account.remove_phone(phone)
        await phone.stop()
        self.changed()

    # What tests look at

    @property
    def messages(self) -> dict[str, ServerMessage]:
        """Return the messages the server accepted, by id."""
        return self.account.messages

    @property
    def account_webhooks(self) -> dict[str, Registration]:
        """Return the webhooks registered on the server, by id; writable."""
        return self.account.webhooks

    @property
    def queue_limit(self) -> int | None:
        """Return how many messages may wait for one phone."""
        return self.account.queue_limit

    @queue_limit.setter
    def queue_limit(self, value: int | None) -> None:
        """Set how many messages may wait for one phone."""
        self.account.queue_limit = value

    def accepts_webhook(self, url: str) -> bool:
        """Tell whether the server registers an address."""
        if self.plain_webhooks is True or url.lower().startswith("https://"):
            return True
        return self.plain_webhooks == "loopback" and deliverable(url)

    def hash_messages(self) -> None:
        """Let the server hash what the phones have reported on, as it does in time.

        The cached answers go as well, which the real server keeps for five minutes.
        """
        self.account.hash_messages()

    def changed(self) -> None:
        """Let those who watch know that something changed."""
        self.version += 1
        for watcher in self._watchers:
            watcher.set()

    def watch(self) -> asyncio.Event:
        """Return an event that is set on every change; give it back with unwatch."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        return watcher

    def unwatch(self, watcher: asyncio.Event) -> None:
        """Stop watching."""
        self._watchers.discard(watcher)

    @property
    def busy(self) -> bool:
        """Tell whether a message is under way or a webhook is queued."""
        return any(
            phone.busy or self.account.open_messages(phone.id) for phone in self.phones
        )

    async def settled(self, timeout: float = 60) -> None:  # noqa: ASYNC109
        """Return when nothing is under way; TimeoutError when that takes too long."""
        end = time.monotonic() + timeout
        await asyncio.sleep(0)
        while self.busy:
            if time.monotonic() > end:
                raise TimeoutError(self._what_is_busy())
            await asyncio.sleep(_SETTLE_STEP)

    def _what_is_busy(self) -> str:
        """Say what keeps the gateway from being settled."""
        parts = [
            f"{phone.name}: {len(self.account.open_messages(phone.id))} not taken up, "
            f"sending: {phone.sender.busy}, "
            f"webhooks: {len(phone.hooks.queue.waiting)}, line: {phone.link.busy}"
            for phone in self.phones
        ]
        return "not settled: " + "; ".join(parts)

    async def reset(self) -> None:
        """Forget messages, webhooks, faults and records; phones stay."""
        self.faults.clear()
        for phone in self.phones:
            await phone.stop()
            phone.clear()
        self.account.clear()
        self.requests.clear()
        self.deliveries.clear()
        self.queue_limit = None
        if self._session is not None:
            for phone in self.phones:
                phone.start(self._session)
        self.changed()
