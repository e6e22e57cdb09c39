"""What phones post, one body of each kind."""

from typing import Any

from custom_components.sms_gate.account.bus_event import SmsGateEvent
from custom_components.sms_gate.account.contacts import Contact
from custom_components.sms_gate.gateway.events import GatewayEvent, parse_events
from tests.gateway.test_models import SIM
from tests.support.common import OMAR, SARA

TEXT = "Nobody may read this"
AT = "2026-06-22T15:46:11.000+03:00"
IN = {"messageId": "abc", "sender": SARA, "recipient": OMAR, "simNumber": 1}
OUT = {"messageId": "abc", "sender": OMAR, "recipient": SARA, "simNumber": 2}
ATTACHMENT = {
    "partId": 7,
    "contentType": "image/jpeg",
    "name": "private.jpg",
    "size": 3,
    "data": "AAAA",
}
CHECK = {"description": "Battery", "observedValue": 94, "status": "pass"}
HEALTH = {
    "status": "warn",
    "version": "1.2.3",
    "releaseId": 5,
    "checks": {"battery:level": CHECK},
}
PAYLOADS: dict[str, dict[str, Any]] = {
    "sms:received": {**IN, "message": TEXT, "receivedAt": AT},
    "sms:data-received": {**IN, "data": "SGk=", "receivedAt": AT},
    "mms:received": {
        **IN,
        "subject": TEXT,
        "size": 125_000,
        "contentClass": "IMAGE_BASIC",
        "transactionId": "T123",
        "receivedAt": AT,
    },
    "mms:downloaded": {
        **IN,
        "subject": TEXT,
        "body": TEXT,
        "attachments": [ATTACHMENT],
        "receivedAt": AT,
    },
    "sms:sent": {**OUT, "partsCount": 2, "sentAt": AT},
    "sms:delivered": {**OUT, "deliveredAt": AT},
    "sms:failed": {**OUT, "reason": f"cannot reach {SARA}", "failedAt": AT},
    "sms:cancelled": {**OUT, "cancelledAt": AT},
    "system:ping": {"health": HEALTH},
    "app:started": {"simCards": [SIM]},
}


def body(event: str, payload: object = None) -> dict[str, Any]:
    """Return what the phone posts for an event."""
    return {
        "id": "e1",
        "webhookId": "w1",
        "deviceId": "d1",
        "event": event,
        "payload": PAYLOADS[event] if payload is None else payload,
    }


def read(posted: object) -> GatewayEvent:
    """Read a body that holds one event."""
    (event,) = parse_events(posted)
    return event


def on_the_bus(event: GatewayEvent, contact: Contact | None = None) -> dict[str, Any]:
    """Return the data of the event on the bus."""
    return SmsGateEvent(
        event=event, entry_id="entry", device_id="device", contact=contact
    ).as_data()
