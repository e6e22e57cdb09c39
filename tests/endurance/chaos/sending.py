"""Sending while Home Assistant is killed: the calls, and what each was answered."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import Final, Literal
from uuid import UUID

from aiohttp import ClientError

from harness.until import HarnessError
from harness.websocket import CommandError, Connection, connect

from .world import World

type WaitFor = Literal["accepted", "sent", "delivered"]
type Fate = Literal["delivered", "sent", "failed"]

WORKERS: Final = 40
CALL_SECONDS: Final = 180.0
# An answer comes as soon as it is there; only what is never delivered waits to the end
WAIT_SECONDS: Final = 60
VAIN_SECONDS: Final = 4
REPEATED: Final = 0.2
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


@dataclass(frozen=True)
class Call:
    """How a call ended: with a state, with an error's key, or with the process."""

    order: Order
    state: str | None = None
    error: str | None = None

    @property
    def is_cut(self) -> bool:
        """Return True if nothing was answered."""
        return self.state is None and self.error is None


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


class Sending:
    """Sends all orders, spread over some seconds."""

    def __init__(self, world: World, orders: list[Order], seconds: float) -> None:
        """Tell the phones what becomes of each number."""
        self._world = world
        self._orders = orders
        self._pause = seconds * WORKERS / max(len(orders), 1)
        self.calls: list[Call] = []
        for phone in world.gateway.phones:
            for order in orders:
                phone.outcomes[order.phone_number] = order.fate

    async def run(self, random: Random) -> None:
        """Let some workers send, each one message after the other."""
        waiting = iter(self._orders)
        await asyncio.gather(*(self._work(waiting, random) for _ in range(WORKERS)))

    async def _work(self, waiting: Iterator[Order], random: Random) -> None:
        for order in waiting:
            await asyncio.sleep(random.uniform(0, 2 * self._pause))
            for _ in range(2 if order.is_repeated else 1):
                self.calls.append(await self._call(order))

    async def _call(self, order: Order) -> Call:
        """Make one call, as soon as there is somebody to call."""
        while True:
            with suppress(HarnessError, ClientError, OSError, TypeError):
                async with self._connected() as connection:
                    return await _ask(connection, order)
            await asyncio.sleep(0.1)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        """Return a connection to a Home Assistant that knows the action."""
        await self._world.home.get("/api/config")
        async with connect(self._world.home) as connection:
            services = await connection.ask("get_config")
            if "sms_gate" not in services["components"]:
                raise HarnessError("not set up yet")
            yield connection


async def _ask(connection: Connection, order: Order) -> Call:
    """Send, and note the answer; from here on the call counts."""
    data = {"message": order.text, "recipients": [order.phone_number]}
    seconds = VAIN_SECONDS if order.fate == "sent" else WAIT_SECONDS
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
        return Call(order, error=err.key)
    except HarnessError, ClientError, OSError, TimeoutError:
        return Call(order)
    return Call(
        order, state=answer["response"]["messages"][0]["recipients"][0]["state"]
    )
