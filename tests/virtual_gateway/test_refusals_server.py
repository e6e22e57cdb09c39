"""What the server refuses, one row per rule."""

from typing import Any

import pytest

from virtual_gateway import VirtualGateway

from .conftest import NUMBER, SERVER, Asker

PAST, FUTURE, LATER = (f"{year}-01-01T00:00:00Z" for year in (2020, 2090, 2091))
MESSAGES = f"{SERVER}/messages"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"phoneNumbers": [f"+96659004{i:04}" for i in range(101)]}, id="over 100 numbers"),
        pytest.param({"phoneNumbers": []}, id="no number"),
        pytest.param({"phoneNumbers": None}, id="numbers missing"),
        pytest.param({"phoneNumbers": [NUMBER, NUMBER]}, id="a number twice"),
        pytest.param({"phoneNumbers": [NUMBER, "+966 59 004 2734"]}, id="a number in two spellings"),
        pytest.param({"phoneNumbers": ["0590042734"]}, id="a national number of another country"),
        pytest.param({"phoneNumbers": ["900"]}, id="a short code"),
        pytest.param({"phoneNumbers": ["+74951234567"]}, id="a landline"),
        pytest.param({"phoneNumbers": [NUMBER + "\n"]}, id="a newline after the number"),
        pytest.param({"phoneNumbers": [""]}, id="an empty number"),
        pytest.param({"phoneNumbers": ["1" * 129]}, id="a number too long"),
        pytest.param({"phoneNumbers": [966590042734]}, id="a number that is no text"),
        pytest.param({"id": "x" * 37}, id="id over 36"),
        pytest.param({"simNumber": 0}, id="SIM 0"),
        pytest.param({"simNumber": 4}, id="SIM 4"),
        pytest.param({"simNumber": "1"}, id="SIM as text"),
        pytest.param({"ttl": 4}, id="ttl 4"),
        pytest.param({"ttl": 0}, id="ttl 0"),
        pytest.param({"ttl": 60.0}, id="ttl with a fraction"),
        pytest.param({"ttl": 60, "validUntil": FUTURE}, id="ttl and validUntil"),
        pytest.param({"scheduleAt": PAST}, id="schedule in the past"),
        pytest.param({"scheduleAt": LATER, "validUntil": FUTURE}, id="schedule after validity"),
        pytest.param({"scheduleAt": "tomorrow"}, id="schedule is no time"),
        pytest.param({"scheduleAt": "2090-01-01T00:00:00"}, id="schedule without offset"),
        pytest.param({"priority": 128}, id="priority 128"),
        pytest.param({"priority": -129}, id="priority -129"),
        pytest.param({"deviceId": "unknown"}, id="unknown device"),
        pytest.param({"deviceId": "x" * 22}, id="device id over 21"),
        pytest.param({"textMessage": None}, id="no content"),
        pytest.param({"textMessage": {"text": ""}}, id="empty text"),
        pytest.param({"textMessage": {"text": "x" * 65536}}, id="text over 65535"),
        pytest.param({"message": "hello"}, id="two contents"),
        pytest.param({"textMessage": None, "dataMessage": {"data": "SGVsbG8=", "port": 0}}, id="port 0"),
        pytest.param({"textMessage": None, "dataMessage": {"data": "SGVsbG8="}}, id="no port"),
        pytest.param({"textMessage": None, "dataMessage": {"data": "no base64!", "port": 1}}, id="data no base64"),
        pytest.param({"isEncrypted": "yes"}, id="a flag that is none"),
    ],
)  # fmt: skip
async def test_message_refused(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any], change: dict[str, Any]
) -> None:  # fmt: skip
    reply = await ask("POST", MESSAGES, text_message | change)
    assert reply.status == 400
    assert reply.message
    assert gateway.messages == {}


@pytest.mark.parametrize(
    ("kwargs", "status"),
    [
        pytest.param({"data": b"{", "headers": {"Content-Type": "application/json"}}, 400, id="no JSON"),
        pytest.param({"data": b"[]", "headers": {"Content-Type": "application/json"}}, 400, id="no object"),
        pytest.param({"data": b"{}", "headers": {"Content-Type": "text/plain"}}, 400, id="no JSON type"),
        pytest.param({"data": b'{"a":"' + b"x" * 5_000_000, "headers": {"Content-Type": "application/json"}}, 413, id="too large"),
    ],
)  # fmt: skip
async def test_body_refused(ask: Asker, kwargs: dict[str, Any], status: int) -> None:
    reply = await ask("POST", MESSAGES, **kwargs)
    assert reply.status == status
    assert reply.message


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=abc", "limit=", "offset=-1", "state=sent", "state=",
        "deviceId=short", "from=yesterday", "to=2020-01-01", "includeContent=yes", "sort=id",
    ],
)  # fmt: skip
async def test_list_refused(ask: Asker, query: str) -> None:
    reply = await ask("GET", f"{MESSAGES}?{query}")
    assert reply.status == 400
    assert reply.message


@pytest.mark.parametrize(
    "number", ["0590042734", "900", "+74951234567", "1" * 128, "STC"]
)
async def test_skipping_validation_takes_any_number(
    ask: Asker, text_message: dict[str, Any], number: str
) -> None:
    body = text_message | {"phoneNumbers": [number]}
    reply = await ask("POST", f"{MESSAGES}?skipPhoneValidation=true", body)
    assert reply.status == 202
    assert reply.json["recipients"] == [{"phoneNumber": number, "state": "Pending"}]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (NUMBER, NUMBER),
        ("+966 (59) 004-27.34", NUMBER),
        ("89990001234", "+79990001234"),
        ("٠٥٩", None),
    ],
)
async def test_numbers_come_back_in_e164(
    ask: Asker, text_message: dict[str, Any], given: str, taken: str | None
) -> None:
    reply = await ask("POST", MESSAGES, text_message | {"phoneNumbers": [given]})
    assert reply.status == (202 if taken else 400)
    if taken:
        assert reply.json["recipients"][0]["phoneNumber"] == taken


@pytest.mark.parametrize(
    "path", ["/messages", "/devices", "/webhooks", "/settings", "/inbox", "/logs", "/nothing"]
)  # fmt: skip
@pytest.mark.parametrize(
    "login", ["", "Basic dXNlcjp3cm9uZw==", "Basic %%%", "Bearer nonsense"]
)
async def test_unknown_login(ask: Asker, path: str, login: str) -> None:
    reply = await ask("GET", SERVER + path, headers={"Authorization": login})
    assert (reply.status, reply.message) == (401, "Unauthorized")
    assert "WWW-Authenticate" not in reply.headers


async def test_repeated_id_is_refused_per_phone(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    other = gateway.add_phone()
    first = text_message | {"id": "same", "deviceId": gateway.phones[0].id}
    assert (await ask("POST", MESSAGES, first)).status == 202
    assert (await ask("POST", MESSAGES, first)).status == 409
    assert (await ask("POST", MESSAGES, first | {"id": "SAME "})).status == 409
    bad_number = first | {"phoneNumbers": ["900"]}
    assert (await ask("POST", MESSAGES, bad_number)).status == 400
    second = first | {"deviceId": other.id}
    assert (await ask("POST", MESSAGES, second)).status == 202
    assert (await ask("DELETE", f"{MESSAGES}/same")).status == 400


async def test_full_queue_comes_before_number_and_id(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    gateway.phones[0].online = False
    gateway.queue_limit = 1
    assert (await ask("POST", MESSAGES, text_message | {"id": "a"})).status == 202
    for change in ({}, {"id": "a"}, {"phoneNumbers": ["900"]}, {"priority": 127}):
        assert (await ask("POST", MESSAGES, text_message | change)).status == 503
    assert (await ask("POST", MESSAGES, {})).status == 400


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_unknown_message(ask: Asker, method: str) -> None:
    reply = await ask(method, f"{MESSAGES}/unknown")
    assert reply.status == 404
    assert reply.message


async def test_cancelling_what_was_sent_is_a_conflict(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    posted = await ask("POST", MESSAGES, text_message)
    await gateway.settled()
    reply = await ask("DELETE", f"{MESSAGES}/{posted.json['id']}")
    assert reply.status == 409


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"event": "sms:unknown"}, id="unknown event"),
        pytest.param({"event": None}, id="no event"),
        pytest.param({"url": "ftp://example.com"}, id="no http"),
        pytest.param({"url": "http://192.168.1.2/hook"}, id="plain http"),
        pytest.param({"url": None}, id="no url"),
        pytest.param({"id": "x" * 37}, id="id over 36"),
        pytest.param({"deviceId": "unknown"}, id="unknown device"),
    ],
)
async def test_webhook_refused(
    gateway: VirtualGateway, ask: Asker, change: dict[str, Any]
) -> None:
    body = {"id": "w", "url": "https://example.com/hook", "event": "sms:received"}
    reply = await ask("POST", f"{SERVER}/webhooks", body | change)
    assert reply.status == 400
    assert reply.message
    assert gateway.account_webhooks == {}


@pytest.mark.parametrize(
    "body",
    [
        {"webhooks": {"signing_key": "secret"}},
        {"webhooks": {"signing_key": ""}},
        {"encryption": {"passphrase": "secret"}},
        {"gateway": {"private_token": "secret"}},
        {"webhooks": {"retry_count": 0}},
        {"messages": {"limit_period": "PerYear"}},
        {"messages": {"send_interval_min": 5, "send_interval_max": 1}},
        {"messages": {"work_hours_enabled": True}},
        {"ping": "often"},
    ],
)
async def test_settings_refused(ask: Asker, body: dict[str, Any]) -> None:
    assert (await ask("PATCH", f"{SERVER}/settings", body)).status == 400
    assert (await ask("GET", f"{SERVER}/settings")).json == {}


async def test_settings_kept_and_processing_order_dropped(ask: Asker) -> None:
    body = {"messages": {"limit_value": 5, "processing_order": "FIFO"}, "other": {}}
    await ask("PATCH", f"{SERVER}/settings", body)
    await ask("PATCH", f"{SERVER}/settings", {"ping": {"interval_seconds": 60}})
    reply = await ask("GET", f"{SERVER}/settings")
    assert reply.json == {
        "messages": {"limit_value": 5},
        "ping": {"interval_seconds": 60},
    }


@pytest.mark.parametrize("path", ["/inbox", "/logs"])
async def test_what_servers_do_not_have(ask: Asker, path: str) -> None:
    reply = await ask("GET", SERVER + path)
    assert reply.status == 501
    assert reply.message


@pytest.mark.parametrize(
    "change",
    [
        {"since": None}, {"until": PAST}, {"messageTypes": []}, {"messageTypes": ["DATA_SMS"]},
        {"webhookDelivery": "batch"}, {"since": "yesterday"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/inbox/refresh", "/messages/inbox/export"])
async def test_refresh_refused(ask: Asker, path: str, change: dict[str, Any]) -> None:
    body = {"since": "2021-01-01T00:00:00Z", "until": FUTURE} | change
    assert (await ask("POST", SERVER + path, body)).status == 400
