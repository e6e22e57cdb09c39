"""The phone's queue of webhook postings and its retry rule.

One posting at a time, up to twenty in a round, those due longest first. A round
without a success is followed by five idle seconds. A failed posting comes again
after 5, 10, 20 ... seconds, 15 times unless the settings say otherwise.
"""

import asyncio
from dataclasses import dataclass
import hashlib
import heapq
import hmac
import itertools
import math
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from virtual_gateway.faults import strikes
from virtual_gateway.records import WebhookDelivery

from .payloads import Payload, event_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .phone import VirtualPhone

ROUND_SIZE = 20
IDLE_SECONDS = 5.0
FIRST_RETRY = 5.0
_WHOLE_TIMEOUT = 30.0
_OFFLINE_CHECK = 0.02


@dataclass
class Posting:
    """One event on its way to one webhook."""

    webhook_id: str
    url: str
    event: str
    event_id: str
    body: bytes
    retries: int = 0


def deliverable(url: str) -> bool:
    """Tell whether the phone posts to an address: https, or http to itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme.lower() == "https":
        return bool(host)
    return parts.scheme.lower() == "http" and host == "127.0.0.1"


def signature(key: str, body: bytes, timestamp: str) -> str:
    """Return the signature of a body sent at a time."""
    return hmac.new(key.encode(), body + timestamp.encode(), hashlib.sha256).hexdigest()


async def _halves(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    """Yield a body in two halves, with a pause between them."""
    middle = len(body) // 2
    yield body[:middle]
    await asyncio.sleep(seconds)
    yield body[middle:]


class WebhookQueue:
    """Posts events one after the other until each is taken or given up."""

    def __init__(self, phone: VirtualPhone) -> None:
        self._phone = phone
        self._heap: list[tuple[float, int, Posting]] = []
        self._order = itertools.count()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None
        self._in_round = 0

    @property
    def busy(self) -> bool:
        """Tell whether a posting waits or is under way."""
        return bool(self._heap or self._in_round)

    @property
    def waiting(self) -> list[tuple[float, Posting]]:
        """Return the postings that wait with the seconds until each is due."""
        now = time.monotonic()
        return [(due - now, posting) for due, _, posting in sorted(self._heap)]

    def start(self, session: aiohttp.ClientSession) -> None:
        """Begin to post."""
        self._session = session
        self._changed = asyncio.Event()
        self.wake()

    async def stop(self) -> None:
        """Stop posting; what waits is kept."""
        self._session = None
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def clear(self) -> None:
        """Forget what waits."""
        self._heap.clear()

    def add(self, webhook_id: str, url: str, event: str, body: Payload) -> None:
        """Queue an event; an address the phone never posts to is noted as refused."""
        posting = Posting(webhook_id, url, event, str(body["id"]), event_body(body))
        if not deliverable(url):
            self._note(posting, None, "refused: neither https nor http://127.0.0.1")
            return
        self._push(time.monotonic(), posting)
        self.wake()

    def wake(self) -> None:
        """Let the worker look at the queue."""
        if self._session is None or not self._heap:
            return
        self._changed.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())

    def _push(self, due: float, posting: Posting) -> None:
        """Put a posting where its time places it."""
        heapq.heappush(self._heap, (due, next(self._order), posting))

    async def _work(self) -> None:
        """Post round after round until nothing waits."""
        while self._heap:
            if not self._phone.reachable():
                await self._pause(_OFFLINE_CHECK)
                continue
            if not await self._round():
                await self._idle()

    async def _pause(self, seconds: float) -> None:
        """Sleep, or until something changed."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _idle(self) -> None:
        """Sleep whole idle periods until something is due."""
        tick = IDLE_SECONDS / self._phone.timers.speed
        started = time.monotonic()
        while self._heap:
            ahead = (self._heap[0][0] - started) / tick
            wake_at = started + max(1, math.ceil(ahead)) * tick
            if (left := wake_at - time.monotonic()) <= 0:
                return
            await self._pause(left)

    async def _round(self) -> int:
        """Post up to twenty due events in order; return how many were taken."""
        now = time.monotonic()
        due: list[Posting] = []
        while self._heap and len(due) < ROUND_SIZE and self._heap[0][0] <= now:
            due.append(heapq.heappop(self._heap)[2])
        taken = 0
        self._in_round = len(due)
        try:
            while due:
                taken += await self._post(due[0])
                due.pop(0)
                self._in_round -= 1
        finally:
            for posting in due:
                self._push(time.monotonic(), posting)
            self._in_round = 0
        return taken

    async def _post(self, posting: Posting) -> bool:
        """Post one event; plan the next attempt unless it was taken."""
        status, error = await self._attempt(posting)
        taken = status is not None and 200 <= status < 300
        retry_in: float | None = None
        if not taken and posting.retries < self._phone.settings.retries:
            delay = FIRST_RETRY * 2**posting.retries
            retry_in = delay / self._phone.timers.speed
            self._push(time.monotonic() + retry_in, posting)
        posting.retries += 1
        self._note(posting, status, error, retry_in)
        return taken

    async def _attempt(self, posting: Posting) -> tuple[int | None, str | None]:
        """Return the status of an answer, or why there was none."""
        path = urlsplit(posting.url).path
        if strikes(self._phone.faults, "webhook_down", path):
            return None, "fault: webhook_down"
        if self._session is None:
            return None, "the phone stopped"
        limits = aiohttp.ClientTimeout(
            total=_WHOLE_TIMEOUT,
            sock_connect=self._phone.webhook_timeout,
            sock_read=self._phone.webhook_timeout,
        )
        try:
            async with self._session.post(
                posting.url,
                data=self._data(posting, path),
                headers=self._headers(posting),
                allow_redirects=False,
                timeout=limits,
                ssl=self._phone.verify_certificates,
            ) as response:
                return response.status, None
        except TimeoutError:
            return None, "timeout"
        except (aiohttp.ClientError, OSError, ValueError) as err:
            return None, f"{type(err).__name__}: {err}"

    def _data(self, posting: Posting, path: str) -> bytes | AsyncIterator[bytes]:
        """Return the body, in two halves where the line is slow."""
        if not strikes(self._phone.faults, "slow_webhooks", path):
            return posting.body
        return _halves(posting.body, self._phone.faults["slow_webhooks"].value or 1.0)

    def _headers(self, posting: Posting) -> dict[str, str]:
        """Return the headers of an attempt, signed anew each time."""
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(posting.body)),
            "User-Agent": f"me.capcom.smsgateway/{self._phone.app_version}",
        }
        if (key := self._phone.signing_key) is not None:
            timestamp = str(int(time.time()))
            headers["X-Timestamp"] = timestamp
            headers["X-Signature"] = signature(key, posting.body, timestamp)
        return headers

    def _note(
        self,
        posting: Posting,
        status: int | None,
        error: str | None,
        retry_in: float | None = None,
    ) -> None:
        """Record an attempt."""
        self._phone.note_delivery(
            WebhookDelivery(
                event_id=posting.event_id,
                webhook_id=posting.webhook_id,
                url=posting.url,
                event=posting.event,
                body=posting.body,
                attempt=max(posting.retries, 1),
                status=status,
                error=error,
                at=time.time(),
                phone_id=self._phone.id,
                retry_in=retry_in,
            )
        )
