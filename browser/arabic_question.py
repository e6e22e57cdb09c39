"""The question in an Arabic house: built by clicking, answered, read in the activity."""

from typing import Final

from harness.until import expect

from . import question
from .arabic import NEIGHBOUR_NAME
from .world import NEIGHBOUR, World

ARABIC: Final = question.Question(
    contact=NEIGHBOUR_NAME,
    number=NEIGHBOUR,
    automation="سؤال الجار عن المرآب",
    text="باب المرآب مفتوح. 1 = أغلقه، 2 = اتركه.",
    sentences=("1", "2"),
    hello="مرحبًا يا بيت",
    # As an Arabic keyboard writes it
    answer="١",
)


async def build_in_arabic(world: World) -> None:
    """Build what the English house has, by Arabic labels."""
    await question.build_question(world, ARABIC)


async def answer_in_arabic(world: World) -> None:
    """Our neighbour writes, is asked, and answers in his digits."""
    await question.answer_question(world, ARABIC)


async def read_activity_in_arabic(world: World) -> None:
    """Read who wrote and who was written to, right to left and without the texts."""
    person = world.person
    await person.go("/logbook")
    lines = person.page.locator("ha-panel-logbook").get_by_role("button")
    # Whoever it was: with a key of its own, a phone's reports come a minute later
    sent_to = person.words("common.activity_to").partition("\u2068")[0]
    for name, key in ((NEIGHBOUR_NAME, "sms_received"), (sent_to, "sms_delivered")):
        what = person.words(f"common.activity_{key}")
        await lines.filter(has_text=name).filter(has_text=what).first.wait_for()
    panel = person.page.locator("ha-panel-logbook")
    direction = await panel.evaluate("it => getComputedStyle(it).direction")
    expect(direction, "rtl", "the direction of the activity")
    for text in (ARABIC.text, ARABIC.hello):
        expect(await panel.get_by_text(text).count(), 0, "texts in the activity")
