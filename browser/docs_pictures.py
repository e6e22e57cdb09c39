"""scripts/screenshots: the same person takes the pictures of README and docs."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
import re
import shutil
import subprocess
from typing import Final

from playwright.async_api import Locator, Page

from harness.dialogs import add_contact, entries
from harness.gateway import PASSWORD as GATEWAY_PASSWORD, USERNAME as GATEWAY_USERNAME
from harness.home import ROOT
from harness.until import HarnessError, until
from harness.websocket import ask

from . import account, arabic, conversations, set_up
from .asking import states
from .world import NEIGHBOUR as OMAR, PHONE, SARA, World, new_window

PICTURES: Final = ROOT / "docs" / "pictures"
QUESTION: Final = "The washing machine is leaking."
QUESTION_IN_ARABIC: Final = "غسالة الملابس تسرّب الماء."
NAMES: Final = {"Sara": "سارة", "Omar": "عمر"}
ANSWER: Final = "شكرًا، سأصل بعد عشر دقائق"
MAX_BYTES: Final = 250_000
IN_ARABIC: Final = PICTURES / "ar"
DEVICES: Final = {
    "SMS Gate": "account_device",
    PHONE: "phone",
    "Sara": "contact_device",
}
FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "cloud": ("K3V9QX", "secret-word"),
    "local": ("192.168.1.20", "8080", "sms", "secret-word"),
    "private": ("sms.example.com", "K3V9QX", "secret-word"),
}


async def open_window(world: World, width: int, height: int, scale: float = 1) -> Page:
    """Go on in another window, still logged in."""
    login = await world.person.page.context.storage_state()
    context = await new_window(world.browser, width, height, scale=scale, login=login)
    world.person.page = await context.new_page()
    return world.person.page


async def take(world: World, name: str, until: str | None = None) -> None:
    """Take a picture for the docs of the person's language, once ``until`` is seen."""
    if until:
        await world.person.page.get_by_text(until).first.wait_for()
    taken = await world.person.picture(name)
    is_arabic = world.person.words.language == "ar"
    path = (IN_ARABIC if is_arabic else PICTURES) / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    shutil.move(taken, path)
    await asyncio.to_thread(_shrink, path)
    if (size := path.stat().st_size) > MAX_BYTES:
        raise HarnessError(f"{path} has {size} bytes, more than {MAX_BYTES}")
    print(f"{path.relative_to(ROOT)}  {size // 1000} kB", flush=True)


def _shrink(path: Path) -> None:
    """Make a picture smaller by the tools that are installed."""
    for tool in (
        ("pngquant", "--force", "--strip", "--quality=70-98", "--output", path, path),
        ("optipng", "-quiet", path),
    ):
        if shutil.which(tool[0]):
            subprocess.run(tool, check=False, timeout=60)


async def show_forms(world: World) -> None:
    """Show each form of the set-up, filled; send the last of them with a true login."""
    inputs = await look_at_forms(world)
    await _fill(inputs, (world.gateway.url, GATEWAY_USERNAME, GATEWAY_PASSWORD))
    await world.person.submit()
    await world.person.read("config.step.phone_settings.description")
    await world.person.submit()
    await set_up.decline_first_sms(world.person)


async def look_at_forms(world: World) -> Locator:
    """Show the menu and each form, filled; return the inputs of the last one."""
    await _choose(world, None)
    local = world.person.words("config.step.user.menu_options.local")
    await take(world, "choose_mode", local)
    for mode, values in FORMS.items():
        inputs = await _choose(world, mode)
        await _fill(inputs, values)
        await take(world, f"mode_{mode}")
    return inputs


async def _choose(world: World, mode: str | None) -> Locator:
    """Add the integration and choose a mode; return the form's inputs."""
    person, is_low = world.person, mode in {None, "cloud"}
    page = await open_window(world, 900, 600 if is_low else 750, 4 / 3)
    await page.goto(f"{world.home.url}/config/integrations/dashboard")
    await page.locator("ha-config-integrations-dashboard [slot=fab]").click()
    brands = page.locator("dialog-add-integration")
    await brands.locator("input").fill("SMS Gate")
    await brands.get_by_text("SMS Gate").last.click()
    inputs = person.dialog.locator("input:not([type=checkbox])")
    if mode is not None:
        shown = person.words(f"config.step.user.menu_options.{mode}")
        await page.get_by_text(shown, exact=True).click()
        await inputs.first.wait_for()
    return inputs


async def _fill(inputs: Locator, values: tuple[str, ...]) -> None:
    """Fill a form's inputs from the top, once all are there."""
    await inputs.nth(len(values) - 1).wait_for()
    for position, value in enumerate(values):
        await inputs.nth(position).fill(value)


async def show_contacts(world: World) -> None:
    """Add Sara by the button on the account's page, and Omar as quickly as possible."""
    await look_at_contact(world, "Sara")
    await world.person.submit()
    await world.person.finish()
    (entry,) = await entries(world.home)
    omar = {"name": "Omar", "phone_number": OMAR}
    await add_contact(world.home, entry["entry_id"], omar)
    await look_at_account(world)


async def look_at_contact(world: World, name: str) -> None:
    """Show the form of a contact, filled."""
    page = await open_window(world, 900, 680, 4 / 3)
    await page.goto(f"{world.home.url}/config/integrations/integration/sms_gate")
    await world.person.button("config_subentries.contact.initiate_flow.user").click()
    inputs = world.person.dialog.locator("input:not([type=checkbox])")
    await inputs.first.wait_for()
    await _fill(inputs, (name, "059 004 2734"))
    await take(world, "contact")


async def look_at_account(world: World) -> None:
    """Show the account with its phone and its contacts."""
    page = await open_window(world, 1200, 980)
    await page.goto(f"{world.home.url}/config/integrations/integration/sms_gate")
    await take(world, "account", _name(world, "Omar"))


async def look_at_options(world: World) -> None:
    """Show the form of the options."""
    page = await open_window(world, 900, 750, 4 / 3)
    await page.goto(f"{world.home.url}/config/integrations/integration/sms_gate")
    await page.locator("ha-config-entry-row ha-icon-button").nth(1).click()
    await world.person.dialog.locator("input").first.wait_for()
    await take(world, "options")


async def look_in_arabic(world: World) -> None:
    """Show what the Arabic pages show, in an Arabic house."""
    await arabic.change_language(world)
    await look_at_forms(world)
    await look_at_contact(world, NAMES["Sara"])
    await talk_in_arabic(world)
    await look_at_account(world)
    await look_at_options(world)
    await look_at_messages(world)
    page = await open_window(world, 1200, 900)
    # What was filled in before is still there
    await page.goto(f"{world.home.url}/config/tools/action")
    await page.locator("textarea").first.fill(QUESTION_IN_ARABIC)
    await take(world, "action")


async def talk(world: World) -> None:
    """Send and receive what the pictures show, and keep it for the Messages page."""
    (entry,) = await entries(world.home)
    kept = {"config_entry_id": entry["entry_id"], "days": 30}
    await world.connection.ask("sms_gate/conversations/keep", **kept)
    await until(lambda: _has_unread(world), "the sensor for unread messages")
    await _send(world, OMAR, "The front door has been open for 10 minutes.")
    await _receive(world, OMAR, "Thanks, I closed it.")
    await _send(world, "Sara", QUESTION)
    await _receive(world, SARA, "I have closed the tap.")
    await _send(world, "Sara", "The floor is dry again. The plumber comes at 6.")
    await _receive(world, SARA, ANSWER)


async def talk_in_arabic(world: World) -> None:
    """Let the same people have Arabic names, and say the same in Arabic."""
    (entry,) = await entries(world.home)
    account = {"entry_id": entry["entry_id"]}
    await ask(
        world.home,
        "sms_gate/messages/delete",
        config_entry_id=entry["entry_id"],
        all=True,
    )
    for it in await ask(world.home, "config_entries/subentries/list", **account):
        who = {"subentry_id": it["subentry_id"], "title": NAMES[it["title"]]}
        await ask(world.home, "config_entries/subentries/update", **account, **who)
    await _send(world, NAMES["Omar"], "باب المدخل مفتوح منذ 10 دقائق.")
    await _answer(world, OMAR, "شكرًا، أغلقته.")
    await _send(world, NAMES["Sara"], QUESTION_IN_ARABIC)
    await _answer(world, SARA, "أغلقت المحبس.")
    await _send(world, NAMES["Sara"], "جفّت الأرضية. يأتي السبّاك الساعة 6.")
    await _answer(world, SARA, ANSWER)


def _name(world: World, name: str) -> str:
    """Return a contact's name in the person's language."""
    return NAMES[name] if world.person.words.language == "ar" else name


async def _answer(world: World, sender: str, text: str) -> None:
    """Let someone write; the phone's entity shows it."""
    await conversations.receive(world, sender, text)

    async def shown() -> bool:
        state = await world.home.get("/api/states/event.samsung_a16_message")
        return bool(state["attributes"].get("message") == text)

    await until(shown, text)


async def _has_unread(world: World) -> bool:
    return "SMS Gate Unread messages" in await states(world.home, "sensor")


async def look_at_messages(world: World) -> None:
    """Show a conversation on the Messages page."""
    page = await open_window(world, 1200, 700, 4 / 3)
    await page.goto(world.home.url + conversations.PAGE)
    sara = conversations.row(world.person, _name(world, "Sara"))
    await sara.get_by_role("button").click()
    await conversations.bubble(world.person, ANSWER).wait_for()
    await take(world, "messages")


async def _send(world: World, recipient: str, text: str) -> None:
    """Send a message and wait until it is delivered."""
    data = {"recipients": [recipient], "message": text, "wait_for": "delivered"}
    await world.home.action("sms_gate", "send_message", data)


async def _receive(world: World, sender: str, text: str) -> None:
    """Let someone write to the phone."""
    body = {"sender": sender, "message": text}
    await world.gateway.control("POST", "receive", body)
    await world.hear(text)


async def look_around(world: World) -> None:
    """Show the devices, the dashboard, the options and the virtual phone."""
    for phone in (await world.gateway.control("GET", "state"))["phones"]:
        await world.gateway.control("POST", f"phones/{phone['id']}/ping")
    page = await open_window(world, 1200, 930)
    for device in await ask(world.home, "config/device_registry/list"):
        if name := DEVICES.get(device["name"]):
            await page.goto(f"{world.home.url}/config/devices/device/{device['id']}")
            await page.get_by_text(re.compile("^(Device|Service) info$")).wait_for()
            await take(world, name, "Today")
    _use_dashboard_of_the_docs(world.home.folder)
    await page.goto(f"{world.home.url}/sms-gate")
    await take(world, "dashboard", "Today")
    await look_at_options(world)
    page = await open_window(world, 1200, 800)
    await page.goto(f"{world.gateway.url}/control/")
    await page.locator(".delivery").first.wait_for()
    await take(world, "virtual_phone")


def _use_dashboard_of_the_docs(folder: Path) -> None:
    """Replace the demo's dashboard with the documented one."""
    text = (ROOT / "docs" / "dashboard.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    if found is None:
        raise HarnessError("there is no dashboard in docs/dashboard.md")
    (folder / "dashboard.yaml").write_text(found[1], encoding="utf-8")


async def fill_action(world: World) -> None:
    """Show the action in the developer tools, filled."""
    page = await open_window(world, 1200, 900)
    await page.goto(f"{world.home.url}/config/tools/action")
    await page.locator("tools-action").get_by_text("Action", exact=True).click()
    await page.locator("ha-picker-combo-box input").fill("sms_gate.send_message")
    await page.get_by_text("sms_gate.send_message").first.click()
    await page.locator("textarea").first.fill(QUESTION)
    row = world.person.row("services.send_message.fields.contacts.name")
    await world.person.tick(row)
    await page.get_by_text("Select an entity").first.click()
    await page.locator("ha-picker-combo-box input").fill("Sara")
    await page.locator("ha-combo-box-item").get_by_text("Sara").first.click()
    await take(world, "action")


STEPS: Final = (
    ("log in", account.log_in),
    ("the forms of the set-up", show_forms),
    ("contacts", show_contacts),
    ("messages", talk),
    ("the Messages page", look_at_messages),
    ("devices, dashboard, options, phone", look_around),
    ("the action", fill_action),
    ("the same in Arabic", look_in_arabic),
)
