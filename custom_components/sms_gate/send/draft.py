"""What a user wants sent, made into messages the gateway takes."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, Final
from uuid import uuid4

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from ..account.contacts import Contacts
from ..account.exceptions import mistake
from ..account.phone_number import InvalidPhoneNumberError, PhoneNumber, parse
from ..const import CONF_DEFAULT_SIM, DOMAIN, MAX_RECIPIENTS, MAX_TEXT_LENGTH
from ..gateway.models import OutgoingMessage
from ..runtime import SmsGateConfigEntry
from ..service_schemas import (
    ATTR_DATA,
    ATTR_DELIVERY_REPORT,
    ATTR_MESSAGE,
    ATTR_MESSAGE_ID,
    ATTR_PORT,
    ATTR_PRIORITY,
    ATTR_SCHEDULE_AT,
    ATTR_SIM_NUMBER,
    ATTR_TTL,
    ATTR_VALID_UNTIL,
    ATTR_VALIDATE_NUMBERS,
)

_MIN_TTL: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message before its recipients are known to be numbers.

    ``message`` has no recipients yet; its id, if it has one, is the user's.
    """

    message: OutgoingMessage
    recipients: tuple[str | int, ...] = field(repr=False)
    validate_numbers: bool = True


def draft(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    recipients: Iterable[str | int],
    data: Mapping[str, Any],
) -> Draft:
    """Return what an action's data asks for; ``data`` went through its schema.

    Raises:
        ServiceValidationError: fields that do not go together, named.
    """
    until = aware(data.get(ATTR_VALID_UNTIL))
    begin = aware(data.get(ATTR_SCHEDULE_AT))
    _check_times(data.get(ATTR_TTL), until, begin)
    return Draft(
        message=OutgoingMessage(
            id=data.get(ATTR_MESSAGE_ID, ""),
            phone_numbers=(),
            text=_checked_text(data.get(ATTR_MESSAGE)),
            data=_checked_data(data.get(ATTR_DATA)),
            port=data.get(ATTR_PORT),
            sim_number=data.get(ATTR_SIM_NUMBER),
            device_id=phone_of(hass, entry, data.get(ATTR_DEVICE_ID)),
            ttl=int(ttl.total_seconds()) if (ttl := data.get(ATTR_TTL)) else None,
            valid_until=until,
            schedule_at=begin,
            priority=data.get(ATTR_PRIORITY),
            delivery_report=data.get(ATTR_DELIVERY_REPORT, True),
        ),
        recipients=tuple(recipients),
        validate_numbers=data.get(ATTR_VALIDATE_NUMBERS, True),
    )


def aware(value: datetime | None) -> datetime | None:
    """Return a time with its offset; without one it is Home Assistant's."""
    if value is None or value.tzinfo is not None:
        return value
    return value.replace(tzinfo=dt_util.get_default_time_zone())


def _check_times(
    ttl: timedelta | None, until: datetime | None, begin: datetime | None
) -> None:
    """Refuse times that the gateway would refuse, or let run out at once."""
    now = dt_util.utcnow()
    if ttl is not None and until is not None:
        raise mistake("fields_conflict", first=ATTR_TTL, second=ATTR_VALID_UNTIL)
    if ttl is not None and ttl < _MIN_TTL:
        raise mistake("ttl_too_short", field=ATTR_TTL)
    for name, value in ((ATTR_VALID_UNTIL, until), (ATTR_SCHEDULE_AT, begin)):
        if value is not None and value <= now:
            raise mistake("in_the_past", field=name)
    end = now + ttl if ttl is not None else until
    if begin is not None and end is not None and begin > end:
        raise mistake("expires_before_sending", field=ATTR_SCHEDULE_AT)


def _checked_text(text: str | None) -> str | None:
    """Refuse a text the gateway would refuse."""
    if text is not None and not 0 < len(text) <= MAX_TEXT_LENGTH:
        raise mistake("bad_length", field=ATTR_MESSAGE, maximum=str(MAX_TEXT_LENGTH))
    if text is not None and not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise mistake("bad_text", field=ATTR_MESSAGE) from None
    return text


def _checked_data(data: str | None) -> str | None:
    """Refuse data that is not base64."""
    if data is None:
        return None
    if not 0 < len(data) <= MAX_TEXT_LENGTH:
        raise mistake("bad_length", field=ATTR_DATA, maximum=str(MAX_TEXT_LENGTH))
    try:
        b64decode(data, validate=True)
    except ValueError:
        raise mistake("not_base64", field=ATTR_DATA) from None
    return data


def phone_of(
    hass: HomeAssistant, entry: SmsGateConfigEntry, device_id: str | None
) -> str | None:
    """Return the gateway's id of a phone of this account."""
    if device_id is None:
        return None
    device = dr.async_get(hass).async_get(device_id)
    phones = entry.runtime_data.account.phones
    for domain, identifier in device.identifiers if device else ():
        if domain == DOMAIN and identifier in phones:
            return identifier
    raise mistake("unknown_phone", field=ATTR_DEVICE_ID)


async def async_split(
    hass: HomeAssistant, entry: SmsGateConfigEntry, wanted: Draft
) -> tuple[OutgoingMessage, ...]:
    """Return the messages to send: each recipient once, at most 100 in each.

    A server checks all numbers of a message or none, and a message has one SIM, so
    short codes and contacts with a SIM of their own go in messages of their own.

    Raises:
        ServiceValidationError: a recipient is no number and no contact, or several.
    """
    numbers = await async_resolve(hass, entry, wanted)
    groups: dict[tuple[bool, int | None], list[str]] = {}
    for number in numbers:
        key = (number.plain, _sim_for(entry, wanted, number))
        groups.setdefault(key, []).append(number.value)
    messages = tuple(
        replace(
            wanted.message,
            phone_numbers=some,
            sim_number=sim_number,
            skip_phone_validation=not plain,
        )
        for (plain, sim_number), all_of_group in groups.items()
        for some in batched(all_of_group, MAX_RECIPIENTS, strict=False)
    )
    if wanted.message.id and len(messages) > 1:
        raise mistake("message_id_for_many", field=ATTR_MESSAGE_ID)
    return tuple(
        message if message.id else replace(message, id=str(uuid4()))
        for message in messages
    )


def _sim_for(
    entry: SmsGateConfigEntry, wanted: Draft, number: PhoneNumber
) -> int | None:
    """Return the SIM to send with: the action's, the contact's, or the account's."""
    if wanted.message.sim_number is not None:
        return wanted.message.sim_number
    contact = entry.runtime_data.account.contacts.find(number.value)
    if contact is not None and contact.sim_number is not None:
        return contact.sim_number
    default: int | None = entry.options.get(CONF_DEFAULT_SIM)
    return default


async def async_resolve(
    hass: HomeAssistant, entry: SmsGateConfigEntry, wanted: Draft
) -> tuple[PhoneNumber, ...]:
    """Return the recipients' numbers, each once, in the order given."""
    contacts = entry.runtime_data.account.contacts
    named = [
        _named(contacts, recipient, position)
        for position, recipient in enumerate(wanted.recipients, start=1)
    ]
    if not any(named):
        raise mistake("no_recipients")
    known = [number for raw in named if (number := contacts.parsed(raw))]
    if not wanted.validate_numbers:
        numbers = [PhoneNumber(str(raw), plain=False) for raw in named]
    elif len(known) == len(named):
        numbers = known
    else:
        numbers = await hass.async_add_executor_job(_parse_all, named, contacts.country)
    return tuple({number.value: number for number in numbers}.values())


def _named(contacts: Contacts, recipient: str | int, position: int) -> str | int:
    """Return a contact's number for its name, anything else as it is."""
    if isinstance(recipient, int):
        return recipient
    found = contacts.named(recipient)
    if len(found) > 1:
        raise mistake("ambiguous_contact", position=str(position))
    return found[0].phone_number if found else recipient.strip()


def _parse_all(
    recipients: Iterable[str | int], country: str | None
) -> list[PhoneNumber]:
    """Parse numbers. Runs in the executor."""
    numbers = []
    for position, recipient in enumerate(recipients, start=1):
        try:
            numbers.append(parse(recipient, country))
        except InvalidPhoneNumberError as err:
            raise mistake(err.key, position=str(position), **err.placeholders) from None
    return numbers
