"""A virtual phone does what the app of its version does."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from harness.until import until
from virtual_gateway import VirtualGateway

from .conftest import NUMBER, SERVER, Asker, Receiver

EVENTS = {
    "1.38.1": {
        "sms:received",
        "sms:sent",
        "sms:delivered",
        "sms:failed",
        "system:ping",
    },
    "1.39.0": {"sms:data-received"},
    "1.47.0": {"mms:received"},
    "1.56.0": {"mms:downloaded"},
    "1.66.0": {"app:started"},
    "1.67.0": {"sms:cancelled"},
    "1.71.0": {
        "sms:batch:received",
        "sms:batch:data-received",
        "mms:batch:received",
        "mms:batch:downloaded",
    },
}
ALL = set().union(*EVENTS.values())
HOOK = "https://a.example/x"


async def _register(ask: Asker, receiver: Receiver, event: str) -> None:
    body = {"id": event, "url": receiver.url, "event": event}
    assert (await ask("POST", f"{SERVER}/webhooks", body)).status == 201


@pytest.mark.parametrize("version", [*EVENTS, "1.75.0"])
async def test_the_app_refuses_events_it_does_not_know(
    ask: Asker, gateway: VirtualGateway, version: str
) -> None:
    gateway.phones[0].app_version = version
    known = set()
    for since, events in EVENTS.items():
        if since <= version:
            known |= events
    for event in ALL:
        reply = await ask("POST", "/webhooks", {"url": HOOK, "event": event})
        assert (reply.status == 201) is (event in known), event


async def test_a_list_with_an_unknown_event_is_not_applied_at_all(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    phone = gateway.phones[0]
    phone.app_version = "1.60.0"
    await _register(ask, receiver, "sms:received")
    phone.receive(NUMBER, "first")
    await gateway.settled()
    receiver.events.clear()
    gateway.account_webhooks["sms:received"]["url"] = "http://127.0.0.1:1/moved"
    await _register(ask, receiver, "app:started")
    phone.receive(NUMBER, "to the old address")
    await gateway.settled()
    assert [event["payload"]["message"] for event in receiver.events] == [
        "to the old address"
    ]


async def test_a_list_that_was_never_good_is_never_applied(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    phone = gateway.phones[0]
    phone.app_version = "1.60.0"
    for event in ("sms:received", "app:started"):
        await _register(ask, receiver, event)
    phone.receive(NUMBER, "lost")
    await gateway.settled()
    assert receiver.events == []
    assert (await ask("DELETE", f"{SERVER}/webhooks/app:started")).status == 204
    phone.receive(NUMBER, "found")
    await gateway.settled()
    assert [event["payload"]["message"] for event in receiver.events] == ["found"]


async def test_a_list_that_stood_is_kept_when_the_next_is_not_applied(
    ask: Asker, receiver: Receiver, gateway: VirtualGateway
) -> None:
    phone = gateway.phones[0]
    phone.app_version = "1.60.0"
    await _register(ask, receiver, "sms:received")
    await asyncio.sleep(0.4)  # the phone fetches it
    await _register(ask, receiver, "app:started")
    phone.receive(NUMBER, "kept")
    await gateway.settled()
    assert [event["payload"]["message"] for event in receiver.events] == ["kept"]


@pytest.mark.parametrize(("version", "told"), [("1.65.1", 2), ("1.65.2", 1)])
async def test_what_the_app_knows_is_sent_again_by_old_apps_only(
    ask: Asker,
    receiver: Receiver,
    gateway: VirtualGateway,
    version: str,
    told: int,
) -> None:
    phone = gateway.phones[0]
    phone.app_version = version
    await _register(ask, receiver, "sms:received")
    phone.receive(NUMBER, "known")
    await gateway.settled()
    period = {"since": "2024-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"}
    await ask("POST", f"{SERVER}/messages/inbox/export", period)
    await gateway.settled()
    assert len(receiver.events) == told


async def _failure(ask: Asker, gateway: VirtualGateway, number: str) -> str | None:
    body = {"textMessage": {"text": "x"}, "phoneNumbers": [number]}
    reply = await ask("POST", f"{SERVER}/messages?skipPhoneValidation=true", body)
    assert reply.status == 202
    await gateway.settled()
    shown = await ask("GET", f"{SERVER}/messages/{reply.json['id']}")
    error: str | None = shown.json["recipients"][0].get("error")
    return error


async def test_letters_are_dropped_and_an_empty_number_fails(
    ask: Asker, gateway: VirtualGateway
) -> None:
    assert await _failure(ask, gateway, "+1-800-FLOWERS5") is None
    assert gateway.phones[0].outbox[0].phone_number == "+18005"
    error = await _failure(ask, gateway, "abc")
    assert error == "sendSMS: Invalid destinationAddress"


@pytest.mark.parametrize(
    ("version", "number"), [("1.55.0", "100"), ("1.55.1", "*100#")]
)
async def test_stars_are_dialled_since_1_55_1(
    ask: Asker, gateway: VirtualGateway, version: str, number: str
) -> None:
    gateway.phones[0].app_version = version
    assert await _failure(ask, gateway, "*100#") is None
    assert gateway.phones[0].outbox[0].phone_number == number


async def test_a_scheduled_message_is_processed_once_it_was_fetched_twice(
    ask: Asker, gateway: VirtualGateway
) -> None:
    body = {
        "id": "later",
        "textMessage": {"text": "x"},
        "phoneNumbers": [NUMBER],
        "scheduleAt": "2099-01-01T00:00:00Z",
    }
    assert (await ask("POST", f"{SERVER}/messages", body)).status == 202
    phone = gateway.phones[0]
    await until(lambda: "later" in phone.sender.messages or None)
    phone.link.notify()

    async def processed() -> bool | None:
        shown = (await ask("GET", f"{SERVER}/messages/later")).json
        return shown["state"] == "Processed" or None

    await until(processed)
    reply = await ask("DELETE", f"{SERVER}/messages/later")
    assert (reply.status, reply.message) == (
        409,
        "failed to cancel message: message is not pending",
    )


@pytest.mark.parametrize(
    ("version", "method", "path", "status"),
    [
        ("1.43.0", "GET", "/messages", 404),
        ("1.44.0", "GET", "/messages", 200),
        ("1.54.0", "POST", "/auth/token", 404),
        ("1.55.0", "POST", "/auth/token", 500),
        ("1.58.0", "GET", "/inbox", 404),
        ("1.59.0", "GET", "/inbox", 200),
        ("1.58.0", "POST", "/inbox/refresh", 404),
        ("1.66.0", "DELETE", "/messages/x", 404),
        ("1.73.0", "GET", "/nothing", 404),
    ],
)
async def test_paths_by_version(
    ask: Asker,
    gateway: VirtualGateway,
    version: str,
    method: str,
    path: str,
    status: int,
) -> None:
    gateway.phones[0].app_version = version
    assert (await ask(method, path)).status == status


async def test_work_hours_hold_messages_back(
    ask: Asker, gateway: VirtualGateway
) -> None:
    """They are set on the account; the phone fetches them."""
    phone = gateway.phones[0]
    phone.utc_offset = timedelta()
    now = datetime.now(UTC)
    hours = {
        "work_hours_enabled": True,
        "work_hours_start": (now + timedelta(hours=12)).strftime("%H:%M"),
        "work_hours_end": (now + timedelta(hours=13)).strftime("%H:%M"),
    }
    assert (await ask("PATCH", f"{SERVER}/settings", {"messages": hours})).status == 200
    await until(lambda: phone.settings.values["messages"]["work_hours_enabled"] or None)
    assert (await ask("GET", "/settings")).json["messages"].items() >= hours.items()
    body = {"textMessage": {"text": "x"}, "phoneNumbers": [NUMBER]}
    await ask("POST", "/messages", body)
    await asyncio.sleep(0.1)
    assert phone.outbox == []
    phone.app_version = "1.68.0"
    await ask("PATCH", "/settings", {"messages": {"work_hours_enabled": False}})
    assert "work_hours_enabled" not in (await ask("GET", "/settings")).json["messages"]


@pytest.mark.parametrize(("version", "status"), [("1.66.0", 400), ("1.67.0", 200)])
async def test_the_limit_of_half_an_hour(
    ask: Asker, gateway: VirtualGateway, version: str, status: int
) -> None:
    gateway.phones[0].app_version = version
    body = {"messages": {"limit_period": "Per30Minutes"}}
    assert (await ask("PATCH", "/settings", body)).status == status


@pytest.mark.parametrize(
    ("minutes", "written"),
    [(-300, "+-5:00"), (-210, "+-3:-30"), (180, "+03:00"), (0, "Z")],
)
async def test_offsets_of_android_5_and_6(
    ask: Asker,
    receiver: Receiver,
    gateway: VirtualGateway,
    minutes: int,
    written: str,
) -> None:
    """The server cannot read them, so it never learns how a message stands."""
    phone = gateway.phones[0]
    phone.legacy_offsets, phone.utc_offset = True, timedelta(minutes=minutes)
    await _register(ask, receiver, "sms:received")
    phone.receive(NUMBER, "x")
    await ask(
        "POST",
        f"{SERVER}/messages",
        {"id": "x", "textMessage": {"text": "x"}, "phoneNumbers": [NUMBER]},
    )
    await until(lambda: phone.outbox or None)
    await until(lambda: receiver.events or None)
    assert receiver.events[0]["payload"]["receivedAt"].endswith(written)
    await until(lambda: not phone.busy or None)
    shown = (await ask("GET", f"{SERVER}/messages/x")).json
    assert (shown["state"] == "Pending") is (minutes < 0)


@pytest.mark.parametrize(("version", "first"), [("1.71.1", "b"), ("1.72.0", "a")])
async def test_sorting(
    ask: Asker, gateway: VirtualGateway, version: str, first: str
) -> None:
    gateway.phones[0].app_version = version
    for text in ("a", "b"):
        body = {"id": text, "textMessage": {"text": text}, "phoneNumbers": [NUMBER]}
        assert (await ask("POST", "/messages", body)).status == 202
    shown = (await ask("GET", "/messages?sort=created_at")).json
    assert shown[0]["id"] == first
    assert "createdAt" not in shown[0]
    gateway.phones[0].app_version = "1.76.0"
    assert "createdAt" in (await ask("GET", "/messages/a")).json


@pytest.mark.parametrize(("version", "status"), [("1.71.0", 200), ("1.72.0", 400)])
async def test_what_is_no_order_is_refused_by_an_app_that_sorts(
    ask: Asker, gateway: VirtualGateway, version: str, status: int
) -> None:
    gateway.phones[0].app_version = version
    for order in ("id", "", "CREATED_AT"):
        reply = await ask("GET", f"/messages?sort={order}")
        assert reply.status == status
        if status == 400:
            assert reply.json == {
                "message": "sort must be one of: created_at, -created_at"
            }
