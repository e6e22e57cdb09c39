"""What is to be sent, checked before anything leaves."""

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..account.contacts import Contact
from ..account.exceptions import mistake
from ..account.phone_number import Written
from ..account.text import soften
from ..const import MAX_TEXT_LENGTH
from ..gateway.models import MessageState, OutgoingAttachment, OutgoingMessage
from .labels import label

MIN_TTL: Final = timedelta(seconds=5)
_MAX_ID_LENGTH: Final = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message before its recipients are known to be numbers, and how to send it.

    Either ``text``, or ``data`` (base64) and ``port``; an MMS with ``subject`` or
    ``attachments``. ``device_id`` is the phone's in
    Home Assistant's device registry; ``timeout`` is in seconds. ``strict`` None sends
    to every good recipient and then raises, False does not raise, True sends nothing
    unless all are good.
    """

    recipients: tuple[Written | Contact, ...] = field(repr=False)
    text: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)
    attachments: tuple[OutgoingAttachment, ...] = field(default=(), repr=False)
    data: str | None = field(default=None, repr=False)
    port: int | None = None
    sim_number: int | None = None
    device_id: str | None = None
    ttl: timedelta | None = None
    valid_until: datetime | None = None
    schedule_at: datetime | None = None
    priority: int | None = None
    delivery_report: bool = True
    message_id: str = ""
    validate_numbers: bool = True
    strict: bool | None = None
    wait_for: MessageState | None = None
    timeout: float = 0.0
    wants_answer: bool = False


def check(hass: HomeAssistant, draft: Draft) -> None:
    """Check what no gateway needs to be asked for.

    Raises:
        ServiceValidationError: a field, by its label, cannot be sent like this.
    """
    _check_text(hass, draft.text)
    _check_data(hass, draft.data)
    _check_times(hass, draft)
    check_message_id(hass, draft.message_id)


def check_message_id(hass: HomeAssistant, message_id: str) -> None:
    """Check that every route of the gateways' can carry an id."""
    if (
        len(message_id) > _MAX_ID_LENGTH
        or not message_id.isprintable()
        or set(message_id) & set("/\\")
        or (message_id and not message_id.strip(". "))
    ):
        raise mistake("bad_message_id", field=label(hass, "message_id"))


def outgoing(draft: Draft, gateway_device_id: str | None) -> OutgoingMessage:
    """Return the message of a draft, still without recipients."""
    return OutgoingMessage(
        id=draft.message_id,
        phone_numbers=(),
        text=draft.text,
        subject=draft.subject,
        attachments=draft.attachments,
        data=draft.data,
        port=draft.port,
        sim_number=draft.sim_number,
        device_id=gateway_device_id,
        ttl=None if draft.ttl is None else int(draft.ttl.total_seconds()),
        valid_until=aware(draft.valid_until),
        schedule_at=aware(draft.schedule_at),
        priority=draft.priority,
        delivery_report=draft.delivery_report,
    )


def titled(title: str | None, message: str) -> str:
    """Return a text whose first line is the title, if there is one."""
    return f"{title}\n{message}" if title and title.strip() else message


def aware(value: datetime | None) -> datetime | None:
    """Return a time with its offset; without one it is Home Assistant's."""
    if value is None or value.tzinfo is not None:
        return value
    return value.replace(tzinfo=dt_util.get_default_time_zone())


def _check_times(hass: HomeAssistant, draft: Draft) -> None:
    """Refuse times that the gateway would refuse, or let expire at once."""
    now, ttl = dt_util.utcnow(), draft.ttl
    until, begin = aware(draft.valid_until), aware(draft.schedule_at)
    if ttl is not None and until is not None:
        raise mistake(
            "fields_conflict",
            first=label(hass, "ttl"),
            second=label(hass, "valid_until"),
        )
    if ttl is not None and ttl < MIN_TTL:
        raise mistake("ttl_too_short", field=label(hass, "ttl"))
    for name, value in (("valid_until", until), ("schedule_at", begin)):
        if value is not None and value <= now:
            raise mistake("in_the_past", field=label(hass, name))
    end = now + ttl if ttl is not None else until
    if begin is not None and end is not None and begin > end:
        raise mistake("expires_before_sending", field=label(hass, "schedule_at"))


def _check_text(hass: HomeAssistant, text: str | None) -> None:
    """Refuse a text that the gateway would refuse, or that nobody can read."""
    if text is None:
        return
    if not 0 < len(text) <= MAX_TEXT_LENGTH or not soften(text).strip():
        raise mistake(
            "bad_length", field=label(hass, "message"), maximum=str(MAX_TEXT_LENGTH)
        )
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise mistake("bad_text", field=label(hass, "message")) from None


def _check_data(hass: HomeAssistant, data: str | None) -> None:
    """Refuse data that is not base64."""
    if data is None:
        return
    name = label(hass, "data", "send_data_message")
    if not 0 < len(data) <= MAX_TEXT_LENGTH:
        raise mistake("bad_length", field=name, maximum=str(MAX_TEXT_LENGTH))
    try:
        b64decode(data, validate=True)
    except ValueError:
        raise mistake("not_base64", field=name) from None
