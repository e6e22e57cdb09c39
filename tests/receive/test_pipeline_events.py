"""The ten events on the bus: each with exactly the contract's data."""

from dataclasses import dataclass
import logging
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import KINDS, SARA, Account, Rig, collect, event_body

COMMON = {
    "config_entry_id",
    "device_id",
    "gateway_device_id",
    "event_id",
    "message_id",
    "sender",
    "recipient",
    "contact",
    "sim_number",
    "timestamp",
}
# Not in the contract: whether a message came while Home Assistant could not take it
INBOUND = COMMON | {"late"}
OUTGOING = {"sender": "+966500000001", "recipient": SARA}
HEALTH = {
    "status": "warn",
    "version": "1.68.0",
    "checks": {"battery:level": {"observedValue": 17, "status": "warn"}},
}
SIM = {"slotIndex": 0, "simNumber": 1, "carrierName": "STC"}


@dataclass(frozen=True)
class Case:
    """An event of the phone, and what must be on the bus."""

    payload: dict[str, Any]
    own: dict[str, Any]
    keys: frozenset[str] | set[str] = frozenset(INBOUND)


CASES = {
    "sms:received": Case({"message": "مرحبا 🚪"}, {"message": "مرحبا 🚪"}),
    "sms:data-received": Case(
        {"data": "gIE="}, {"data": "gIE=", "message": None}, INBOUND
    ),
    "mms:received": Case(
        {
            "transactionId": "T1",
            "subject": "Photo",
            "size": 1200,
            "contentClass": "image-basic",
        },
        {
            "transaction_id": "T1",
            "subject": "Photo",
            "size": 1200,
            "content_class": "image-basic",
        },
    ),
    "mms:downloaded": Case(
        {"subject": "Photo", "body": "look", "attachments": []},
        {"subject": "Photo", "body": "look", "attachments": []},
    ),
    "sms:sent": Case(
        {**OUTGOING, "partsCount": 1, "sentAt": "2026-06-22T15:46:11.000+03:00"},
        {"parts_count": 1},
        COMMON,
    ),
    "sms:delivered": Case(
        {**OUTGOING, "deliveredAt": "2026-06-22T15:46:11.000+03:00"}, {}, COMMON
    ),
    "sms:failed": Case(
        {**OUTGOING, "failedAt": "2026-06-22T15:46:11.000+03:00", "reason": "No SIM"},
        {"reason": "No SIM"},
        COMMON,
    ),
    "sms:cancelled": Case(
        {**OUTGOING, "cancelledAt": "2026-06-22T15:46:11.000+03:00"}, {}, COMMON
    ),
    "system:ping": Case(
        {"health": HEALTH},
        {
            "health": {
                "status": "warn",
                "version": "1.68.0",
                "checks": {"battery:level": {"value": 17, "status": "warn"}},
            }
        },
        COMMON,
    ),
    "app:started": Case(
        {"simCards": [SIM]},
        {
            "sim_cards": [
                {
                    "sim_number": 1,
                    "slot_index": 0,
                    "phone_number": None,
                    "carrier_name": "STC",
                    "iccid": None,
                }
            ]
        },
        COMMON,
    ),
}


def test_every_kind_is_here() -> None:
    """Ten kinds, as the contract names them."""
    kinds = {event.replace(":", "_").replace("-", "_") for event in CASES}
    assert kinds == set(KINDS)


@pytest.mark.parametrize("event", CASES)
async def test_an_event_carries_exactly_its_data(
    hass: HomeAssistant, rig: Rig, account: Account, event: str
) -> None:
    """No key more, none less, whatever the phone adds."""
    case = CASES[event]
    seen = collect(hass)
    body = {**event_body(), "event": event, "deviceId": account.phone.id}
    envelope = {"messageId": "abc123", "simNumber": 1, "unknown": [1]}
    received = {"sender": SARA, "receivedAt": "2026-06-22T15:46:11.000+03:00"}
    body["payload"] = envelope | received | case.payload
    async with rig.web.post(account.webhook_path, json=body) as response:
        assert response.status == 200
    kind = event.replace(":", "_").replace("-", "_")
    (data,) = seen.data(kind)
    assert set(data) == set(case.keys) | set(case.own)
    assert {key: data[key] for key in case.own} == case.own
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, account.phone.id), account.entry.entry_id
    )
    assert device is not None
    assert data["config_entry_id"] == account.entry.entry_id
    assert data["device_id"] == device.id
    assert data["gateway_device_id"] == account.phone.id
    assert data["event_id"] == body["id"]
    if event in ("system:ping", "app:started"):
        empty = COMMON - {
            "config_entry_id",
            "device_id",
            "gateway_device_id",
            "event_id",
        }
        assert {data[key] for key in empty} == {None}
        return
    assert data["message_id"] == "abc123"
    assert data["sim_number"] == 1
    assert data["contact"] == "Sara"
    assert data["timestamp"] == "2026-06-22T15:46:11+03:00"
    if "late" in data:
        assert (data["sender"], data["recipient"]) == (SARA, None)
    else:
        assert (data["sender"], data["recipient"]) == ("+966500000001", SARA)


async def test_what_a_phone_really_sends_arrives(
    hass: HomeAssistant, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """Every kind the virtual phone can make, over the real line, and no private log."""
    caplog.set_level(logging.DEBUG, "custom_components.sms_gate")
    seen = collect(hass)
    phone = account.phone
    phone.receive(SARA, "a secret text")
    phone.receive_data(SARA, b"\x80\x81")
    phone.receive_mms(SARA, subject="a secret subject", size=5)
    phone.receive_mms_downloaded(
        SARA,
        body="a secret body",
        attachments=[("a secret name.png", "image/png", b"\x89PNG")],
    )
    phone.ping()
    phone.restart()
    phone.outcomes["+966501234567"] = "failed"
    await account.send("a secret answer", SARA)
    await account.send("a secret answer", "+966501234567")
    await account.settled()
    assert set(seen.kinds()) == set(KINDS) - {"sms_cancelled"}
    assert len(seen.events) == 9
    for record in caplog.records:
        if record.name.startswith("custom_components.sms_gate"):
            line = record.getMessage()
            assert "secret" not in line
            assert "590042734" not in line


@pytest.mark.parametrize("kind", ["sms:received", "mms:downloaded"])
async def test_a_batch_is_taken_apart_in_its_order_and_deduplicated(
    hass: HomeAssistant, rig: Rig, account: Account, kind: str
) -> None:
    """Newer phones send many messages in one event; each of them counts once."""
    seen = collect(hass)
    messages = [
        {
            "messageId": f"{number:x}",
            "sender": SARA,
            "message": f"number {number}",
            "body": f"number {number}",
            "receivedAt": f"2026-06-22T15:46:{number:02}.000+03:00",
        }
        for number in range(10)
    ]
    batch = {**event_body(), "event": kind.replace(":", ":batch:", 1)}
    for chosen in (messages[:6], messages[4:], messages):
        async with rig.web.post(
            account.webhook_path, json={**batch, "payload": {"messages": chosen}}
        ) as response:
            assert response.status == 200
    name = kind.replace(":", "_")
    key = "message" if kind == "sms:received" else "body"
    assert [item[key] for item in seen.data(name)] == [
        f"number {number}" for number in range(10)
    ]
    assert len(seen.events) == 10
