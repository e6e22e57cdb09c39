"""Sending while Home Assistant is killed: the calls, and what each was answered.

A caller does what the documentation says: what was refused, and what nobody answered or
knows the outcome of, is sent again under the same id, until there is an answer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random
import time
from typing import Final, Literal
from uuid import UUID

from aiohttp import ClientError

from harness.until import HarnessError
from harness.websocket import CommandError, Connection, connect

from .world import World

type WaitFor = Literal["accepted", "sent", "delivered"]
type Fate = Literal["delivered", "sent", "failed"]

# The only error that leaves open whether a message left
OPEN: Final = frozenset({"outcome_unknown"})
# Nothing was sent, and later it may be
REFUSED: Final = frozenset(
    {"account_not_loaded", "cannot_connect", "invalid_auth", "timeout"}
)
WORKERS: Final = 60
CALL_SECONDS: Final = 180.0
# An answer comes as soon as it is there; only what is never delivered waits to the end
WAIT_SECONDS: Final = 60
VAIN_SECONDS: Final = 6
AGAIN_SECONDS: Final = 0.4
MAX_TRIES: Final = 500
REPEATED: Final = 0.2
# Of what was delivered, and is sent once more under its id
FORGOTTEN: Final = 0.7
_DELIVERED: Final[tuple[Fate, ...]] = ("delivered",)
FATES: Final[tuple[Fate, ...]] = (*_DELIVERED * 18, "sent", "failed")


@dataclass(frozen=True)
class Order:
    """One SMS to be sent, and what the phone will make of it."""

    id: str
    text: str
    phone_number: str
    wait_for: WaitFor
    fate: Fate
    is_repeated: bool

    @property
    def is_in_vain(self) -> bool:
        """Return True if it waits for what never comes."""
        return (self.wait_for, self.fate) == ("delivered", "sent")


@dataclass(frozen=True, kw_only=True)
class Call:
    """How a call ended: with a state, with an error's key, or with the process.

    ``is_known`` where the gateway knew the id when the answer came; times are those of
    the monotonic clock.
    """

    order: Order
    state: str | None = None
    error: str | None = None
    is_known: bool = False
    began: float = 0.0
    ended: float = 0.0

    def __str__(self) -> str:
        """Return how and when it ended."""
        how = self.state or self.error or "cut"
        known = ", known" if self.is_known else ""
        return f"{self.began:.2f} to {self.ended:.2f}: {how}{known}"

    @property
    def is_cut(self) -> bool:
        """Return True if nothing was answered."""
        return self.state is None and self.error is None

    @property
    def is_open(self) -> bool:
        """Return True if the message may have left."""
        return self.is_cut or self.error in OPEN

    @property
    def is_last(self) -> bool:
        """Return True unless the caller tries again."""
        return not (self.is_open or self.error in REFUSED)


def draw(count: int, seed: int) -> list[Order]:
    """Draw everything that is random before anything happens."""
    random = Random(seed)
    return [
        Order(
            id=str(UUID(int=random.getrandbits(128), version=4)),
            text=f"out-{seed}-{number:05d}",
            phone_number=f"+96655{number:07d}",
            wait_for=random.choice(("accepted", "sent", "delivered", "delivered")),
            fate=random.choice(FATES),
            is_repeated=random.random() < REPEATED,
        )
        for number in range(count)
    ]


def queued(orders: list[Order], random: Random) -> list[Order]:
    """Return the orders in their order, some of them once more, any time later."""
    places = [(float(place), order) for place, order in enumerate(orders)]
    places += [
        (random.uniform(place, len(orders)), order)
        for place, order in places
        if order.is_repeated
    ]
    return [order for _, order in sorted(places, key=lambda item: item[0])]


class Sending:
    """Sends all orders, spread over some seconds."""

    def __init__(self, world: World, orders: list[Order], seconds: float) -> None:
        """Tell the phones what becomes of each number."""
        self._world = world
        self._orders = orders
        self._seconds = seconds
        self._locks = {order.id: asyncio.Lock() for order in orders}
        self._answered: set[str] = set()
        self.forgotten = 0
        self.calls: list[Call] = []
        for phone in world.gateway.phones:
            for order in orders:
                phone.outcomes[order.phone_number] = order.fate

    async def run(self, random: Random) -> None:
        """Let some workers send, each one message after the other, as time goes on."""
        orders, now = queued(self._orders, random), time.monotonic()
        pause = self._seconds / max(len(orders), 1)
        waiting = ((now + place * pause, order) for place, order in enumerate(orders))
        await asyncio.gather(*(self._work(waiting, random) for _ in range(WORKERS)))

    async def _work(
        self, waiting: Iterator[tuple[float, Order]], random: Random
    ) -> None:
        for due, order in waiting:
            await asyncio.sleep(due - time.monotonic())
            async with self._locks[order.id]:
                await self._send(order, random)

    async def _send(self, order: Order, random: Random) -> None:
        for _ in range(MAX_TRIES):
            call = await self._call(order)
            self.calls.append(call)
            # Who was answered before need not know it once more
            is_over = call.error in OPEN and order.id in self._answered
            if call.is_last or is_over:
                self._note_answer(call, random)
                return
            await asyncio.sleep(random.uniform(0, 2 * AGAIN_SECONDS))

    def _note_answer(self, call: Call, random: Random) -> None:
        """Let the gateway forget some messages that will be sent once more."""
        order, is_first = call.order, call.order.id not in self._answered
        self._answered.add(order.id)
        is_over = is_first and order.is_repeated and call.state == "Delivered"
        if is_over and random.random() < FORGOTTEN:
            self.forgotten += 1
            self._world.forget(order.id)

    async def _call(self, order: Order) -> Call:
        """Make one call, as soon as there is somebody to call."""
        call: Call | None = None
        while True:
            # A connection that ends badly takes no answer along
            with suppress(HarnessError, ClientError, OSError, TypeError):
                async with self._connected() as connection:
                    call = await self._ask(connection, order)
            if call is not None:
                return call
            await asyncio.sleep(AGAIN_SECONDS)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        """Return a connection to a Home Assistant that knows the action."""
        await self._world.home.get("/api/config")
        async with connect(self._world.home) as connection:
            services = await connection.ask("get_config")
            if "sms_gate" not in services["components"]:
                raise HarnessError("not set up yet")
            yield connection

    async def _ask(self, connection: Connection, order: Order) -> Call:
        """Send, and note the answer; from here on the call counts."""
        began = time.monotonic()
        state, error = await _answer(connection, order)
        return Call(
            order=order,
            state=state,
            error=error,
            is_known=self._world.knows(order.id),
            began=began,
            ended=time.monotonic(),
        )


async def _answer(
    connection: Connection, order: Order
) -> tuple[str | None, str | None]:
    """Return a state, or an error's key, or neither."""
    data = {"message": order.text, "recipients": [order.phone_number]}
    seconds = VAIN_SECONDS if order.is_in_vain else WAIT_SECONDS
    wait = {"wait_for": order.wait_for, "timeout": seconds}
    try:
        async with asyncio.timeout(CALL_SECONDS):
            answer = await connection.ask(
                "call_service",
                domain="sms_gate",
                service="send_message",
                service_data={**data, **wait, "message_id": order.id},
                return_response=True,
            )
    except CommandError as err:
        return None, err.key
    except HarnessError, ClientError, OSError, TimeoutError:
        return None, None
    recipients = answer["response"]["messages"][0]["recipients"]
    return str(recipients[0]["state"]), None
