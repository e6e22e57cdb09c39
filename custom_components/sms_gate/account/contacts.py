"""The contacts of an account, found by name or number."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from .phone_number import InvalidPhoneNumberError, PhoneNumber, clean, parse, spellings


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or service with a name."""

    id: str
    name: str = field(repr=False)
    phone_number: str = field(repr=False)
    sim_number: int | None = None


class Contacts:
    """The account's contacts, found by number or name without a search."""

    def __init__(
        self,
        by_number: Mapping[str, Contact],
        by_name: Mapping[str, tuple[Contact, ...]],
        parsed: Mapping[str, PhoneNumber],
        country: str | None,
    ) -> None:
        """Take the prepared indexes; ``build`` makes them."""
        self._by_number = by_number
        self._by_name = by_name
        self._parsed = parsed
        self.country = country

    @classmethod
    def build(cls, contacts: Iterable[Contact], country: str | None) -> Self:
        """Index the contacts. Blocks on first use: run it in the executor."""
        by_number: dict[str, Contact] = {}
        by_name: dict[str, tuple[Contact, ...]] = {}
        parsed: dict[str, PhoneNumber] = {}
        for contact in contacts:
            name = contact.name.strip().casefold()
            by_name[name] = (*by_name.get(name, ()), contact)
            for form in spellings(contact.phone_number, country):
                by_number.setdefault(form, contact)
            with suppress(InvalidPhoneNumberError):
                parsed[contact.phone_number] = parse(contact.phone_number, country)
        return cls(by_number, by_name, parsed, country)

    def find(self, phone_number: str | None) -> Contact | None:
        """Return whose number this is, whatever its spelling."""
        if phone_number is None:
            return None
        return self._by_number.get(clean(phone_number).casefold())

    def parsed(self, raw: str | int) -> PhoneNumber | None:
        """Return a contact's number as it is sent to, without reading it again."""
        return self._parsed.get(raw) if isinstance(raw, str) else None

    def named(self, name: str) -> tuple[Contact, ...]:
        """Return the contacts of this name, without regard to case."""
        return self._by_name.get(name.strip().casefold(), ())
