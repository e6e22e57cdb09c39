"""scripts/bench: measures, and prints one table. Nothing is asserted of any time."""

import argparse
import asyncio
from contextlib import suppress
from datetime import UTC, datetime
import os
from pathlib import Path
import platform
import shutil
import subprocess
import sys
import tempfile
import time

from homeassistant import const

from harness import log
from harness.home import ROOT
from harness.process import end_on_signals
from harness.until import HarnessError

from .asking import idle, round_trips
from .figure import Figure, Share, share_table, table
from .in_process import imports, look_up
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


async def measure(
    arguments: argparse.Namespace,
) -> tuple[list[Figure], list[Share]]:
    """Measure everything."""
    alone = [look_up()]
    note("imports")
    alone.append(await asyncio.to_thread(imports))
    note("an idle hour")
    alone += await asyncio.to_thread(idle)
    with tempfile.TemporaryDirectory(prefix="sms-gate-bench-") as folder:
        note("starting Home Assistant")
        async with world(Path(folder) / "home") as made:
            figures, shares = await in_home(made, arguments)
            log.check(made.home.console())
    return [*figures, *alone], shares


async def in_home(
    made: World, arguments: argparse.Namespace
) -> tuple[list[Figure], list[Share]]:
    """Measure what needs a real process."""
    note(f"receiving, process {made.home.pid}")
    figures, shares = await ingest(made, arguments.rounds, arguments.events)
    note("a burst")
    figures += await burst(made, arguments.burst)
    note("sending")
    figures.append(await send(made, arguments.rounds, arguments.messages))
    figures.append(await requests_per_message(made))
    note("memory")
    figures.append(await memory(made, arguments.memory_events))
    note("setting up")
    figures += await round_trips(made)
    return figures, shares


async def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=2000, help="SMS in each block")
    parser.add_argument("--burst", type=int, default=10_000, help="SMS in the burst")
    parser.add_argument("--messages", type=int, default=200, help="sent in each block")
    parser.add_argument("--memory-events", type=int, default=20_000)
    arguments = parser.parse_args()
    end_on_signals()
    start, loaded = time.monotonic(), load()
    try:
        figures, shares = await measure(arguments)
    except HarnessError as err:
        print(f"FAILED: {err}", file=sys.stderr)
        return 1
    print(machine())
    print(f"load {loaded} at the start, {load()} at the end", end="")
    print(f", {time.monotonic() - start:.0f} s; medians, in brackets the extremes\n")
    print(table(figures))
    print()
    print(share_table(shares))
    return 0


if __name__ == "__main__":
    with suppress(asyncio.CancelledError):
        sys.exit(asyncio.run(main()))
