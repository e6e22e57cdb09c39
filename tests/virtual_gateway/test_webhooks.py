"""Webhooks: lists, signatures, retries, order, doubles, refused addresses."""

from typing import Any

import pytest

from virtual_gateway import Fault, VirtualGateway, VirtualSim

from .conftest import NUMBER, SERVER, Asker, Receiver, signed


async def register(
    ask: Asker, receiver: Receiver, base: str = SERVER, **change: Any
) -> dict[str, Any]:
    """Register the receiver and return the registration."""
    body = {"url": receiver.url, "event": "sms:received"} | change
    reply = await ask("POST", f"{base}/webhooks", body)
    assert reply.status == 201
    return dict(reply.json)


async def test_lists_are_separate_and_ids_replace(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    mine = await register(ask, receiver, id="mine")
    assert mine == {
        "id": "mine",
        "deviceId": None,
        "url": receiver.url,
        "event": "sms:received",
    }
    local = await register(ask, receiver, base="", id="mine", event="sms:sent")
    assert local == {
        "id": "mine",
        "url": receiver.url,
        "event": "sms:sent",
        "source": "Local",
    }
    await register(ask, receiver, id="mine", event="sms:failed")
    assert [
        hook["event"] for hook in (await ask("GET", f"{SERVER}/webhooks")).json
    ] == ["sms:failed"]
    assert (await ask("GET", "/webhooks")).json == [local]
    for path in (f"{SERVER}/webhooks/mine", f"{SERVER}/webhooks/unknown"):
        assert (await ask("DELETE", path)).status == 204
    assert gateway.account_webhooks == {}
    assert set(gateway.phones[0].webhooks) == {"mine"}


async def test_each_webhook_gets_its_own_event(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    await register(ask, receiver, id="cloud")
    await register(ask, receiver, base="", id="local")
    await register(ask, receiver, id="other", event="sms:sent")
    phone = gateway.phones[0]
    message_id = phone.receive(NUMBER, "مرحبا 👋")
    await gateway.settled()
    devices = {event["webhookId"]: event["deviceId"] for event in receiver.events}
    assert devices == {"cloud": phone.id, "local": phone.local_id}
    assert len({event["id"] for event in receiver.events}) == 2
    payload = receiver.events[0]["payload"]
    assert payload.pop("receivedAt").endswith(".000+03:00")
    assert payload == {
        "messageId": message_id,
        "message": "مرحبا 👋",
        "sender": NUMBER,
        "recipient": "+966500000001",
        "simNumber": 1,
        "phoneNumber": NUMBER,
    }


async def test_what_is_unknown_is_left_out(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    gateway.phones[0].sims = (VirtualSim(1),)
    await register(ask, receiver)
    gateway.phones[0].receive(NUMBER, "x", sim_number=None)
    await gateway.settled()
    assert set(receiver.named("sms:received")[0]) == {
        "messageId", "message", "sender", "phoneNumber", "receivedAt",
    }  # fmt: skip


async def test_older_apps_name_only_the_phone_number(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    gateway.phones[0].legacy_payloads = True
    await register(ask, receiver)
    gateway.phones[0].receive(NUMBER, "x")
    await gateway.settled()
    [payload] = receiver.named("sms:received")
    assert payload["phoneNumber"] == NUMBER
    assert not {"sender", "recipient"} & set(payload)


async def test_webhook_of_another_phone_is_passed_over(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    second = gateway.add_phone()
    await register(ask, receiver, deviceId=second.id)
    gateway.phones[0].receive(NUMBER, "first")
    second.receive(NUMBER, "second")
    await gateway.settled()
    assert [item["message"] for item in receiver.named("sms:received")] == ["second"]


async def test_retries_are_signed_anew_until_taken(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    gateway.phones[0].signing_key = "key"
    receiver.answers = [503, 404, 302, 500]
    await register(ask, receiver)
    gateway.phones[0].receive(NUMBER, "<&='> مرحبا")
    await gateway.settled()
    assert len(receiver.events) == 1
    assert [item.status for item in gateway.deliveries] == [503, 404, 302, 500, 200]
    assert [item.attempt for item in gateway.deliveries] == [1, 2, 3, 4, 5]
    assert len({item.event_id for item in gateway.deliveries}) == 1
    assert all(signed(body, headers, "key") for body, headers in receiver.requests)
    body, headers = receiver.requests[0]
    assert rb"\u003c\u0026\u003d\u0027\u003e" in body
    assert not signed(body + b" ", headers, "key")
    assert not signed(body, headers, "other")


async def test_retry_rule_doubles_and_ends(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    receiver.answers = [500] * 100
    await register(ask, receiver)
    gateway.phones[0].receive(NUMBER, "x")
    await gateway.settled()
    waits = [
        item.retry_in and round(item.retry_in * gateway.speed)
        for item in gateway.deliveries
    ]
    assert waits == [*(5 * 2**index for index in range(15)), None]


async def test_retry_count_of_the_settings(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    await ask("PATCH", "/settings", {"webhooks": {"retry_count": 2}})
    receiver.answers = [500] * 100
    await register(ask, receiver)
    gateway.phones[0].receive(NUMBER, "x")
    await gateway.settled()
    assert len(gateway.deliveries) == 3


async def test_a_stuck_webhook_loses_no_other(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    await register(ask, receiver, base="", id="dead")
    gateway.phones[0].webhooks["dead"]["url"] = "http://127.0.0.1:9/none"
    await register(ask, receiver)
    for index in range(12):
        gateway.phones[0].receive(NUMBER, str(index))
    await gateway.settled()
    texts = [item["message"] for item in receiver.named("sms:received")]
    assert texts == [str(index) for index in range(12)]
    assert sum(item.error is not None for item in gateway.deliveries) == 12 * 16


async def test_refused_address_is_never_posted_to(gateway: VirtualGateway) -> None:
    gateway.account_webhooks["old"] = {
        "id": "old", "url": "http://192.168.1.2/hook", "event": "sms:received", "deviceId": None,
    }  # fmt: skip
    gateway.phones[0].receive(NUMBER, "x")
    await gateway.settled()
    [delivery] = gateway.deliveries
    assert delivery.status is None
    assert str(delivery.error).startswith("refused")


@pytest.mark.parametrize(
    ("plain", "status"), [(True, 201), ("loopback", 201), (False, 400)]
)
async def test_plain_webhooks_on_the_server(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway, plain: Any, status: int
) -> None:
    gateway.plain_webhooks = plain
    body = {"url": receiver.url, "event": "sms:received"}
    assert (await ask("POST", f"{SERVER}/webhooks", body)).status == status
    body["url"] = "http://192.168.1.2/hook"
    expected = 201 if plain is True else 400
    assert (await ask("POST", f"{SERVER}/webhooks", body)).status == expected


async def test_events_wait_while_the_phone_is_offline(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    await register(ask, receiver)
    phone = gateway.phones[0]
    phone.online = False
    await register(ask, receiver, id="late")
    phone.receive(NUMBER, "while away")
    with pytest.raises(TimeoutError):
        await gateway.settled(timeout=0.05)
    assert gateway.deliveries == []
    phone.online = True
    await gateway.settled()
    assert len(receiver.events) == 1


async def test_ping_and_start(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    await register(ask, receiver, event="system:ping")
    await register(ask, receiver, event="app:started")
    phone = gateway.phones[0]
    phone.battery, phone.charging, phone.transport = 20, "usb", "cellular"
    phone.ping()
    phone.restart()
    await gateway.settled()
    [ping] = receiver.named("system:ping")
    checks = {
        name: (item["status"], item["observedValue"])
        for name, item in ping["health"]["checks"].items()
    }
    assert ping["health"]["status"] == "warn"
    assert checks == {
        "messages:failed": ("pass", 0),
        "connection:status": ("pass", 1),
        "connection:transport": ("pass", 2),
        "connection:cellular": ("pass", 4),
        "battery:level": ("warn", 20),
        "battery:charging": ("pass", 5),
    }
    [started] = receiver.named("app:started")
    assert started["simCards"][0]["phoneNumber"] == "+966500000001"


async def test_pings_repeat_at_their_interval(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    await register(ask, receiver, event="system:ping")
    gateway.phones[0].ping_interval = 60
    while len(receiver.events) < 3:
        await gateway.settled()
    gateway.phones[0].ping_interval = None
    await gateway.settled()


async def test_duplicates_differ_only_in_their_id(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    gateway.faults["duplicate_webhooks"] = Fault()
    await register(ask, receiver)
    gateway.phones[0].receive(NUMBER, "x")
    await gateway.settled()
    first, second = receiver.events
    assert first.pop("id") != second.pop("id")
    assert first == second
