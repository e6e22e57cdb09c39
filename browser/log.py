"""Home Assistant's log after the walk."""

from harness import log

from . import (
    arabic,
    arabic_question,
    automation,
    conversations,
    hostile,
    looks,
    messages,
    question,
    repair,
    set_up,
    writing,
)
from .world import NEIGHBOUR, OMAR, SARA, World

SECRETS = (
    *(SARA, OMAR, NEIGHBOUR, "059 004 2734", "055 123 4567", "050 123 4567"),
    *(messages.QUESTION, messages.ANSWER, automation.COMMAND, automation.DONE),
    *(conversations.QUESTION, conversations.ANSWER, conversations.MISSED),
    *(conversations.STRANGER, conversations.SUBJECT, conversations.CODE),
    *(hostile.CALLER, hostile.TEXTS[1], hostile.FILES[0]),
    looks.TYPED,
    *(question.ENGLISH.text, question.ENGLISH.hello),
    *(arabic_question.ARABIC.text, arabic_question.ARABIC.hello),
    *(set_up.TEXT, set_up.SIGNED),
    *(writing.LATER, writing.PLUMBER, writing.OFFER),
    *(repair.WAITING, repair.SIGNED, repair.KEY, arabic.ANSWER),
)


async def read(world: World) -> None:
    """Find no complaint of ours in it, and nothing that is nobody's business."""
    log.check(world.home.console(), SECRETS)
