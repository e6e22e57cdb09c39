"""Setting the account up: by the private mode's form, and a contact."""

from harness.dialogs import entries
from harness.gateway import USERNAME as GATEWAY_USERNAME
from harness.home import PASSWORD, USERNAME
from harness.until import expect, until

from .asking import contacts, states
from .person import Person
from .world import OMAR, SARA, World


async def log_in(world: World) -> None:
    """Log in by Home Assistant's own page."""
    page = world.person.page
    await page.goto(world.home.url)
    await page.get_by_role("textbox", name="Username").fill(USERNAME)
    await page.get_by_role("textbox", name="Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.locator("ha-sidebar a[href='/config']").wait_for()


async def open_form(person: Person, mode: str = "private") -> None:
    """Open the form of a mode as somebody new does."""
    await person.go("/config", "/config/integrations")
    await person.page.locator("ha-config-integrations-dashboard [slot=fab]").click()
    brands = person.page.locator("dialog-add-integration")
    await brands.get_by_role("textbox").press_sequentially("SMS Gate")
    await brands.get_by_role("button", name="SMS Gate").click()
    for text in ("title", "description"):
        await person.read(f"config.step.user.{text}")
    for offered in ("cloud", "private", "local"):
        await person.read(f"config.step.user.menu_options.{offered}")
        await person.read(f"config.step.user.menu_option_descriptions.{offered}")
    await person.picture("menu")
    chosen = person.words(f"config.step.user.menu_options.{mode}")
    await person.dialog.get_by_text(chosen, exact=True).click()
    await person.read(f"config.step.{mode}.description")


async def enter(person: Person, url: str, password: str) -> None:
    """Fill the form and submit it."""
    login = {"url": url, "username": GATEWAY_USERNAME, "password": password}
    await person.fill_in("config.step.private", **login)
    await person.submit()


async def refuse_wrong_password(world: World) -> None:
    """See what a wrong password leads to."""
    await open_form(world.person)
    await enter(world.person, world.gateway.url, "wrong")
    await world.person.read("config.error.invalid_auth")
    expect(await entries(world.home), [], "accounts after a wrong password")


async def add_contact(world: World) -> None:
    """Add Sara by the button on the account's page."""
    person = world.person
    await person.button("config_subentries.contact.initiate_flow.user").click()
    await person.read("config_subentries.contact.step.user.description")
    contact = {"name": "Sara", "phone_number": "059 004 2734"}
    await person.fill_in("config_subentries.contact.step.user", **contact)
    await person.picture("form")
    await person.submit()
    await person.finish()
    await person.panel.get_by_text("Sara", exact=True).first.wait_for()
    expect(await contacts(world.home), {OMAR: "Omar", SARA: "Sara"}, "contacts")

    async def notifier() -> bool:
        return "Sara" in await states(world.home, "notify")

    await until(notifier, "Sara's notifier")
