"""What is measured in a real Home Assistant process."""

import asyncio
from statistics import quantiles

from demo.home import HomeError

from .figure import Figure, middle, ratio
from .world import PATIENCE_SECONDS, SARA, SETTLE_SECONDS, World, until

WARM_UP = 300
MESSAGES = 50
# Time for anything that would ask the gateway again after the last report
LATER_SECONDS = 3.0


async def ingest(world: World, rounds: int, events: int) -> list[Figure]:
    """Take signed webhooks in turns with the bare view, block by block."""
    urls = {"ours": world.webhook_url, "bare": world.bare_url}
    cpu: dict[str, list[float]] = {name: [] for name in urls}
    p50: dict[str, list[float]] = {name: [] for name in urls}
    p99: dict[str, list[float]] = {name: [] for name in urls}
    total = await world.total("received")
    for url in urls.values():
        await world.post_many(url, WARM_UP)
    await asyncio.sleep(SETTLE_SECONDS)
    for number in range(rounds):
        # Whoever is first in one round is second in the next
        for name in sorted(urls, reverse=bool(number % 2)):
            before = world.cpu_seconds()
            waits = await world.post_many(urls[name], events)
            await asyncio.sleep(SETTLE_SECONDS)
            cpu[name].append((world.cpu_seconds() - before) / events * 1000)
            cuts = quantiles(waits, n=100)
            p50[name].append(cuts[49] * 1000)
            p99[name].append(cuts[98] * 1000)
    counted = await world.total("received") - total
    if counted != WARM_UP + rounds * events:
        raise HomeError(f"{counted} messages were counted, not all that were posted")
    return [
        _pair("CPU per received SMS", cpu["ours"], cpu["bare"], "<= 1.35"),
        _pair("answer to a webhook, p50", p50["ours"], p50["bare"], "-"),
        _pair("answer to a webhook, p99", p99["ours"], p99["bare"], "<= 1.50"),
    ]


def _pair(name: str, ours: list[float], bare: list[float], goal: str) -> Figure:
    """Return one line of the table."""
    return Figure(
        name=name,
        ours=middle(ours, 2, " ms"),
        least=middle(bare, 2, " ms"),
        ratio=ratio(ours, bare),
        goal=goal,
    )


async def memory(world: World, events: int) -> Figure:
    """Let the process take many events after the blocks before have warmed it."""
    growth = []
    for url in (world.webhook_url, world.bare_url):
        await asyncio.sleep(SETTLE_SECONDS)
        before = world.rss_mib()
        await world.post_many(url, events)
        await asyncio.sleep(SETTLE_SECONDS)
        growth.append(world.rss_mib() - before)
    return Figure(
        name=f"memory growth, {events} SMS",
        ours=f"{growth[0]:+.2f} MiB",
        least=f"{growth[1]:+.2f} MiB",
        ratio="-",
        goal="< 2 MiB",
    )


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
