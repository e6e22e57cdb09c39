"""A person's hands and eyes: two windows, dialogs, fields, and a camera.

Texts of the integration are looked up in its translations. Home Assistant's own
controls are found by their place where they must be found in two languages.
"""

from pathlib import Path
from typing import Final

from playwright.async_api import BrowserContext, Locator, Page

from .words import Words

WAIT_MS: Final = 30_000
STILL_MS: Final = 300
LOOKS: Final = 12


class Person:
    """Somebody at a computer, with Home Assistant and the virtual phone open."""

    def __init__(
        self, page: Page, phone: Page, addresses: tuple[str, str], pictures: Path
    ) -> None:
        """Take the windows; ``addresses`` are Home Assistant's and the phone's."""
        self.page = page
        self.phone = phone
        self.home_url, self.phone_url = addresses
        self.words = Words("en")
        self.step = 0
        self._pictures = pictures
        for window in (page, phone):
            window.set_default_timeout(WAIT_MS)

    @classmethod
    async def sit_down(
        cls, context: BrowserContext, addresses: tuple[str, str], pictures: Path
    ) -> Person:
        """Open both windows."""
        page, phone = await context.new_page(), await context.new_page()
        person = cls(page, phone, addresses, pictures)
        await phone.goto(f"{person.phone_url}/control/")
        await page.bring_to_front()
        return person

    async def picture(self, name: str, window: Page | None = None) -> Path:
        """Take a picture once nothing moves any more."""
        window = window or self.page
        await window.bring_to_front()
        await window.mouse.move(1, 1)
        taken = b""
        for _ in range(LOOKS):
            before, taken = taken, await window.screenshot(animations="disabled")
            if taken == before:
                break
            await window.wait_for_timeout(STILL_MS)
        path = self._pictures / f"{self.step:02}-{name}.png"
        path.write_bytes(taken)
        await self.page.bring_to_front()
        return path

    async def go(self, *paths: str) -> None:
        """Click links, by where they lead: the first in the sidebar, then in the panel."""
        first, *others = paths
        await self.page.locator(f"ha-sidebar a[href='{first}']").click()
        for path in others:
            await self.page.locator(f"ha-panel-config a[href='{path}']").first.click()

    async def open_account(self) -> None:
        """Open the integration's page by Settings, Devices & services."""
        await self.go("/config", "/config/integrations")
        await self.panel.get_by_role("link", name="SMS Gate").click()
        await self.button("config_subentries.contact.initiate_flow.user").wait_for()

    async def open_device(self, name: str) -> None:
        """Open a device's page by Settings, Devices & services, Devices."""
        await self.go("/config", "/config/integrations", "/config/devices")
        await self.panel.get_by_text(name, exact=True).first.click()
        await self.page.locator("ha-config-device-page").wait_for()

    @property
    def panel(self) -> Locator:
        """The settings, without the sidebar."""
        return self.page.locator("ha-panel-config")

    @property
    def dialog(self) -> Locator:
        """The dialog of a flow."""
        return self.page.locator("dialog-data-entry-flow")

    def button(self, key: str) -> Locator:
        """Return a button named by a text of ours."""
        return self.page.get_by_role("button", name=self.words(key), exact=True)

    def field(self, key: str) -> Locator:
        """Return a field of the dialog by the key of its label."""
        return self.dialog.get_by_role("textbox", name=self.words(key))

    def row(self, key: str) -> Locator:
        """Return a row of an action's or trigger's editor by the key of its name."""
        label = self.page.get_by_text(self.words(key), exact=True)
        return self.page.locator("ha-settings-row").filter(has=label)

    async def tick(self, row: Locator) -> None:
        """Tick the box of an optional field, unless it is ticked already."""
        if not await row.get_by_role("checkbox").first.is_checked():
            await row.locator("ha-checkbox").click()

    async def write(self, field: Locator, text: str) -> None:
        """Click into a field, empty it, and type."""
        await field.click()
        await field.fill("")
        await field.press_sequentially(text)

    async def fill_in(self, step: str, **values: str) -> None:
        """Fill a dialog's fields, named by their keys below ``step``."""
        for name, text in values.items():
            await self.write(self.field(f"{step}.data.{name}"), text)

    async def read(self, key: str, **placeholders: str) -> None:
        """Wait until the dialog shows a text of ours."""
        text = self.words.first_paragraph(key, **placeholders)
        await self.dialog.get_by_text(text).first.wait_for()

    async def submit(self) -> None:
        """Press the dialog's main button."""
        await self.dialog.locator("ha-button[slot=primaryAction]").click()

    async def finish(self) -> None:
        """Close the page that says it worked."""
        done = self.dialog.locator("step-flow-create-entry")
        await done.wait_for()
        await self.submit()
        await done.wait_for(state="detached")

    async def search(self, text: str, choice: str) -> None:
        """Search in the picker that is open, and click what it finds."""
        await self.page.locator("input[placeholder]:visible").last.fill(text)
        await self.page.get_by_text(choice).last.click()

    async def let_write(self, sender: str, text: str) -> None:
        """Let somebody write to the phone, on the phone's page."""
        phone = self.phone
        await phone.bring_to_front()
        await phone.get_by_role("button", name="Write from another number").click()
        await self.write(phone.get_by_role("textbox", name="From"), sender)
        await self.write(phone.get_by_role("textbox", name="Text"), text)
        await phone.get_by_role("button", name="Send", exact=True).click()
        await phone.get_by_role("log").get_by_text(text).last.wait_for()
        await self.page.bring_to_front()

    async def on_the_page(self, lines: int = 60) -> str:
        """Return what is on the page, for somebody who cannot look."""
        seen = await self.page.locator("body").aria_snapshot()
        return "\n".join([self.page.url, *seen.splitlines()[-lines:]])
