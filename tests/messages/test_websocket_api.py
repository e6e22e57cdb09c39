"""The page's commands, over a real socket."""

from datetime import UTC, datetime
import json
import logging
from typing import Any

from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.sms_gate.messages.database import Database
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.kept import KEEP, conversations, kept_file, set_option, store_of

COMMANDS: dict[str, dict[str, Any]] = {
    "accounts/list": {},
    "conversations/list": {},
    "conversations/mark_read": {"conversation": SARA, "until": 1},
    "conversations/keep": {"days": 7},
    "messages/list": {"conversation": SARA},
    "messages/search": {"query": "a"},
    "messages/subscribe": {},
    "messages/send": {"number": SARA, "message": "x"},
    "messages/delete": {"all": True},
}
NEED_ACCOUNT = {
    "messages/send",
    "conversations/mark_read",
    "conversations/keep",
    "messages/list",
    "messages/delete",
}


@pytest.fixture
async def account(rig: Rig) -> Account:
    """A private account that keeps conversations."""
    return await rig.add_account(options=KEEP)


@pytest.fixture
async def client(
    account: Account, hass_ws_client: WebSocketGenerator
) -> MockHAClientWebSocket:
    """An administrator's connection."""
    return await hass_ws_client(account.hass)


@pytest.fixture
async def other(
    account: Account,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> MockHAClientWebSocket:
    """The connection of a user without rights."""
    return await hass_ws_client(account.hass, hass_read_only_access_token)


async def ask(client: MockHAClientWebSocket, command: str, **fields: Any) -> Any:
    """Return a command's whole answer."""
    await client.send_json_auto_id({"type": f"sms_gate/{command}", **fields})
    return await client.receive_json()


async def result(client: MockHAClientWebSocket, command: str, **fields: Any) -> Any:
    """Return what a command answers."""
    answer = await ask(client, command, **fields)
    assert answer["success"], answer
    return answer["result"]


async def write(account: Account, *texts: str, sender: str = SARA) -> None:
    """Let somebody write, and wait until it is kept."""
    for text in texts:
        account.phone.receive(sender, text)
    await account.settled()
    await conversations(account)


async def test_conversations_and_their_messages(
    account: Account, client: MockHAClientWebSocket
) -> None:
    """Who, the last line, how many are unread; then page by page."""
    await write(account, *(f"{number}" for number in range(7)))
    await write(account, "x" * 300, sender=OMAR)
    found = (await result(client, "conversations/list"))["conversations"]
    assert [(it["conversation"], it["contact"], it["unread"]) for it in found] == [
        (OMAR, None, 1),
        (SARA, "Sara", 7),
    ]
    assert found[0]["text"] == "x" * 200
    one = {"config_entry_id": account.entry.entry_id, "conversation": SARA}
    seen: list[str] = []
    before: dict[str, Any] = {}
    while page := (await result(client, "messages/list", **one, limit=3, **before))[
        "messages"
    ]:
        seen += [it["text"] for it in page]
        before = {"before": [page[-1]["time"], page[-1]["id"]]}
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    # A card's number is as a person enters it; a name is not looked up, because a
    # sender can call itself like a contact
    for written, wanted in (("059 004 2734", SARA), ("Sara", "sara")):
        written_so = {**one, "conversation": written}
        opened = await result(client, "messages/list", **written_so)
        assert opened["conversation"] == wanted
        assert bool(opened["messages"]) is (wanted == SARA)
    last = found[1]["id"]
    await result(client, "conversations/mark_read", **one, until=last)
    found = (await result(client, "conversations/list", limit=1))["conversations"]
    assert [it["unread"] for it in found] == [1]
    key = [found[0]["time"], found[0]["id"]]
    found = (await result(client, "conversations/list", before=key))["conversations"]
    assert [(it["conversation"], it["unread"]) for it in found] == [(SARA, 0)]


async def test_changes_are_pushed(
    account: Account, client: MockHAClientWebSocket
) -> None:
    """What is received, and each step of what is sent."""
    await result(client, "messages/subscribe")
    account.phone.receive(SARA, "Hello")
    event = (await client.receive_json())["event"]
    assert [it["text"] for it in event["messages"]] == ["Hello"]
    await account.send("Hi", SARA)
    states: list[str] = []
    while "Delivered" not in states:
        event = (await client.receive_json())["event"]
        states += [it["state"] for it in event["messages"]]
    await store_of(account).async_delete()
    event = (await client.receive_json())["event"]
    assert event == {
        "config_entry_id": account.entry.entry_id,
        "messages": [],
        "is_complete": False,
    }


async def test_a_subscription_ends(
    account: Account, client: MockHAClientWebSocket
) -> None:
    """With its command, and with the connection."""
    own = len(store_of(account)._listeners)
    await result(client, "messages/subscribe")
    assert len(store_of(account)._listeners) == own + 1
    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": 1})
    assert (await client.receive_json())["success"]
    assert len(store_of(account)._listeners) == own
    await result(client, "messages/subscribe")
    await client.close()
    await until(lambda: len(store_of(account)._listeners) == own, "no listener")


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_user_without_rights_gets_nothing(
    account: Account, other: MockHAClientWebSocket, command: str
) -> None:
    """Neither of one account nor of all; and changes nothing."""
    await write(account, "secret")
    fields = COMMANDS[command]
    if command in NEED_ACCOUNT:
        fields = {**fields, "config_entry_id": account.entry.entry_id}
    answer = await ask(other, command, **fields)
    assert not answer["success"]
    assert answer["error"]["code"] == "unauthorized"
    assert "secret" not in str(answer)
    assert [it["unread"] for it in await conversations(account)] == [1]
    assert account.entry.options == KEEP


async def test_everyone_may_read_where_the_option_says_so(
    account: Account, other: MockHAClientWebSocket, rig: Rig
) -> None:
    """Of that account, not of another one; until it says otherwise."""
    private = await rig.add_account(options=KEEP, contacts=(contact("Omar", OMAR),))
    set_option(account, messages_page="everyone")
    await account.settled()
    await write(account, "shared")
    found = (await result(other, "conversations/list"))["conversations"]
    entry_ids = {it["config_entry_id"] for it in found}
    assert entry_ids == {account.entry.entry_id}
    accounts = (await result(other, "accounts/list"))["accounts"]
    assert [it["title"] for it in accounts] == [account.entry.title]
    entry_id = private.entry.entry_id
    answer = await ask(other, "conversations/list", config_entry_id=entry_id)
    assert answer["error"]["code"] == "unauthorized"
    answer = await ask(
        other, "conversations/keep", config_entry_id=account.entry.entry_id, days=0
    )
    assert answer["error"]["code"] == "unauthorized"
    await result(other, "messages/subscribe")
    set_option(account, messages_page="administrators")
    await account.settled()
    await write(account, "not any more")
    answer = await ask(other, "conversations/list")
    assert answer["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("conversations/list", {"limit": 0}),
        ("conversations/list", {"limit": 1001}),
        ("conversations/list", {"before": [1]}),
        ("conversations/list", {"before": ["x", 1]}),
        ("conversations/list", {"before": [1.0, 2**64]}),
        ("messages/list", {"conversation": "x" * 201}),
        ("messages/list", {"conversation": SARA, "limit": 201}),
        ("messages/search", {"query": ""}),
        ("messages/search", {"query": "x" * 201}),
        ("messages/delete", {}),
        ("messages/delete", {"all": True, "message": 1}),
        ("messages/delete", {"all": False}),
        ("conversations/keep", {"days": -1}),
        ("conversations/keep", {"days": 3651}),
        ("conversations/mark_read", {"conversation": SARA, "until": 2**64}),
    ],
)
async def test_inputs_are_bounded(
    account: Account,
    client: MockHAClientWebSocket,
    command: str,
    fields: dict[str, Any],
) -> None:
    """Nothing is read, marked or deleted by what does not fit."""
    await write(account, "here")
    if command in NEED_ACCOUNT:
        fields = {**fields, "config_entry_id": account.entry.entry_id}
    answer = await ask(client, command, **fields)
    assert answer["error"]["code"] == "invalid_format"
    assert [it["unread"] for it in await conversations(account)] == [1]


async def test_search_and_delete(
    account: Account, client: MockHAClientWebSocket
) -> None:
    """A message, a conversation, all."""
    await write(account, "apple", "banana")
    await write(account, "apple pie", sender=OMAR)
    entry = {"config_entry_id": account.entry.entry_id}
    found = (await result(client, "messages/search", query="APPLE"))["messages"]
    assert [it["text"] for it in found] == ["apple pie", "apple"]
    await result(client, "messages/delete", **entry, message=found[1]["id"])
    found = (await result(client, "messages/search", query="a"))["messages"]
    assert [it["text"] for it in found] == ["apple pie", "banana"]
    await result(client, "messages/delete", **entry, conversation=OMAR)
    found = (await result(client, "messages/search", query="a"))["messages"]
    assert [it["text"] for it in found] == ["banana"]
    await result(client, "messages/delete", **entry, all=True)
    assert (await result(client, "conversations/list"))["conversations"] == []


async def test_all_accounts_are_one_list(
    account: Account, client: MockHAClientWebSocket, rig: Rig
) -> None:
    """By time, whichever account it came to; the limit counts for all."""
    beside = await rig.add_account(options=KEEP, contacts=())
    now = datetime.now(UTC).timestamp()
    for place, sender in ((0, SARA), (1, "+966507654321")):
        account.phone.receive(sender, f"number {place}", at=now - 30 + 10 * place)
    await beside.send("number 2", OMAR, config_entry_id=beside.entry.entry_id)
    await account.settled()
    for its in (account, beside):
        await conversations(its)
    listed = await result(client, "conversations/list", limit=2)
    found = await result(client, "messages/search", query="number", limit=2)
    for rows in (listed["conversations"], found["messages"]):
        assert [it["text"] for it in rows] == ["number 2", "number 1"]


async def test_what_the_page_sends_is_no_action(
    account: Account, client: MockHAClientWebSocket, caplog: pytest.LogCaptureFixture
) -> None:
    """The recorder keeps what actions are called with, and the log their errors."""
    caplog.set_level(logging.INFO)
    called: list[Any] = []
    account.hass.bus.async_listen(EVENT_CALL_SERVICE, called.append)
    to_omar = {"config_entry_id": account.entry.entry_id, "number": OMAR}
    later = "2099-01-01T08:00"
    sent = await result(
        client, "messages/send", **to_omar, message="Hello", schedule_at=later
    )
    (kept,) = await conversations(account)
    assert (kept["key"], kept["text"]) == (OMAR, "Hello")
    assert kept["message_id"] == sent["message_id"]
    at = datetime.fromisoformat(later).replace(tzinfo=dt_util.get_default_time_zone())
    assert json.loads(kept["states"])["Scheduled"] == at.timestamp()
    wrong = {**to_omar, "number": "4711081512345678"}
    answer = await ask(client, "messages/send", **wrong, message="Hello")
    assert answer["error"]["translation_domain"] == "sms_gate"
    assert answer["error"]["translation_key"]
    assert answer["error"]["message"]
    nobody = {**to_omar, "config_entry_id": "none"}
    answer = await ask(client, "messages/send", **nobody, message="Hello")
    assert answer["error"]["translation_key"] == "no_account"
    assert called == []
    assert wrong["number"] not in caplog.text
    assert "Error handling message" not in caplog.text
    assert len(await conversations(account)) == 1


async def test_reading_is_not_sending(
    account: Account, other: MockHAClientWebSocket
) -> None:
    """Where actions are kept to administrators, everyone may read at most."""
    to_sara = {"config_entry_id": account.entry.entry_id, **COMMANDS["messages/send"]}
    set_option(account, messages_page="everyone", administrators_only=True)
    await account.settled()
    assert (await ask(other, "messages/send", **to_sara))["error"]["code"] == (
        "unauthorized"
    )
    set_option(account, administrators_only=False)
    await account.settled()
    await result(other, "messages/send", **to_sara)
    assert [it["text"] for it in await conversations(account)] == ["x"]


async def test_the_question_is_asked_once(
    rig: Rig, hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """No days until it was answered; then the option says how many."""
    account = await rig.add_account()
    client = await hass_ws_client(hass)
    (found,) = (await result(client, "accounts/list"))["accounts"]
    assert found["days"] is None
    assert [it["name"] for it in found["contacts"]] == ["Sara"]
    assert [it["name"] for it in found["phones"]] == ["Samsung a16"]
    for days in (0, 30):
        await result(
            client,
            "conversations/keep",
            config_entry_id=account.entry.entry_id,
            days=days,
        )
        await account.settled()
        (found,) = (await result(client, "accounts/list"))["accounts"]
        assert found["days"] == days
    await write(account, "kept")
    assert len((await result(client, "conversations/list"))["conversations"]) == 1


async def test_conversations_can_be_read_while_the_gateway_is_away(
    account: Account, client: MockHAClientWebSocket
) -> None:
    """An account that cannot load still shows what was said."""
    await write(account, "still here")
    await account.hass.config_entries.async_unload(account.entry.entry_id)
    found = (await result(client, "conversations/list"))["conversations"]
    assert [it["text"] for it in found] == ["still here"]


async def test_a_file_that_cannot_be_read_is_an_error(
    account: Account, client: MockHAClientWebSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said as such, without a path."""
    store_of(account)._database.close()
    path = kept_file(account)
    path.unlink(missing_ok=True)
    path.mkdir()
    answer = await ask(client, "conversations/list")
    assert answer["error"]["code"] == "home_assistant_error"
    assert ".storage" not in str(answer)
    path.rmdir()
    assert isinstance(store_of(account)._database, Database)
