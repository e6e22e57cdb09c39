"""Whom to write to: each recipient on its own, so that a bad one holds back no other."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..account.contacts import Contact, Contacts
from ..account.exceptions import mistake, without_numbers
from ..account.phone_number import InvalidPhoneNumberError, PhoneNumber, Written

MAX_LABEL: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A recipient as it was given: a number, or a contact that was found."""

    position: int
    given: Written | Contact = field(repr=False)
    contact: Contact | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """What errors call it: a name, or a number's place among the recipients."""
        if self.contact is not None:
            return self.contact.name
        has_number = without_numbers(self.written) != self.written
        is_name = not has_number and any(map(str.isalpha, self.written))
        return self.written[:MAX_LABEL] if is_name else f"#{self.position}"

    @property
    def raw(self) -> Written:
        """What the number is read from."""
        if self.contact is not None:
            return self.contact.phone_number
        return "" if isinstance(self.given, Contact) else self.given

    @property
    def written(self) -> str:
        """The recipient as the user wrote it."""
        return self.given.name if isinstance(self.given, Contact) else str(self.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A recipient whose number is known, and what all its spellings count as."""

    wanted: Wanted
    number: PhoneNumber = field(repr=False)
    counted_as: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A recipient that nothing was sent to."""

    wanted: Wanted
    error: HomeAssistantError


async def async_resolve(
    hass: HomeAssistant,
    contacts: Contacts,
    recipients: Iterable[Wanted],
    *,
    validate: bool = True,
) -> tuple[list[Target], list[Refused]]:
    """Return the recipients' numbers, each once, and who has none."""
    recipients = list(recipients)
    known = [_known(contacts, item) if validate else None for item in recipients]
    results = (
        known
        if all(known)
        else await hass.async_add_executor_job(
            _read_all, recipients, contacts, validate
        )
    )
    targets: dict[str, Target] = {}
    refused = []
    for result in results:
        if isinstance(result, Target):
            targets.setdefault(result.number.value, result)
        elif result is not None:
            refused.append(result)
    return list(targets.values()), refused


def _known(contacts: Contacts, item: Wanted) -> Target | None:
    """Return a contact's number without reading it again."""
    if (number := contacts.parsed(item.raw)) is None:
        return None
    return Target(wanted=item, number=number, counted_as=number.value)


def _read_all(
    recipients: list[Wanted], contacts: Contacts, validate: bool
) -> list[Target | Refused]:
    """Read numbers. Runs in the executor."""
    return [_read(item, contacts, validate) for item in recipients]


def _read(item: Wanted, contacts: Contacts, validate: bool) -> Target | Refused:
    """Return a number, or why it is none."""
    try:
        number = contacts.read(item.raw, validate=validate)
    except InvalidPhoneNumberError as err:
        return Refused(wanted=item, error=_error(err, item, contacts))
    counted_as = number.value
    if not validate:
        with suppress(InvalidPhoneNumberError):
            counted_as = contacts.read(item.raw).value
    return Target(wanted=item, number=number, counted_as=counted_as)


def _error(
    err: InvalidPhoneNumberError, item: Wanted, contacts: Contacts
) -> HomeAssistantError:
    """Return why nothing is sent to a recipient, with the contact that may be meant."""
    placeholders = {"position": str(item.position), **err.placeholders}
    if err.key == "unknown_contact" and (near := contacts.nearest(str(item.raw))):
        return mistake("mistyped_contact", contact=near, **placeholders)
    return mistake(err.key, **placeholders)
