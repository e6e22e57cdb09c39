"""An account with two phones: ids are known per phone, so a retry stays with one."""

from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import SARA, Account, Rig
from tests.support.sending import TEXT, fails, on_the_phone, posted, posts, short_waits
from virtual_gateway.faults import Fault

MESSAGES = "/messages$"


@pytest.fixture
async def pair(rig: Rig) -> Account:
    """An account with two phones."""
    rig.gateway.add_phone("Google/Pixel 9")
    return await rig.add_account()


async def test_a_retry_never_goes_to_the_other_phone(
    pair: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server draws a phone for a request that names none, so every one names it."""
    short_waits(monkeypatch)
    for _ in range(8):
        pair.gateway.faults["drop_response"] = Fault(limit=2, path=MESSAGES)
        await pair.send(TEXT, SARA)
    await pair.settled()
    bodies = posts(pair.gateway)
    assert len(bodies) == 24
    phones: dict[str, set[str]] = {}
    for body in bodies:
        phones.setdefault(body["id"], set()).add(body["deviceId"])
    assert all(len(named) == 1 for named in phones.values())
    assert on_the_phone(pair) == {SARA: 8}


async def test_a_phone_that_was_removed_is_replaced_by_another(pair: Account) -> None:
    """The server says that it is gone; nothing was sent, so the other one sends."""
    await pair.send(TEXT, SARA)
    await pair.settled()
    first = posts(pair.gateway)[0]["deviceId"]
    await pair.gateway.remove_phone(first)
    await pair.send(TEXT, SARA)
    await pair.settled()
    assert [body["deviceId"] == first for body in posts(pair.gateway)] == [
        True,
        True,
        False,
    ]
    assert [len(phone.outbox) for phone in pair.gateway.phones] == [1]


async def test_a_refusal_is_no_reason_for_the_other_phone(
    hass: HomeAssistant, pair: Account
) -> None:
    """Where the phone is still there, what the gateway refuses is told."""
    pair.gateway.faults["status"] = Fault(value=400, path=MESSAGES)
    with fails("rejected"):
        await pair.send(TEXT, SARA)
    assert len(posts(pair.gateway)) == 1


async def test_without_any_phone_the_gateways_refusal_is_told(pair: Account) -> None:
    """Nobody is left to send."""
    for phone in list(pair.gateway.phones):
        await pair.gateway.remove_phone(phone.id)
    with fails("rejected", reason="failed to select device: record not found"):
        await pair.send(TEXT, SARA)


async def test_a_phone_removed_after_an_unclear_try_leaves_the_outcome_unknown(
    pair: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have sent already: the other phone must not send it again."""
    short_waits(monkeypatch, pauses=(0.3, 0.3))
    pair.gateway.faults["drop_response"] = Fault(limit=1, path=MESSAGES)
    sending = pair.hass.async_create_task(pair.send(TEXT, SARA))
    await posted(pair.gateway, 1)
    await pair.gateway.settled()
    first = pair.gateway.account.phone(posts(pair.gateway)[0]["deviceId"])
    assert first is not None
    assert len(first.outbox) == 1
    await pair.gateway.remove_phone(first.id)
    pair.gateway.account.forget_answers()
    with fails("outcome_unknown"):
        await sending
    assert on_the_phone(pair) == {}  # the one that is left


async def test_a_refusal_is_told_though_the_phones_cannot_be_listed(
    pair: Account,
) -> None:
    """Nothing was sent, and the error must not say that it is unknown."""
    pair.gateway.faults["status"] = Fault(value=400, path=MESSAGES)
    pair.gateway.faults["drop_response"] = Fault(path="/devices$")
    with fails("rejected"):
        await pair.send(TEXT, SARA)
    # Not to the other phone: that this one is gone was never said
    assert len(posts(pair.gateway)) == 1
