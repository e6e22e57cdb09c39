"""Conversations are kept as they were, once, and only where somebody wants it."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
import stat
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.sms_gate.gateway.models import OutgoingMessage
from custom_components.sms_gate.messages import store as store_module
from custom_components.sms_gate.messages.record import sent
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig, collect, contact
from tests.support.kept import (
    KEEP,
    conversations,
    has_state,
    kept_file,
    messages,
    set_option,
    store_of,
    texts,
)
from tests.support.receiving import issues
from tests.support.sending import fails
from virtual_gateway.faults import Fault


@pytest.fixture
async def account(rig: Rig) -> Account:
    """A private account that keeps conversations."""
    return await rig.add_account(options=KEEP)


def shown(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return some columns of a row."""
    return {name: row[name] for name in names}


async def test_both_sides_of_a_conversation_are_kept(account: Account) -> None:
    """With its number, its SIM, its phone, and how far it got."""
    account.phone.receive(SARA, "Is anybody home?", sim_number=2)
    await account.settled()
    await account.send("Yes", "Sara")
    await has_state(account, SARA, "Delivered")
    question, answer = await messages(account, SARA)
    assert shown(question, "is_outgoing", "kind", "text", "sim", "is_unread") == {
        "is_outgoing": 0,
        "kind": "sms",
        "text": "Is anybody home?",
        "sim": 2,
        "is_unread": 1,
    }
    assert answer["is_outgoing"]
    assert answer["phone"] == account.phone.id
    assert answer["parts"] == 1
    assert not answer["is_unread"]
    (conversation,) = await conversations(account)
    assert shown(conversation, "key", "text", "unread") == {
        "key": SARA,
        "text": "Yes",
        "unread": 1,
    }


async def test_a_message_to_two_is_in_both_conversations(account: Account) -> None:
    """Each with its own state."""
    await account.send("Dinner", "Sara", OMAR)
    for number in (SARA, OMAR):
        await has_state(account, number, "Delivered")
        assert await texts(account, number) == ["Dinner"]


@pytest.mark.parametrize(
    "spelling", [SARA, "0590042734", "00966590042734", "966 59 004 2734"]
)
async def test_all_spellings_of_a_number_are_one_conversation(
    rig: Rig, spelling: str
) -> None:
    """Of a contact, and of a stranger."""
    for contacts in ((contact("Sara", SARA),), ()):
        account = await rig.add_account(options=KEEP, contacts=contacts)
        await account.send("Hello", SARA, config_entry_id=account.entry.entry_id)
        account.phone.receive(spelling, f"from {spelling} {len(contacts)}")
        await account.settled()
        (conversation,) = await conversations(account)
        assert conversation["key"] == SARA


async def test_a_failed_message_has_its_reason(account: Account) -> None:
    """As the phone said it."""
    account.phone.outcomes[SARA] = "failed"
    await account.send("Hello", SARA)
    await has_state(account, SARA, "Failed")
    (row,) = await messages(account, SARA)
    assert "Send result" in row["error"]


async def test_what_did_not_leave_has_failed(account: Account) -> None:
    """The gateway refused it: the conversation says so."""
    account.gateway.faults["status"] = Fault(value=400)
    with fails("rejected"):
        await account.send("Hello", SARA)
    (row,) = await messages(account, SARA)
    assert row["state"] == "Failed"
    assert row["error"]


async def test_what_is_fetched_again_fills_gaps_and_doubles_nothing(
    account: Account, hass: HomeAssistant
) -> None:
    """What fired before it could be kept is kept when the phone sends it again."""
    seen = collect(hass)
    set_option(account, keep_messages_days=0)
    await account.settled()
    account.phone.receive(SARA, "before")
    # Older than what is kept
    ancient = datetime.now(UTC) - timedelta(days=40)
    account.phone.receive(SARA, "ancient", at=ancient.timestamp())
    await account.settled()
    set_option(account, **KEEP)
    await account.settled()
    account.phone.receive(SARA, "after")
    await account.settled()
    assert await texts(account, SARA) == ["after"]
    account.phone.refires_known = True
    for _ in range(2):
        await hass.services.async_call(
            "sms_gate",
            "refresh_inbox",
            {"since": datetime.now(UTC) - timedelta(days=50)},
            blocking=True,
        )
        await account.settled()
    assert sorted(filter(None, await texts(account, SARA))) == ["after", "before"]
    assert len(seen.data("sms_received")) == 3
    (conversation,) = await conversations(account)
    assert conversation["unread"] == 1


async def test_what_comes_again_leaves_room_for_what_is_new(
    account: Account, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old app sends thousands of known messages again, and some that are new."""
    monkeypatch.setattr(store_module, "WRITE_SECONDS", 60)
    monkeypatch.setattr(store_module, "MAX_WAITING", 8)
    account.phone.refires_known = True
    for number in range(6):
        account.phone.receive(SARA, f"{number}")
        await account.settled()
    await store_of(account).async_write()
    since = datetime.now(UTC) - timedelta(hours=1)
    for _ in range(3):
        await hass.services.async_call(
            "sms_gate", "refresh_inbox", {"since": since}, blocking=True
        )
        await account.settled()
    for number in range(4):
        account.phone.receive(OMAR, f"{number}")
    await account.settled()
    assert "messages_not_kept" not in issues(hass)
    assert len(await texts(account, OMAR)) == 4


async def test_what_was_accepted_and_not_kept_is_kept_when_it_is_sent_again(
    account: Account,
) -> None:
    """It was refused before, so its row said that it failed."""
    account.gateway.faults["status"] = Fault(value=401, limit=1, path="/messages$")
    with fails("invalid_auth"):
        await account.send("Open", SARA, message_id="door")
    await store_of(account).async_write()
    await account.send("Open", SARA, message_id="door")
    store_of(account)._waiting.clear()
    await account.settled()
    await store_of(account).async_write()
    await account.send("Open", SARA, message_id="door")
    await has_state(account, SARA, "Delivered")


async def test_a_clock_that_is_ahead_makes_no_message_of_tomorrow(
    account: Account,
) -> None:
    """It would stay the last one of its conversation."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    account.phone.receive(SARA, "of tomorrow", at=tomorrow.timestamp())
    await account.settled()
    (row,) = await messages(account, SARA)
    assert row["time"] <= datetime.now(UTC).timestamp()


@pytest.mark.parametrize(("data", "text"), [(b"on", "on"), (b"a\0b", None)])
def test_data_that_was_sent_is_shown_where_it_is_a_text(
    data: bytes, text: str | None
) -> None:
    """Control characters are none."""
    message = OutgoingMessage(
        id="m", phone_numbers=(SARA,), data=b64encode(data).decode(), port=1
    )
    (record,) = sent(message)
    assert (record.kind, record.text) == ("data", text)


async def test_nothing_is_kept_by_default(rig: Rig) -> None:
    """No file, no thread, no row."""
    account = await rig.add_account()
    account.phone.receive(SARA, "secret")
    await account.settled()
    await account.send("secret", SARA)
    assert await conversations(account) == []
    assert not kept_file(account).exists()


async def test_the_file_is_its_owners_and_ends_with_the_account(
    account: Account, hass: HomeAssistant
) -> None:
    """Mode 0600, also of the files beside it."""
    account.phone.receive(SARA, "secret")
    await account.settled()
    await conversations(account)
    files = list(kept_file(account).parent.glob(f"{kept_file(account).name}*"))
    assert len(files) >= 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert not any(file.exists() for file in files)


async def test_the_option_is_applied_without_a_reload(account: Account) -> None:
    """Zero deletes what was kept; the account stays loaded."""
    runtime = account.entry.runtime_data
    account.phone.receive(SARA, "secret")
    await account.settled()
    assert await conversations(account)
    set_option(account, keep_messages_days=0)
    await until(lambda: not kept_file(account).exists())
    await account.settled()
    assert account.entry.runtime_data is runtime
    assert await conversations(account) == []


async def test_what_is_said_outlives_a_reload(
    account: Account, hass: HomeAssistant
) -> None:
    """The same store, the same rows; a report that comes meanwhile counts."""
    await account.send("Hello", SARA)
    await hass.config_entries.async_reload(account.entry.entry_id)
    await has_state(account, SARA, "Delivered")
    assert await texts(account, SARA) == ["Hello"]


async def test_old_messages_go(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After as many days as the option says, with their conversations."""
    account.phone.receive(SARA, "old")
    await account.settled()
    assert await texts(account, SARA) == ["old"]
    store = store_of(account)
    later = datetime.now(UTC).timestamp() + 29 * 24 * 3600
    monkeypatch.setattr(
        "custom_components.sms_gate.messages.store.time.time", lambda: later
    )
    await store.async_tidy()
    assert await texts(account, SARA) == ["old"]
    later += 2 * 24 * 3600
    await store.async_tidy()
    assert await conversations(account) == []
    assert store.unread == 0


async def test_reading_and_deleting(account: Account) -> None:
    """Unread is counted; what was deleted does not come back."""
    store = store_of(account)
    for sender in (SARA, OMAR):
        for text in ("first word", "second word"):
            account.phone.receive(sender, text)
    await account.settled()
    await conversations(account)
    assert store.unread == 4
    first, second = await messages(account, SARA)
    await store.async_mark_read(SARA, first["id"])
    assert store.unread == 3
    await store.async_delete(message=second["id"])
    assert await texts(account, SARA) == ["first word"]
    await store.async_delete(conversation=OMAR)
    assert [row["key"] for row in await conversations(account)] == [SARA]
    account.phone.refires_known = True
    await account.hass.services.async_call(
        "sms_gate",
        "refresh_inbox",
        {"since": datetime.now(UTC) - timedelta(hours=1)},
        blocking=True,
    )
    await account.settled()
    assert await texts(account, SARA) == ["first word"]
    assert await texts(account, OMAR) == []
    await store.async_delete()
    assert await conversations(account) == []
    for file in kept_file(account).parent.glob(f"{kept_file(account).name}*"):
        content = file.read_bytes()
        assert b"first word" not in content
        assert b"second word" not in content


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Die Tür ist offen", "TÜR"),
        ("IŞIK AÇ", "ışık"),
        ("أهلًا", "أهلًا"),
        ("100 % <b>sure</b>", "% <B>"),
        ("it\u2019s", "it's"),
        ("a_b", "A_B"),
    ],
)
async def test_search_finds_texts_however_they_are_written(
    account: Account, text: str, query: str
) -> None:
    """Case, quotes and dots do not matter; signs are signs."""
    account.phone.receive(SARA, text)
    account.phone.receive(OMAR, "something else")
    await account.settled()
    await conversations(account)
    store = store_of(account)
    assert [row["text"] for row in await store.async_search(query, 50)] == [text]


async def test_pages_join_without_a_gap(account: Account) -> None:
    """Also where messages have the same second."""
    for number in range(25):
        account.phone.receive(SARA, f"{number}")
    await account.settled()
    await conversations(account)
    store = store_of(account)
    found: list[int] = []
    before = None
    while page := await store.async_messages(SARA, 10, before):
        found += [row["id"] for row in page]
        before = (page[-1]["time"], page[-1]["id"])
    assert len(found) == len(set(found)) == 25


async def test_unread_messages_have_a_sensor_while_they_are_kept(
    account: Account, hass: HomeAssistant
) -> None:
    """It counts, and goes when nothing is kept any more; without a reload."""
    sensor = "sensor.sms_gate_unread_messages"

    def value() -> str | None:
        return state.state if (state := hass.states.get(sensor)) else None

    assert value() == "0"
    account.phone.receive(SARA, "one")
    account.phone.receive(OMAR, "two")
    await until(lambda: value() == "2", "two unread messages")
    await store_of(account).async_mark_read(OMAR, 2**62)
    assert value() == "1"
    set_option(account, keep_messages_days=0)
    await until(lambda: value() is None, "no sensor")
    assert er.async_get(hass).async_get(sensor) is None
    set_option(account, **KEEP)
    await until(lambda: value() == "0", "the sensor again")
    await hass.config_entries.async_reload(account.entry.entry_id)
    await hass.async_block_till_done()
    assert value() == "0"
