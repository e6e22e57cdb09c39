"""Whom to write to, one by one."""

from tests.support.common import SARA, Account, Rig, contact
from tests.support.sending import TEXT, posts, refuses, skips


async def test_the_check_can_be_switched_off_for_a_contact_too(
    account: Account,
) -> None:
    """The server must not check what Home Assistant does not."""
    await account.send(TEXT, "Sara")
    await account.send(TEXT, "Sara", validate_numbers=False)
    assert skips(account.gateway) == [False, True]
    assert [body["phoneNumbers"] for body in posts(account.gateway)] == [[SARA]] * 2


async def test_a_wrong_number_is_no_mistyped_name(rig: Rig) -> None:
    """Though a contact's name begins with such digits."""
    account = await rig.add_account(contacts=(contact("059004273 Sara", SARA),))
    with refuses("invalid_number", position="1"):
        await account.send(TEXT, "059004273")
    with refuses("mistyped_contact", contact="059004273 Sara"):
        await account.send(TEXT, "059004273 Sarah")
    assert posts(account.gateway) == []
