"""scripts/demo: a virtual gateway and a real Home Assistant, ready to play with.

With --once it needs no person: it sends an SMS, lets the virtual phone deliver and
answer it, prints each step with its time, and ends with 0 only if all was seen.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
import signal
import sys
import tempfile
import time
from typing import Any, Final

from .gateway import (
    PASSWORD as GATEWAY_PASSWORD,
    USERNAME as GATEWAY_USERNAME,
    GatewayProcess,
)
from .home import PASSWORD, ROOT, USERNAME, Home, HomeError, free_port
from .listener import Listener
from .setup_flow import add_account, add_contact

SARA: Final = "+966590042734"
TEXT: Final = "مرحبا سارة، باب المرآب ما زال مفتوحًا 🚪"
EVENTS: Final = (
    "sms_gate_sms_received",
    "sms_gate_sms_sent",
    "sms_gate_sms_delivered",
)


class Steps:
    """Prints what was seen, and when."""

    def __init__(self) -> None:
        """Start the clock."""
        self._start = time.monotonic()

    def seen(self, what: str) -> None:
        """Print one step."""
        print(f"{time.monotonic() - self._start:6.1f} s  {what}", flush=True)


@asynccontextmanager
async def running(
    folder: Path, gateway_port: int, home_port: int, speed: float, steps: Steps
) -> AsyncIterator[tuple[GatewayProcess, Home, str]]:
    """Start both, with the integration set up and a contact added."""
    async with (
        GatewayProcess(gateway_port, speed=speed) as gateway,
        Home(folder, port=home_port) as home,
    ):
        steps.seen(f"the virtual gateway answers at {gateway.url}/control/")
        home.prepare()
        await home.start()
        await home.onboard()
        await home.wait_until_running()
        config = await home.get("/api/config")
        steps.seen(f"Home Assistant {config['version']} answers at {home.url}")
        yield gateway, home, await _set_up(gateway, home, steps)


async def _set_up(gateway: GatewayProcess, home: Home, steps: Steps) -> str:
    """Add the account and a contact; return the entry's id."""
    login = {"url": gateway.url, "username": GATEWAY_USERNAME, "verify_ssl": True}
    refused = await add_account(home, "private", {**login, "password": "wrong"})
    if refused.get("errors") != {"base": "invalid_auth"}:
        raise HomeError(f"a wrong password was not refused: {refused}")
    answer = await add_account(home, "private", {**login, "password": GATEWAY_PASSWORD})
    if answer["type"] != "create_entry":
        raise HomeError(f"the account was not set up: {answer.get('errors')}")
    entry_id: str = answer["result"]["entry_id"]
    steps.seen("a wrong password is refused, the right one sets the account up")
    await add_contact(home, entry_id, {"name": "Sara", "phone_number": "059 004 2734"})
    await _until(lambda: _has_state(home, "notify.sara"), "notify.sara")
    webhooks = await gateway.api("GET", "webhooks")
    steps.seen(f"contact Sara is there, {len(webhooks)} webhooks are registered")
    return entry_id


async def _has_state(home: Home, entity_id: str) -> bool:
    states = await home.get("/api/states")
    return any(
        state["entity_id"] == entity_id and state["state"] != "unavailable"
        for state in states
    )


async def _until(condition: Any, what: str, seconds: float = 30) -> None:
    """Ask until it is so."""
    try:
        async with asyncio.timeout(seconds):
            while not await condition():
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise HomeError(f"not seen within {seconds:.0f} s: {what}") from None


async def once(folder: Path, steps: Steps) -> None:
    """Go the whole circle without a person."""
    async with running(folder, free_port(), free_port(), 60, steps) as (
        gateway,
        home,
        entry_id,
    ):
        async with Listener(home, *EVENTS) as listener:
            await _send(gateway, home, listener, steps)
            await _answer(gateway, listener, steps)
        await _remove(gateway, home, entry_id, steps)
    complaints = [
        line for line in home.log().splitlines() if "sms_gate" in line.lower()
    ]
    complaints = [
        line for line in complaints if " WARNING " in line or " ERROR " in line
    ]
    complaints = [line for line in complaints if "not been tested" not in line]
    if complaints:
        raise HomeError("Home Assistant's log complains:\n" + "\n".join(complaints))
    steps.seen("all processes ended, no warning of ours in the log")


async def _send(
    gateway: GatewayProcess, home: Home, listener: Listener, steps: Steps
) -> None:
    """Send to the contact by name and see it sent and delivered."""
    answer = await home.action(
        "sms_gate",
        "send_message",
        {"recipients": ["sara"], "message": TEXT},
        answer=True,
    )
    message = answer["messages"][0]
    steps.seen(f"an SMS to Sara is accepted: {message['state']}")
    for kind in ("sent", "delivered"):
        await listener.wait_for(
            lambda event, kind=kind: (
                event["event_type"] == f"sms_gate_sms_{kind}"
                and event["data"]["message_id"] == message["message_id"]
                and event["data"]["contact"] == "Sara"
            ),
            f"sms_gate_sms_{kind}",
        )
        steps.seen(f"sms_gate_sms_{kind} is on the event bus")
    outbox = (await gateway.control("GET", "outbox"))["messages"]
    if [(item["phone_number"], item["text"]) for item in outbox] != [(SARA, TEXT)]:
        raise HomeError(f"the phone sent something else: {outbox}")
    steps.seen(f"the phone sent exactly one SMS: {TEXT}")


async def _answer(gateway: GatewayProcess, listener: Listener, steps: Steps) -> None:
    """Let Sara answer, and the automation answer her."""
    for text in ("شكرًا، أغلقته", "ping"):
        await gateway.control("POST", "receive", {"sender": SARA, "message": text})
        event = await listener.wait_for(
            lambda event, text=text: event["data"].get("message") == text,
            "sms_gate_sms_received",
        )
        steps.seen(f"sms_gate_sms_received from {event['data']['contact']}: {text}")

    async def answered() -> bool:
        outbox = (await gateway.control("GET", "outbox"))["messages"]
        return [item["text"] for item in outbox] == [TEXT, "pong"]

    await _until(answered, "the automation's pong")
    steps.seen("the automation answered with pong")


async def _remove(
    gateway: GatewayProcess, home: Home, entry_id: str, steps: Steps
) -> None:
    """Remove the account; nothing is left at the gateway."""
    await home.delete(f"/api/config/config_entries/entry/{entry_id}")
    if left := await gateway.api("GET", "webhooks"):
        raise HomeError(f"{len(left)} webhooks were left at the gateway")
    services = {
        item["domain"]: item["services"] for item in await home.get("/api/services")
    }
    if "sms_gate" in services.get("notify", {}):
        raise HomeError("notify.sms_gate was left behind")
    steps.seen("the account is removed, no webhook is left at the gateway")


async def stay(steps: Steps) -> None:
    """Stay up until Ctrl-C."""
    folder = ROOT / ".demo" / "home"
    async with running(folder, 8089, 8123, 10, steps) as (gateway, home, _):
        print(
            f"""
  Home Assistant   {home.url}   user {USERNAME}, password {PASSWORD}
  Virtual phone    {gateway.url}/control/

  Write "ping" from the virtual phone's page, or send an SMS to Sara with the
  action sms_gate.send_message. Ctrl-C ends both.
""",
            flush=True,
        )
        await asyncio.Event().wait()


async def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument(
        "--once", action="store_true", help="go the whole circle once, without a person"
    )
    arguments = parser.parse_args()
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    steps = Steps()
    try:
        if arguments.once:
            with tempfile.TemporaryDirectory(prefix="sms-gate-demo-") as folder:
                await once(Path(folder) / "home", steps)
        else:
            await stay(steps)
    except HomeError as err:
        print(f"FAILED: {err}", file=sys.stderr)
        return 1
    return 0


with suppress(asyncio.CancelledError):
    sys.exit(asyncio.run(main()))
