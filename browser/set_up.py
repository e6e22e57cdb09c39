"""A phone that is set up half: put right by the set-up, and tried with a first SMS."""

from typing import Final

from harness.dialogs import entries, remove_account
from harness.gateway import PASSWORD, GatewayProcess
from harness.until import expect, until

from .account import open_form
from .asking import OWN_NUMBER, contacts, issues, sent, states
from .person import Person
from .world import OMAR, PHONE, SARA, SPEED, World

TEXT: Final = "Our house can text you now."
KITCHEN: Final = "kitchen"
SIGNED: Final = "Signed by the kitchen's phone."
CONTACT: Final = "config_subentries.contact"
FIXES: Final = ("pings", "webhook_retries", "internet_required")
SECRETS: Final = ("signing_key", "encryption_passphrase")
WRONG: Final = {"webhooks": {"internet_required": True, "retry_count": 1}}
RIGHT: Final = {
    "ping": {"interval_seconds": 900},
    "webhooks": {"internet_required": False, "retry_count": 15},
}


async def put_right(world: World) -> None:
    """Correct the password; see what of the settings stands in the way, and why."""
    person = world.person
    await person.write(person.field("config.step.private.data.password"), PASSWORD)
    await person.submit()
    await see_fixes(person, FIXES)
    expect(await world.gateway.api("GET", "settings"), WRONG, "the settings before")
    await person.picture("settings")
    await person.button("config.step.phone_settings.submit").click()
    await person.read(f"{CONTACT}.step.first_sms_offer.description")
    expect(await world.gateway.api("GET", "settings"), RIGHT, "the settings after")
    expect(
        [(entry["title"], entry["state"]) for entry in await entries(world.home)],
        [("SMS Gate", "loaded")],
        "accounts",
    )
    await until(lambda: world.gateway.api("GET", "webhooks"), "registered webhooks")


async def see_fixes(person: Person, fixes: tuple[str, ...]) -> None:
    """See that exactly these are offered, each with its reason and selected."""
    await person.read("config.step.phone_settings.description")
    for fix in fixes:
        await person.read(f"config.step.phone_settings.data.{fix}")
        await person.read(f"config.step.phone_settings.data_description.{fix}")
    switches = await person.dialog.get_by_role("switch").all()
    boxes = switches or await person.dialog.get_by_role("checkbox").all()
    chosen = [await box.is_checked() for box in boxes]
    expect(chosen, [True] * len(fixes), "what is selected")


async def send_first_sms(world: World) -> None:
    """Write to Omar in the dialog that follows; the phone is online again late."""
    person = world.person
    step = f"{CONTACT}.step.first_sms"
    write = person.words(f"{CONTACT}.step.first_sms_offer.menu_options.first_sms")
    await person.dialog.get_by_text(write, exact=True).click()
    await person.read(f"{step}.description")
    await person.fill_in(step, name="Omar", phone_number="050 123 4567")
    await person.write(person.field(f"{step}.data.message"), TEXT)
    await person.picture("form")
    await _let_phone(world, online=False)
    await person.submit()
    accepted = person.words(f"{CONTACT}.progress.accepted", name="Omar")
    await person.dialog.get_by_text(accepted.splitlines()[-1]).first.wait_for()
    await person.picture("accepted")
    await _let_phone(world, online=True)
    told = person.words(f"{CONTACT}.create_entry.delivered", name="Omar")
    for line in told.splitlines():
        await person.dialog.get_by_text(line).first.wait_for()
    await person.picture("delivered")
    await person.finish()
    expect(await sent(world.gateway), [(OMAR, TEXT, "delivered")], "what was sent")
    expect(await contacts(world.home), {OMAR: "Omar"}, "contacts")
    await person.open_account()
    await person.panel.get_by_text(PHONE, exact=True).wait_for()


async def _let_phone(world: World, *, online: bool) -> None:
    """Take the phone's network, or give it back."""
    for phone in (await world.gateway.control("GET", "state"))["phones"]:
        await world.gateway.control(
            "PATCH", f"phones/{phone['id']}", {"online": online}
        )


async def test_line(world: World) -> None:
    """Enter the phone's number, press the button, and see the line proven."""
    person = world.person
    await person.open_account()
    await person.page.get_by_role("button", name="Configure").first.click()
    await person.fill_in("options.step.init", line_test_number=OWN_NUMBER)
    await person.submit()
    await person.finish()
    await person.open_device(PHONE)
    row = person.panel.locator("hui-button-entity-row")
    await row.get_by_role("button").last.click()
    page = person.page.locator("ha-config-device-page")
    for name in ("last_proven", "round_trip"):
        shown = person.words(f"entity.sensor.{name}.name")
        await page.get_by_text(shown, exact=True).first.wait_for(timeout=60_000)
    round_trip = (await states(world.home, "sensor"))[f"{PHONE} Round trip"]
    seconds = float(round_trip["state"])
    expect(0 < seconds < 60, True, f"a round trip of {seconds} s")
    expect(round_trip["attributes"]["unit_of_measurement"], "s", "the unit")
    found = [key for key in await issues(world.home) if key.startswith("line_")]
    expect(found, [], "repair issues of the line")


async def skip_first_sms(world: World) -> None:
    """Add the kitchen's phone in local mode with keys of its own; write to nobody."""
    person = world.person
    before = {entry["entry_id"] for entry in await entries(world.home)}
    async with GatewayProcess(
        speed=SPEED, username=KITCHEN, half_set_up=True
    ) as kitchen:
        await open_form(person, "local")
        host = kitchen.url.removeprefix("http://")
        login = {"host": host, "username": KITCHEN, "password": PASSWORD}
        await person.fill_in("config.step.local", **login)
        await person.submit()
        await see_fixes(person, (*FIXES, *SECRETS))
        await person.picture("settings")
        await person.submit()
        await decline_first_sms(person)
        [added] = {it["entry_id"] for it in await entries(world.home)} - before
        settings = await kitchen.phone("GET", "settings")
        expect(settings.items() >= RIGHT.items(), True, f"the settings: {settings}")
        await kitchen.control("POST", "receive", {"sender": SARA, "message": SIGNED})
        await world.hear(SIGNED)
        expect(await kitchen.outbox(), [], "what the kitchen's phone sent")
        await remove_account(world.home, added)


async def decline_first_sms(person: Person) -> None:
    """Say Not now in the dialog that follows a set-up."""
    step = f"{CONTACT}.step.first_sms_offer"
    await person.read(f"{step}.description")
    await person.picture("first-sms")
    later = person.words(f"{step}.menu_options.first_sms_later")
    await person.dialog.get_by_text(later, exact=True).click()
    await person.read(f"{CONTACT}.abort.first_sms_later")
    await person.dialog.get_by_role("button", name="Close").first.click()
    await person.dialog.wait_for(state="hidden")
