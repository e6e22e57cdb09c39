"""A house with a thousand contacts."""

from tests.flows.test_contact_flow import add
from tests.support.common import SARA, Rig, contact
from tests.support.turns import LONGEST_TURN, longest_turn


async def test_the_dialog_holds_nobody_up_with_a_thousand_contacts(rig: Rig) -> None:
    """Others are compared outside the event loop, and only the new one is read."""
    many = tuple(contact(f"Name {n}", f"+96659004{n:04d}") for n in range(1000))
    account = await rig.add_account(contacts=(*many, contact("Sara", SARA)))
    added: list[dict[str, str]] = []

    async def add_one() -> None:
        number = f"+9665012345{len(added):02d}"
        added.append(await add(account, name=f"New {len(added)}", phone_number=number))

    assert await longest_turn(add_one) < LONGEST_TURN
    assert {result["type"] for result in added} == {"create_entry"}
    result = await add(account, name="Sara 2", phone_number="0590042734")
    assert result["description_placeholders"]["other"] == "Sara"
