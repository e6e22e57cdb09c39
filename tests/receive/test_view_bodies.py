"""What the webhook view makes of bodies and signatures, over real HTTP."""

import asyncio
from collections.abc import Callable, Mapping
import json
import time
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import (
    SARA,
    SIGNING_KEY,
    Account,
    Rig,
    collect,
    event_body,
    signed,
)

pytestmark = pytest.mark.usefixtures("web")


def without(name: str) -> dict[str, Any]:
    """Return an event without one field of the envelope."""
    return {key: value for key, value in event_body().items() if key != name}


def lacking(name: str) -> dict[str, Any]:
    """Return an event without one field of the payload."""
    body = event_body()
    del body["payload"][name]
    return body


async def post(
    rig: Rig, account: Account, raw: bytes, headers: Mapping[str, str] | None = None
) -> int:
    """Post a raw body and return the status."""
    async with rig.web.post(
        account.webhook_path, data=raw, headers=headers
    ) as response:
        return response.status


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html></html>", id="html"),
        pytest.param(b"{", id="cut short"),
        pytest.param(b"\xff\xfe\x00", id="not utf-8"),
        pytest.param(b'{"id":"\xff"}', id="not utf-8 inside"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"NaN", id="nan"),
        pytest.param(json.dumps(event_body()).encode("utf-16"), id="utf-16"),
        pytest.param(b"event=sms%3Areceived", id="form"),
    ],
)
async def test_what_is_not_json_is_400(
    hass: HomeAssistant, rig: Rig, account: Account, raw: bytes
) -> None:
    """The phone keeps it; nothing is fired."""
    seen = collect(hass)
    assert await post(rig, account, raw) == 400
    assert seen.events == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="list"),
        pytest.param([event_body()], id="event in a list"),
        pytest.param("sms:received", id="text"),
        pytest.param(7, id="number"),
        pytest.param({}, id="empty"),
        pytest.param(without("id"), id="no id"),
        pytest.param(without("deviceId"), id="no device"),
        pytest.param(without("event"), id="no event"),
        pytest.param(without("payload"), id="no payload"),
        pytest.param({**event_body(), "id": 7}, id="id is a number"),
        pytest.param({**event_body(), "deviceId": ["a"]}, id="device is a list"),
        pytest.param({**event_body(), "event": "sms:lost"}, id="unknown event"),
        pytest.param({**event_body(), "event": "SMS:RECEIVED"}, id="upper event"),
        pytest.param({**event_body(), "event": 1}, id="event is a number"),
        pytest.param({**event_body(), "payload": None}, id="payload null"),
        pytest.param({**event_body(), "payload": []}, id="payload list"),
        pytest.param(lacking("message"), id="no message"),
        pytest.param(lacking("messageId"), id="no message id"),
        pytest.param(event_body(message=7), id="message is a number"),
        pytest.param(event_body(message={"a": 1}), id="message is an object"),
        pytest.param(event_body(sender=966), id="sender is a number"),
        pytest.param(event_body(simNumber="1"), id="sim is a text"),
        pytest.param(event_body(simNumber=True), id="sim is a truth"),
        pytest.param(event_body(simNumber=1.5), id="sim is a fraction"),
        pytest.param(event_body(receivedAt="yesterday"), id="time is no time"),
        pytest.param(event_body(receivedAt="2026-06-22T15:46:11"), id="no offset"),
        pytest.param(event_body(receivedAt=1782000000), id="time is a number"),
        pytest.param(event_body("sms:data-received"), id="no data"),
        pytest.param(event_body("sms:sent", partsCount="2"), id="parts is a text"),
        pytest.param(event_body("sms:failed", reason=1), id="reason is a number"),
        pytest.param(event_body("mms:downloaded", attachments={}), id="no list"),
        pytest.param(event_body("system:ping", health=[]), id="health is a list"),
        pytest.param(event_body("system:ping", health={}), id="health empty"),
    ],
)
async def test_json_of_a_wrong_shape_is_400(
    hass: HomeAssistant, rig: Rig, account: Account, body: object
) -> None:
    """Whatever is wrong is no event: 400, nothing fired, and the next one is taken."""
    seen = collect(hass)
    assert await post(rig, account, json.dumps(body).encode()) == 400
    assert seen.events == []
    assert await post(rig, account, json.dumps(event_body()).encode()) == 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({**event_body(), "new": [1]}, id="unknown field"),
        pytest.param(event_body(new={"a": None}), id="unknown payload field"),
        pytest.param(event_body(sender=None, phoneNumber=SARA), id="older app"),
        pytest.param(without("webhookId"), id="no webhook id"),
        pytest.param(event_body(simNumber=None), id="sim unknown"),
        pytest.param(event_body(message=""), id="empty message"),
        pytest.param(event_body(receivedAt="2026-06-22T12:46:11Z"), id="utc"),
        pytest.param(event_body("system:ping", health=None), id="bare ping"),
        pytest.param(event_body("app:started"), id="bare start"),
    ],
)
async def test_what_other_versions_of_the_app_send_is_taken(
    hass: HomeAssistant, rig: Rig, account: Account, body: object
) -> None:
    """More or fewer fields are no reason to lose a message."""
    seen = collect(hass)
    assert await post(rig, account, json.dumps(body).encode()) == 200
    assert len(seen.events) == 1


def only(name: str) -> dict[str, str]:
    """Return one of the two headers."""
    return {name: signed(RAW)[name]}


RAW = json.dumps(event_body()).encode()
MORE_SECONDS_THAN_A_FLOAT_HOLDS = "9" * 400


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(dict, id="missing"),
        pytest.param(lambda: only("X-Signature"), id="no timestamp"),
        pytest.param(lambda: only("X-Timestamp"), id="no signature"),
        pytest.param(lambda: signed(RAW) | {"X-Signature": "0" * 64}, id="wrong"),
        pytest.param(lambda: signed(RAW) | {"X-Signature": ""}, id="empty"),
        pytest.param(lambda: signed(RAW) | {"X-Signature": "مرحبا"}, id="not ascii"),
        pytest.param(lambda: signed(RAW, key="another"), id="other key"),
        pytest.param(lambda: signed(RAW, key=""), id="empty key"),
        pytest.param(lambda: signed(RAW + b" "), id="over another body"),
        pytest.param(lambda: signed(b""), id="over no body"),
        pytest.param(lambda: signed(RAW, age=330), id="old"),
        pytest.param(lambda: signed(RAW, age=-330), id="future"),
        pytest.param(lambda: signed(RAW, timestamp="soon"), id="no number"),
        pytest.param(lambda: signed(RAW, timestamp="1e9"), id="a float"),
        pytest.param(
            lambda: signed(RAW, timestamp=MORE_SECONDS_THAN_A_FLOAT_HOLDS),
            id="beyond all time",
        ),
        pytest.param(
            lambda: signed(RAW) | {"X-Timestamp": str(int(time.time()) - 7)},
            id="other timestamp",
        ),
    ],
)
async def test_a_missing_or_wrong_signature_is_401(
    hass: HomeAssistant, rig: Rig, headers: Callable[[], dict[str, str]]
) -> None:
    """With a key set, only who knows it is believed."""
    account = await rig.add_account(options={"signing_key": SIGNING_KEY})
    seen = collect(hass)
    assert await post(rig, account, RAW, headers()) == 401
    assert seen.events == []


@pytest.mark.parametrize("name", ["X-Timestamp", "X-Signature"])
async def test_a_signature_of_raw_bytes_is_401(rig: Rig, name: str) -> None:
    """Headers that are no text at all are a wrong signature."""
    account = await rig.add_account(options={"signing_key": SIGNING_KEY})
    headers = {key: value.encode() for key, value in signed(RAW).items()}
    headers[name] = b"\xff\xfe"
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.web.port)
    writer.write(f"POST {account.webhook_path} HTTP/1.1\r\nHost: a\r\n".encode())
    for key, value in headers.items():
        writer.write(key.encode() + b": " + value + b"\r\n")
    writer.write(f"Content-Length: {len(RAW)}\r\n\r\n".encode() + RAW)
    status_line = await reader.readline()
    writer.close()
    assert status_line.split()[1] == b"401"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(lambda: signed(RAW), id="now"),
        pytest.param(lambda: signed(RAW, age=280), id="slow clock"),
        pytest.param(lambda: signed(RAW, age=-280), id="fast clock"),
        pytest.param(
            lambda: {name: value.upper() for name, value in signed(RAW).items()},
            id="uppercase",
        ),
    ],
)
async def test_a_right_signature_is_200(
    hass: HomeAssistant, rig: Rig, headers: Callable[[], dict[str, str]]
) -> None:
    """Hexadecimal digits in capitals are the same digits."""
    account = await rig.add_account(options={"signing_key": SIGNING_KEY})
    seen = collect(hass)
    assert await post(rig, account, RAW, headers()) == 200
    assert seen.kinds() == ["sms_received"]


async def test_a_wrong_signature_comes_before_a_wrong_body(rig: Rig) -> None:
    """Who does not know the key learns nothing about what would be taken."""
    account = await rig.add_account(options={"signing_key": SIGNING_KEY})
    assert await post(rig, account, b"{", signed(RAW)) == 401
    assert await post(rig, account, b"{", signed(b"{")) == 400


async def test_the_phone_signs_and_is_believed_once_the_key_is_the_same(
    hass: HomeAssistant, rig: Rig
) -> None:
    """What came while the keys differed is not lost: the phone tries again."""
    account = await rig.add_account(options={"signing_key": SIGNING_KEY})
    seen = collect(hass)
    account.phone.signing_key = "old"
    account.phone.receive(SARA, "Arabic مرحبا & <signs>")
    watcher = account.gateway.watch()
    while not account.gateway.deliveries:
        watcher.clear()
        await watcher.wait()
    assert account.gateway.deliveries[0].status == 401
    account.phone.signing_key = SIGNING_KEY
    await account.settled()
    assert [item["message"] for item in seen.data("sms_received")] == [
        "Arabic مرحبا & <signs>"
    ]
