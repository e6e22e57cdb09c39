"""The payloads of webhook events, as the app builds them; nothing stands for null."""

import base64
from datetime import timedelta
import json
from typing import Final

from virtual_gateway.states import State
from virtual_gateway.times import now_ms, phone_time

from .incoming import InboxType, Incoming

type Payload = dict[str, object]

EVENTS_OF_TYPE: Final[dict[InboxType, str]] = {
    "SMS": "sms:received",
    "DATA_SMS": "sms:data-received",
    "MMS": "mms:received",
    "MMS_DOWNLOADED": "mms:downloaded",
}
BATCH_EVENTS: Final[dict[str, str]] = {
    "sms:received": "sms:batch:received",
    "sms:data-received": "sms:batch:data-received",
    "mms:received": "mms:batch:received",
    "mms:downloaded": "mms:batch:downloaded",
}
EVENTS_OF_STATE: Final = {
    State.SENT: "sms:sent",
    State.DELIVERED: "sms:delivered",
    State.FAILED: "sms:failed",
    State.CANCELLED: "sms:cancelled",
}
ALL_EVENTS: Final = (
    *EVENTS_OF_TYPE.values(),
    *EVENTS_OF_STATE.values(),
    "system:ping",
    "app:started",
    *BATCH_EVENTS.values(),
)


def without_none(payload: Payload) -> Payload:
    """Return the payload as the app's JSON writer leaves it."""
    return {key: item for key, item in payload.items() if item is not None}


def inbound(message: Incoming, offset: timedelta) -> Payload:
    """Return the payload of a received message."""
    return without_none(
        {
            "messageId": message.message_id,
            "sender": message.sender,
            "recipient": message.recipient,
            "simNumber": message.sim_number,
            "phoneNumber": message.sender,
            **_content(message),
            "receivedAt": phone_time(message.date_ms, offset),
        }
    )


def _content(message: Incoming) -> Payload:
    """Return the fields that depend on the type."""
    if message.type == "SMS":
        return {"message": message.text}
    if message.type == "DATA_SMS":
        return {"data": base64.b64encode(message.data or b"").decode()}
    if message.type == "MMS":
        return {
            "transactionId": message.transaction_id,
            "subject": message.subject,
            "size": message.size,
            "contentClass": message.content_class,
        }
    return {
        "body": message.text,
        "subject": message.subject,
        "attachments": [item.as_payload() for item in message.attachments],
    }


def outbound(
    state: State,
    message_id: str,
    recipient: str,
    *,
    sender: str | None,
    sim_number: int | None,
    parts: int | None,
    error: str | None,
    offset: timedelta,
) -> Payload:
    """Return the payload of an event about a message that was to be sent."""
    moment = phone_time(now_ms(), offset)
    own: dict[State, Payload] = {
        State.SENT: {"partsCount": -1 if parts is None else parts, "sentAt": moment},
        State.DELIVERED: {"deliveredAt": moment},
        State.FAILED: {"failedAt": moment, "reason": error or "Unknown"},
        State.CANCELLED: {"cancelledAt": moment},
    }
    return without_none(
        {
            "messageId": message_id,
            "sender": sender,
            "recipient": recipient,
            "simNumber": sim_number,
            "phoneNumber": recipient,
            **own[state],
        }
    )


def legacy(payload: Payload) -> Payload:
    """Return a payload as apps before sender and recipient sent it."""
    newer = ("sender", "recipient")
    return {key: item for key, item in payload.items() if key not in newer}


_HTML_SAFE = str.maketrans(
    {char: f"\\u{ord(char):04x}" for char in "<>&='\u2028\u2029"}
)


def event_body(value: Payload) -> bytes:
    """Write an event as the app's JSON writer does, which escapes some characters."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_HTML_SAFE).encode("utf-8", "replace")
