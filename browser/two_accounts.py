"""Two accounts on one dashboard: each card shows its own, by day and by night."""

from typing import Final

from harness.dialogs import add_account, entries, remove_account
from harness.gateway import PASSWORD, GatewayProcess
from harness.until import expect, until

from .conversations import PAGE, QUESTION, button, text, view
from .world import SARA, SPEED, World

PANEL: Final = "office-panel"
OFFICE: Final = "office"
OTHER: Final = "This goes to the office."
TAG: Final = "sms-gate-messages-card"
TYPE: Final = f"custom:{TAG}"
TITLES: Final = ("Sara", "Sara at home", "Sara at the office", "The office")
_SUGGESTION: Final = """id => {
    const { hass } = document.querySelector("home-assistant");
    const card = window.customCards.find(it => it.type === "sms-gate-messages-card");
    return card.getEntitySuggestion(hass, id)?.config ?? null;
}"""
_IS_FILLED: Final = """card => {
    const frame = card.shadowRoot.querySelector("ha-card");
    const view = card.view.shadowRoot.querySelector(".frame");
    const [outer, inner] = [frame, view].map(it => it.getBoundingClientRect());
    return outer.height > 200 && outer.bottom - inner.bottom < 8;
}"""
_IS_DARK: Final = """card => {
    const ground = getComputedStyle(card.shadowRoot.querySelector("ha-card"));
    const [red, green, blue] = ground.backgroundColor.match(/[0-9.]+/g).map(Number);
    return red + green + blue < 3 * 64;
}"""


async def tell_apart(world: World) -> None:
    """See what each account has on its own cards, and choose who writes."""
    ask = world.connection.ask
    (ours,) = await entries(world.home)
    async with GatewayProcess(speed=SPEED, username=OFFICE) as office:
        login = {"url": office.url, "username": OFFICE, "password": PASSWORD}
        theirs = await add_account(world.home, "private", login)
        try:
            account = {"config_entry_id": theirs}
            await ask("sms_gate/conversations/keep", **account, days=30)
            await office.control("POST", "receive", {"sender": SARA, "message": OTHER})
            await ask("lovelace/dashboards/create", url_path=PANEL, title="Office")
            await _see_cards(world, ours["entry_id"], theirs)
            await _see_suggestion(world, theirs)
            await _see_choice(world)
        finally:
            await remove_account(world.home, theirs)


async def _see_suggestion(world: World, account: str) -> None:
    """The card for a sensor shows the account that the sensor counts for."""
    page = world.person.page

    async def is_suggested() -> bool:
        sensors = [
            name for name in await world.home.states("sensor") if "unread" in name
        ]
        suggested = [await page.evaluate(_SUGGESTION, name) for name in sensors]
        return {"type": TYPE, "config_entry_id": account} in suggested

    await until(is_suggested, "the card suggested for the office's sensor")
    expect(await page.evaluate(_SUGGESTION, "sun.sun"), None, "the card for the sun")


async def _see_cards(world: World, ours: str, theirs: str) -> None:
    """A conversation with one number is of the account that the card names."""
    person, page = world.person, world.person.page
    one = {"type": TYPE, "conversation": SARA}
    home, office = {"config_entry_id": ours}, {"config_entry_id": theirs}
    cards = [one, {**one, **home}, {**one, **office}, {"type": TYPE, **office}]
    titled = [
        {**card, "title": title} for card, title in zip(cards, TITLES, strict=True)
    ]
    config = {"views": [{"title": "Office", "cards": titled}]}
    await world.connection.ask("lovelace/config/save", url_path=PANEL, config=config)
    await page.emulate_media(color_scheme="dark")
    await page.goto(f"{world.home.url}/{PANEL}/0")
    both, at_home, at_office, all_of_office = (
        page.locator(TAG).filter(has=page.get_by_role("heading", name=name, exact=True))
        for name in TITLES
    )
    await both.get_by_text(text(person, "card_choose_account")).wait_for()
    for card, own, other in ((at_home, QUESTION, OTHER), (at_office, OTHER, QUESTION)):
        await card.get_by_text(own).first.wait_for()
        expect(await card.get_by_text(other).count(), 0, "texts of the other account")
    await all_of_office.get_by_text(OTHER).first.wait_for()
    expect(await all_of_office.get_by_role("listitem").count(), 1, "conversations")
    expect(
        [await it.evaluate(_IS_DARK) for it in (both, at_home)], [True, True], "dark"
    )
    expect(await both.evaluate(_IS_FILLED), True, "what is below the conversation")
    await person.picture("dark")
    await page.emulate_media(color_scheme="light")


async def _see_choice(world: World) -> None:
    """Somebody new is written to from the account that one selects."""
    person = world.person
    await person.page.goto(world.home.url + PAGE)
    await button(person, "new_message").click()
    accounts = view(person).get_by_label(text(person, "account"), exact=True)
    await accounts.wait_for()
    expect(await accounts.locator("option").count(), 2, "accounts to write from")
