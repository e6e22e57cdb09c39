"""The Messages page's commands, with 100,000 messages kept and with ten."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
import time
from typing import Any, Final

from custom_components.sms_gate.messages.database import Database
from custom_components.sms_gate.messages.record import Record
from harness.until import until
from harness.websocket import Connection, connect

from .figure import Figure, middle, ratio
from .world import World

MESSAGES: Final = 100_000
CONVERSATIONS: Final = 1_000
FEW: Final = 10
BATCH: Final = 5_000
TURNS: Final = 30
EMPTY_BYTES: Final = 20_000

type Command = Callable[[Connection], Awaitable[Any]]


def number(place: int) -> str:
    """Return the number of a conversation."""
    return f"+9665{place % CONVERSATIONS:08d}"


def fill(path: Path, messages: range) -> None:
    """Write messages into the file of an account, spread over all conversations."""
    database = Database(path)
    for begin in range(messages.start, messages.stop, BATCH):
        batch = range(begin, min(begin + BATCH, messages.stop))
        database.write(_records(batch), "SA", 0)
    database.close()


def _records(places: range) -> Iterator[Record]:
    now = time.time()
    for place in places:
        yield Record(
            identity=place.to_bytes(16),
            is_outgoing=bool(place % 3),
            kind="sms",
            number=number(place),
            written_to=number(place),
            text=f"Message {place}: the garage door is still open",
            time=now - MESSAGES + place,
            kept=now,
            state="Delivered" if place % 3 else None,
            is_unread=place % 21 == 0,
        )


async def wait_for_file(path: Path) -> None:
    """Wait until Home Assistant has made its tables."""

    def is_made() -> bool:
        return path.exists() and path.stat().st_size > EMPTY_BYTES

    await until(is_made, "the file of kept messages")


def file_of(world: World) -> Path:
    """Return the file of the measured account."""
    name = f"sms_gate.{world.entry_id}.messages"
    return world.home.folder / ".storage" / name


async def keep(world: World) -> list[Figure]:
    """Measure with ten messages, then with 100,000; the memory before and after."""
    place = {"config_entry_id": world.entry_id, "conversation": number(FEW - 1)}
    commands: dict[str, tuple[Command, str]] = {
        "list of 50 conversations": (_asking("conversations/list", limit=50), "<= 30"),
        "list of 1,000": (_asking("conversations/list", limit=1000), "<= 30"),
        "page of 50 messages": (_asking("messages/list", **place), "<= 10"),
        "search": (_asking("messages/search", query="message 3:"), "-"),
    }
    async with connect(world.home) as connection:
        await connection.ask(
            "sms_gate/conversations/keep", config_entry_id=world.entry_id, days=30
        )
        await wait_for_file(file_of(world))
        await asyncio.to_thread(fill, file_of(world), range(FEW))
        few = {name: await _times(connection, it[0]) for name, it in commands.items()}
        before = world.rss_mib()
        await asyncio.to_thread(fill, file_of(world), range(FEW, MESSAGES))
        many = {name: await _times(connection, it[0]) for name, it in commands.items()}
        after = world.rss_mib()
    return [
        *(
            Figure(
                name=f"{name}, 100,000 messages against 10",
                ours=middle(many[name], 1, " ms"),
                least=middle(few[name], 1, " ms"),
                ratio=ratio(many[name], few[name]),
                goal=goal,
            )
            for name, (_, goal) in commands.items()
        ),
        Figure(
            name="memory, 100,000 messages against 10",
            ours=f"{after:.0f} MiB",
            least=f"{before:.0f} MiB",
            ratio=f"{after / before:.2f}",
            goal="<= 1.02",
        ),
    ]


def _asking(command: str, **fields: object) -> Command:
    return lambda connection: connection.ask(f"sms_gate/{command}", **fields)


async def _times(connection: Connection, command: Command) -> list[float]:
    """Return how long answers took, in milliseconds; the first fills caches."""
    taken = []
    for _ in range(TURNS + 1):
        start = time.perf_counter()
        await command(connection)
        taken.append((time.perf_counter() - start) * 1000)
    return taken[1:]
