"""What people, disks and clocks do to a running account.

Each disturbance may be cut by a kill anywhere, and is begun again in the next life, so
each of them leaves nothing behind that its own next try would not mend.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from random import Random
import shutil
import sys
import time
from typing import Final

from aiohttp import ClientError

from harness.dialogs import (
    NO_LIMITS,
    add_contact,
    log_in_again,
    reconfigure,
    set_options,
)
from harness.until import HarnessError, until
from virtual_gateway.faults import Fault

from .world import PATIENCE, World

type Disturbance = Callable[[World, Random], Awaitable[None]]

INTERRUPTED: Final = (HarnessError, ClientError, OSError, TimeoutError)
BETWEEN_SECONDS: Final = 3.0
# Longer than an account takes to unload
SLOW_SECONDS: Final = 0.3
SLOW_POSTS: Final = 3
WEBHOOK_PATH: Final = "/api/sms_gate/"
JUMPS: Final = (-2 * 86400, -600, 600, 2 * 86400)


async def contact_added(world: World, random: Random) -> None:
    """Add a contact nobody writes to."""
    number = random.randrange(10**7)
    contact = {"name": f"Guest {number}", "phone_number": f"+96651{number:07d}"}
    await add_contact(world.home, world.entry_id, contact)


async def option_changed(world: World, random: Random) -> None:
    """Change an option, which reloads the account while the phone posts slowly."""
    texts = [f"chaos-slow-{random.randrange(10**9)}" for _ in range(SLOW_POSTS)]
    slow = Fault(value=SLOW_SECONDS, limit=2 * SLOW_POSTS, path=WEBHOOK_PATH)
    world.gateway.faults["slow_webhooks"] = slow
    for text in texts:
        world.receive_more(text)
    if world.way == "webhook":
        await until(lambda: slow.hits, "a slow post", PATIENCE)
    changed = {"daily_limit": random.randrange(5000, 10000)}
    options = {**world.options, **NO_LIMITS, **changed}
    await set_options(world.home, world.entry_id, options)
    await until(lambda: all(map(world.has, texts)), "all slow posts", PATIENCE)


async def password_changed(world: World, random: Random) -> None:
    """Change the password at the gateway, and enter it once Home Assistant asks."""
    world.gateway.password = f"pass-{random.randrange(10**9)}"
    login = {"username": world.gateway.username, "password": world.gateway.password}

    async def is_logged_in() -> bool:
        return await log_in_again(world.home, world.entry_id, login)

    with suppress(HarnessError):
        await world.home.action("sms_gate", "list_messages", {}, answer=True)
    await until(is_logged_in, "a new login was asked for", PATIENCE, pause=0.2)
    await until(lambda: world.stored("password") == world.gateway.password)


async def address_changed(world: World, _random: Random) -> None:
    """Let the gateway be known by another address."""
    world.host = "localhost" if world.host == "127.0.0.1" else "127.0.0.1"
    await reconfigure(world.home, world.entry_id, world.login())


async def media_folder_failed(world: World, random: Random) -> None:
    """Receive an MMS while a file is in the place of its folder."""
    folder = world.home.folder / "media" / "sms_gate"
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.touch()
    text = f"chaos-folder-{random.randrange(10**9)}"
    try:
        world.receive_mms("+966590042734", text)
        await until(lambda: world.has(text), "the MMS without its file", PATIENCE)
    finally:
        folder.unlink()


async def clock_jumped(world: World, random: Random) -> None:
    """Let Home Assistant's clock be wrong for some messages, then right again."""
    lines = world.lines()
    world.clock.set(random.choice(JUMPS))
    try:
        with suppress(HarnessError):
            # A wrong clock refuses signed webhooks, so nothing may come meanwhile
            await until(lambda: world.lines() > lines + 10, seconds=2)
    finally:
        world.clock.set(0)


DISTURBANCES: Final[tuple[Disturbance, ...]] = (
    contact_added,
    option_changed,
    password_changed,
    address_changed,
    media_folder_failed,
    clock_jumped,
)


class Disturber:
    """Disturbs, in rounds of all disturbances in random order."""

    def __init__(self, world: World, random: Random) -> None:
        """Draw from a generator of its own."""
        self._world = world
        self._random = random
        self._all = [
            one
            for one in DISTURBANCES
            if one is not clock_jumped or world.clock.can_jump
        ]
        self._left: list[Disturbance] = []
        self.done: Counter[str] = Counter({one.__name__: 0 for one in DISTURBANCES})
        self.cut: Counter[str] = Counter()

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each disturbance was gone through."""
        return dict(self.done)

    async def run(self) -> None:
        """Disturb until cancelled."""
        while True:
            await asyncio.sleep(self._random.uniform(0, 2 * BETWEEN_SECONDS))
            await self._next()

    async def finish(self) -> None:
        """Go through what never was, now that nothing is killed any more."""
        self._left = [one for one in self._all if not self.done[one.__name__]]
        while self._left:
            await self._next(is_last=True)

    async def _next(self, *, is_last: bool = False) -> None:
        if not self._left:
            self._left = self._random.sample(self._all, len(self._all))
        one, began = self._left[-1], time.monotonic()
        try:
            await self._world.home.wait_until_running()
            await one(self._world, self._random)
        except INTERRUPTED as err:
            how = f"cut by {type(err).__name__}: {str(err)[:100]}"
            if is_last:
                raise
            self.cut[one.__name__] += 1
            await asyncio.sleep(0.2)
        else:
            how = "done"
            self.done[one.__name__] += 1
            self._left.pop()
        seconds = time.monotonic() - began
        print(
            f"{time.monotonic():.1f} {one.__name__}: {how}, {seconds:.1f} s",
            file=sys.stderr,
            flush=True,
        )
