"""An id of the user's own, sent again: what the first try left open stays open."""

import pytest

from tests.support.common import SARA, Account
from tests.support.sending import TEXT, fails, on_the_phone, posts, short_waits
from virtual_gateway.faults import Fault

ID = "alarm-1"


@pytest.fixture
async def unknown(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account whose first try was taken, while no answer came."""
    short_waits(monkeypatch)
    account.phone.online = False
    account.gateway.faults["drop_response"] = Fault(path="/messages")
    with fails("outcome_unknown", message_id=ID):
        await account.send(TEXT, SARA, message_id=ID)
    account.gateway.faults.clear()
    return account


def followed(account: Account) -> list[str]:
    """Return the ids of the messages that are followed."""
    return [tracked.id for tracked in account.entry.runtime_data.outbox]


async def arrives(account: Account) -> None:
    """Let the phone send, and see that it sent once and that this is known."""
    account.phone.online = True
    await account.settled()
    assert on_the_phone(account) == {SARA: 1}
    assert followed(account) == []


async def test_an_unreachable_gateway_does_not_make_it_certain(
    unknown: Account,
) -> None:
    """The second try changed nothing; the first may still go out, and does."""
    await unknown.gateway._web.stop()
    with fails("outcome_unknown", message_id=ID):
        await unknown.send(TEXT, SARA, message_id=ID)
    assert followed(unknown) == [ID]
    await unknown.gateway._web.start("127.0.0.1", unknown.gateway.port)
    await arrives(unknown)


async def test_an_unreachable_gateway_alone_is_certain(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was handed over, so nothing is followed."""
    short_waits(monkeypatch)
    await account.gateway._web.stop()
    with fails("cannot_connect"):
        await account.send(TEXT, SARA, message_id=ID)
    assert followed(account) == []
    await account.gateway._web.start("127.0.0.1", account.gateway.port)


@pytest.mark.parametrize(("status", "key"), [(400, "rejected"), (401, "invalid_auth")])
async def test_a_refusal_does_not_end_what_may_be_under_way(
    unknown: Account, status: int, key: str
) -> None:
    """The second try's refusal is told, the first one is followed on."""
    unknown.gateway.faults["status"] = Fault(value=status, path="/messages$")
    with fails(key):
        await unknown.send(TEXT, SARA, message_id=ID)
    assert followed(unknown) == [ID]
    unknown.gateway.faults.clear()
    await arrives(unknown)


async def test_a_proxy_that_refuses_does_not_hide_what_is_known(
    unknown: Account,
) -> None:
    """The gateway is asked for the id, and has it from the first try."""
    unknown.gateway.faults["status"] = Fault(value=503, path="/messages$")
    answer = await unknown.send(TEXT, SARA, message_id=ID)
    assert answer["messages"][0]["message_id"] == ID
    unknown.gateway.faults.clear()
    await arrives(unknown)


async def test_the_same_id_again_is_one_message(unknown: Account) -> None:
    """The gateway knows it from the first try."""
    answer = await unknown.send(TEXT, SARA, message_id=ID)
    assert answer["messages"][0]["message_id"] == ID
    assert {body["id"] for body in posts(unknown.gateway)} == {ID}
    await arrives(unknown)
