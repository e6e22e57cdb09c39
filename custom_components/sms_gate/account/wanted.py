"""Who a trigger means by its list of names, numbers and patterns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
import difflib
import re
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .bus_event import SmsGateEvent
from .contacts import Contact, contacts_of
from .issues import IssueKind, async_create_issue, async_delete_issue
from .login import country_of
from .people import split
from .phone_number import DIALLED, clean, reads_as_number, spellings
from .remembered import async_contact_names
from .text import fold

# What networks show instead of a number, as nobody writes a person's name
_SENDER_NAME: Final = re.compile(r"(?=.*[A-Z])[A-Z0-9_-]{2,11}")
_UNKNOWN: Final[HassKey[dict[str, set[int]]]] = HassKey(f"{DOMAIN}_unknown_contacts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """People, found by name, number or pattern.

    A contact's name means its number. Only what is written in capitals, or with ``*``,
    means a sender that shows a name: such names can be bought, and never count as a
    contact.
    """

    names: frozenset[str] = field(repr=False)
    numbers: dict[str | None, frozenset[str]] = field(repr=False)
    sender_names: frozenset[str] = field(repr=False)
    contact_names: frozenset[str] = field(repr=False)
    patterns: tuple[str, ...] = field(repr=False)
    countries: dict[str, str | None]

    def includes(self, received: SmsGateEvent) -> bool:
        """Return True if an event is from, or to, one of them."""
        contact, peer = received.contact, received.event.peer
        if contact is not None and fold(contact.name) in self.names:
            return True
        if peer is None:
            return False
        form = clean(peer)
        if DIALLED.fullmatch(form):
            country = self.countries.get(received.entry_id)
            return form in self.numbers.get(country, ()) or self._fits(form)
        name = fold(peer)
        if name in self.contact_names:
            return False
        return name in self.sender_names or self._fits(name)

    def _fits(self, peer: str) -> bool:
        return any(_fits(peer, pattern) for pattern in self.patterns)


def _fits(text: str, pattern: str) -> bool:
    """Return True if a text fits a pattern with ``*``, in linear time."""
    first, *others = pattern.split("*")
    *middle, last = others
    if len(text) < len(first) + len(last):
        return False
    if not (text.startswith(first) and text.endswith(last)):
        return False
    begin, end = len(first), len(text) - len(last)
    for part in middle:
        if (found := text.find(part, begin, end)) < 0:
            return False
        begin = found + len(part)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What a list means, by the contacts there are."""

    known: frozenset[str] = field(repr=False)
    names: dict[str, str] = field(repr=False)
    nearest: dict[str, str | None] = field(repr=False)
    patterns: tuple[str, ...] = field(repr=False)
    numbers: dict[str | None, frozenset[str]] = field(repr=False)


async def async_wanted(
    hass: HomeAssistant, lists: Mapping[str, Iterable[str]], owner: object
) -> dict[str, Wanted]:
    """Return who each list means; names of nobody become the owner's issues."""
    entries = hass.config_entries.async_entries(DOMAIN)
    countries = {entry.entry_id: country_of(hass, entry) for entry in entries}
    contacts = [contact for entry in entries for contact in contacts_of(entry)]
    everywhere = {*countries.values(), hass.config.country}
    reads = await hass.async_add_executor_job(
        lambda: {
            key: _read(people, contacts, everywhere) for key, people in lists.items()
        }
    )
    shown = {key: await _async_sender_names(hass, read) for key, read in reads.items()}
    async_forget_unknown(hass, owner)
    for key, read in reads.items() if entries else ():
        for name, near in read.nearest.items():
            if near or name not in shown[key]:
                _async_report(hass, owner, read.names[name], near or "–")
    return {
        key: Wanted(
            names=frozenset(read.names),
            numbers=read.numbers,
            sender_names=frozenset(shown[key]),
            contact_names=read.known,
            patterns=read.patterns,
            countries=countries,
        )
        for key, read in reads.items()
    }


async def _async_sender_names(hass: HomeAssistant, read: _Read) -> set[str]:
    """Return the names that networks show: none that ever was a contact's here.

    Who buys the name of a removed contact must not be taken for that person.
    """
    capitals = {
        name for name, item in read.names.items() if _SENDER_NAME.fullmatch(item)
    }
    if not capitals:
        return set()
    contact_names = await async_contact_names(hass)
    for name in capitals & read.known:
        contact_names.async_add(name)
    return {name for name in capitals - read.known if name not in contact_names}


def _read(
    people: Iterable[str], contacts: Iterable[Contact], countries: set[str | None]
) -> _Read:
    """Read a list as in each country. Runs in the executor.

    A contact of one account is the same person for another one, but for short codes.
    """
    known = {fold(contact.name): contact.name for contact in contacts}
    items: list[str] = []
    numbers: dict[str | None, frozenset[str]] = {}
    for country in countries:
        items = [
            str(item)
            for written in people
            for item in split(written, country, lambda name: fold(name) in known)
        ]
        named = {fold(item) for item in items}
        theirs = [
            contact.phone_number
            for contact in contacts
            if fold(contact.name) in named and contact.phone_number.startswith("+")
        ]
        numbers[country] = frozenset().union(
            *(spellings(number, country) for number in [*items, *theirs])
        )
    names = {
        fold(item): item
        for item in items
        if not reads_as_number(item) and ("*" not in item or fold(item) in known)
    }
    return _Read(
        known=frozenset(known),
        names=names,
        nearest={name: _nearest(name, known) for name in names if name not in known},
        patterns=tuple(
            fold(item) for item in items if "*" in item and fold(item) not in names
        ),
        numbers=numbers,
    )


def _nearest(name: str, known: Mapping[str, str]) -> str | None:
    close = difflib.get_close_matches(name, known, n=1)
    return known[close[0]] if close else None


@callback
def _async_report(hass: HomeAssistant, owner: object, name: str, near: str) -> None:
    """Create an issue about a name that no contact has."""
    hass.data.setdefault(_UNKNOWN, {}).setdefault(fold(name), set()).add(id(owner))
    async_create_issue(
        hass,
        None,
        IssueKind.UNKNOWN_CONTACT,
        subject=fold(name),
        placeholders={"name": name, "near": near},
    )


@callback
def async_forget_unknown(hass: HomeAssistant, owner: object) -> None:
    """Delete the issues that only this trigger has."""
    unknown = hass.data.get(_UNKNOWN, {})
    for name, owners in tuple(unknown.items()):
        owners.discard(id(owner))
        if not owners:
            del unknown[name]
            async_delete_issue(hass, None, IssueKind.UNKNOWN_CONTACT, subject=name)
