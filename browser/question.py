"""Building a question by clicking: trigger by target, condition, two answers."""

from harness.until import expect, until

from .asking import sent, states
from .person import Person
from .world import SARA, World

NAME = "Ask Sara what to do"
QUESTION = "The garage is open. 1 = close it, 2 = leave it."
ASK = "services.ask"
ANSWERS = (("close", "1"), ("leave", "2"))


async def build_question(world: World) -> None:
    """Choose a contact, then our trigger; our condition; and ask with two answers."""
    person, page = world.person, world.person.page
    await person.go("/config", "/config/automation")
    await page.get_by_role("button", name="Create automation").click()
    await page.get_by_text("Create new automation").click()
    await _add_trigger(person)
    await page.get_by_role("button", name="Add condition").click()
    condition = "conditions.contact_wrote"
    await _search(person, condition)
    await _select_sara(person, f"{condition}.fields.contacts.name")
    await person.picture("condition")
    await page.get_by_role("button", name="Add action").click()
    await _search(person, ASK)
    await _select_sara(person, f"{ASK}.fields.contacts.name")
    message = person.row(f"{ASK}.fields.message.name").last
    await person.write(message.get_by_role("textbox"), QUESTION)
    await _add_answers(person)
    await person.picture("answers")
    await page.get_by_role("button", name="Save").click()
    name = page.get_by_role("textbox", name="Name")
    await person.write(name, NAME)
    await page.get_by_role("button", name="Save").last.click()
    await name.wait_for(state="hidden")
    await _check_saved(world)


async def _search(person: Person, key: str) -> None:
    await person.search(person.words(f"{key}.name"), person.words(f"{key}.description"))


async def _add_trigger(person: Person) -> None:
    """Find the contact under "By target": its triggers are offered there."""
    page = person.page
    await page.get_by_role("button", name="Add trigger").click()
    await page.locator("input[placeholder]:visible").last.fill("Sara")
    await page.get_by_text("Sara", exact=True).last.click()
    received = person.words("triggers.message_received.name")
    offered = page.get_by_role("button", name=f"{received} Sara", exact=True)
    await offered.wait_for()
    await person.picture("by-target")
    await offered.click()


async def _select_sara(person: Person, key: str) -> None:
    """Select the contact in a field of entities."""
    row = person.row(key).last
    await person.tick(row)
    await row.get_by_text("Select an entity").click()
    picker = person.page.get_by_role("dialog", name="Select option")
    await picker.get_by_text("Sara", exact=True).click()


async def _add_answers(person: Person) -> None:
    """Add each answer in the dialog of the field."""
    page = person.page
    row = person.row(f"{ASK}.fields.answers.name").last
    await person.tick(row)
    field = "selector.answers.fields"
    for answer, sentence in ANSWERS:
        await row.get_by_role("button", name="Add", exact=True).click()
        name = page.get_by_role("textbox", name=person.words(f"{field}.id.name") + "*")
        await person.write(name, answer)
        sentences = person.words(f"{field}.sentences.name")
        await page.get_by_role("button", name=f"Add {sentences}").click()
        await person.write(page.get_by_role("textbox", name=sentences).last, sentence)
        await page.get_by_role("button", name="Add", exact=True).last.click()
        await name.wait_for(state="hidden")


async def _check_saved(world: World) -> None:
    """See that what was saved is what was clicked."""

    async def is_there() -> bool:
        return NAME in await states(world.home, "automation")

    await until(is_there, "the question's automation")
    state = (await states(world.home, "automation"))[NAME]
    path = f"/api/config/automation/config/{state['attributes']['id']}"
    config = await world.home.get(path)
    expect(list(config["triggers"][0]["target"]), ["device_id"], "the target")
    contacts = config["conditions"][0]["options"]["contacts"]
    expect(contacts, ["notify.sara"], "the condition's contacts")
    wanted = [{"id": answer, "sentences": [text]} for answer, text in ANSWERS]
    expect(config["actions"][0]["data"]["answers"], wanted, "the answers")


async def answer_question(world: World) -> None:
    """Sara writes, is asked, and answers."""
    person = world.person
    await person.let_write(SARA, "Hello house")

    async def asked() -> bool:
        return (SARA, QUESTION, "delivered") in await sent(world.gateway)

    await until(asked, "the question at Sara's phone")
    await person.let_write(SARA, "1")
    await until(lambda: _has_answered(world), "an event that answers a question")


async def _has_answered(world: World) -> bool:
    return any(
        event["data"].get("answers_question") and event["data"]["message"] == "1"
        for event in world.connection.events
    )
