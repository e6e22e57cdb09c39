"""What receiving costs in a real Home Assistant process."""

import asyncio
from statistics import median, quantiles
from typing import Final

from .figure import Figure, Share, middle, ratio
from .world import SARA, SETTLE_SECONDS, STRANGER, World

WARM_UP: Final = 300
PHONES: Final = 8
BURSTS: Final = 3
# Both generations of identities are full then (seen.py)
IDENTITIES: Final = 20_000
# The recorder lets SQLite keep 16 MiB of the database in memory
DATABASE_MIB: Final = 20
STEP: Final = 2_000


class Blocks:
    """What blocks of posted SMS took, by who wrote: a contact, a stranger, or bare."""

    def __init__(self, world: World) -> None:
        """Prepare; nothing is posted yet."""
        self._world = world
        self._ways = {
            "contact": (world.webhook_url, SARA),
            "stranger": (world.webhook_url, STRANGER),
            "bare": (world.bare_url, SARA),
        }
        self.cpu: dict[str, list[float]] = {name: [] for name in self._ways}
        self.p50: dict[str, list[float]] = {name: [] for name in self._ways}
        self.p99: dict[str, list[float]] = {name: [] for name in self._ways}
        self.threads: dict[str, list[dict[str, float]]] = {
            name: [] for name in self._ways
        }

    async def warm_up(self) -> None:
        """Post some that do not count."""
        for url, sender in self._ways.values():
            await self._world.post_many(url, WARM_UP, sender=sender)
        await asyncio.sleep(SETTLE_SECONDS)

    async def round(self, number: int, events: int) -> None:
        """Post a block each way; who is first in one round is last in the next."""
        for name in sorted(self._ways, reverse=bool(number % 2)):
            await self._block(name, events)

    async def _block(self, name: str, events: int) -> None:
        """Post a block, and wait for what the recorder owes. All in milliseconds."""
        url, sender = self._ways[name]
        before = self._world.cpu_of_threads()
        waits = await self._world.post_many(url, events, sender=sender)
        await asyncio.sleep(SETTLE_SECONDS)
        spent = {
            thread: (used - before[thread]) / events * 1000
            for thread, used in self._world.cpu_of_threads().items()
        }
        self.threads[name].append(spent)
        self.cpu[name].append(sum(spent.values()))
        cuts = quantiles(waits, n=100)
        self.p50[name].append(cuts[49] * 1000)
        self.p99[name].append(cuts[98] * 1000)


async def ingest(
    world: World, rounds: int, events: int
) -> tuple[list[Figure], list[Share]]:
    """Take signed webhooks in turns with the bare view, block by block."""
    blocks = Blocks(world)
    await blocks.warm_up()
    for number in range(rounds):
        await blocks.round(number, events)
    await world.check_nothing_lost()
    cpu, p50, p99 = blocks.cpu, blocks.p50, blocks.p99
    figures = [
        pair("CPU per SMS of a contact", cpu["contact"], cpu["bare"], "<= 1.35"),
        pair("CPU per SMS of a stranger", cpu["stranger"], cpu["bare"], "-"),
        pair("answer to a webhook, p50", p50["contact"], p50["bare"], "-"),
        pair("answer to a webhook, p99", p99["contact"], p99["bare"], "<= 1.50"),
    ]
    shares = [
        Share(
            name=name,
            milliseconds={key: median(t[key] for t in each) for key in each[0]},
        )
        for name, each in blocks.threads.items()
    ]
    return figures, shares


def pair(name: str, ours: list[float], bare: list[float], goal: str) -> Figure:
    """Return one line of the table, of milliseconds."""
    return Figure(
        name=name,
        ours=middle(ours, 2, " ms"),
        least=middle(bare, 2, " ms"),
        ratio=ratio(ours, bare),
        goal=goal,
    )


async def burst(world: World, events: int) -> list[Figure]:
    """Let many webhooks come at once: of one phone, and of several.

    A phone's app posts one after the other. Beside them, in turns, as many go to a bare
    handler of the webhook component, where an integration's webhooks usually end.
    """
    figures = []
    for lines, goal in ((1, "<= 1.50"), (PHONES, "-")):
        p50, p99 = await _bursts(world, events, lines)
        what = f"burst of {events} by {lines} phone{'s' * (lines > 1)}"
        figures += [
            pair(f"{what}, p50", *p50, "-"),
            pair(f"{what}, p99", *p99, goal),
        ]
    await world.check_nothing_lost()
    return [
        *figures,
        Figure(name="lost in bursts", ours="0", least="-", ratio="-", goal="0"),
    ]


type _Both = tuple[list[float], list[float]]


async def _bursts(world: World, events: int, lines: int) -> tuple[_Both, _Both]:
    """Return p50 and p99 of the answers, ours and the bare ones, in milliseconds."""
    urls = (world.webhook_url, world.handler_url)
    p50: _Both = ([], [])
    p99: _Both = ([], [])
    for number in range(BURSTS):
        for which in sorted((0, 1), reverse=bool(number % 2)):
            waits = await world.post_many(urls[which], events, lines=lines)
            await asyncio.sleep(SETTLE_SECONDS)
            cuts = quantiles(waits, n=100)
            p50[which].append(cuts[49] * 1000)
            p99[which].append(cuts[98] * 1000)
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
        ratio="-",
        goal="< 2 MiB",
    )
