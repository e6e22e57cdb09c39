"""Building an automation by clicking, and seeing it run."""

from typing import Any

from harness.until import expect, until

from .asking import sent, states
from .messages import ACTION
from .world import NEIGHBOUR, SARA, World

NAME = "Sara switches the light"
COMMAND = "Light on, please"
DONE = "The light is on."
TRIGGER = "triggers.message_received"


async def build_automation(world: World) -> None:
    """Choose our trigger and our action, fill them in, save under a name."""
    page = world.person.page
    await world.person.go("/config", "/config/automation")
    await page.get_by_role("button", name="Create automation").click()
    await page.get_by_text("Create new automation").click()
    await _add_trigger(world)
    await _add_action(world)
    await page.get_by_role("button", name="Save").click()
    name = page.get_by_role("textbox", name="Name")
    await world.person.write(name, NAME)
    await page.get_by_role("button", name="Save").last.click()
    await name.wait_for(state="hidden")

    async def is_there() -> bool:
        return NAME in await states(world.home, "automation")

    await until(is_there, "the new automation")
    await _check_saved(world)


async def _add_trigger(world: World) -> None:
    """Choose the trigger; only Sara, only this text."""
    person = world.person
    await person.page.get_by_role("button", name="Add trigger").click()
    await person.search(
        person.words(f"{TRIGGER}.name"), person.words(f"{TRIGGER}.description")
    )
    senders = person.row(f"{TRIGGER}.fields.senders.name")
    await person.tick(senders)
    await senders.get_by_role("button", name="Add").click()
    await person.write(senders.get_by_role("textbox").last, "Sara")
    text = person.row(f"{TRIGGER}.fields.text.name")
    await person.tick(text)
    await person.write(text.get_by_role("textbox"), "light on")
    await person.picture("trigger")


async def _add_action(world: World) -> None:
    """Choose the action: answer whoever wrote."""
    person = world.person
    await person.page.get_by_role("button", name="Add action").click()
    await person.search(
        person.words(f"{ACTION}.name"), person.words(f"{ACTION}.description")
    )
    message = person.row(f"{ACTION}.fields.message.name")
    await person.write(message.get_by_role("textbox"), DONE)
    recipients = person.row(f"{ACTION}.fields.recipients.name")
    await person.tick(recipients)
    await recipients.get_by_role("button", name="Add").click()
    # Pasted: at the first "{{" the editor turns this field into one for templates
    await recipients.get_by_role("textbox").last.fill("{{ trigger.sender }}")
    await person.picture("action")


async def _check_saved(world: World) -> None:
    """See that what was saved is what was clicked."""
    (state,) = [
        item
        for name, item in (await states(world.home, "automation")).items()
        if name == NAME
    ]
    path = f"/api/config/automation/config/{state['attributes']['id']}"
    (trigger,) = (await world.home.get(path))["triggers"]
    expect(trigger["trigger"], "sms_gate.message_received", "the trigger")
    wanted = {"senders": ["Sara"], "text": "light on", "match": "contains"}
    expect(trigger["options"], wanted, "the trigger's options")
    expect(state["attributes"]["last_triggered"], None, "last triggered")


async def run_automation(world: World) -> None:
    """Only Sara's command runs it: not another text, not another sender."""
    person = world.person
    await person.go("/config", "/config/automation")
    await person.let_write(SARA, "Good evening")
    await person.let_write(NEIGHBOUR, COMMAND)
    await world.hear("Good evening")
    await world.hear(COMMAND)
    expect(await _last_run(world), None, "last triggered by what it is not for")
    await person.let_write(SARA, COMMAND)
    await until(lambda: _last_run(world), "the automation's run")
    await person.phone.get_by_role("log").get_by_text(DONE).wait_for()
    await person.picture("phone", person.phone)
    table = person.panel.get_by_role("row").filter(has_text=NAME)
    await table.filter(has_not_text="Never").wait_for()

    async def delivered() -> bool:
        return (SARA, DONE, "delivered") in await sent(world.gateway)

    await until(delivered, "the automation's SMS")
    answers = [item for item in await sent(world.gateway) if item[1] == DONE]
    expect(len(answers), 1, "answers of the automation")


async def _last_run(world: World) -> Any:
    """Return when the automation ran last, None before it did."""
    automation = (await states(world.home, "automation"))[NAME]
    return automation["attributes"]["last_triggered"]
