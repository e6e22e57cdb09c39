"""Writing on the Messages page: to somebody new, later, by a phone and SIM."""

from datetime import datetime, timedelta
import re
from typing import Final
from zoneinfo import ZoneInfo

from harness.dialogs import ENTRIES, entries
from harness.until import expect, until

from .asking import contacts
from .conversations import answer, bubble, button, receive, row, text, view
from .world import SARA, World

BESIDE: Final = "Pixel 9"
CARRIERS: Final = ("Mobily", "Zain")
LATER: Final = "Good morning, the heating is on."
PLUMBER: Final = "+966512345678"
OFFER: Final = "I can come tomorrow."


async def send_later(world: World) -> None:
    """Write to Sara by her name, from another phone's second SIM, in an hour."""
    person = world.person
    await _add_phone(world)
    await person.page.reload()
    await button(person, "new_message").click()
    to = view(person).get_by_role("textbox", name=text(person, "to"))
    await person.write(to, "sar")
    await view(person).locator(".found").get_by_role("button", name="Sara").click()
    await _choose(world)
    await button(person, "send_later").click()
    field = view(person).get_by_role("textbox", name=text(person, "write"))
    await person.write(field, LATER)
    # Without a time nothing is sent
    await button(person, "send").click()
    zone = ZoneInfo("Asia/Riyadh")
    at = (datetime.now(zone) + timedelta(hours=1)).replace(second=0, microsecond=0)
    when = view(person).get_by_label(text(person, "send_later")).first
    await when.fill(at.strftime("%Y-%m-%dT%H:%M"))
    await person.picture("later")
    await button(person, "send").click()
    await bubble(person, LATER).get_by_text(re.compile(f"{at:%H:%M|%-I:%M}")).wait_for()
    (line,) = await _scheduled(world)
    expect(
        (line["number"], line["sim_number"], line["phone"], line["scheduled_at"]),
        (SARA, 2, BESIDE, at.timestamp()),
        "what waits for its time",
    )


async def _add_phone(world: World) -> None:
    """Give the account a second phone, with two SIM cards."""
    sims = [
        {"number": number, "carrier": carrier, "phone_number": None, "iccid": None}
        for number, carrier in enumerate(CARRIERS, 1)
    ]
    body = {"name": f"Google/{BESIDE}", "sims": sims, "app_version": "1.75.0"}
    phone = await world.gateway.control("POST", "phones", body)
    # Its app tells the server of its SIM cards when it starts
    await world.gateway.control("POST", f"phones/{phone['id']}/restart")
    (entry,) = await entries(world.home)
    await world.home.post(f"{ENTRIES}/{entry['entry_id']}/reload", {})

    async def is_known() -> bool:
        found = await world.connection.ask("sms_gate/accounts/list")
        (account,) = found["accounts"]
        return [len(it["sims"]) for it in account["phones"]] == [1, 2]

    await until(is_known, "the second phone with its SIM cards")


async def _choose(world: World) -> None:
    """Choose the phone, and then one of its SIM cards."""
    person = world.person
    phone = view(person).get_by_label(text(person, "phone"), exact=True)
    sim = view(person).get_by_label(text(person, "sim"), exact=True)
    expect(await sim.is_visible(), False, "SIM cards before a phone is chosen")
    await phone.select_option(index=2)
    await sim.select_option(index=2)


async def _scheduled(world: World) -> list[dict[str, object]]:
    state = await world.gateway.control("GET", "state")
    return [
        {**line, "phone": phone["name"].partition("/")[2]}
        for phone in state["phones"]
        for line in phone["timeline"]
        if line["text"] == LATER
    ]


async def add_sender(world: World) -> None:
    """Make a contact of an unknown sender, with the name that was typed."""
    person = world.person
    await receive(world, PLUMBER, OFFER)
    await row(person, PLUMBER).get_by_role("button").click()
    await button(person, "add_contact").click()
    dialog = view(person).get_by_role("dialog")
    await person.write(dialog.get_by_role("textbox"), "Plumber")
    await person.picture("contact")
    await answer(person, "add_contact")
    await row(person, "Plumber").get_by_text(OFFER).wait_for()
    expect((await contacts(world.home))[PLUMBER], "Plumber", "the contact")
    await view(person).get_by_role("heading", name="Plumber").wait_for()
