"""The gateway alone, for the demo and for people."""

import argparse
import asyncio
from collections.abc import Mapping
import contextlib
from copy import deepcopy
import signal

from .gateway import VirtualGateway

_VISIBLE_SECONDS = (0.6, 1.2)
_HALF_SET_UP: Mapping[str, object] = {
    "webhooks": {"internet_required": True, "retry_count": 1}
}


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/gateway",
        description="A virtual SMS gateway: server, phones and a page to play with. "
        "It keeps everything in memory and sends nothing to anybody.",
    )
    add = parser.add_argument
    add(
        "--host",
        default="127.0.0.1",
        help="The address to listen on; %(default)s unless given.",
    )
    add(
        "--port",
        type=int,
        default=8089,
        help="The port to listen on; %(default)s unless given, 0 for a free one.",
    )
    add(
        "--username",
        default="user",
        help="The name to log in with; %(default)s unless given.",
    )
    add(
        "--password",
        default="pass",
        help="The password to log in with; %(default)s unless given.",
    )
    add(
        "--signing-key",
        help="The key the phones sign webhooks with; each makes its own unless given.",
    )
    add(
        "--speed",
        type=float,
        default=60.0,
        help="How many times faster than real waits pass, such as those between retries; %(default)s unless given.",
    )
    add(
        "--seed",
        type=int,
        default=0,
        help="The number all ids and chances are drawn from; %(default)s unless given.",
    )
    add(
        "--phones",
        type=int,
        default=1,
        help="How many phones the account has; %(default)s unless given.",
    )
    add(
        "--paths",
        default="cloud,private,phone",
        help="Which APIs there are, with commas between; %(default)s unless given.",
    )
    add(
        "--half-set-up",
        action="store_true",
        help="Let the phones have settings that lose messages: no pings, one retry, and webhooks only with internet.",
    )
    return parser


async def _run(options: argparse.Namespace) -> None:
    """Serve until somebody stops it."""
    gateway = VirtualGateway(
        username=options.username,
        password=options.password,
        speed=options.speed,
        seed=options.seed,
        phones=options.phones,
        signing_key=options.signing_key,
        paths=options.paths.split(","),
    )
    # a person wants to see an SMS leave and arrive, whatever the speed
    gateway.send_seconds, gateway.deliver_seconds = (
        seconds * options.speed for seconds in _VISIBLE_SECONDS
    )
    if options.half_set_up:
        gateway.account.settings.update(deepcopy(dict(_HALF_SET_UP)))
        for phone in gateway.phones:
            phone.settings.update(dict(_HALF_SET_UP))
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    await gateway.start(options.host, options.port)
    try:
        print(f"gateway: {gateway.url}  page: {gateway.url}/control/", flush=True)
        await stopped.wait()
    finally:
        await gateway.stop()


def main() -> None:
    """Read the command line and run."""
    parser = _parser()
    options = parser.parse_args()
    if options.speed <= 0:
        parser.error("--speed must be above 0")
    if options.phones < 0:
        parser.error("--phones must not be negative")
    if not set(options.paths.split(",")) <= {"cloud", "private", "phone"}:
        parser.error("--paths takes cloud, private and phone")
    with contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(_run(options))
        except OSError as err:
            parser.exit(1, f"gateway: cannot listen: {err}\n")


if __name__ == "__main__":
    main()
