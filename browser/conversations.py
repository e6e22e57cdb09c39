"""The Messages page: keeping conversations, reading, answering, searching, deleting."""

import base64
from typing import Final

from playwright.async_api import Locator

from harness.dialogs import entries
from harness.home import ROOT
from harness.until import HarnessError, expect, until
from harness.websocket import ask

from .asking import sent, states
from .person import Person
from .world import NEIGHBOUR, SARA, World

PAGE: Final = "/sms-gate-messages"
QUESTION: Final = "When does the plumber come?"
ANSWER: Final = "At six 😀"
MISSED: Final = "The gate stays open until eight."
CODE: Final = "471100"
STRANGER: Final = "مرحبا، هل البوابة مفتوحة؟"
SUBJECT: Final = "The garden"
NO_NETWORK: Final = "RESULT_ERROR_NO_SERVICE"
PICTURE: Final = ROOT / "docs" / "pictures" / "phone.png"


def text(person: Person, key: str, **values: str) -> str:
    """Return a text of the page."""
    return person.words(f"selector.page.options.{key}", **values)


def view(person: Person) -> Locator:
    """Return what page and card both show."""
    return person.page.locator("sms-gate-messages")


def button(person: Person, key: str, **values: str) -> Locator:
    """Return a button of the page by the key of its name."""
    name = text(person, key, **values)
    return view(person).get_by_role("button", name=name, exact=True)


def row(person: Person, name: str) -> Locator:
    """Return a conversation in the list."""
    return view(person).get_by_role("listitem").filter(has_text=name)


def bubble(person: Person, words: str) -> Locator:
    """Return a message in the open conversation."""
    return view(person).get_by_role("article").filter(has_text=words).last


async def open_page(person: Person) -> None:
    """Open the page by the sidebar."""
    await person.go(PAGE)
    await view(person).wait_for()


async def receive(world: World, sender: str, message: str) -> None:
    """Let the phone receive an SMS, without looking at the phone."""
    body = {"sender": sender, "message": message}
    await world.gateway.control("POST", "receive", body)


async def write(person: Person, message: str) -> None:
    """Type into the field, and send."""
    field = view(person).get_by_role("textbox", name=text(person, "write"))
    await person.write(field, message)
    await button(person, "send").click()


async def answer(person: Person, key: str) -> None:
    """Answer the question of a dialog, which must be asked first."""
    dialog = view(person).get_by_role("dialog")
    await dialog.wait_for()
    await dialog.get_by_role("button", name=text(person, key), exact=True).click()
    await dialog.wait_for(state="detached")


async def has_state(person: Person, words: str, key: str, **values: str) -> None:
    """Wait until the mark of a message says how far it got."""
    mark = bubble(person, words).get_by_role("img", name=text(person, key, **values))
    await mark.wait_for()


async def keep(world: World) -> None:
    """See that nothing is kept before somebody says so, and say so."""
    person = world.person
    await open_page(person)
    await view(person).get_by_text(text(person, "keep_question", days="30")).wait_for()
    await person.picture("question")
    if found := list(world.home.folder.glob(".storage/*.messages*")):
        raise HarnessError(f"messages are kept without a question: {found}")
    await button(person, "keep", days="30").click()
    await view(person).get_by_text(text(person, "no_conversations")).wait_for()


async def see_unread(world: World) -> None:
    """Receive while looking: names, last lines and badges; the sensor counts them."""
    person = world.person
    await receive(world, SARA, QUESTION)
    await receive(world, "MYBANK", f"Your code is {CODE}.")
    await receive(world, NEIGHBOUR, STRANGER)
    for name, words in (("Sara", QUESTION), (NEIGHBOUR, STRANGER)):
        line = row(person, name)
        await line.get_by_text(words).wait_for()
        await line.get_by_label(text(person, "unread", count="1")).wait_for()
    await until(lambda: _unread(world, 3), "three unread messages in the sensor")


async def _unread(world: World, count: int) -> bool:
    found = (await states(world.home, "sensor")).get("SMS Gate Unread messages", {})
    return found.get("state") == str(count)


async def reply(world: World) -> None:
    """Open a conversation, which is read then; answer, and see it delivered."""
    person = world.person
    await row(person, "Sara").get_by_role("button").click()
    await bubble(person, QUESTION).wait_for()
    await until(lambda: _unread(world, 2), "one unread message less")
    await write(person, ANSWER)
    await has_state(person, ANSWER, "state_delivered")
    if (SARA, ANSWER, "delivered") not in await sent(world.gateway):
        raise HarnessError("the answer did not leave the phone")


async def see_failure(world: World) -> None:
    """Write to somebody out of reach: the reason in words; again only when asked."""
    person, gateway = world.person, world.gateway
    await _let(world, outcomes={NEIGHBOUR: "failed"}, fail_reason=NO_NETWORK)
    await row(person, NEIGHBOUR).get_by_role("button").click()
    await write(person, MISSED)
    reason = text(person, "reason_no_service")
    await has_state(person, MISSED, "state_failed", reason=reason)
    await view(person).get_by_text(reason).wait_for()
    await person.picture("failed")
    await _let(world, outcomes={})
    for choice, count in (("cancel", 0), ("send_again", 1)):
        await bubble(person, MISSED).hover()
        again = bubble(person, reason).get_by_role("button")
        await again.filter(has_text=text(person, "send_again")).click()
        await answer(person, choice)
        if choice == "send_again":
            await has_state(person, MISSED, "state_delivered")
        tried = [item for item in await sent(gateway) if item[1] == MISSED]
        expect(len(tried), count, f"how often it was sent after {choice}")


async def _let(world: World, **changes: object) -> None:
    for phone in (await world.gateway.control("GET", "state"))["phones"]:
        await world.gateway.control("PATCH", f"phones/{phone['id']}", changes)


async def see_picture(world: World) -> None:
    """Receive an MMS; its picture is shown."""
    person = world.person
    data = base64.b64encode(PICTURE.read_bytes()).decode()
    file = {"name": "garden.png", "content_type": "image/png", "data": data}
    body = {"sender": SARA, "subject": SUBJECT, "body": "Look!", "attachments": [file]}
    await world.gateway.control("POST", "receive_mms", body)
    await row(person, "Sara").get_by_text(SUBJECT).wait_for()
    await row(person, "Sara").get_by_role("button").click()
    picture = bubble(person, SUBJECT).get_by_role("img", name="garden.png")
    await picture.wait_for()

    async def is_drawn() -> bool:
        return bool(await picture.evaluate("it => it.complete && it.naturalWidth > 0"))

    await until(is_drawn, "the picture")


async def search_and_delete(world: World) -> None:
    """Find a text as one writes it; delete a message, then a conversation."""
    person = world.person
    search = view(person).get_by_role("searchbox")
    await person.write(search, "هل البـــوابة")
    await row(person, "MYBANK").wait_for(state="detached")
    await row(person, NEIGHBOUR).get_by_role("button").click()
    await bubble(person, STRANGER).wait_for()
    expect(await view(person).get_by_role("listitem").count(), 1, "what was found")
    await person.picture("found")
    await search.fill("")
    await row(person, "MYBANK").get_by_role("button").wait_for()
    await bubble(person, STRANGER).hover()
    remove = text(person, "delete_message")
    await bubble(person, STRANGER).get_by_role("button", name=remove).click()
    await answer(person, "delete_message")
    await bubble(person, STRANGER).wait_for(state="detached")
    await row(person, "MYBANK").get_by_role("button").click()
    await button(person, "delete_conversation").click()
    await answer(person, "delete_conversation")
    await row(person, "MYBANK").wait_for(state="detached")
    (entry,) = await entries(world.home)
    found = await ask(world.home, "sms_gate/messages/search", query=CODE)
    expect(found, {"messages": []}, f"what {entry['title']} keeps of it")
