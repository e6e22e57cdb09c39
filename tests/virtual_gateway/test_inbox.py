"""What a phone receives: identities, inbox, and telling of it again."""

import base64
from typing import Any

import pytest

from virtual_gateway import VirtualGateway
from virtual_gateway.ids import java_bytes_hash, java_date_hash, java_hash

from .conftest import NUMBER, SERVER, Asker, Receiver
from .test_webhooks import register

PERIOD = {"since": "2020-01-01T00:00:00Z", "until": "2090-01-01T00:00:00Z"}
NOON = 1_719_045_971.0


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", 0), ("a", 97), ("hello", 99162322), ("polygenelubricants", -2147483648), ("مرحبا", 1531039712), ("😀", 1772899)],
)  # fmt: skip
def test_hash_of_text(value: str, expected: int) -> None:
    assert java_hash(value) == expected


def test_hash_of_bytes_and_dates() -> None:
    assert java_bytes_hash(b"") == 1
    assert java_bytes_hash(b"\x01\xff") == 31 * (31 + 1) - 1
    assert java_date_hash(1_719_045_971_000) == 1059052968


async def test_message_id_depends_on_sender_time_sim_and_text(
    gateway: VirtualGateway,
) -> None:
    phone = gateway.phones[0]
    first = phone.receive(NUMBER, "x", at=NOON)
    assert phone.receive(NUMBER, "x", at=NOON) == first
    others = [
        phone.receive("+966590042735", "x", at=NOON),
        phone.receive(NUMBER, "y", at=NOON),
        phone.receive(NUMBER, "x", at=NOON + 1),
        phone.receive(NUMBER, "x", sim_number=None, at=NOON),
    ]
    assert len({first, *others}) == 5
    assert all(int(item, 16) < 2**32 for item in others)


async def test_equal_sms_of_one_second_is_taken_once(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    await register(ask, receiver)
    gateway.phones[0].receive(NUMBER, "x", at=NOON)
    gateway.phones[0].receive(NUMBER, "x", at=NOON + 0.5)
    gateway.phones[0].receive(NUMBER, "x")
    gateway.phones[0].receive(NUMBER, "x")
    await gateway.settled()
    assert len(receiver.events) == 3


async def test_inbox_lists_all_kinds(ask: Asker, gateway: VirtualGateway) -> None:
    phone = gateway.phones[0]
    phone.receive(NUMBER, "السلام عليكم 👋", at=NOON)
    phone.receive_data(NUMBER, b"\x00\xff" * 40, at=NOON)
    phone.receive_mms(NUMBER, subject="Photo", size=99)
    phone.receive_mms_downloaded(
        NUMBER, body="Look", attachments=[("a.txt", "text/plain", b"hi")]
    )
    reply = await ask("GET", "/inbox?includeAttachments=true")
    assert reply.headers["X-Total-Count"] == "4"
    shown = {item["type"]: item for item in reply.json}
    assert set(shown) == {"SMS", "DATA_SMS", "MMS", "MMS_DOWNLOADED"}
    sms = shown["SMS"]
    assert sms["id"].startswith("text:")
    assert sms["contentPreview"] == "السلام عليكم 👋"
    assert sms["createdAt"] == "2024-06-22T11:46:11.000+03:00"
    assert (sms["sender"], sms["recipient"], sms["simNumber"]) == (
        NUMBER,
        "+966500000001",
        1,
    )
    assert shown["DATA_SMS"]["contentPreview"] == "00ff" * 32 + "..."
    assert shown["MMS"]["contentPreview"] == "Photo"
    mms = shown["MMS_DOWNLOADED"]
    assert mms["attachments"] == [
        {"partId": 1, "name": "a.txt", "size": 2, "contentType": "text/plain"}
    ]
    part = await ask("GET", f"/inbox/{mms['id']}/attachments/1")
    assert (part.status, part.text) == (200, "hi")
    assert (await ask("GET", f"/inbox/{mms['id']}/attachments/2")).status == 404
    assert [
        item["type"] for item in (await ask("GET", "/inbox?type=SMS&limit=1")).json
    ] == ["SMS"]
    assert (
        await ask("GET", "/inbox?from=2089-01-01T00:00:00Z&to=2090-01-01T00:00:00Z")
    ).json == []


async def test_events_of_all_kinds(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    for event in ("sms:data-received", "mms:received", "mms:downloaded"):
        await register(ask, receiver, event=event)
    phone = gateway.phones[0]
    phone.receive_data(NUMBER, b"\x00\xff")
    transaction = phone.receive_mms(NUMBER, subject="Photo", size=99)
    phone.receive_mms_downloaded(
        NUMBER, subject="Photo", attachments=[("a.png", "image/png", b"hi")]
    )
    await gateway.settled()
    [data], [notice], [mms] = (
        receiver.named(event)
        for event in ("sms:data-received", "mms:received", "mms:downloaded")
    )
    assert base64.b64decode(data["data"]) == b"\x00\xff"
    assert (notice["messageId"], notice["transactionId"]) == (transaction, transaction)
    assert (notice["subject"], notice["size"]) == ("Photo", 99)
    assert mms["attachments"] == [
        {
            "partId": 1,
            "contentType": "image/png",
            "name": "a.png",
            "size": 2,
            "data": "aGk=",
        }
    ]
    assert "body" not in mms


@pytest.mark.parametrize(
    ("path", "extra", "count"),
    [
        ("/inbox/refresh", {}, 0),
        ("/inbox/refresh", {"triggerWebhooks": True}, 2),
        ("/inbox/refresh", {"webhookDelivery": "Individual"}, 2),
        ("/inbox/refresh", {"webhookDelivery": "Disabled", "triggerWebhooks": True}, 0),
        ("/messages/inbox/export", {}, 2),
    ],
)
@pytest.mark.parametrize("base", [SERVER, ""], ids=["server", "phone"])
async def test_told_again_one_by_one(
    ask: Asker,
    receiver: Receiver,
    gateway: VirtualGateway,
    base: str,
    path: str,
    extra: dict[str, Any],
    count: int,
) -> None:
    await register(ask, receiver)
    gateway.phones[0].refires_known = True
    ids = [gateway.phones[0].receive(NUMBER, text, at=NOON) for text in ("a", "b")]
    await gateway.settled()
    seen = {event["id"] for event in receiver.events}
    receiver.events.clear()
    reply = await ask("POST", base + path, PERIOD | extra)
    assert (reply.status, reply.text) == (202, "Accepted" if base else "")
    assert reply.headers.get("Deprecation") == (
        "true" if base and "export" in path else None
    )
    await gateway.settled()
    assert [event["payload"]["messageId"] for event in receiver.events] == ids[:count]
    assert not seen & {event["id"] for event in receiver.events}


async def test_told_again_in_batches_of_a_hundred(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    await register(ask, receiver, event="sms:batch:received")
    for index in range(130):
        gateway.phones[0].receive(NUMBER, str(index), at=NOON + index, missed=True)
    await ask("POST", f"{SERVER}/inbox/refresh", PERIOD | {"webhookDelivery": "Batch"})
    await gateway.settled()
    first, second = receiver.named("sms:batch:received")
    texts = [item["message"] for batch in (first, second) for item in batch["messages"]]
    assert len(first["messages"]) == 100
    assert texts == [str(index) for index in range(130)]
    assert set(first["messages"][0]) == {
        "messageId", "message", "sender", "recipient", "simNumber", "phoneNumber", "receivedAt",
    }  # fmt: skip


async def test_older_apps_know_no_batches(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    gateway.phones[0].app_version = "1.65.1"
    await register(ask, receiver)
    gateway.phones[0].receive(NUMBER, "x", at=NOON)
    await ask("POST", f"{SERVER}/inbox/refresh", PERIOD | {"webhookDelivery": "Batch"})
    await gateway.settled()
    assert len(receiver.named("sms:received")) == 2
    body = {"url": receiver.url, "event": "sms:batch:received"}
    assert (await ask("POST", "/webhooks", body)).status == 400


async def test_newer_apps_tell_only_of_what_they_missed(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    phone = gateway.phones[0]
    await register(ask, receiver)
    phone.receive(NUMBER, "known", at=NOON)
    phone.receive(NUMBER, "missed", at=NOON, missed=True)
    await gateway.settled()
    assert [item["message"] for item in receiver.named("sms:received")] == ["known"]
    for _ in range(2):
        await ask("POST", "/messages/inbox/export", PERIOD)
        await gateway.settled()
    assert [item["message"] for item in receiver.named("sms:received")] == [
        "known",
        "missed",
    ]


async def test_period_of_the_server_has_whole_seconds(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    await register(ask, receiver)
    gateway.phones[0].receive(NUMBER, "x", at=NOON, missed=True)
    body = {"since": "2024-06-22T08:46:11.9Z", "until": "2024-06-22T08:46:11.95Z"}
    await ask("POST", f"{SERVER}/inbox/refresh", body | {"triggerWebhooks": True})
    await gateway.settled()
    assert len(receiver.events) == 1


async def test_refresh_of_an_unknown_phone_is_accepted(ask: Asker) -> None:
    body = PERIOD | {"deviceId": "unknown"}
    assert (await ask("POST", f"{SERVER}/inbox/refresh", body)).status == 202
