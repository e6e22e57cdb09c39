"""How often the gateway is asked: at a set-up, and in an idle hour."""

import json
import os
import subprocess
import sys
import time
from typing import Final

from harness.dialogs import ENTRIES, add_account, entries, remove_account
from harness.home import ROOT
from harness.until import HarnessError
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

from .figure import Figure, middle
from .world import World

# Long against everything else that a set-up does
DELAY_SECONDS: Final = 1.0
SET_UPS: Final = 3
IDLE_SECONDS: Final = 300


async def round_trips(world: World) -> list[Figure]:
    """Set up accounts whose webhooks are right while every answer comes late."""
    figures = [await _round_trips(world, "private", world.gateway, world.entry_id)]
    async with VirtualGateway() as phone:
        entered = {
            "host": "127.0.0.1",
            "port": phone.port,
            "username": phone.username,
            "password": phone.password,
        }
        entry_id = await add_account(world.home, "local", entered)
        figures.append(await _round_trips(world, "local", phone, entry_id))
        await remove_account(world.home, entry_id)
    return figures


async def _round_trips(
    world: World, mode: str, gateway: VirtualGateway, entry_id: str
) -> Figure:
    """Divide what a late gateway adds to a reload by how late each answer is."""
    found, requests = [], []
    await _reload(world, entry_id)
    for _ in range(SET_UPS):
        prompt = await _reload(world, entry_id)
        count = len(gateway.requests)
        gateway.faults["delay"] = Fault(value=DELAY_SECONDS)
        late = await _reload(world, entry_id)
        del gateway.faults["delay"]
        requests.append(len(gateway.requests) - count)
        found.append((late - prompt) / DELAY_SECONDS)
    return Figure(
        name=f"round trips of a set-up, {mode}",
        ours=f"{middle(found, 2)} with {max(requests)} requests",
        least="1",
        goal="<= 2",
    )


async def _reload(world: World, entry_id: str) -> float:
    """Set an account up anew; return the seconds it took."""
    start = time.perf_counter()
    await world.home.post(f"{ENTRIES}/{entry_id}/reload", {})
    seconds = time.perf_counter() - start
    accounts = await entries(world.home)
    state = next(item["state"] for item in accounts if item["entry_id"] == entry_id)
    if state != "loaded":
        raise HarnessError(f"the account is {state} after a reload")
    return seconds


def idle() -> list[Figure]:
    """Let an hour pass in frozen time, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "benchmarks/idle_hour.py", "-q", "-s"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=IDLE_SECONDS,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise HarnessError(
            f"the idle hour failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return [_idle(**json.loads(line)) for line in lines]


def _idle(mode: str, requests: dict[str, int]) -> Figure:
    """Return one line of the table."""
    return Figure(
        name=f"requests in an idle hour, {mode}",
        ours=str(sum(requests.values())),
        goal="<= 12",
    )
