"""A wrong signing key: the repair that tells of it, and its mending."""

from harness.until import NotSeenError, expect, until

from .asking import issues
from .world import SARA, World

KEY = "key-of-the-phone"
WAITING = "Is anybody at home?"
SIGNED = "The parcel is at the door."
FIX = "issues.wrong_signing_key"


async def meet_repair(world: World) -> None:
    """Enter a key the phone does not sign with; messages are refused and told of."""
    person = world.person
    for phone in (await world.gateway.control("GET", "state"))["phones"]:
        await world.gateway.control(
            "PATCH", f"phones/{phone['id']}", {"signing_key": KEY}
        )
    await person.open_account()
    await person.page.get_by_role("button", name="Configure").first.click()
    await person.read("options.step.init.data_description.signing_key")
    await person.fill_in("options.step.init", signing_key="another-key")
    await person.picture("options")
    await person.submit()
    await person.finish()
    await person.let_write(SARA, WAITING)

    async def told() -> bool:
        return "wrong_signing_key" in await issues(world.home)

    await until(told, "the repair issue")
    await person.picture("phone", person.phone)
    await person.go("/config")
    title = person.words(f"{FIX}.title", account="SMS Gate")
    await person.panel.get_by_text(title).wait_for()
    if WAITING in world.heard():
        raise NotSeenError("a message with a wrong signature was taken")


async def repair(world: World) -> None:
    """Enter the right key in the repair's dialog; what waited comes, once."""
    person = world.person
    title = person.words(f"{FIX}.title", account="SMS Gate")
    await person.panel.get_by_text(title).click()
    step = f"{FIX}.fix_flow.step.key"
    await person.read(f"{step}.title")
    await person.read(f"{step}.description", account="SMS Gate")
    await person.fill_in(step, signing_key=KEY)
    await person.picture("dialog")
    await person.submit()
    await person.finish()
    await person.panel.get_by_text(title).wait_for(state="detached")
    expect(await issues(world.home), [], "repair issues")
    await person.let_write(SARA, SIGNED)
    await world.hear(SIGNED, 60)
    # The phone has been trying again, with longer and longer pauses
    await world.hear(WAITING, 120)


async def hear_once(world: World) -> None:
    """See that no SMS was told twice, whatever the phone sent again."""
    heard = world.heard()
    twice = {text for text in heard if heard.count(text) > 1}
    # This one was written by two people
    expect(twice - {"Light on, please"}, set(), "what was heard more than once")
    expect(heard.count("Light on, please"), 2, "the command, of two senders")
