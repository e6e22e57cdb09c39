"""An id of the user's own, sent again: what the first try left open stays open."""

from homeassistant.exceptions import ServiceValidationError
import pytest
import voluptuous as vol

from custom_components.sms_gate.send import outbox
from custom_components.sms_gate.send.outbox import _OUTBOXES
from tests.support.common import OMAR, SARA, Account, Rig
from tests.support.sending import (
    TEXT,
    fails,
    on_the_phone,
    posted,
    posts,
    refuses,
    short_waits,
)
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


@pytest.mark.parametrize(("text", "recipient"), [("Another text", SARA), (TEXT, OMAR)])
@pytest.mark.parametrize("is_remembered", [True, False])
async def test_an_id_is_used_for_one_message_only(
    account: Account, text: str, recipient: str, is_remembered: bool
) -> None:
    """Another text or recipient under it would be told as sent, and never be."""
    await account.send(TEXT, SARA, message_id=ID)
    await account.settled()
    if not is_remembered:
        await restart(account, forget=True)
    with refuses("message_id_used", field="Message ID"):
        await account.send(text, recipient, message_id=ID)
    await account.settled()
    assert on_the_phone(account) == {SARA: 1}


async def restart(account: Account, *, forget: bool = False) -> None:
    """Restart the account, with or without what it has stored."""
    manager = account.hass.config_entries
    await manager.async_unload(account.entry.entry_id)
    account.hass.data[_OUTBOXES].clear()
    if forget:
        await outbox.async_remove_outbox(account.hass, account.entry)
    await manager.async_setup(account.entry.entry_id)
    await account.hass.async_block_till_done()


@pytest.fixture
async def pair(rig: Rig) -> Account:
    """An account with two phones."""
    rig.gateway.add_phone("Google/Pixel 9")
    return await rig.add_account()


@pytest.mark.parametrize("is_remembered", [True, False])
@pytest.mark.parametrize("restarts", [False, True])
async def test_an_id_stays_with_its_phone(
    pair: Account, monkeypatch: pytest.MonkeyPatch, is_remembered: bool, restarts: bool
) -> None:
    """Also where the other phone was seen later, after days and a restart."""
    if not is_remembered and not restarts:
        return
    answer = await pair.send(TEXT, SARA, message_id=ID)
    await pair.settled()
    first = answer["messages"][0]["gateway_device_id"]
    if restarts:
        await restart(pair, forget=not is_remembered)
    (other,) = [phone for phone in pair.gateway.phones if phone.id != first]
    monkeypatch.setattr(
        pair.entry.runtime_data.account.phones, "choose", lambda: other.id
    )
    again = await pair.send(TEXT, SARA, message_id=ID)
    await pair.settled()
    assert again["messages"][0]["gateway_device_id"] == first
    assert on_the_phone(pair) == {SARA: 1}


async def test_an_id_of_unknown_outcome_stays_with_its_phone(
    pair: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user's retry never goes to the other phone, named or chosen."""
    short_waits(monkeypatch, pauses=(0.2, 0.2))
    pair.gateway.faults["drop_response"] = Fault(path="/messages$")
    sending = pair.hass.async_create_task(pair.send(TEXT, SARA, message_id=ID))
    await posted(pair.gateway, 1)
    pair.gateway.faults["status"] = Fault(value=502, path="/messages/.")
    with fails("outcome_unknown", message_id=ID):
        await sending
    pair.gateway.faults.clear()
    first = posts(pair.gateway)[0]["deviceId"]
    (other,) = [phone for phone in pair.gateway.phones if phone.id != first]
    phones = pair.entry.runtime_data.account.phones
    monkeypatch.setattr(phones, "choose", lambda: other.id)
    with refuses("message_id_used"):
        await pair.send(TEXT, SARA, message_id=ID, device_id=phones.device_id(other.id))
    await pair.send(TEXT, SARA, message_id=ID)
    await pair.settled()
    assert {body["deviceId"] for body in posts(pair.gateway)} == {first}
    assert on_the_phone(pair) == {SARA: 1}


async def test_an_id_that_was_given_up_stays_with_its_phone(
    pair: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody follows the message any more; the id is still its phone's."""
    short_waits(monkeypatch, pauses=(0.2, 0.2))
    for phone in pair.gateway.phones:
        phone.online = False
    pair.gateway.faults["drop_response"] = Fault(path="/messages$")
    sending = pair.hass.async_create_task(pair.send(TEXT, SARA, message_id=ID))
    await posted(pair.gateway, 1)
    pair.gateway.faults["status"] = Fault(value=502, path="/messages/.")
    with fails("outcome_unknown", message_id=ID):
        await sending
    pair.gateway.faults.clear()
    outbox = pair.entry.runtime_data.outbox
    for tracked in outbox:
        outbox.async_give_up(tracked)
    first = posts(pair.gateway)[0]["deviceId"]
    (other,) = [phone for phone in pair.gateway.phones if phone.id != first]
    phones = pair.entry.runtime_data.account.phones
    monkeypatch.setattr(phones, "choose", lambda: other.id)
    await pair.send(TEXT, SARA, message_id=ID)
    for phone in pair.gateway.phones:
        phone.online = True
    await pair.settled()
    assert {body["deviceId"] for body in posts(pair.gateway)} == {first}
    assert on_the_phone(pair) == {SARA: 1}


async def test_an_id_of_ours_is_safe_to_send_again(
    pair: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names it; who sends it again meets the same phone."""
    short_waits(monkeypatch)
    pair.gateway.faults["drop_response"] = Fault(path="/messages")
    with fails("outcome_unknown") as info:
        await pair.send(TEXT, SARA)
    pair.gateway.faults.clear()
    placeholders = info.value.translation_placeholders or {}
    first = posts(pair.gateway)[0]["deviceId"]
    (other,) = [phone for phone in pair.gateway.phones if phone.id != first]
    monkeypatch.setattr(
        pair.entry.runtime_data.account.phones, "choose", lambda: other.id
    )
    await pair.send(TEXT, SARA, message_id=placeholders["message_id"])
    await pair.settled()
    assert on_the_phone(pair) == {SARA: 1}


async def test_an_empty_list_of_phones_does_not_forget_them(
    pair: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer without phones, and a message whose first answer was lost."""
    short_waits(monkeypatch)
    await pair.send("before", SARA)
    await pair.settled()
    phones = pair.entry.runtime_data.account.phones
    monkeypatch.setattr(phones, "choose", lambda: None)
    for _ in range(6):
        pair.gateway.faults["drop_response"] = Fault(limit=2, path="/messages$")
        await pair.send(TEXT, SARA)
    await pair.settled()
    assert all(body.get("deviceId") for body in posts(pair.gateway))
    assert on_the_phone(pair) == {SARA: 7}


async def test_without_any_phone_a_request_is_not_repeated(
    pair: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server draws a phone for each; the outcome is unknown, and asked for first."""
    short_waits(monkeypatch)
    phones = pair.entry.runtime_data.account.phones
    monkeypatch.setattr(phones, "choose", lambda: None)
    pair.gateway.faults["drop_response"] = Fault(limit=1, path="/messages$")
    with fails("outcome_unknown", message_id=ID):
        await pair.send(TEXT, SARA, message_id=ID)
    assert len(posts(pair.gateway)) == 1
    for _ in range(6):
        await pair.send(TEXT, SARA, message_id=ID)
    await pair.settled()
    assert len(posts(pair.gateway)) == 1
    assert on_the_phone(pair) == {SARA: 1}


@pytest.mark.parametrize(
    "message_id",
    ["..", ".", "a/b", "a\\b", "half \ud83d", "a\nb", "\u200f", "x" * 37],
    ids=ascii,
)
async def test_an_id_that_no_route_carries_is_refused(
    account: Account, message_id: str
) -> None:
    """Before any request, and wherever an id is entered."""
    before = len(account.gateway.requests)
    with pytest.raises((ServiceValidationError, vol.Invalid)):
        await account.send(TEXT, SARA, message_id=message_id)
    for action in ("get_message", "cancel_message"):
        with pytest.raises((ServiceValidationError, vol.Invalid)):
            await account.hass.services.async_call(
                "sms_gate",
                action,
                {"message_id": message_id},
                blocking=True,
                return_response=True,
            )
    assert len(account.gateway.requests) == before


@pytest.mark.parametrize("message_id", ["a b", "باب-1", "10:00 %41", "a?b#c&d=e+f"])
async def test_an_id_of_any_visible_characters_works(
    account: Account, message_id: str
) -> None:
    """As the documented example has a blank in it."""
    await account.send(TEXT, SARA, message_id=message_id)
    await account.settled()
    got = await account.hass.services.async_call(
        "sms_gate",
        "get_message",
        {"message_id": message_id},
        blocking=True,
        return_response=True,
    )
    assert got is not None
    assert (got["message_id"], got["state"]) == (message_id, "Delivered")


@pytest.mark.parametrize(("text", "recipient"), [("Another", SARA), (TEXT, OMAR)])
async def test_an_id_of_a_message_that_the_gateway_forgot_is_still_used(
    account: Account, text: str, recipient: str
) -> None:
    """What it was used for is remembered here, also after a restart."""
    await account.send(TEXT, SARA, message_id=ID)
    await account.settled()
    account.gateway.account.clear()
    for _ in range(2):
        with refuses("message_id_used"):
            await account.send(text, recipient, message_id=ID)
        await restart(account)
    assert on_the_phone(account) == {SARA: 1}


async def test_an_id_of_another_phone_is_not_used_again(
    pair: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway has it for another text, and nothing of it is remembered here."""
    await pair.send(TEXT, SARA, message_id=ID)
    await pair.settled()
    await restart(pair, forget=True)
    before = len(posts(pair.gateway))
    with refuses("message_id_used"):
        await pair.send("Another text", SARA, message_id=ID)
    assert len(posts(pair.gateway)) == before


async def test_an_id_without_a_phone_goes_to_the_one_that_is_named(
    pair: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knew a phone at the first try, which did not arrive."""
    short_waits(monkeypatch)
    phones = pair.entry.runtime_data.account.phones
    choose = phones.choose
    monkeypatch.setattr(phones, "choose", lambda: None)
    pair.gateway.faults["status"] = Fault(value=502, path="/messages$")
    with fails("outcome_unknown"):
        await pair.send(TEXT, SARA, message_id=ID)
    pair.gateway.faults.clear()
    monkeypatch.setattr(phones, "choose", choose)
    (other,) = [phone for phone in pair.gateway.phones if phone.id != choose()]
    await pair.send(TEXT, SARA, message_id=ID, device_id=phones.device_id(other.id))
    await pair.settled()
    assert posts(pair.gateway)[-1]["deviceId"] == other.id
    assert on_the_phone(pair) == {SARA: 1}


async def test_the_ids_that_were_used_last_are_remembered(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is used again is one of them."""
    monkeypatch.setattr(outbox, "MAX_IDS", 2)
    for message_id in ("one", "two", "one", "three"):
        await account.send(TEXT, SARA, message_id=message_id)
    used = account.entry.runtime_data.outbox.used
    assert [it for it in ("one", "two", "three") if used(it)] == ["one", "three"]
