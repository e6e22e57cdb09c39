"""The contacts of an account, found by name or number."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
import difflib
from functools import lru_cache
from secrets import token_hex
from typing import Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import CONF_PHONE_NUMBER, CONF_SIM_NUMBER, DOMAIN, SUBENTRY_CONTACT
from .issues import IssueKind, async_create_issue, async_delete_issue
from .people import split
from .phone_number import (
    DIALLED,
    InvalidPhoneNumberError,
    PhoneNumber,
    Written,
    clean,
    parse,
    reads_as_number,
    spellings,
)
from .remembered import Remembered
from .text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or service with a name."""

    id: str
    name: str = field(repr=False)
    phone_number: str = field(repr=False)
    sim_number: int | None = None


def contacts_of(entry: ConfigEntry) -> list[Contact]:
    """Return the contacts of an entry; Home Assistant's Rename changes the title."""
    return [
        Contact(
            id=subentry.subentry_id,
            name=subentry.title,
            phone_number=subentry.data[CONF_PHONE_NUMBER],
            sim_number=subentry.data.get(CONF_SIM_NUMBER),
        )
        for subentry in entry.get_subentries_of_type(SUBENTRY_CONTACT)
    ]


@dataclass(slots=True, kw_only=True)
class Contacts:
    """The account's contacts, found by number or name without a search.

    One object for as long as the account is loaded: ``replace`` changes what is in it.
    """

    country: str | None
    _all: tuple[Contact, ...] = field(default=(), repr=False)
    _by_number: dict[str, Contact] = field(default_factory=dict, repr=False)
    _by_name: dict[str, tuple[Contact, ...]] = field(default_factory=dict, repr=False)
    _parsed: dict[str, PhoneNumber] = field(default_factory=dict, repr=False)
    senders: Remembered = field(
        default_factory=lambda: Remembered(token_hex()), repr=False
    )

    @classmethod
    def build(cls, contacts: Iterable[Contact], country: str | None) -> Self:
        """Index the contacts. Blocks on first use: run it in the executor.

        Home Assistant's Rename lets a name read as a number, which means the number,
        or show nothing, which means nobody.
        """
        made = cls(country=country, _all=tuple(contacts))
        for contact in made._all:
            name = fold(contact.name)
            if name and not reads_as_number(name):
                made._by_name[name] = (*made._by_name.get(name, ()), contact)
            for form in spellings(contact.phone_number, country):
                made._by_number.setdefault(form, contact)
            with suppress(InvalidPhoneNumberError):
                made._parsed[contact.phone_number] = _stored(
                    contact.phone_number, country
                )
        return made

    def replace(self, other: Contacts) -> None:
        """Have the contacts of another object, and remember who wrote."""
        self.country, self._all = other.country, other._all
        self._by_number, self._by_name = other._by_number, other._by_name
        self._parsed = other._parsed

    def __iter__(self) -> Iterator[Contact]:
        """Iterate over all contacts."""
        return iter(self._all)

    def find(self, phone_number: str | None) -> Contact | None:
        """Return whose number this is, whatever its spelling."""
        if phone_number is None:
            return None
        return self._by_number.get(clean(phone_number).casefold())

    def named(self, name: str) -> tuple[Contact, ...]:
        """Return the contacts of this name, by the rules of ``text.fold``."""
        return self._by_name.get(fold(name), ())

    def nearest(self, name: str) -> str | None:
        """Return the name that a mistyped one may mean."""
        close = difflib.get_close_matches(fold(name), self._by_name, n=1)
        return self._by_name[close[0]][0].name if close else None

    def parsed(self, raw: Written) -> PhoneNumber | None:
        """Return a contact's number as it is sent to, without reading it again."""
        return self._parsed.get(raw) if isinstance(raw, str) else None

    def remember(self, sender: str | None) -> None:
        """Remember who wrote: that number can be answered, whatever its form."""
        if sender is not None and DIALLED.fullmatch(form := clean(sender)):
            self.senders.async_add(form)

    def split(self, written: Written) -> list[Written]:
        """Return the names and numbers in one item. Run it in the executor."""
        return split(written, self.country, lambda name: bool(self.named(name)))

    def read(self, raw: Written, *, validate: bool = True) -> PhoneNumber:
        """Return the number to send to. Run it in the executor.

        Raises:
            InvalidPhoneNumberError: it is no number, or may be two.
        """
        if isinstance(raw, int):
            # A template makes a whole number of a sender, with and without its plus
            forms = [form for form in (f"+{raw}", f"{raw}") if form in self.senders]
            raw = forms[0] if len(forms) == 1 else raw
        try:
            return parse(raw, self.country, validate=validate)
        except InvalidPhoneNumberError:
            # A fraction or a minus is no spelling of a number
            form = clean(raw) if isinstance(raw, str) else str(raw)
            if contact := self._by_number.get(form):
                return _stored(contact.phone_number, self.country)
            if isinstance(raw, str) and form in self.senders:
                return PhoneNumber(form, plain=False)
            raise


@callback
def contact_of(hass: HomeAssistant, item: str) -> list[tuple[str, Contact]]:
    """Return whose entity or name this is, each with its entry's id."""
    entity = er.async_get(hass).async_get(item)
    owner = entity.config_subentry_id if entity else None
    return [
        (entry.entry_id, contact)
        for entry in hass.config_entries.async_entries(DOMAIN)
        for contact in contacts_of(entry)
        if contact.id == owner or (entity is None and fold(contact.name) == fold(item))
    ]


@callback
def async_rename_devices(
    hass: HomeAssistant, entry: ConfigEntry, contacts: Iterable[Contact]
) -> None:
    """Let each contact's device have its name."""
    registry = dr.async_get(hass)
    for contact in contacts:
        device = registry.async_get_device_by_identifier(
            (DOMAIN, contact.id), entry.entry_id
        )
        if device is not None and device.name != contact.name:
            registry.async_update_device(device.id, name=contact.name)


@callback
def async_report_names(hass: HomeAssistant) -> None:
    """Create an issue for each account whose contacts' names mean nobody, or two.

    The dialog refuses such names, and Home Assistant's Rename does not.
    """
    entries = hass.config_entries.async_entries(DOMAIN)
    numbers: dict[str, set[str]] = {}
    for contact in (contact for entry in entries for contact in contacts_of(entry)):
        numbers.setdefault(fold(contact.name), set()).add(contact.phone_number)
    unclear = {
        name
        for name, some in numbers.items()
        if not name or len(some) > 1 or reads_as_number(name)
    }
    for entry in entries:
        contacts = contacts_of(entry) if unclear else []
        if names := [it.name for it in contacts if fold(it.name) in unclear]:
            shown = "\n".join(f"- {name}" for name in names)
            placeholders = {"contacts": shown}
            async_create_issue(
                hass, entry, IssueKind.CONTACT_NAMES, placeholders=placeholders
            )
        else:
            async_delete_issue(hass, entry, IssueKind.CONTACT_NAMES)


# A change of one contact reads only that one again
@lru_cache(maxsize=4096)
def _stored(phone_number: str, country: str | None) -> PhoneNumber:
    """Return a contact's number; what the dialog let past the check passes again."""
    try:
        return parse(phone_number, country)
    except InvalidPhoneNumberError:
        return parse(phone_number, country, validate=False)
