"""Sending from the action dialog, and receiving what the phone gets."""

import json
from typing import Any

from harness.until import HarnessError, expect, until

from .asking import sent, states
from .world import NEIGHBOUR, PHONE, SARA, World

QUESTION = "The washing machine is leaking."
ANSWER = "I have closed the tap."
ACTION = "services.send_message"


async def send(world: World) -> None:
    """Send to a contact and a number; see the answer and what left the phone."""
    person, page = world.person, world.person.page
    await person.go("/config", "/config/tools", "/config/tools/action")
    await page.locator("tools-action").get_by_text("Action", exact=True).click()
    await person.search("Send SMS", "sms_gate.send_message")
    message = person.row(f"{ACTION}.fields.message.name")
    await person.write(message.get_by_role("textbox"), QUESTION)
    recipients = person.row(f"{ACTION}.fields.recipients.name")
    await person.tick(recipients)
    for recipient in ("Sara", "055 123 4567"):
        await recipients.get_by_role("button", name="Add", exact=True).click()
        await person.write(recipients.get_by_role("textbox").last, recipient)
    await person.picture("action")
    await page.get_by_text(person.words(f"{ACTION}.sections.waiting.name")).click()
    wait_for = person.row(f"{ACTION}.fields.wait_for.name")
    await person.tick(wait_for)
    delivered = person.words("selector.wait_for.options.delivered")
    await wait_for.get_by_text(delivered, exact=True).click()
    await page.get_by_role("button", name="Perform action").click()
    await page.get_by_role("heading", name="Response").scroll_into_view_if_needed()
    answer = page.locator("tools-action .cm-content").last
    await answer.get_by_text("state: Delivered").first.wait_for()
    expect(
        sorted(sms for sms in await sent(world.gateway) if sms[1] == QUESTION),
        [(number, QUESTION, "delivered") for number in (NEIGHBOUR, SARA)],
        "what left the phone",
    )
    await person.picture("answer")
    await person.phone.get_by_role("button").filter(has_text=SARA).click()
    await person.phone.get_by_role("log").get_by_text(QUESTION).wait_for()
    await person.picture("phone", person.phone)


async def receive(world: World) -> None:
    """Let Sara answer; the phone's device page shows it without a reload."""
    person = world.person
    await person.open_device(PHONE)
    events = person.page.locator("ha-device-entities-card").filter(
        has=person.page.get_by_text(person.words("entity.event.message.name"))
    )
    state = "entity.event.message.state_attributes.event_type.state"
    await events.get_by_text(person.words(f"{state}.delivered"), exact=True).wait_for()
    await person.picture("device-before")
    await person.let_write(SARA, ANSWER)
    await events.get_by_text(person.words(f"{state}.received"), exact=True).wait_for()
    await world.hear(ANSWER)
    for name in (PHONE, "Sara"):
        shown = (await states(world.home, "event"))[f"{name} Message"]["attributes"]
        expect(
            [shown[key] for key in ("event_type", "message", "sender", "contact")],
            ["received", ANSWER, SARA, "Sara"],
            f"the event entity of {name}",
        )


async def look_at_activity(world: World) -> None:
    """Find the SMS in the activity of the house."""
    person = world.person
    await person.go("/logbook")
    received = person.words(
        "entity.event.message.state_attributes.event_type.state.received"
    )
    lines = person.page.locator("ha-panel-logbook").get_by_role("button")
    for name in (PHONE, "Sara"):
        line = lines.filter(has_text=received).filter(has_text=name)
        await line.first.wait_for()
    wrote = person.words("common.activity_sms_received")
    in_words = lines.filter(has_text="Sara").filter(has_text=wrote)
    await in_words.first.wait_for()
    await person.picture("activity-in-words")

    async def told() -> list[Any]:
        return [
            line
            for line in await world.home.get("/api/logbook")
            if line.get("entity_id") == "event.sara_message"
            and line.get("state") not in (None, "unknown", "unavailable")
        ]

    lines_of_sara = await until(told, "Sara's line in the logbook")
    if ANSWER in json.dumps(lines_of_sara):
        raise HarnessError("the logbook tells the text of a message")
