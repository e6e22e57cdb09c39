"""The line test: a number for it in the options, and the button on the phone's page."""

from harness.until import until

from .asking import OWN_NUMBER, issues, states
from .world import PHONE, World


async def test_line(world: World) -> None:
    """Enter the phone's number, press the button, and see the line proven."""
    person = world.person
    await person.open_account()
    await person.page.get_by_role("button", name="Configure").first.click()
    await person.fill_in("options.step.init", line_test_number=OWN_NUMBER)
    await person.submit()
    await person.finish()
    await person.open_device(PHONE)
    row = person.panel.locator("hui-button-entity-row")
    await row.get_by_role("button").last.click()

    async def proven() -> bool:
        found = await states(world.home, "sensor")
        return any("Round trip" in name for name in found)

    await until(proven, "the round trip of the line test", 60)
    found = [key for key in await issues(world.home) if key.startswith("line_")]
    assert not found, found
