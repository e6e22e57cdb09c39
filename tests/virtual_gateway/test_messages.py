"""The way of a message: states, parts, priorities, schedules, encryption."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from harness.until import until
from virtual_gateway import VirtualGateway, VirtualSim
from virtual_gateway.encryption import decrypt, encrypt
from virtual_gateway.sms_parts import parts_of

from .conftest import NUMBER, SERVER, Asker, Receiver

MESSAGES = f"{SERVER}/messages"
OTHER, THIRD = "+966590042735", "+966590042736"


async def hook(
    ask: Asker, receiver: Receiver, *events: str, base: str = SERVER
) -> None:
    """Register the receiver for some events."""
    for event in events:
        body = {"url": receiver.url, "event": event}
        assert (await ask("POST", f"{base}/webhooks", body)).status == 201


async def test_accepted_message_of_the_server(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    gateway.phones[0].online = False
    reply = await ask("POST", MESSAGES, text_message | {"id": "mine"})
    assert reply.status == 202
    assert reply.headers["Location"] == f"{SERVER}/message/mine"
    assert list(reply.json) == [
        "id", "deviceId", "state", "isHashed", "isEncrypted", "recipients", "states", "textMessage",
    ]  # fmt: skip
    assert reply.json["deviceId"] == gateway.phones[0].id
    assert reply.json["recipients"] == [{"phoneNumber": NUMBER, "state": "Pending"}]
    assert reply.json["states"]["Pending"].endswith("Z")
    assert (await ask("GET", reply.headers["Location"])).json == reply.json
    [listed] = (await ask("GET", MESSAGES)).json
    assert "textMessage" not in listed
    [listed] = (await ask("GET", f"{MESSAGES}?includeContent=true")).json
    assert listed["textMessage"] == {"text": "hello"}


@pytest.mark.parametrize(
    ("outcome", "state", "error"),
    [
        ("delivered", "Delivered", None),
        ("sent", "Sent", None),
        ("failed", "Failed", "Send result: no credit"),
        ("undelivered", "Failed", "Delivery result from SC +966500000099: 64"),
    ],
)
@pytest.mark.parametrize("base", [SERVER, ""], ids=["server", "phone"])
async def test_outcomes(
    gateway: VirtualGateway,
    ask: Asker,
    text_message: dict[str, Any],
    base: str,
    outcome: str,
    state: str,
    error: str | None,
) -> None:
    phone = gateway.phones[0]
    phone.outcomes[NUMBER] = outcome  # type: ignore[assignment]
    phone.fail_reason = "no credit"
    posted = await ask("POST", f"{base}/messages", text_message)
    await gateway.settled()
    shown = (await ask("GET", f"{base}/messages/{posted.json['id']}")).json
    assert shown["state"] == state
    assert shown["recipients"][0].get("error") == error
    assert {"Pending", "Processed", state} <= set(shown["states"])
    assert len(phone.outbox) == (outcome != "failed")


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        (("delivered", "failed"), "Sent"),
        (("delivered", "sent"), "Sent"),
        (("failed", "failed"), "Failed"),
        (("delivered", "delivered"), "Delivered"),
    ],
)
async def test_state_of_several_recipients(
    gateway: VirtualGateway, ask: Asker, outcomes: tuple[Any, Any], state: str
) -> None:
    gateway.phones[0].outcomes.update(zip((NUMBER, OTHER), outcomes, strict=True))
    body = {"textMessage": {"text": "x"}, "phoneNumbers": [NUMBER, OTHER]}
    posted = await ask("POST", MESSAGES, body)
    await gateway.settled()
    assert (await ask("GET", f"{MESSAGES}/{posted.json['id']}")).json["state"] == state
    assert gateway.messages[posted.json["id"]].state == state


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x" * 160, 1), ("x" * 161, 2), ("x" * 306, 2), ("x" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
        ("م" * 70, 1), ("م" * 71, 2), ("م" * 134, 2), ("م" * 135, 3), ("😀" * 35, 1), ("😀" * 36, 2),
        ("😀" * 67, 3), ("", 1),
    ],
)  # fmt: skip
def test_parts(text: str, parts: int) -> None:
    assert parts_of(text) == parts


async def test_sent_comes_once_and_delivered_once_per_part(
    gateway: VirtualGateway, ask: Asker, receiver: Receiver
) -> None:
    await hook(ask, receiver, "sms:sent", "sms:delivered", "sms:failed")
    body = {"textMessage": {"text": "م" * 150}, "phoneNumbers": [NUMBER]}
    await ask("POST", MESSAGES, body | {"simNumber": 1})
    await gateway.settled()
    [sent] = receiver.named("sms:sent")
    assert sent["partsCount"] == 3
    assert (sent["sender"], sent["simNumber"]) == ("+966500000001", 1)
    assert len(receiver.named("sms:delivered")) == 3
    assert receiver.named("sms:failed") == []


async def test_without_a_named_sim_events_name_none(
    gateway: VirtualGateway,
    ask: Asker,
    receiver: Receiver,
    text_message: dict[str, Any],
) -> None:
    await hook(ask, receiver, "sms:sent")
    await ask("POST", MESSAGES, text_message)
    await gateway.settled()
    [sent] = receiver.named("sms:sent")
    assert set(sent) == {
        "messageId",
        "recipient",
        "phoneNumber",
        "partsCount",
        "sentAt",
    }


async def test_no_report_means_no_delivery(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    await ask("POST", MESSAGES, text_message | {"withDeliveryReport": False})
    await gateway.settled()
    assert [sms.state for sms in gateway.phones[0].outbox] == ["sent"]


async def test_newest_first_unless_priority_says_otherwise(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    gateway.phones[0].online = False
    for index, priority in enumerate((0, 100, 0, -5)):
        body = text_message | {"id": str(index), "priority": priority}
        assert (await ask("POST", MESSAGES, body)).status == 202
        await asyncio.sleep(0.002)  # the phone orders by milliseconds
    gateway.phones[0].online = True
    await gateway.settled()
    assert [sms.message_id for sms in gateway.phones[0].outbox] == ["1", "2", "0", "3"]


async def test_data_message(gateway: VirtualGateway, ask: Asker) -> None:
    body = {"dataMessage": {"data": "AAEC", "port": 53739}, "phoneNumbers": [NUMBER]}
    assert (await ask("POST", MESSAGES, body)).json["dataMessage"] == body[
        "dataMessage"
    ]
    await gateway.settled()
    [sms] = gateway.phones[0].outbox
    assert (sms.data, sms.port, sms.text) == (b"\0\1\2", 53739, None)


@pytest.mark.parametrize("base", [SERVER, ""], ids=["server", "phone"])
async def test_schedule_waits_and_can_be_cancelled(
    gateway: VirtualGateway,
    ask: Asker,
    receiver: Receiver,
    text_message: dict[str, Any],
    base: str,
) -> None:
    await hook(ask, receiver, "sms:cancelled", base=base)
    later = (datetime.now(UTC) + timedelta(days=9999)).isoformat()
    posted = await ask("POST", f"{base}/messages", text_message | {"scheduleAt": later})
    path = f"{base}/messages/{posted.json['id']}"
    with pytest.raises(TimeoutError):
        await gateway.settled(timeout=0.05)
    cancelled = await ask("DELETE", path)
    assert cancelled.status == 200
    assert cancelled.json["state"] == ("Cancelling" if base else "Cancelled")

    async def done() -> bool:
        state = (await ask("GET", path)).json["state"]
        return state == "Cancelled" and bool(receiver.events)

    await until(done)
    [payload] = receiver.named("sms:cancelled")
    assert payload["messageId"] == posted.json["id"]
    assert gateway.phones[0].outbox == []


async def test_schedule_is_sent_when_its_time_comes(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await ask("POST", MESSAGES, text_message | {"scheduleAt": soon})
    await gateway.settled()
    assert len(gateway.phones[0].outbox) == 1


async def test_expired_message_fails(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    past = {"validUntil": "2020-01-01T00:00:00Z"}
    posted = await ask("POST", MESSAGES, text_message | past)
    assert posted.status == 202
    await gateway.settled()
    [recipient] = (await ask("GET", f"{MESSAGES}/{posted.json['id']}")).json[
        "recipients"
    ]
    assert recipient["error"] == "TTL expired"


async def test_message_cancelled_before_the_phone_heard_of_it(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    gateway.phones[0].online = False
    posted = await ask("POST", MESSAGES, text_message)
    path = f"{MESSAGES}/{posted.json['id']}"
    assert (await ask("DELETE", path)).json["state"] == "Cancelling"
    assert (await ask("DELETE", path)).status == 409
    gateway.phones[0].online = True
    await gateway.settled()
    assert (await ask("GET", path)).json["state"] == "Cancelled"
    assert gateway.phones[0].outbox == []


async def test_short_code_stays_pending_in_the_list(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    body = text_message | {"phoneNumbers": ["900"]}
    posted = await ask("POST", f"{MESSAGES}?skipPhoneValidation=true", body)
    await gateway.settled()
    one = (await ask("GET", f"{MESSAGES}/{posted.json['id']}")).json
    assert one["recipients"] == [{"phoneNumber": "+900", "state": "Delivered"}]
    [listed] = (await ask("GET", MESSAGES)).json
    assert listed["state"] == "Delivered"
    assert listed["recipients"] == [{"phoneNumber": "900", "state": "Pending"}]


async def test_hashed_message(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    posted = await ask("POST", MESSAGES, text_message)
    await gateway.settled()
    gateway.hash_messages()
    shown = (await ask("GET", f"{MESSAGES}/{posted.json['id']}")).json
    assert shown["isHashed"] is True
    assert shown["recipients"][0]["phoneNumber"] == "6129c7baa5c3b651"
    assert shown["hashedMessage"]["hash"].startswith("2cf24dba5fb0a30e")
    assert "textMessage" not in shown


async def test_encrypted_message(gateway: VirtualGateway, ask: Asker) -> None:
    dice = Random(1)
    gateway.phones[0].passphrase = "sesame"
    text, number = (encrypt(item, "sesame", dice, 1000) for item in ("مرحبا", NUMBER))
    assert decrypt(text, "sesame") == "مرحبا"
    body = {
        "textMessage": {"text": text},
        "phoneNumbers": [number],
        "isEncrypted": True,
    }
    assert (await ask("POST", MESSAGES, body)).status == 202
    await gateway.settled()
    [sms] = gateway.phones[0].outbox
    assert (sms.phone_number, sms.text) == (NUMBER, "مرحبا")


@pytest.mark.parametrize("passphrase", [None, "wrong"])
async def test_encrypted_message_nobody_can_read(
    gateway: VirtualGateway, ask: Asker, passphrase: str | None
) -> None:
    dice = Random(1)
    gateway.phones[0].passphrase = passphrase
    text, number = (encrypt(item, "sesame", dice, 1000) for item in ("hello", NUMBER))
    body = {
        "textMessage": {"text": text},
        "phoneNumbers": [number],
        "isEncrypted": True,
    }
    posted = await ask("POST", MESSAGES, body)
    await gateway.settled()
    assert (await ask("GET", f"{MESSAGES}/{posted.json['id']}")).json[
        "state"
    ] == "Failed"
    assert gateway.phones[0].outbox == []


async def test_list_pages_filters_and_counts(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    second = gateway.add_phone(sims=(VirtualSim(1),))
    for index in range(7):
        device = gateway.phones[index % 2].id
        body = text_message | {"id": str(index), "deviceId": device}
        assert (await ask("POST", MESSAGES, body)).status == 202
    await gateway.settled()

    async def ids(query: str) -> tuple[list[str], str]:
        reply = await ask("GET", f"{MESSAGES}?{query}")
        return [item["id"] for item in reply.json], reply.headers["X-Total-Count"]

    assert await ids("limit=3") == (["6", "5", "4"], "7")
    assert await ids("limit=3&offset=6&sort=created_at") == (["6"], "7")
    assert await ids(f"deviceId={second.id}") == (["5", "3", "1"], "3")
    assert await ids("state=Sent") == ([], "0")
    assert await ids("state=Delivered&limit=1") == (["6"], "7")
    assert await ids("from=2090-01-01T00:00:00Z") == ([], "0")
    assert await ids("to=2090-01-01T00:00:00Z&limit=1") == (["6"], "7")
    assert await ids("from=2091-01-01T00:00:00Z&to=2090-01-01T00:00:00Z") == ([], "0")


async def test_more_than_a_page_waiting_is_fetched_in_turns(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    gateway.phones[0].online = False
    for _ in range(130):
        await ask("POST", MESSAGES, text_message)
    gateway.phones[0].online = True
    await gateway.settled()
    assert len(gateway.phones[0].outbox) == 130


async def test_scheduled_message_seen_twice_counts_as_processed(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    later = (datetime.now(UTC) + timedelta(days=9999)).isoformat()
    posted = await ask("POST", MESSAGES, text_message | {"scheduleAt": later})
    await ask("POST", MESSAGES, text_message)
    path = f"{MESSAGES}/{posted.json['id']}"

    async def processed() -> bool:
        return bool((await ask("GET", path)).json["state"] == "Processed")

    await until(processed)
    assert (await ask("DELETE", path)).status == 409


@pytest.mark.parametrize(
    ("outcome", "arrives"),
    [
        ("delivered", True),
        ("sent", True),
        ("failed", False),
        ("undelivered", False),
        ("swallowed", False),
    ],
)
async def test_an_sms_to_a_phone_of_the_account_is_received(
    gateway: VirtualGateway, ask: Asker, outcome: str, arrives: bool
) -> None:
    second = gateway.add_phone(sims=[VirtualSim(2, NUMBER)])
    first = gateway.phones[0]
    first.outcomes[NUMBER] = outcome  # type: ignore[assignment]
    body = {"textMessage": {"text": "to the other"}, "phoneNumbers": [NUMBER]}
    await ask("POST", f"{SERVER}/messages", {**body, "deviceId": first.id})
    await gateway.settled()
    received = [
        (it.sender, it.sim_number, it.text) for it in second.inbox.messages.values()
    ]
    expected = [("+966500000001", 2, "to the other")]
    assert received == (expected if arrives else [])
    assert not first.inbox.messages
