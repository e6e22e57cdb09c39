"""The Messages page on a phone at night, and in Arabic."""

from typing import Final

from harness.until import expect

from .conversations import (
    PAGE,
    QUESTION,
    bubble,
    button,
    has_state,
    open_page,
    row,
    text,
    view,
    write,
)
from .world import World, new_window

NOBODY: Final = "غريب"
TYPED: Final = "Typed without a mouse"
_UNNAMED: Final = """view => [...view.shadowRoot.querySelectorAll(
    "button, input, textarea, select")].filter(it => it.checkVisibility()
        && !it.ariaLabel && !it.textContent.trim()).map(it => it.outerHTML)"""
# How dark the ground is, 0 to 255, and what stands over the edge
_LOOKS: Final = """view => {
    const ground = getComputedStyle(view.shadowRoot.querySelector(".open"));
    const [red, green, blue] = ground.backgroundColor.match(/[0-9.]+/g).map(Number);
    return {
        isDark: red + green + blue < 3 * 64,
        sideways: document.documentElement.scrollWidth - window.innerWidth,
    };
}"""
# Where name, number and message begin, and which way the arrow points
_BEGINS: Final = """view => {
    const find = selector => view.shadowRoot.querySelector(selector);
    const begin = selector => Math.round(find(selector).getBoundingClientRect().right);
    return {
        listed: begin(".row .name bdi") === begin(".row .last"),
        numbered: begin("h2 > bdi") === begin("h2 .number bdi"),
        mine: find(".mine .bubble").getBoundingClientRect().left
            - find(".messages").getBoundingClientRect().left < 40,
        arrow: new DOMMatrix(getComputedStyle(find(".send ha-icon")).transform).a,
        inline: getComputedStyle(find(".send ha-icon")).display === "inline",
    };
}"""


async def look_on_a_phone(world: World) -> None:
    """See the list, a conversation instead of it, and the list again."""
    person, wide = world.person, world.person.page
    login = await wide.context.storage_state()
    context = await new_window(world.browser, 390, 800, login=login)
    person.page = page = await context.new_page()
    try:
        await page.emulate_media(color_scheme="dark")
        await page.goto(world.home.url + PAGE)
        await row(person, "Sara").wait_for()
        await person.picture("list")
        await row(person, "Sara").get_by_role("button").click()
        await bubble(person, QUESTION).wait_for()
        expect(await row(person, "Sara").is_visible(), False, "the list beside it")
        wanted: dict[str, int] = {"isDark": True, "sideways": 0}
        expect(await view(person).evaluate(_LOOKS), wanted, "a phone at night")
        await person.picture("thread")
        await button(person, "back").first.click()
        await row(person, "Sara").wait_for()
    finally:
        person.page = wide
        await context.close()


async def use_keyboard(world: World) -> None:
    """Open, write and send, ask and cancel without a mouse; all buttons have names."""
    person, page = world.person, world.person.page
    await open_page(person)
    await row(person, "Sara").wait_for()
    await view(person).get_by_role("searchbox").focus()
    # New message, delete all, and the first conversation
    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    field = view(person).get_by_role("textbox", name=text(person, "write"))
    await view(person).get_by_role("log").get_by_role("article").first.wait_for()
    # The other phone signs with a key of its own, so its reports are refused
    phone = view(person).get_by_label(text(person, "phone"), exact=True)
    await phone.select_option(index=1)
    await field.focus()
    await page.keyboard.type(TYPED)
    await page.keyboard.press("Enter")
    await has_state(person, TYPED, "state_delivered")
    remove = button(person, "delete_conversation")
    await remove.focus()
    await page.keyboard.press("Enter")
    dialog = view(person).get_by_role("dialog")
    await dialog.wait_for()
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    is_back = "it => it.getRootNode().activeElement === it"
    expect(await remove.evaluate(is_back), True, "focus on what opened the dialog")
    expect(await field.is_visible(), True, "the conversation after a cancelled dialog")
    expect(await view(person).evaluate(_UNNAMED), [], "controls without a name")
    expect(await view(person).get_by_role("main").count(), 1, "main regions")


async def look_in_arabic(world: World) -> None:
    """See all begin at the right, and what is mine at the left."""
    person = world.person
    await open_page(person)
    title = text(person, "messages")
    await person.page.get_by_role("link", name=title).wait_for()
    await row(person, "Sara").get_by_role("button").click()
    await bubble(person, QUESTION).wait_for()
    wanted = {"listed": 1, "numbered": 1, "mine": 1, "arrow": -1, "inline": 0}
    expect(await view(person).evaluate(_BEGINS), wanted, "the page in Arabic")
    await button(person, "new_message").click()
    to = view(person).get_by_role("textbox", name=text(person, "to"))
    await person.write(to, NOBODY)
    await write(person, TYPED)
    refused = person.words("exceptions.unknown_contact.message", position="1")
    await view(person).get_by_role("alert").get_by_text(refused).wait_for()
