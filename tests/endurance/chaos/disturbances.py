"""What people, disks and clocks do to a running account.

Each disturbance may be cut by a kill anywhere, and is begun again in the next life, so
each of them leaves nothing behind that its own next try would not mend.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
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
# How long one of its own, and one of several, waits for the next on average
ALONE_SECONDS: Final = 9.0
BETWEEN_SECONDS: Final = 3.0
CUT_SECONDS: Final = 1.0
# Tries to end, once nothing is killed any more
MAX_LAST: Final = 6
# Longer than Home Assistant takes to store an entry, unless it is killed before
STORED_SECONDS: Final = 5.0
MISSED: Final = 20
AROUND: Final = timedelta(seconds=2)
FETCH_SECONDS: Final = 60.0
# An MMS that a kill puts off comes later than that
MMS_SECONDS: Final = 60.0
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
    slow = Fault(value=SLOW_SECONDS, limit=2 * SLOW_POSTS, path=WEBHOOK_PATH)
    world.gateway.faults["slow_webhooks"] = slow
    for _ in range(SLOW_POSTS):
        world.receive_more(f"chaos-slow-{random.randrange(10**9)}")
    if world.way == "webhook":
        await until(lambda: slow.hits, "a slow post", PATIENCE)
    changed = {"daily_limit": random.randrange(5000, 10000)}
    options = {**world.options, **NO_LIMITS, **changed}
    await set_options(world.home, world.entry_id, options)


async def password_changed(world: World, random: Random) -> None:
    """Change the password at the gateway, and enter it once Home Assistant asks."""
    world.gateway.password = f"pass-{random.randrange(10**9)}"
    login = {"username": world.gateway.username, "password": world.gateway.password}

    def is_stored() -> bool:
        # Also by a change of the address, which asks for it as well
        return world.stored("password") == world.gateway.password

    async def is_logged_in() -> bool:
        return is_stored() or await log_in_again(world.home, world.entry_id, login)

    with suppress(HarnessError):
        await world.home.action("sms_gate", "list_messages", {}, answer=True)
    await until(is_logged_in, "a new login was asked for", PATIENCE, pause=0.2)
    await until(is_stored, "the new password is stored", STORED_SECONDS)


async def address_changed(world: World, _random: Random) -> None:
    """Let the gateway be known by another address."""
    world.host = "localhost" if world.host == "127.0.0.1" else "127.0.0.1"
    await reconfigure(world.home, world.entry_id, world.login())


async def media_folder_failed(world: World, random: Random) -> None:
    """Let MMS come, one of its own or another, while a file is in their folder's place."""
    folder = world.home.folder / "media" / "sms_gate"
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.touch()
    before = world.recorded_mms()
    try:
        world.receive_mms("+966590042734", f"chaos-folder-{random.randrange(10**9)}")
        await until(
            lambda: world.recorded_mms() > before, "an MMS", MMS_SECONDS, pause=0.3
        )
    finally:
        folder.unlink()


async def batch_fetched(world: World, random: Random) -> None:
    """Fetch what the phone missed; it sends a batch, with what it sent before as well."""
    missed = world.missed
    if all(map(world.has, missed)):
        missed[:] = [f"chaos-missed-{random.randrange(10**9)}" for _ in range(MISSED)]
        world.missed_at = datetime.now(UTC)
        for text in missed:
            world.receive_more(text, missed=True)
    world.phone.refires_known = True
    period = {
        "since": (world.missed_at - AROUND).isoformat(),
        "until": (world.missed_at + AROUND).isoformat(),
    }
    try:
        await world.home.action("sms_gate", "refresh_inbox", period)
        await until(lambda: all(map(world.has, missed)), "the batch", FETCH_SECONDS)
    finally:
        world.phone.refires_known = False


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


# Those of a lane wait for each other, and for no other lane
LANES: Final[tuple[tuple[Disturbance, ...], ...]] = (
    (contact_added, option_changed, password_changed, address_changed),
    (media_folder_failed,),
    (clock_jumped,),
    (batch_fetched,),
)


class Lane:
    """Disturbs, in rounds of its disturbances in random order."""

    def __init__(
        self, world: World, all_of_lane: Sequence[Disturbance], random: Random
    ) -> None:
        """Draw from a generator of its own."""
        self._world = world
        self._random = random
        self._all = all_of_lane
        self._left: list[Disturbance] = []
        self._is_cut = False
        self.done: Counter[str] = Counter({one.__name__: 0 for one in all_of_lane})
        self.cut: Counter[str] = Counter()

    async def run(self, over: asyncio.Event) -> None:
        """Disturb until it is over, and go through what was cut, or never was."""
        pause = BETWEEN_SECONDS if len(self._all) > 1 else ALONE_SECONDS
        while not over.is_set():
            seconds = (
                CUT_SECONDS if self._is_cut else self._random.uniform(0, 2 * pause)
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), seconds)
            await self._next()
        for _ in range(MAX_LAST):
            if self._is_cut:
                await asyncio.sleep(CUT_SECONDS)
            elif all(self.done.values()):
                return
            await self._next()

    async def _is_up(self) -> bool:
        with suppress(*INTERRUPTED):
            await self._world.home.wait_until_running()
            return True
        return False

    async def _next(self) -> None:
        if not self._left:
            self._left = self._random.sample(self._all, len(self._all))
        one, began = self._left[-1], time.monotonic()
        try:
            await until(self._is_up, "a running Home Assistant", PATIENCE, pause=0.3)
            began = time.monotonic()
            await one(self._world, self._random)
        except INTERRUPTED as err:
            how = f"cut by {type(err).__name__}: {str(err)[:100]}"
            self._is_cut = True
            self.cut[one.__name__] += 1
        else:
            how = "done"
            self._is_cut = False
            self.done[one.__name__] += 1
            self._left.pop()
        seconds = time.monotonic() - began
        print(
            f"{time.monotonic():.1f} {one.__name__}: {how}, {seconds:.1f} s",
            file=sys.stderr,
            flush=True,
        )


class Disturber:
    """Disturbs in all lanes at once."""

    def __init__(self, world: World, random: Random) -> None:
        """Give each lane a generator of its own.

        Without a compiler no clock jumps; only what is pushed comes in batches.
        """
        self._over = asyncio.Event()
        self._lanes = [
            Lane(world, lane, Random(random.random()))
            for lane in LANES
            if (lane != (clock_jumped,) or world.clock.can_jump)
            and (lane != (batch_fetched,) or world.way == "webhook")
        ]

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each disturbance was gone through."""
        return {name: it for lane in self._lanes for name, it in lane.done.items()}

    @property
    def cut(self) -> Mapping[str, int]:
        """How often each disturbance was begun, and not gone through."""
        return {name: it for lane in self._lanes for name, it in lane.cut.items()}

    async def run(self) -> None:
        """Disturb until it is over."""
        await asyncio.gather(*(lane.run(self._over) for lane in self._lanes))

    def end(self) -> None:
        """Begin nothing any more; nothing is killed from now on, either."""
        self._over.set()
