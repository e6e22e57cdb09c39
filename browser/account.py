"""Setting the account up: by the private mode's form, and a contact."""

from harness.dialogs import entries
from harness.gateway import PASSWORD as GATEWAY_PASSWORD, USERNAME as GATEWAY_USERNAME
from harness.home import PASSWORD, USERNAME
from harness.until import expect, until

from .asking import contacts, states
from .person import Person
from .world import PHONE, SARA, World


async def log_in(world: World) -> None:
    """Log in by Home Assistant's own page."""
    page = world.person.page
    await page.goto(world.home.url)
    await page.get_by_role("textbox", name="Username").fill(USERNAME)
    await page.get_by_role("textbox", name="Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.locator("ha-sidebar a[href='/config']").wait_for()


async def open_form(person: Person) -> None:
    """Open the form of the private mode as somebody new does."""
    await person.go("/config", "/config/integrations")
    await person.page.locator("ha-config-integrations-dashboard [slot=fab]").click()
    brands = person.page.locator("dialog-add-integration")
    await brands.get_by_role("textbox").press_sequentially("SMS Gate")
    await brands.get_by_role("button", name="SMS Gate").click()
    for text in ("title", "description"):
        await person.read(f"config.step.user.{text}")
    for mode in ("cloud", "private", "local"):
        await person.read(f"config.step.user.menu_options.{mode}")
        await person.read(f"config.step.user.menu_option_descriptions.{mode}")
    await person.picture("menu")
    private = person.words("config.step.user.menu_options.private")
    await person.dialog.get_by_text(private, exact=True).click()
    await person.read("config.step.private.description")


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


async def add_account(world: World) -> None:
    """Correct the password, put the phone's settings right; the account appears."""
    person = world.person
    password = person.field("config.step.private.data.password")
    await person.write(password, GATEWAY_PASSWORD)
    await person.submit()
    await person.read("config.step.phone_settings.description")
    await person.picture("settings")
    await person.submit()
    await decline_first_sms(person)
    await person.open_account()
    await person.panel.get_by_text(PHONE, exact=True).wait_for()
    expect(
        [(entry["title"], entry["state"]) for entry in await entries(world.home)],
        [("SMS Gate", "loaded")],
        "accounts",
    )
    await until(lambda: world.gateway.api("GET", "webhooks"), "registered webhooks")
    settings = await world.gateway.api("GET", "settings")
    expect(settings, {"ping": {"interval_seconds": 900}}, "the phone's settings")


async def decline_first_sms(person: Person) -> None:
    """Say Not now in the dialog that follows a set-up."""
    step = "config_subentries.contact.step.first_sms_offer"
    await person.read(f"{step}.description")
    await person.picture("first-sms")
    later = person.words(f"{step}.menu_options.first_sms_later")
    await person.dialog.get_by_text(later, exact=True).click()
    await person.read("config_subentries.contact.abort.first_sms_later")
    await person.dialog.get_by_role("button", name="Close").first.click()
    await person.dialog.wait_for(state="hidden")


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
    expect(await contacts(world.home), {SARA: "Sara"}, "contacts")

    async def notifier() -> bool:
        return "Sara" in await states(world.home, "notify")

    await until(notifier, "Sara's notifier")
