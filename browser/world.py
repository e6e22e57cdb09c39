"""The real demo and a browser, started by the run and ended with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import os
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Playwright, async_playwright

from demo.gateway import GatewayProcess
from demo.home import Home, free_port
from demo.listener import Listener

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
SARA: Final = "+966590042734"
NEIGHBOUR: Final = "+966551234567"
PHONE: Final = "Samsung a16"


@dataclass
class World:
    """Home Assistant, the gateway, the person, and what is heard on the event bus."""

    gateway: GatewayProcess
    home: Home
    person: Person
    listener: Listener

    async def hear(self, text: str, seconds: float = 30) -> None:
        """Wait until a received SMS with this text is on the event bus."""
        await self.listener.wait_for(
            lambda event: event["data"].get("message") == text,
            f"sms_gate_sms_received: {text}",
            seconds,
        )

    def heard(self) -> list[str]:
        """Return the texts of all received SMS so far, in order."""
        return [str(event["data"].get("message")) for event in self.listener.events]


@asynccontextmanager
async def world(folder: Path, pictures: Path) -> AsyncIterator[World]:
    """Start everything, without the integration set up; end it afterwards."""
    async with (
        GatewayProcess(free_port(), speed=SPEED) as gateway,
        Home(folder) as home,
        async_playwright() as playwright,
    ):
        home.prepare()
        await home.start()
        await home.onboard()
        await home.wait_until_running()
        browser = await _launch(playwright)
        try:
            context = await browser.new_context(
                viewport={"width": 1280, "height": 860},
                locale="en-GB",
                timezone_id="Asia/Riyadh",
            )
            addresses = (home.url, gateway.url)
            person = await Person.sit_down(context, addresses, pictures)
            async with Listener(home, "sms_gate_sms_received") as listener:
                yield World(gateway, home, person, listener)
        finally:
            await browser.close()


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
