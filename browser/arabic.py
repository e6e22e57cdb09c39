"""The same in an Arabic house, right to left."""

from harness.gateway import PASSWORD as GATEWAY_PASSWORD
from harness.until import expect, until

from .account import enter, open_form
from .asking import contacts
from .person import Person
from .words import Words
from .world import NEIGHBOUR, PHONE, SARA, World

NEIGHBOUR_NAME = "جارنا"
ANSWER = "شكرًا، سأصل بعد عشر دقائق"


async def change_language(world: World) -> None:
    """Start the house again in Arabic, and choose Arabic in the profile."""
    await world.home.stop()
    world.home.replace_setting("language: en", "language: ar")
    await world.home.start()
    await world.home.wait_until_running()
    person = world.person
    await person.page.goto(f"{person.home_url}/profile")
    await person.page.locator("a[href='/profile/localization']").click()
    row = person.page.locator("ha-settings-row").filter(
        has=person.page.get_by_text("Language", exact=True)
    )
    await row.get_by_text("English").click()
    await person.search("العربية", "العربية")
    await person.page.locator("html[dir=rtl][lang=ar]").wait_for(state="attached")
    person.words = Words("ar")


async def refuse_in_arabic(world: World) -> None:
    """Go through the account's dialog: a wrong password, then one known already."""
    person = world.person
    await open_form(person)
    await enter(person, world.gateway.url, "wrong")
    await person.read("config.error.invalid_auth")
    for name in ("url", "username", "password", "verify_ssl"):
        await person.read(f"config.step.private.data.{name}")
        await person.read(f"config.step.private.data_description.{name}")
    await expect_right_to_left(person)
    await person.picture("wrong-password")
    password = person.field("config.step.private.data.password")
    await person.write(password, GATEWAY_PASSWORD)
    await person.submit()
    await person.read("config.abort.already_configured")
    await person.picture("known-already")
    await person.dialog.locator("ha-button[slot=secondaryAction]").click()
    await person.dialog.locator("step-flow-abort").wait_for(state="detached")


async def expect_right_to_left(person: Person) -> None:
    """See that the dialog's text begins at the right."""
    direction = await person.dialog.locator("step-flow-form").evaluate(
        "it => getComputedStyle(it).direction"
    )
    expect(direction, "rtl", "the direction of the dialog's text")


async def add_contact_in_arabic(world: World) -> None:
    """Add a neighbour: first with a number that is none."""
    person, before = world.person, await contacts(world.home)
    await person.open_account()
    await person.button("config_subentries.contact.initiate_flow.user").click()
    step = "config_subentries.contact.step.user"
    await person.read(f"{step}.description")
    await person.fill_in(step, name=NEIGHBOUR_NAME, phone_number="12")
    await person.submit()
    await person.read("config_subentries.contact.error.invalid_number")
    await person.picture("wrong-number")
    await person.fill_in(step, phone_number="055 123 4567")
    await person.submit()
    await person.finish()
    wanted = {**before, NEIGHBOUR: NEIGHBOUR_NAME}
    expect(await contacts(world.home), wanted, "contacts")
    await person.panel.get_by_text(NEIGHBOUR_NAME, exact=True).first.wait_for()


async def look_at_options(world: World) -> None:
    """Look at all options in Arabic, and close them again."""
    person = world.person
    configure = person.panel.locator("ha-config-entry-row ha-icon-button")
    await configure.nth(1).click()
    for name in ("receive_mode", "signing_key", "country", "daily_limit"):
        await person.read(f"options.step.init.data.{name}")
        await person.read(f"options.step.init.data_description.{name}")
    await expect_right_to_left(person)
    await person.picture("options")
    await person.page.keyboard.press("Escape")
    await person.dialog.locator("step-flow-form").wait_for(state="detached")


async def look_at_device(world: World) -> None:
    """Read the phone's page: names, and the event's type when an SMS comes."""
    person, words = world.person, world.person.words
    # Network and failures are there once the phone reports them
    for phone in (await world.gateway.control("GET", "state"))["phones"]:
        await world.gateway.control("POST", f"phones/{phone['id']}/ping")
    await person.open_device(PHONE)
    page = person.page.locator("ha-config-device-page")
    names = ["event.message", "binary_sensor.online", "sensor.network"]
    names += ["sensor.last_seen", "sensor.app_version", "sensor.failed_last_hour"]
    for name in names:
        shown = words(f"entity.{name}.name")
        await page.get_by_text(shown, exact=True).first.wait_for()
    await person.let_write(SARA, ANSWER)
    state = "entity.event.message.state_attributes.event_type.state.received"
    card = page.locator("ha-device-entities-card").get_by_text(words(state), exact=True)
    await card.wait_for()

    async def taken() -> bool:
        shown = await world.home.get("/api/states/event.samsung_a16_message")
        return bool(shown["attributes"].get("message") == ANSWER)

    await until(taken, "the Arabic SMS in the event entity")
