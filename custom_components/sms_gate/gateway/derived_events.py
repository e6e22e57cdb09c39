"""The phone's inbox, read as the events its webhooks would have brought.

Nothing of Home Assistant here.
"""

from base64 import b64encode
from typing import Final

from .events import EventKind, GatewayEvent
from .models import InboxMessage

_KINDS: Final = {
    "SMS": EventKind.SMS_RECEIVED,
    "DATA_SMS": EventKind.SMS_DATA_RECEIVED,
    "MMS": EventKind.MMS_RECEIVED,
    "MMS_DOWNLOADED": EventKind.MMS_DOWNLOADED,
}
# What the inbox shows of an MMS without a word; a webhook brings null.
# Source: the app's ``IncomingMessagesService.toPreview``
_WORDLESS: Final = {
    EventKind.MMS_RECEIVED: "MMS notification",
    EventKind.MMS_DOWNLOADED: "MMS content",
}
_CUT: Final = "..."


def to_event(message: InboxMessage, device_id: str) -> GatewayEvent | None:
    """Return the event of a message; None for a type that is not known here."""
    if (kind := _KINDS.get(message.type)) is None:
        return None
    shows = None if message.text == _WORDLESS.get(kind) else message.text
    is_data = kind is EventKind.SMS_DATA_RECEIVED
    return GatewayEvent(
        kind=kind,
        event_id=message.id,
        device_id=device_id,
        timestamp=message.created_at,
        message_id=_message_id(message.id),
        sender=message.sender,
        recipient=message.recipient,
        sim_number=message.sim_number,
        inbox_id=message.id,
        is_cut=is_data and message.text.endswith(_CUT),
        message=shows if kind is EventKind.SMS_RECEIVED else None,
        data=_base64(message.text) if is_data else None,
        subject=shows if kind is EventKind.MMS_RECEIVED else None,
        body=shows if kind is EventKind.MMS_DOWNLOADED else None,
        attachments=message.attachments,
    )


def _message_id(inbox_id: str) -> str:
    """Return the id a webhook shows: 32 bits in hexadecimal, without a sign."""
    prefix, _, number = inbox_id.partition(":")
    if prefix not in ("text", "data"):
        return inbox_id
    try:
        return f"{int(number) & 0xFFFFFFFF:x}"
    except ValueError:
        return inbox_id


def _base64(preview: str) -> str:
    """Return data as a webhook brings it.

    The app keeps 64 bytes of it, and nothing else of it anywhere: its export knows
    SMS and MMS only.
    """
    try:
        return b64encode(bytes.fromhex(preview.removesuffix(_CUT))).decode()
    except ValueError:
        return ""
