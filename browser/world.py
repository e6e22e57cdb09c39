"""The real demo and a browser, started by the run and ended with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import os
from pathlib import Path
from typing import Final

from playwright.async_api import (
    Browser,
    BrowserContext,
    Playwright,
    StorageState,
    async_playwright,
)

from harness.gateway import GatewayProcess
from harness.home import Home
from harness.websocket import Connection, connect

from .person import Person

FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing of the run leaves this machine
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
SPEED: Final = 60.0
EVENTS: Final = ("sms_gate_sms_received", "sms_gate_sms_delivered")
SARA: Final = "+966590042734"
OMAR: Final = "+966501234567"
NEIGHBOUR: Final = "+966551234567"
PHONE: Final = "Samsung a16"


@dataclass
class World:
    """Home Assistant, the gateway, the person, and what comes on the event bus."""

    gateway: GatewayProcess
    home: Home
    browser: Browser
    person: Person
    connection: Connection

    async def hear(self, text: str, seconds: float = 30) -> None:
        """Wait until a received SMS with this text is on the event bus."""
        await self.connection.wait_for(
            lambda event: bool(event["data"].get("message") == text),
            f"sms_gate_sms_received: {text}",
            seconds,
        )

    def heard(self) -> list[str]:
        """Return the texts of all received SMS so far, in order."""
        return [
            str(event["data"].get("message"))
            for event in self.connection.events
            if event["event_type"] == EVENTS[0]
        ]


@asynccontextmanager
async def world(
    folder: Path, pictures: Path, *, overlay: Path | None = None
) -> AsyncIterator[World]:
    """Start everything, without the integration set up; end it afterwards."""
    async with (
        GatewayProcess(speed=SPEED, half_set_up=True) as gateway,
        Home(folder, overlay=overlay) as home,
        async_playwright() as playwright,
    ):
        await home.start_new()
        async with await _launch(playwright) as browser:
            context = await new_window(browser, 1280, 860)
            addresses = (home.url, gateway.url)
            person = await Person.sit_down(context, addresses, pictures)
            async with connect(home, *EVENTS) as connection:
                yield World(gateway, home, browser, person, connection)


async def new_window(
    browser: Browser,
    width: int,
    height: int,
    *,
    scale: float = 1,
    login: StorageState | None = None,
) -> BrowserContext:
    """Open a window of this size; ``login`` is another window's storage."""
    return await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        locale="en-GB",
        timezone_id="Asia/Riyadh",
        storage_state=login,
    )


async def _launch(playwright: Playwright) -> Browser:
    """Start the browser that scripts/test-browser found, with an empty profile."""
    return await playwright.chromium.launch(
        executable_path=os.environ["SMS_GATE_CHROMIUM"],
        args=list(FLAGS),
        # The run ends it itself, after having closed what it has open
        handle_sigint=False,
        handle_sigterm=False,
        handle_sighup=False,
    )
