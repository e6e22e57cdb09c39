"""What receiving costs in a real Home Assistant process."""

import asyncio
from statistics import quantiles
from typing import Final

from .figure import Figure, Rounds
from .world import SARA, SETTLE_SECONDS, STRANGER, World

WARM_UP: Final = 300
PHONES: Final = 8
# All identities are known then (ring.py), and the recorder lets SQLite keep 16 MiB of
# the database in memory
IDENTITIES: Final = 20_000
DATABASE_MIB: Final = 20
STEP: Final = 2_000
GOALS: Final = {
    True: {"contact": "<= 1.30", "stranger": "<= 1.10"},
    False: {"contact": "<= 2.50", "stranger": "-"},
}


def _ways(world: World) -> dict[str, tuple[str, str]]:
    """Return where blocks are posted to, and who writes."""
    return {
        "contact": (world.webhook_url, SARA),
        "stranger": (world.webhook_url, STRANGER),
        "bare": (world.bare_url, SARA),
        "handler": (world.handler_url, SARA),
        "rows": (world.states_url, SARA),
        "one row": (world.states_url, STRANGER),
    }


async def ingest(worlds: list[World], blocks: int, events: int) -> list[Figure]:
    """Post blocks of SMS in turns, each after the other, to all builds."""
    cpu = {name: Rounds(worlds) for name in _ways(worlds[0])}
    loop = {name: Rounds(worlds) for name in ("contact", "stranger", "bare")}
    for world in worlds:
        for url, sender in _ways(world).values():
            await world.post_many(url, WARM_UP, sender=sender)
    await asyncio.sleep(SETTLE_SECONDS)
    for number in range(blocks):
        for name in sorted(cpu, reverse=bool(number % 2)):
            for world in worlds[:: -1 if number % 2 else 1]:
                spent = await _block(world, *_ways(world)[name], events)
                cpu[name].add(world, sum(spent.values()))
                if name in loop:
                    loop[name].add(world, spent["event loop"])
    for world in worlds:
        await world.check_nothing_lost()
    goals = GOALS[worlds[0].records]
    return [
        *cpu["contact"].figures("CPU, contact", cpu["bare"], goals["contact"]),
        *cpu["stranger"].figures("CPU, stranger", cpu["bare"], goals["stranger"]),
        *cpu["rows"].figures("CPU, a contact's rows alone", cpu["bare"]),
        *cpu["one row"].figures("CPU, a stranger's row alone", cpu["bare"]),
        *cpu["contact"].figures("CPU, contact to its rows alone", cpu["rows"]),
        *cpu["stranger"].figures("CPU, stranger to its row alone", cpu["one row"]),
        *cpu["contact"].figures("CPU, contact to a bare handler", cpu["handler"]),
        *loop["contact"].figures("event loop, contact", loop["bare"]),
        *loop["stranger"].figures("event loop, stranger", loop["bare"]),
    ]


async def _block(world: World, url: str, sender: str, events: int) -> dict[str, float]:
    """Return the CPU of an SMS by threads in milliseconds, the recorder's included."""
    before = world.cpu_of_threads()
    await world.post_many(url, events, sender=sender)
    await asyncio.sleep(SETTLE_SECONDS)
    return {
        thread: (used - before[thread]) / events * 1000
        for thread, used in world.cpu_of_threads().items()
    }


async def burst(worlds: list[World], blocks: int, events: int) -> list[Figure]:
    """Post as fast as is answered: as one phone does, whose app waits, and as several.

    In turns as many go to a bare handler of the webhook component, where an
    integration's webhooks usually end.
    """
    figures = []
    for lines, goal in ((1, "<= 1.30"), (PHONES, "<= 1.50")):
        p50, p99 = await _bursts(worlds, blocks, events, lines)
        what = f"burst of {events} by {lines} phone{'s' * (lines > 1)}"
        figures += [
            *p50[0].figures(f"{what}, p50", p50[1]),
            *p99[0].figures(f"{what}, p99", p99[1], goal),
        ]
    for world in worlds:
        await world.check_nothing_lost()
    return figures


async def _bursts(
    worlds: list[World], blocks: int, events: int, lines: int
) -> tuple[list[Rounds], list[Rounds]]:
    """Return p50 and p99 of the answers, ours and the bare ones, in milliseconds."""
    p50, p99 = ([Rounds(worlds), Rounds(worlds)] for _ in range(2))
    for number in range(blocks):
        for which in (0, 1)[:: -1 if number % 2 else 1]:
            for world in worlds[:: -1 if number % 2 else 1]:
                url = (world.webhook_url, world.handler_url)[which]
                waits = await world.post_many(url, events, lines=lines)
                await asyncio.sleep(SETTLE_SECONDS)
                cuts = quantiles(waits, n=100)
                p50[which].add(world, cuts[49] * 1000)
                p99[which].add(world, cuts[98] * 1000)
    return p50, p99


async def memory(world: World, events: int) -> Figure:
    """Let the process take many events once all that is bounded is full."""
    while world.posted < IDENTITIES or world.database_mib() < DATABASE_MIB:
        await world.post_many(world.webhook_url, STEP)
        await asyncio.sleep(SETTLE_SECONDS)
    warm = world.posted
    growth = []
    for url in (world.webhook_url, world.bare_url):
        await asyncio.sleep(SETTLE_SECONDS)
        before = world.rss_mib()
        await world.post_many(url, events)
        await asyncio.sleep(SETTLE_SECONDS)
        growth.append(world.rss_mib() - before)
    await world.check_nothing_lost()
    return Figure(
        name=f"memory growth, {events} SMS after {warm}",
        ours=f"{growth[0]:+.2f} MiB",
        least=f"{growth[1]:+.2f} MiB",
        goal="< 2 MiB",
    )
