"""Phone numbers: as people write them, as the gateway wants them, and whose they are.

``phonenumbers`` reads its data of a country from disk when it first needs it, so
what calls it runs in the executor; finding a contact is a look-up and needs none.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
import unicodedata

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber as PhoneNumberObject

# Spaces, dashes, brackets, slashes, dots, and the marks that steer text direction
_SEPARATORS = frozenset(
    " \t\n\r-.()[]/\\\u00a0\u202f\u2010\u2011\u2012\u2013\u2212"
) | {
    *map(chr, (0x200B, 0x200E, 0x200F, 0x061C)),
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}
_SHORT_CODE_LENGTHS = range(3, 9)
_SENDER_NAME_LENGTHS = range(2, 12)


class InvalidPhoneNumberError(ValueError):
    """This is nothing an SMS can be sent to; ``key`` says why."""

    def __init__(self, key: str) -> None:
        """Remember the reason's translation key; the number stays out."""
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number the gateway takes.

    ``value`` is E.164 wherever it is a full number. ``plain`` is False for what the
    server would refuse unless told to skip its check: landlines, short codes, names.
    """

    value: str = field(repr=False)
    plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or service with a name."""

    id: str
    name: str = field(repr=False)
    phone_number: str = field(repr=False)
    sim_number: int | None = None


def clean(raw: str) -> str:
    """Return the number without separators, in ASCII digits, ``00`` as ``+``.

    What is not a number (a sender's name) comes back trimmed only.
    """
    squeezed = "".join(
        str(unicodedata.decimal(char, char)) for char in raw if char not in _SEPARATORS
    ).replace("\uff0b", "+")
    if not squeezed.removeprefix("+").isdecimal():
        return raw.strip()
    if squeezed.startswith("00"):
        return "+" + squeezed[2:]
    return squeezed


def parse(raw: str | int, country: str | None) -> PhoneNumber:
    """Return what to send to; ``country`` (ISO 3166) reads local forms.

    A whole number is what a template makes of ``+966590042734``: it is read with its
    plus first. Digits without a plus are local first.

    Blocks on first use: run it in the executor.

    Raises:
        InvalidPhoneNumberError: it is no number, short code or sender name.
    """
    import phonenumbers  # 30 ms, and only whoever sends needs it

    cleaned = clean(str(raw))
    if (number := _valid(cleaned, country, plus_first=isinstance(raw, int))) is None:
        return _parse_special(cleaned, has_country=country is not None)
    mobile = phonenumbers.number_type(number) in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    )
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return PhoneNumber(e164, plain=mobile)


def _valid(
    cleaned: str, country: str | None, *, plus_first: bool = False
) -> PhoneNumberObject | None:
    """Return the first valid reading of a cleaned number."""
    import phonenumbers

    readings = [cleaned, f"+{cleaned}"] if cleaned.isdecimal() else [cleaned]
    for reading in reversed(readings) if plus_first else readings:
        try:
            number = phonenumbers.parse(reading, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    return None


def _parse_special(cleaned: str, *, has_country: bool) -> PhoneNumber:
    """Return a short code or a sender's name, which no numbering plan knows."""
    if cleaned.isdecimal():
        if len(cleaned) in _SHORT_CODE_LENGTHS:
            return PhoneNumber(cleaned, plain=False)
        raise InvalidPhoneNumberError(
            "invalid_number" if has_country else "number_needs_country"
        )
    if _is_sender_name(cleaned):
        return PhoneNumber(cleaned, plain=False)
    if cleaned.startswith("+") or not any(map(str.isalpha, cleaned)):
        raise InvalidPhoneNumberError("invalid_number")
    raise InvalidPhoneNumberError("unknown_contact")


def _is_sender_name(name: str) -> bool:
    """Tell a network's sender name (``STC``) from a contact that does not exist.

    Only capitals count: a misspelt contact must not be sent to nobody.
    """
    return (
        len(name) in _SENDER_NAME_LENGTHS
        and name.isascii()
        and name.isupper()
        and all(char.isalnum() or char in "-_" for char in name)
    )


def spellings(raw: str, country: str | None) -> frozenset[str]:
    """Return every cleaned form in which this number may arrive from the network.

    Blocks on first use: run it in the executor.
    """
    import phonenumbers

    cleaned = clean(raw)
    forms = {cleaned.casefold()}
    if (number := _valid(cleaned, country)) is None:
        return frozenset(forms)
    national = phonenumbers.national_significant_number(number)
    code = str(number.country_code)
    region = phonenumbers.region_code_for_number(number) or ""
    prefix = phonenumbers.ndd_prefix_for_region(region, True) or ""
    forms |= {f"+{code}{national}", f"{code}{national}", f"+{code}{prefix}{national}"}
    if country and number.country_code == phonenumbers.country_code_for_region(country):
        forms |= {national, f"{prefix}{national}"}
    return frozenset(forms)


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
