"""What a user wants sent, made into messages the gateway takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import batched
from uuid import uuid4

from homeassistant.core import HomeAssistant

from .const import MAX_RECIPIENTS
from .exceptions import mistake
from .models import OutgoingMessage
from .phone_numbers import InvalidPhoneNumberError, PhoneBook, PhoneNumber, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message before its recipients are known to be numbers.

    ``message`` has no recipients yet; its id, if it has one, is the user's.
    """

    message: OutgoingMessage
    recipients: tuple[str, ...] = field(repr=False)
    validate_numbers: bool = True


async def async_split(
    hass: HomeAssistant, phone_book: PhoneBook, draft: Draft
) -> tuple[OutgoingMessage, ...]:
    """Return the messages to send: each recipient once, at most 100 in each.

    Raises:
        ServiceValidationError: a recipient is no number and no contact, or several.
    """
    numbers = await async_resolve(hass, phone_book, draft)
    split = tuple(
        replace(
            draft.message,
            phone_numbers=tuple(number.value for number in group),
            skip_phone_validation=not all(number.plain for number in group),
        )
        for plain in (True, False)
        for group in batched(
            (number for number in numbers if number.plain is plain),
            MAX_RECIPIENTS,
            strict=False,
        )
    )
    return _with_ids(split)


def _with_ids(messages: Sequence[OutgoingMessage]) -> tuple[OutgoingMessage, ...]:
    """Give every message an id; the user's own fits one message only."""
    if len(messages) > 1 and messages[0].id:
        raise mistake("message_id_for_many")
    return tuple(
        message if message.id else replace(message, id=str(uuid4()))
        for message in messages
    )


async def async_resolve(
    hass: HomeAssistant, phone_book: PhoneBook, draft: Draft
) -> tuple[PhoneNumber, ...]:
    """Return the recipients' numbers, each once, in the order given."""
    named = [_named(phone_book, recipient) for recipient in draft.recipients]
    if draft.validate_numbers:
        numbers = await hass.async_add_executor_job(
            _parse_all, named, phone_book.country
        )
    else:
        numbers = [PhoneNumber(raw.strip(), plain=False) for raw in named]
    if not numbers:
        raise mistake("no_recipients")
    return tuple({number.value: number for number in numbers}.values())


def _named(phone_book: PhoneBook, recipient: str) -> str:
    """Return a contact's number for its name, anything else as it is."""
    contacts = phone_book.named(recipient)
    if len(contacts) > 1:
        raise mistake("ambiguous_contact", name=recipient)
    return contacts[0].phone_number if contacts else recipient


def _parse_all(recipients: Iterable[str], country: str | None) -> list[PhoneNumber]:
    """Parse numbers. Runs in the executor."""
    numbers = []
    for recipient in recipients:
        try:
            numbers.append(parse(recipient, country))
        except InvalidPhoneNumberError as err:
            raise mistake(err.key, recipient=recipient) from err
    return numbers
