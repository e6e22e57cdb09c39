"""The demo's Home Assistant and gateway, with the integration set up."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
import fcntl
from pathlib import Path
import shutil
import time
from typing import Final

from harness.dialogs import add_account, add_contact, try_account
from harness.gateway import PASSWORD, USERNAME, GatewayProcess
from harness.home import ROOT, Home
from harness.process import free_port
from harness.until import expect, until

from . import door

CONFIG: Final = Path(__file__).parent / "config"
BLUEPRINTS: Final = ROOT / "blueprints" / "automation" / "sms_gate"
PHONES: Final = 2
WRONG_SETTINGS: Final = ("pings", "webhook_retries", "internet_required")
RIGHT_SETTINGS: Final = {
    "ping": {"interval_seconds": 900},
    "webhooks": {"internet_required": False, "retry_count": 15},
}


class Steps:
    """Prints what was seen, and when."""

    def __init__(self) -> None:
        """Start the clock."""
        self._start = time.monotonic()

    def seen(self, what: str) -> None:
        """Print one step."""
        print(f"{time.monotonic() - self._start:6.1f} s  {what}", flush=True)


@dataclass(frozen=True)
class Demo:
    """What runs, and what it prints to."""

    gateway: GatewayProcess
    home: Home
    entry_ids: tuple[str, ...]
    steps: Steps


@contextmanager
def own_folder() -> Iterator[Path]:
    """Lock a folder of this checkout that no other demo uses."""
    top = ROOT / ".demo"
    top.mkdir(exist_ok=True)
    number = 1
    while True:
        with (top / f"{number}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                number += 1
                continue
            yield top / f"home-{number}"
            return


@asynccontextmanager
async def running(
    folder: Path, ports: tuple[int, int], speed: float
) -> AsyncIterator[Demo]:
    """Start both, with the integration set up; ``ports`` are taken where they are free.

    The ports are the gateway's and Home Assistant's; 0 for any.
    """
    steps = Steps()
    gateway_port, home_port = map(free_port, ports)
    async with (
        GatewayProcess(
            gateway_port, speed=speed, phones=PHONES, half_set_up=True
        ) as gateway,
        Home(folder, port=home_port, overlay=CONFIG) as home,
    ):
        shutil.copytree(BLUEPRINTS, folder / "blueprints" / "automation" / "sms_gate")
        steps.seen(f"the virtual gateway answers at {gateway.url}/control/")
        await home.start_new()
        version = (await home.get("/api/config"))["version"]
        steps.seen(f"Home Assistant {version} answers at {home.url}")
        server = await _set_up(gateway, home, steps)
        phone = await door.add_phone(gateway, home)
        await door.add_camera(home)
        steps.seen("a phone in local mode and the front door's camera are there")
        yield Demo(gateway, home, (server, phone), steps)


async def _set_up(gateway: GatewayProcess, home: Home, steps: Steps) -> str:
    """Add the account and a contact; return the entry's id."""
    login = {"url": gateway.url, "username": USERNAME, "verify_ssl": True}
    refused = await try_account(home, "private", {**login, "password": "wrong"})
    wanted = {"base": "invalid_auth"}
    expect(refused.get("errors"), wanted, "the answer to a wrong password")
    right = {**login, "password": PASSWORD}
    entry_id = await add_account(home, "private", right, WRONG_SETTINGS)
    steps.seen("a wrong password is refused, the right one sets the account up")
    after = await gateway.api("GET", "settings")
    expect(after, RIGHT_SETTINGS, "the phones' settings")
    steps.seen(
        "the phones' settings stood in the way; put right: pings were off, messages "
        "were delivered once only, and only with internet"
    )
    await add_contact(home, entry_id, {"name": "Sara", "phone_number": "059 004 2734"})

    async def is_there() -> bool:
        found = (await home.states("notify")).get("notify.sara", {})
        return found.get("state") not in {None, "unavailable"}

    await until(is_there, "notify.sara")
    webhooks = await gateway.api("GET", "webhooks")
    steps.seen(f"contact Sara is there, {len(webhooks)} webhooks are registered")
    return entry_id
