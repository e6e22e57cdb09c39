"""The Messages card on a real dashboard, and a user without rights in front of it."""

from typing import Final

from playwright.async_api import Locator, Page

from harness.home import PASSWORD
from harness.until import HarnessError, expect
from harness.websocket import CommandError

from .conversations import PAGE, QUESTION, bubble, text, view
from .world import World, new_window

PANEL: Final = "hall-panel"
TITLE: Final = "Sara's messages"
GUEST: Final = "guest"


async def add_card(world: World) -> None:
    """Find the card by the sensor, and set it up in the visual editor."""
    person, ask = world.person, world.connection.ask
    await ask("lovelace/dashboards/create", url_path=PANEL, title="Hall")
    empty = {"views": [{"title": "Home", "cards": []}]}
    await ask("lovelace/config/save", url_path=PANEL, config=empty)
    page = person.page
    await page.goto(f"{world.home.url}/{PANEL}/0?edit=1")
    await page.get_by_role("button", name="Add card").click()
    adding = page.locator("hui-dialog-create-card")
    await adding.locator("input").first.fill("unread")
    await adding.get_by_text("Unread messages").first.click()
    card = adding.get_by_role("button", name="SMS Gate: Messages")
    await card.scroll_into_view_if_needed()
    await person.picture("suggested")
    await adding.get_by_text("SMS Gate: Messages").click()
    await page.get_by_role("button", name="Edit", exact=True).click()
    editor = page.locator("hui-dialog-edit-card")
    for key, words in (("title", TITLE), ("conversation", "059 004 2734")):
        field = editor.get_by_role("textbox", name=text(person, f"card_{key}"))
        await person.write(field, words)
    await _shown(editor)
    await person.picture("editor")
    await editor.get_by_role("button", name="Save").click()
    await editor.get_by_role("button", name="Save").wait_for(state="hidden")
    await page.get_by_role("button", name="Done").click()
    await _shown(page)
    await bubble(person, QUESTION).wait_for()
    expect(await view(person).get_by_role("navigation").count(), 0, "lists of others")


async def _shown(where: Locator | Page) -> None:
    await where.get_by_role("heading", name=TITLE).wait_for()
    await where.locator("sms-gate-messages").get_by_text(QUESTION).wait_for()


async def look_as_guest(world: World) -> None:
    """Log in as somebody without rights: no page, no messages, no answers."""
    person, owners = world.person, world.person.page
    await _add_guest(world)
    context = await new_window(world.browser, 1280, 860)
    person.page = page = await context.new_page()
    try:
        await page.goto(world.home.url)
        await page.get_by_role("textbox", name="Username").fill(GUEST)
        await page.get_by_role("textbox", name="Password").fill(PASSWORD)
        await page.get_by_role("button", name="Log in").click()
        await page.locator(f"ha-sidebar a[href='/{PANEL}']").click()
        refused = text(person, "not_allowed")
        await view(person).get_by_text(refused).wait_for()
        expect(await page.locator(f"a[href='{PAGE}']").count(), 0, "links to the page")
        if QUESTION in await page.locator("body").aria_snapshot():
            raise HarnessError("a user without rights reads a message")
        await person.picture("guest")
        await page.goto(world.home.url + PAGE)
        await page.locator("ha-sidebar").wait_for()
        expect(await view(person).count(), 0, "pages of a user without rights")
    finally:
        person.page = owners
        await context.close()


async def _add_guest(world: World) -> None:
    ask = world.connection.ask
    groups = ["system-users"]
    made = await ask("config/auth/create", name="Guest", group_ids=groups)
    login = {"user_id": made["user"]["id"], "username": GUEST, "password": PASSWORD}
    try:
        await ask("config/auth_provider/homeassistant/create", **login)
    except CommandError as err:
        raise HarnessError("the guest cannot be added") from err
