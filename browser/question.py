"""Building a question by clicking: trigger by target, condition, two answers."""

from dataclasses import dataclass
from typing import Final

from harness.until import expect, until

from .asking import sent, states
from .person import Person
from .world import SARA, World

ASK: Final = "services.ask"
WROTE: Final = "conditions.contact_wrote"
_EDITOR: Final = "ui.panel.config.automation.editor"
_IDS: Final = ("close", "leave")


@dataclass(frozen=True)
class Question:
    """Who is asked what, in a house of one language."""

    contact: str
    number: str
    automation: str
    text: str
    sentences: tuple[str, str]
    hello: str
    answer: str


ENGLISH: Final = Question(
    contact="Sara",
    number=SARA,
    automation="Ask Sara what to do",
    text="The garage is open. 1 = close it, 2 = leave it.",
    sentences=("1", "2"),
    hello="Hello house",
    answer="1",
)


async def build_question(world: World, question: Question = ENGLISH) -> None:
    """Choose a contact, then our trigger; our condition; and ask with two answers."""
    person, page, home = world.person, world.person.page, world.person.words.home
    await person.go("/config", "/config/automation")
    create = home("ui.panel.config.automation.picker.add_automation")
    await page.get_by_role("button", name=create).click()
    empty = home("ui.panel.config.automation.dialog_new.create_empty_description")
    await page.get_by_text(empty).last.click()
    await _add(person, "triggers", "triggers.message_received", question)
    await _add(person, "conditions", WROTE, question)
    await person.picture("condition")
    await _add_action(person, question)
    red = page.get_by_text(home(f"{_EDITOR}.target_summary.no_target"))
    expect(await red.count(), 0, "complaints about a target")
    await person.picture("answers")
    await page.get_by_role("button", name=home("ui.common.save")).click()
    name = page.get_by_role("textbox", name=home(f"{_EDITOR}.alias"))
    await person.write(name, question.automation)
    await page.get_by_role("button", name=home("ui.common.save")).last.click()
    await name.wait_for(state="hidden")
    await _check_saved(world, question)


async def _add(person: Person, kind: str, key: str, question: Question) -> None:
    """Find the contact under "By target": what can be added is offered there."""
    page = person.page
    add = person.words.home(f"{_EDITOR}.{kind}.add")
    await page.get_by_role("button", name=add).click()
    await page.locator("input[placeholder]:visible").last.fill(question.contact)
    # The contact's device: only its row shows the name of the account
    found = page.locator("ha-automation-add-search")
    await found.get_by_text("SMS Gate", exact=True).last.click()
    name = f"{person.words(f'{key}.name')} {question.contact}"
    offered = page.get_by_role("button", name=name, exact=True)
    await offered.wait_for()
    await person.picture(f"by-target-{kind}")
    await offered.click()


async def _add_action(person: Person, question: Question) -> None:
    """Search for our action, and fill it in."""
    page, words = person.page, person.words
    add = words.home(f"{_EDITOR}.actions.add")
    await page.get_by_role("button", name=add).click()
    await person.search(words(f"{ASK}.name"), words(f"{ASK}.description"))
    contacts = person.row(f"{ASK}.fields.contacts.name").last
    await person.tick(contacts)
    pick = words.home("ui.components.entity.entity-picker.placeholder")
    await contacts.get_by_text(pick).click()
    picker = page.locator("ha-picker-combo-box").last
    await picker.get_by_text(question.contact, exact=True).click()
    message = person.row(f"{ASK}.fields.message.name").last
    await person.write(message.get_by_role("textbox"), question.text)
    await _add_answers(person, question)


async def _add_answers(person: Person, question: Question) -> None:
    """Add each answer in the dialog of the field."""
    page, words = person.page, person.words
    row = person.row(f"{ASK}.fields.answers.name").last
    await person.tick(row)
    field, add = "selector.answers.fields", words.home("ui.common.add")
    sentences = words(f"{field}.sentences.name")
    add_sentence = words.home("ui.components.multi-textfield.add_item", item=sentences)
    for answer, sentence in zip(_IDS, question.sentences, strict=True):
        await row.get_by_role("button", name=add, exact=True).click()
        name = page.get_by_role("textbox", name=words(f"{field}.id.name") + "*")
        await person.write(name, answer)
        await page.get_by_role("button", name=add_sentence).click()
        await person.write(page.get_by_role("textbox", name=sentences).last, sentence)
        await page.get_by_role("button", name=add, exact=True).last.click()
        await name.wait_for(state="hidden")


async def _check_saved(world: World, question: Question) -> None:
    """See that what was saved is what was clicked."""

    async def is_there() -> bool:
        return question.automation in await states(world.home, "automation")

    await until(is_there, "the question's automation")
    state = (await states(world.home, "automation"))[question.automation]
    path = f"/api/config/automation/config/{state['attributes']['id']}"
    config = await world.home.get(path)
    for part in (*config["triggers"], *config["conditions"]):
        expect(list(part["target"]), ["device_id"], "the target")
    answers = [
        {"id": answer, "sentences": [sentence]}
        for answer, sentence in zip(_IDS, question.sentences, strict=True)
    ]
    expect(config["actions"][0]["data"]["answers"], answers, "the answers")


async def answer_question(world: World, question: Question = ENGLISH) -> None:
    """The contact writes, is asked, and answers."""
    person = world.person
    await person.let_write(question.number, question.hello)

    async def asked() -> bool:
        wanted = (question.number, question.text, "delivered")
        return wanted in await sent(world.gateway)

    await until(asked, "the question at the contact's phone")
    await person.let_write(question.number, question.answer)

    name = f"{question.contact} {person.words('entity.event.message.name')}"

    async def answered() -> bool:
        shown = (await states(world.home, "event"))[name]["attributes"]
        is_answer = shown.get("answers_question") is True
        return is_answer and bool(shown["message"] == question.answer)

    await until(answered, "an event that answers a question")
