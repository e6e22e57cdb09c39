"""scripts/bench: measures, and prints one table. Nothing is asserted of any time."""

import argparse
import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
import os
from pathlib import Path
import platform
import shutil
import subprocess
import sys
from tempfile import TemporaryDirectory
import time

from homeassistant import const

from harness import log
from harness.home import ROOT
from harness.process import end_on_signals
from harness.until import HarnessError

from .asking import idle, round_trips
from .figure import Figure, table
from .in_process import imports, look_up
from .keeping import keep
from .receiving import burst, ingest, memory
from .sending import requests_per_message, send
from .world import World, world


def machine() -> str:
    """Name what the figures were measured on."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    found = (line.partition(":")[2].strip() for line in info if "model name" in line)
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}, "
        f"Home Assistant {const.__version__}, Python {platform.python_version()}\n"
        f"{next(found, platform.machine())}, {os.cpu_count()} cores, "
        f"Linux {platform.release()}"
    )


def _commit() -> str:
    """Return which state of the integration is measured."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    command = [git, "describe", "--always", "--dirty", "--abbrev=7", "--exclude=*"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20
    )
    return done.stdout.strip() or "unknown"


def load() -> str:
    """Return how many processes wanted a core, in the last and the last 5 minutes."""
    return "{:.1f} / {:.1f}".format(*os.getloadavg()[:2])


def note(text: str) -> None:
    """Say what goes on, apart from the table."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


async def speed(worlds: list[World], arguments: argparse.Namespace) -> list[Figure]:
    """Measure receiving and sending by all builds, in turns."""
    note("receiving")
    figures = await ingest(worlds, arguments.blocks, arguments.events)
    note("bursts")
    figures += await burst(worlds, arguments.blocks, arguments.burst)
    note("sending")
    return figures + await send(worlds, arguments.blocks, arguments.messages)


async def rest(world: World, memory_events: int) -> list[Figure]:
    """Measure what does not depend on how fast a machine is."""
    note("requests, an idle hour, imports, kept messages, memory")
    return [
        await requests_per_message(world),
        *await round_trips(world),
        *await asyncio.to_thread(idle),
        look_up(),
        await asyncio.to_thread(imports),
        *await keep(world),
        await memory(world, memory_events),
    ]


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Start a Home Assistant for each build, and measure."""
    builds = {"this": ROOT}
    if arguments.against:
        builds["against"] = arguments.against.resolve()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="sms-gate-bench-"))
        note("starting Home Assistant")
        worlds = [
            await stack.enter_async_context(
                world(
                    name,
                    Path(folder) / name,
                    checkout=checkout,
                    records=arguments.recorder,
                )
            )
            for name, checkout in builds.items()
        ]
        figures = [] if arguments.rest else await speed(worlds, arguments)
        if arguments.rest:
            figures += await rest(worlds[0], arguments.memory_events)
        log.check(worlds[0].home.console())
    return figures


async def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "--against", type=Path, help="another checkout, to compare with"
    )
    parser.add_argument(
        "--no-recorder", dest="recorder", action="store_false", help="record nothing"
    )
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--events", type=int, default=1000, help="SMS in each block")
    parser.add_argument("--burst", type=int, default=2000, help="SMS in each burst")
    parser.add_argument("--messages", type=int, default=200, help="sent in each block")
    parser.add_argument(
        "--rest", action="store_true", help="memory, requests, imports instead"
    )
    parser.add_argument("--memory-events", type=int, default=20_000)
    arguments = parser.parse_args()
    end_on_signals()
    start, loaded = time.monotonic(), load()
    try:
        figures = await measure(arguments)
    except HarnessError as err:
        print(f"FAILED: {err}", file=sys.stderr)
        return 1
    print(machine())
    print(f"load {loaded} at the start, {load()} at the end", end="")
    print(f", {time.monotonic() - start:.0f} s; medians, in brackets the extremes\n")
    print(table(figures))
    return 0


if __name__ == "__main__":
    with suppress(asyncio.CancelledError):
        sys.exit(asyncio.run(main()))
