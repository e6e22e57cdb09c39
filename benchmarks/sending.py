"""What sending costs, in CPU and in requests."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from harness.until import until
from harness.websocket import Connection, connect

from .figure import Figure, Rounds
from .world import PATIENCE_SECONDS, SARA, SETTLE_SECONDS, World

MESSAGES: Final = 50
# Time for anything that would ask the gateway again after the last report
LATER_SECONDS: Final = 3.0
ACTIONS: Final = {"ours": ("sms_gate", "send_message"), "bare": ("bench_bare", "send")}


async def send(worlds: list[World], blocks: int, messages: int) -> list[Figure]:
    """Send in turns with the bare action, over one WebSocket to each build.

    The phone is away and sends afterwards: what a report costs is measured as
    receiving, and the gateway's phone would report the bare messages as well.
    """
    cpu = {name: Rounds(worlds) for name in ACTIONS}
    async with AsyncExitStack() as stack:
        sockets = {
            world: await stack.enter_async_context(connect(world.home))
            for world in worlds
        }
        for number in range(-1, blocks):
            for name in sorted(ACTIONS, reverse=bool(number % 2)):
                for world in worlds[:: -1 if number % 2 else 1]:
                    used = await _block(world, sockets[world], name, messages)
                    if number >= 0:  # the first round warms up
                        cpu[name].add(world, used)
    return cpu["ours"].figures("CPU per message sent", cpu["bare"], "<= 1.25")


async def _block(
    world: World, connection: Connection, name: str, messages: int
) -> float:
    """Send some messages; return the CPU of each, in milliseconds."""
    phone = world.gateway.phones[0]
    phone.online = False
    await asyncio.sleep(SETTLE_SECONDS)
    before = world.cpu_seconds()
    for number in range(messages):
        data = {"recipients": [SARA], "message": f"Dinner is ready, {number}"}
        await connection.action(*ACTIONS[name], data)
    await asyncio.sleep(SETTLE_SECONDS)
    used = (world.cpu_seconds() - before) / messages * 1000
    delivered = await world.total("delivered")
    phone.online = True

    async def all_delivered() -> bool:
        return await world.total("delivered") - delivered >= messages

    await until(all_delivered, "all messages are delivered", PATIENCE_SECONDS)
    return used


async def requests_per_message(world: World) -> Figure:
    """Count all that reaches the gateway until each message was delivered."""
    before = await world.total("delivered")
    count = len(world.gateway.requests)
    for number in range(MESSAGES):
        await world.home.action(
            "sms_gate",
            "send_message",
            {"recipients": [SARA], "message": f"Dinner is ready, {number}"},
        )

    async def delivered() -> bool:
        return await world.total("delivered") - before >= MESSAGES

    await until(delivered, "all messages are delivered", PATIENCE_SECONDS)
    await asyncio.sleep(LATER_SECONDS)
    asked = len(world.gateway.requests) - count
    return Figure(
        name=f"requests per message, {MESSAGES} sent",
        ours=f"{asked / MESSAGES:.2f}",
        least="1.00",
        ratio=f"{asked / MESSAGES:.2f}",
        goal="1.00",
    )
