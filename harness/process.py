"""Ports, and ending processes that were started here."""

import asyncio
from asyncio.subprocess import Process
from contextlib import suppress
from itertools import chain
import os
from pathlib import Path
from random import randrange
import signal
import socket
import sys
from typing import Final

STOP_SECONDS: Final = 30
# Below those that a system gives to outgoing connections, which could take one before its server
_OTHERS: Final = (20_000, 32_000)
# Compiled once for all that is started here, and not beside the sources
COMPILED_ONCE: Final = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(Path(sys.prefix) / "pycache"),
}
_LEASES: Final[list[socket.socket]] = []


def free_port(wanted: int = 0) -> int:
    """Return a port of 127.0.0.1 that nobody listens on: the wanted one if possible.

    Of all who ask here, from any checkout, only one gets it: a server may take half a
    minute until it listens.
    """
    others = iter(lambda: randrange(*_OTHERS), 0)
    return next(filter(None, map(_leased, chain((wanted,) if wanted else (), others))))


def _leased(port: int) -> int | None:
    """Return the port, and keep it until this process ends; None if it is taken."""
    lease = socket.socket(socket.AF_UNIX)
    with socket.socket() as probe:
        # As servers do: a connection that ended a minute ago is in nobody's way
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            found = int(probe.getsockname()[1])
            # A name without a file, as private to a network as the port is
            lease.bind(f"\0sms_gate port {found}")
        except OSError:
            lease.close()
            return None
    _LEASES.append(lease)
    return found


def has_network() -> bool:
    """Return True if an adapter is up by which other devices could be found.

    Without one, Home Assistant cannot make a client session.
    """
    group = socket.inet_aton("224.0.0.251") + socket.inet_aton("0.0.0.0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        except OSError:
            return False
    return True


async def end(process: Process | None) -> None:
    """Ask a process to end, and make it end."""
    if process is None or process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        await kill(process)


async def kill(process: Process | None) -> None:
    """End a process and its children at once, as a power cut would."""
    if process is not None and process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def end_on_signals() -> None:
    """Let Ctrl-C and SIGTERM cancel the current task, which ends what it started."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
