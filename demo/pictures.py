"""scripts/screenshots: takes the pictures of the README anew.

A person's way through a real Home Assistant: log in, add the integration, add a
contact, send and receive, look around. Names of pictures as arguments take only those.
"""

import asyncio
from collections.abc import Callable, Mapping
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any, Final

from .gateway import (
    PASSWORD as GATEWAY_PASSWORD,
    USERNAME as GATEWAY_USERNAME,
    GatewayProcess,
)
from .home import PASSWORD, ROOT, USERNAME, Home, HomeError, free_port
from .listener import Listener
from .setup_flow import add_contact

# Playwright lives in a folder of its own; it must not change what Home Assistant imports
sys.path.append(os.environ["SMS_GATE_PLAYWRIGHT"])

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Locator, Page
else:
    from playwright.async_api import Error as BrowserError, async_playwright

PICTURES: Final = ROOT / "docs" / "pictures"
DASHBOARD: Final = ROOT / "docs" / "dashboard.md"
FAILURE: Final = ROOT / "artifacts" / "pictures-failure.png"
BROWSER: Final = "/usr/bin/chromium"
FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MAX_BYTES: Final = 250_000
SARA: Final = "+966590042734"
OMAR: Final = "+966551234567"
DIALOG: Final = "dialog-data-entry-flow"


class Camera:
    """One browser window and the pictures taken of it."""

    def __init__(self, browser: Browser, wanted: frozenset[str]) -> None:
        """Name the pictures to keep; none means all."""
        self._browser = browser
        self._wanted = wanted
        self._login: Any = None
        self.page: Page

    async def window(self, width: int, height: int, scale: float = 1) -> Page:
        """Open a window of this size, still logged in."""
        context: BrowserContext = await self._browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale="en-GB",
            timezone_id="Asia/Riyadh",
            storage_state=self._login,
        )
        self.page = await context.new_page()
        self.page.set_default_timeout(20_000)
        return self.page

    async def keep_login(self) -> None:
        """Let windows opened later be logged in as this one is."""
        self._login = await self.page.context.storage_state()

    async def take(self, name: str, until: str | None = None) -> None:
        """Take a picture once ``until`` is seen and nothing moves any more."""
        if self._wanted and name not in self._wanted:
            return
        if until:
            await self.page.get_by_text(until).first.wait_for()
        await self.page.mouse.move(1, 1)
        picture = b""
        for _ in range(12):
            await self.page.wait_for_timeout(400)
            before, picture = picture, await self.page.screenshot(animations="disabled")
            if picture == before:
                break
        path = PICTURES / f"{name}.png"
        path.write_bytes(picture)
        _shrink(path)
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise HomeError(f"{path} has {size} bytes, more than {MAX_BYTES}")
        print(f"{path.relative_to(ROOT)}  {size // 1000} kB", flush=True)


def _shrink(path: Path) -> None:
    """Make a picture smaller by the tools that are installed."""
    for tool in (
        ("pngquant", "--force", "--strip", "--quality=70-98", "--output", path, path),
        ("optipng", "-quiet", path),
    ):
        if shutil.which(tool[0]):
            subprocess.run(tool, check=False, timeout=60)


async def walk(
    camera: Camera, gateway: GatewayProcess, home: Home, listener: Listener
) -> None:
    """Go a person's way, and take pictures of it."""
    await log_in(camera, home)
    await set_up(camera, gateway, home)
    await add_contacts(camera, home)
    await talk(gateway, home, listener)
    await look_around(camera, gateway, home)
    await fill_action(camera, home)


async def _walk_or_show(
    camera: Camera, gateway: GatewayProcess, home: Home, listener: Listener
) -> None:
    """Walk; where the way is not as expected, leave a picture of what is seen."""
    try:
        await walk(camera, gateway, home, listener)
    except BrowserError as err:
        FAILURE.parent.mkdir(exist_ok=True)
        await camera.page.screenshot(path=FAILURE)
        raise HomeError(f"{err}\nWhat was seen instead: {FAILURE}") from err


async def log_in(camera: Camera, home: Home) -> None:
    """Log in by the login page."""
    page = await camera.window(900, 600, 4 / 3)
    await page.goto(home.url)
    await page.locator("input[name=username]").fill(USERNAME)
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator("ha-sidebar").wait_for()
    await camera.keep_login()


async def set_up(camera: Camera, gateway: GatewayProcess, home: Home) -> None:
    """Add the account; take a picture of each form, filled as a person would."""
    await _choose(camera, home, None)
    await camera.take("choose_mode", "Local server on the phone")
    shown: Mapping[str, tuple[str, ...]] = {
        "Cloud server": ("K3V9QX", "secret-word"),
        "Local server on the phone": ("192.168.1.20", "8080", "sms", "secret-word"),
        "Private server": ("sms.example.com", "K3V9QX", "secret-word"),
    }
    for mode, values in shown.items():
        inputs = await _choose(camera, home, mode)
        await _fill(inputs, values)
        await camera.take(f"mode_{mode.partition(' ')[0].lower()}")
    await _fill(inputs, (gateway.url, GATEWAY_USERNAME, GATEWAY_PASSWORD))
    await _submit(camera.page)


async def _choose(camera: Camera, home: Home, mode: str | None) -> Locator:
    """Add the integration and choose a mode; return the form's inputs."""
    page = await camera.window(
        900, 600 if mode in (None, "Cloud server") else 750, 4 / 3
    )
    await page.goto(f"{home.url}/config/integrations/dashboard")
    await page.get_by_text("Add integration").last.click()
    search = page.locator("dialog-add-integration input")
    await search.fill("SMS Gate")
    await page.locator("dialog-add-integration").get_by_text("SMS Gate").last.click()
    inputs = page.locator(f"{DIALOG} input")
    if mode is not None:
        await page.get_by_text(mode, exact=True).click()
        await inputs.first.wait_for()
    return inputs


async def _fill(inputs: Locator, values: tuple[str, ...]) -> None:
    """Fill a form's inputs from the top."""
    for position, value in enumerate(values):
        await inputs.nth(position).fill(value)


async def _submit(page: Page) -> None:
    """Submit a form and close the page that says it worked."""
    dialog = page.locator(DIALOG)
    await dialog.get_by_text("Submit", exact=True).last.click()
    await dialog.get_by_text(
        re.compile(r"^\s*(Skip and finish|Finish)\s*$")
    ).last.click()
    await page.wait_for_timeout(1000)


async def add_contacts(camera: Camera, home: Home) -> None:
    """Add Sara by the button on the account's page, and Omar as quickly as possible."""
    page = await camera.window(900, 680, 4 / 3)
    await page.goto(f"{home.url}/config/integrations/integration/sms_gate")
    await page.get_by_text("Add contact").first.click()
    inputs = page.locator(f"{DIALOG} input")
    await inputs.first.wait_for()
    await _fill(inputs, ("Sara", "059 004 2734"))
    await camera.take("contact")
    await _submit(page)
    entries = await home.get("/api/config/config_entries/entry?domain=sms_gate")
    omar = {"name": "Omar", "phone_number": OMAR}
    await add_contact(home, entries[0]["entry_id"], omar)
    await camera.window(1200, 980)
    await camera.page.goto(page.url)
    await camera.take("account", "Omar")


async def talk(gateway: GatewayProcess, home: Home, listener: Listener) -> None:
    """Send and receive what the pictures show."""
    await _send(home, listener, OMAR, "The front door has been open for 10 minutes.")
    await _receive(gateway, listener, OMAR, "Thanks, I closed it.")
    await _send(home, listener, "Sara", "The washing machine is leaking.")
    await _receive(gateway, listener, SARA, "I have closed the tap.")
    await _notify(home, listener, "The floor is dry again. The plumber comes at 6.")
    await _receive(gateway, listener, SARA, "شكرًا، سأصل بعد عشر دقائق")


async def _send(home: Home, listener: Listener, recipient: str, text: str) -> None:
    """Send a message and wait until it is delivered."""
    data = {"recipients": [recipient], "message": text}
    answer = await home.action("sms_gate", "send_message", data, answer=True)
    message_id = answer["messages"][0]["message_id"]
    await listener.wait_for(
        lambda event: (
            event["event_type"] == "sms_gate_sms_delivered"
            and event["data"]["message_id"] == message_id
        ),
        f"the delivery of: {text}",
    )
    await asyncio.sleep(1)


async def _notify(home: Home, listener: Listener, text: str) -> None:
    """Write to Sara by her notifier and wait until it is delivered."""
    before = len(listener.events)
    data = {"entity_id": "notify.sara", "message": text}
    await home.action("notify", "send_message", data)
    await listener.wait_for(
        lambda event: (
            event["event_type"] == "sms_gate_sms_delivered"
            and event not in listener.events[:before]
        ),
        f"the delivery of: {text}",
    )
    await asyncio.sleep(1)


async def _receive(
    gateway: GatewayProcess, listener: Listener, sender: str, text: str
) -> None:
    """Let someone write to the phone."""
    await gateway.control("POST", "receive", {"sender": sender, "message": text})
    is_it: Callable[[Mapping[str, Any]], bool] = lambda event: (  # noqa: E731
        event["data"].get("message") == text
    )
    await listener.wait_for(is_it, text)
    await asyncio.sleep(1)


async def look_around(camera: Camera, gateway: GatewayProcess, home: Home) -> None:
    """Look at the devices, the dashboard, the options and the virtual phone."""
    for phone in (await gateway.control("GET", "state"))["phones"]:
        await gateway.control("POST", f"phones/{phone['id']}/ping")
    page = await camera.window(1200, 800)
    for device, name in (("Samsung a16", "phone"), ("Sara", "contact_device")):
        await page.goto(f"{home.url}/config/devices/dashboard")
        await page.get_by_text(device, exact=True).first.click()
        await page.get_by_text(re.compile("^(Device|Service) info$")).wait_for()
        await camera.take(name, "Today")
    await page.goto(f"{home.url}/sms-gate")
    await camera.take("dashboard", "Today")
    page = await camera.window(900, 750, 4 / 3)
    await page.goto(f"{home.url}/config/integrations/integration/sms_gate")
    await page.locator("ha-config-entry-row ha-icon-button").nth(1).click()
    await page.locator(f"{DIALOG} input").first.wait_for()
    await camera.take("options")
    page = await camera.window(1200, 800)
    await page.goto(f"{gateway.url}/control/")
    await page.locator(".delivery").first.wait_for()
    await camera.take("virtual_phone")


async def fill_action(camera: Camera, home: Home) -> None:
    """Fill the action in the developer tools."""
    page = await camera.window(1200, 900)
    await page.goto(f"{home.url}/config/tools/action")
    await page.get_by_text("Action", exact=True).last.click()
    await page.locator("ha-picker-combo-box input").fill("sms_gate.send_message")
    await page.get_by_text("sms_gate.send_message").first.click()
    await page.locator("textarea").first.fill("The washing machine is leaking.")
    for recipient in ("Sara", "055 123 4567"):
        await page.get_by_text("Add", exact=True).first.click()
        await page.locator("ha-selector-text input:enabled").last.fill(recipient)
    await camera.take("action")


def _prepare(home: Home) -> None:
    """Make the folder, with the documentation's dashboard in it."""
    home.prepare()
    found = re.search(r"```yaml\n(.*?)```", DASHBOARD.read_text("utf-8"), re.DOTALL)
    if found is None:
        raise HomeError(f"there is no dashboard in {DASHBOARD}")
    (home.folder / "dashboard.yaml").write_text(found[1], encoding="utf-8")


async def main() -> int:
    """Start all, take the pictures, end all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sms-gate-pictures-") as folder:
        try:
            async with (
                GatewayProcess(free_port(), speed=60) as gateway,
                Home(Path(folder) / "home", port=free_port()) as home,
                async_playwright() as playwright,
            ):
                _prepare(home)
                await home.start()
                await home.onboard()
                await home.wait_until_running()
                browser = await playwright.chromium.launch(
                    executable_path=BROWSER, args=FLAGS
                )
                camera = Camera(browser, frozenset(sys.argv[1:]))
                kinds = ("sms_gate_sms_received", "sms_gate_sms_delivered")
                async with Listener(home, *kinds) as listener:
                    await _walk_or_show(camera, gateway, home, listener)
        except HomeError as err:
            print(f"FAILED: {err}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
