"""What the phone refuses, and what it takes though a server would not."""

from typing import Any

import pytest

from virtual_gateway import VirtualGateway

from .conftest import NUMBER, Asker

PAST, FUTURE = "2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"phoneNumbers": []}, 400, id="no number"),
        pytest.param({"phoneNumbers": None}, 500, id="numbers missing"),
        pytest.param({"phoneNumbers": [NUMBER, NUMBER]}, 409, id="a number twice"),
        pytest.param({"simNumber": 0}, 400, id="SIM 0"),
        pytest.param({"ttl": -1}, 400, id="expired by ttl"),
        pytest.param({"validUntil": PAST}, 400, id="expired"),
        pytest.param({"ttl": 60, "validUntil": FUTURE}, 400, id="ttl and validUntil"),
        pytest.param({"scheduleAt": PAST}, 400, id="schedule in the past"),
        pytest.param({"priority": 256}, 400, id="priority 256"),
        pytest.param({"deviceId": "another"}, 400, id="another device"),
        pytest.param({"textMessage": None}, 400, id="no content"),
        pytest.param({"textMessage": {"text": ""}}, 400, id="empty text"),
        pytest.param({"textMessage": {}}, 500, id="text missing"),
        pytest.param({"message": "hello"}, 400, id="two contents"),
        pytest.param({"textMessage": None, "dataMessage": {"data": "", "port": 1}}, 400, id="empty data"),
        pytest.param({"textMessage": None, "dataMessage": {"data": "QQ==", "port": 65536}}, 400, id="port 65536"),
    ],
)  # fmt: skip
async def test_message_refused(
    gateway: VirtualGateway,
    ask: Asker,
    text_message: dict[str, Any],
    change: dict[str, Any],
    status: int,
) -> None:
    reply = await ask("POST", "/messages", text_message | change)
    assert reply.status == status
    assert reply.message
    assert gateway.phones[0].outbox == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"phoneNumbers": [f"+96659004{i:04}" for i in range(101)]}, id="over 100 numbers"),
        pytest.param({"id": "x" * 37}, id="id over 36"),
        pytest.param({"simNumber": 4}, id="SIM 4"),
        pytest.param({"ttl": 4}, id="ttl 4"),
        pytest.param({"scheduleAt": "2090-01-01T00:00:00Z", "validUntil": "2089-01-01T00:00:00Z"}, id="schedule after validity"),
        pytest.param({"phoneNumbers": ["900"]}, id="a short code"),
        pytest.param({"priority": 200}, id="priority that wraps"),
    ],
)  # fmt: skip
async def test_phone_takes_what_a_server_refuses(
    ask: Asker, text_message: dict[str, Any], change: dict[str, Any]
) -> None:
    reply = await ask("POST", "/messages", text_message | change)
    assert reply.status == 202
    assert reply.json["states"] == {}
    assert "Location" not in reply.headers


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"phoneNumbers": ["900"]}, "sendSMS: ", id="a short code"),
        pytest.param({"simNumber": 3}, "Can't send message: SIM 3", id="no such SIM"),
        pytest.param({"textMessage": None, "dataMessage": {"data": "?", "port": 1}}, "Can't send message: ", id="data no base64"),
        pytest.param({"isEncrypted": True}, "Can't send message: ", id="not encrypted at all"),
    ],
)  # fmt: skip
async def test_what_is_taken_may_fail_later(
    gateway: VirtualGateway,
    ask: Asker,
    text_message: dict[str, Any],
    change: dict[str, Any],
    reason: str,
) -> None:
    posted = await ask("POST", "/messages", text_message | change)
    await gateway.settled()
    shown = (await ask("GET", f"/messages/{posted.json['id']}")).json
    assert shown["state"] == "Failed"
    assert shown["recipients"][0]["error"].startswith(reason)
    assert gateway.phones[0].outbox == []


async def test_national_number_is_read_in_the_network_of_the_phone(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    await ask("POST", "/messages", text_message | {"phoneNumbers": ["0590042734"]})
    await gateway.settled()
    assert [sms.phone_number for sms in gateway.phones[0].outbox] == [NUMBER]


@pytest.mark.parametrize("path", ["/", "/messages", "/device", "/inbox", "/settings"])
async def test_unknown_login_has_no_body(ask: Asker, path: str) -> None:
    reply = await ask("GET", path, headers={"Authorization": "Basic dXNlcjp4"})
    assert (reply.status, reply.text) == (401, "")
    assert reply.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_unknown_message_has_no_body(ask: Asker, method: str) -> None:
    reply = await ask(method, "/messages/unknown")
    assert (reply.status, reply.text) == (404, "")


async def test_cancelling_what_was_sent_is_a_bad_request(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    posted = await ask("POST", "/messages", text_message)
    await gateway.settled()
    reply = await ask("DELETE", f"/messages/{posted.json['id']}")
    assert reply.status == 400
    assert reply.message


@pytest.mark.parametrize(
    ("kwargs", "status"),
    [
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"data": b"", "headers": {"Content-Type": "application/json"}}, 500),
        ({"data": b"{}", "headers": {"Content-Type": "text/plain"}}, 500),
    ],
)
async def test_body_refused(ask: Asker, kwargs: dict[str, Any], status: int) -> None:
    assert (await ask("POST", "/messages", **kwargs)).status == status


@pytest.mark.parametrize(
    "query",
    [
        "state=sent", "includeContent=yes", "deviceId=another",
        "from=2090-01-01T00:00:00Z", "from=2021-01-01T00:00:00Z&to=2020-01-01T00:00:00Z",
    ],
)  # fmt: skip
async def test_list_refused(ask: Asker, query: str) -> None:
    assert (await ask("GET", f"/messages?{query}")).status == 400


@pytest.mark.parametrize(
    "query",
    [
        "type=sms", "limit=0", "limit=501", "offset=-1", "from=x", "to=2020-01-01",
        "deviceId=another", "includeAttachments=1",
    ],
)  # fmt: skip
async def test_inbox_refused(ask: Asker, query: str) -> None:
    reply = await ask("GET", f"/inbox?{query}")
    assert reply.status == 400
    assert reply.message


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"url": "http://homeassistant.local/hook"}, id="plain http"),
        pytest.param({"url": "http://localhost/hook"}, id="localhost by name"),
        pytest.param({"url": "http://127.0.0.1.example.com/"}, id="a host like it"),
        pytest.param({"url": None}, id="no url"),
        pytest.param({"event": "sms:unknown"}, id="unknown event"),
        pytest.param({"deviceId": "another"}, id="another device"),
    ],
)
async def test_webhook_refused(
    gateway: VirtualGateway, ask: Asker, change: dict[str, Any]
) -> None:
    body = {"url": "https://example.com/hook", "event": "sms:received"} | change
    reply = await ask("POST", "/webhooks", body)
    assert reply.status == 400
    assert reply.message
    assert gateway.phones[0].webhooks == {}


async def test_signing_key_is_written_and_never_read(
    gateway: VirtualGateway, ask: Asker
) -> None:
    body = {"webhooks": {"signing_key": "topsecret", "retry_count": 3}}
    reply = await ask("PATCH", "/settings", body)
    assert reply.status == 200
    assert gateway.phones[0].signing_key == "topsecret"
    assert reply.json["webhooks"] == {"internet_required": True, "retry_count": 3}
    assert "topsecret" not in (await ask("GET", "/settings")).text


@pytest.mark.parametrize(
    "body",
    [
        {"webhooks": {"retry_count": 0}}, {"messages": {"limit_value": -1}}, {"ping": "often"},
        {"messages": {"processing_order": "RANDOM"}}, {"gateway": {"cloud_url": "http://x"}},
    ],
)  # fmt: skip
async def test_settings_refused(ask: Asker, body: dict[str, Any]) -> None:
    before = (await ask("GET", "/settings")).json
    assert (await ask("PATCH", "/settings", body)).status == 400
    assert (await ask("GET", "/settings")).json == before
