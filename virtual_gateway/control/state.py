"""Everything the page shows, and the list of what left the phones."""

import base64
import json
import time
from typing import TYPE_CHECKING

from virtual_gateway.phone.incoming import Incoming

if TYPE_CHECKING:
    from virtual_gateway.gateway import VirtualGateway
    from virtual_gateway.phone import VirtualPhone
    from virtual_gateway.phone.message import PhoneMessage
    from virtual_gateway.records import SentSms, WebhookDelivery

type Shown = dict[str, object]
_DELIVERIES = 60
_REQUESTS = 30


def outbox(gateway: VirtualGateway) -> list[Shown]:
    """Return what left the phones, oldest first."""
    sent = [sms for phone in gateway.phones for sms in phone.outbox]
    return [_sent(sms) for sms in sorted(sent, key=lambda sms: sms.sent_at)]


def _sent(sms: SentSms) -> Shown:
    """Return one SMS that left a phone."""
    return {
        "message_id": sms.message_id,
        "phone_number": sms.phone_number,
        "text": sms.text,
        "data": None if sms.data is None else base64.b64encode(sms.data).decode(),
        "port": sms.port,
        "sim_number": sms.sim_number,
        "state": sms.state,
        "sent_at": sms.sent_at,
        "delivered_at": sms.delivered_at,
        "parts": sms.parts,
        "phone": sms.phone_id,
        "kind": "MMS" if sms.is_mms else "SMS" if sms.data is None else "DATA_SMS",
        "subject": sms.subject,
        "attachments": [
            {
                "name": item.name,
                "content_type": item.content_type,
                "size": len(item.content),
            }
            for item in sms.files
        ],
    }


def state(gateway: VirtualGateway) -> Shown:
    """Return everything the page shows."""
    return {
        "version": gateway.version,
        "now": time.time(),
        "speed": gateway.speed,
        "phones": [_phone(phone) for phone in gateway.phones],
        "faults": {name: item.as_dict() for name, item in gateway.faults.items()},
        "webhooks": _webhooks(gateway),
        "deliveries": [
            _delivery(item) for item in reversed(gateway.deliveries[-_DELIVERIES:])
        ],
        "requests": [
            {
                "method": item.method,
                "path": item.path,
                "status": item.status,
                "at": item.at,
            }
            for item in reversed(gateway.requests[-_REQUESTS:])
        ],
    }


def _webhooks(gateway: VirtualGateway) -> list[Shown]:
    """Return all registered webhooks with the side they are registered on."""
    lists = [("account", gateway.account_webhooks)]
    lists += [(phone.name, phone.webhooks) for phone in gateway.phones]
    return [
        {
            "id": key,
            "side": side,
            "url": str(hook.get("url")),
            "event": str(hook.get("event")),
        }
        for side, hooks in lists
        for key, hook in hooks.items()
    ]


def _delivery(item: WebhookDelivery) -> Shown:
    """Return one attempt to post an event."""
    return {
        "event_id": item.event_id,
        "webhook_id": item.webhook_id,
        "url": item.url,
        "event": item.event,
        "attempt": item.attempt,
        "status": item.status,
        "error": item.error,
        "at": item.at,
        "retry_at": None if item.retry_in is None else item.at + item.retry_in,
        "phone": item.phone_id,
        "message_id": _message_id(item.body),
    }


def _message_id(body: bytes) -> object:
    """Return the message an event is about."""
    return json.loads(body)["payload"].get("messageId")


def _phone(phone: VirtualPhone) -> Shown:
    """Return a phone with its conversations."""
    return {
        "id": phone.id,
        "local_id": phone.local_id,
        "name": phone.name,
        "app_version": phone.app_version,
        "battery": phone.battery,
        "charging": phone.charging,
        "transport": phone.transport,
        "online": phone.online,
        "ping_interval": phone.ping_interval,
        "encrypts": phone.passphrase is not None,
        "sims": [
            {
                "number": sim.number,
                "phone_number": sim.phone_number,
                "carrier": sim.carrier,
            }
            for sim in phone.sims
        ],
        "last_seen": phone.last_seen_ms / 1000,
        "queued_webhooks": len(phone.hooks.queue.waiting),
        "timeline": [
            entry
            for item in phone.timeline
            for entry in (
                [_incoming(item)] if isinstance(item, Incoming) else _outgoing(item)
            )
        ],
    }


def _incoming(message: Incoming) -> Shown:
    """Return a received message as a line of a conversation."""
    return {
        "direction": "in",
        "id": message.message_id,
        "number": message.sender,
        "kind": message.type,
        "text": message.preview,
        "sim_number": message.sim_number,
        "at": message.date_ms / 1000,
        "attachments": [item.name for item in message.attachments],
    }


def _kind(message: PhoneMessage) -> str:
    """Return what a message to be sent is."""
    if message.mms is not None:
        return "MMS_SENT"
    return "SMS" if message.data is None else "DATA_SMS"


def _subject(message: PhoneMessage) -> str | None:
    """Return the subject of an MMS."""
    return message.mms.subject if message.mms else None


def _outgoing(message: PhoneMessage) -> list[Shown]:
    """Return a message as one line for each of its recipients' conversations."""
    return [
        {
            "direction": "out",
            "id": message.id,
            "number": message.clear_numbers.get(recipient.number, recipient.number),
            "kind": _kind(message),
            "text": message.clear_text
            or message.text
            or message.data
            or _subject(message),
            "attachments": [
                item.name or item.content_type
                for item in (message.mms.files if message.mms else ())
            ],
            "sim_number": message.sim_number,
            "at": message.created_ms / 1000,
            "state": recipient.state.value,
            "error": recipient.error,
            "parts": message.parts,
            "scheduled_at": None
            if message.schedule_at is None
            else message.schedule_at / 1000,
        }
        for recipient in message.recipients.values()
    ]
