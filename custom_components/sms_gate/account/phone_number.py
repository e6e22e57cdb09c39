"""How a phone number is read: the one place for recipients, contacts and senders.

``phonenumbers`` reads the data of a country from disk when it is first needed, so
what calls it here runs in the executor.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
import re
from typing import TYPE_CHECKING, Final
import unicodedata

from .numbering_changes import current_forms, old_forms, person
from .readings import (
    country_code,
    current,
    e164,
    is_mobile,
    mobile,
    parsed,
    significant,
    valid,
)

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber as Reading

_SEPARATOR_CATEGORIES: Final = {"Zs", "Pd", "Ps", "Pe", "Cf", "Cc", "Mn", "Zl", "Zp"}
_SEPARATORS: Final = frozenset("./\\\u2212\u00b7\u2022_~'\"")
_LINK: Final = re.compile(r"^\s*(?:tel|sms|smsto):", re.IGNORECASE)
DIALLED: Final = re.compile(r"\+?[0-9]+")
_PAST_THE_CHECK: Final = re.compile(r"(?=.*[0-9])\+?[0-9*#]{1,32}")
_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")
_USUAL_LENGTH: Final = 6
_USUAL_SHORT_CODE: Final = re.compile(r"[1-9][0-9]{2,5}")
_LONGEST_TEXT: Final = 200
_BEYOND_NUMBERS: Final = 10**20


# As a person, YAML or a template writes a name or number
type Written = str | int | float


class InvalidPhoneNumberError(ValueError):
    """This is nothing an SMS can be sent to; ``key`` says why."""

    def __init__(self, key: str, **placeholders: str) -> None:
        """Keep the translation key; numbers are in the placeholders only."""
        super().__init__(key)
        self.key = key
        self.placeholders = placeholders


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number the gateway takes.

    ``value`` is E.164 wherever it is a full number. ``plain`` is False for what the
    server refuses unless it skips its check: landlines and short codes.
    """

    value: str = field(repr=False)
    plain: bool


def clean(raw: str) -> str:
    """Return a number in ASCII digits without separators, anything else trimmed."""
    squeezed = raw if DIALLED.fullmatch(raw) else squeeze(raw)
    if not DIALLED.fullmatch(squeezed):
        return raw.strip()
    return "+" + squeezed[2:] if squeezed.startswith("00") else squeezed


# Of thousands of contacts, all names are looked at when one changes
@lru_cache(maxsize=8192)
def reads_as_number(text: str) -> bool:
    """Return True if a text has the form of a number, valid or not: it is no name."""
    return DIALLED.fullmatch(squeeze(_LINK.sub("", text, count=1))) is not None


def squeeze(raw: str) -> str:
    """Return a text without the separators of numbers, its digits in ASCII."""
    return "".join(
        str(unicodedata.decimal(char, char))
        for char in raw
        if char not in _SEPARATORS
        and unicodedata.category(char) not in _SEPARATOR_CATEGORIES
    ).translate({0xFF0B: "+", 0xFE62: "+", 0xFF0A: "*", 0xFF03: "#"})


def parse(raw: Written, country: str | None, *, validate: bool = True) -> PhoneNumber:
    """Return what to send to; ``country`` (ISO 3166) is the own one.

    Read as a mobile number of the own country, with or without its code, before a
    missing plus is assumed. Blocks on first use: run it in the executor.

    Raises:
        InvalidPhoneNumberError: it is no number, or may be two.
    """
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    digits = _digits(raw)
    if not validate and _PAST_THE_CHECK.fullmatch(digits):
        return _past_the_check(raw, digits, country)
    if not DIALLED.fullmatch(digits):
        letters = any(map(str.isalpha, digits)) and not digits.startswith("+")
        raise InvalidPhoneNumberError(
            "unknown_contact" if letters else "invalid_number"
        )
    if (reading := _read(digits, country, whole=isinstance(raw, int))) is not None:
        return PhoneNumber(e164(reading), plain=is_mobile(reading))
    if _is_short_code(digits, country) and not (
        isinstance(raw, int)
        and any(_national(spelling, country) for spelling in _octal(raw))
    ):
        return PhoneNumber(digits, plain=False)
    raise InvalidPhoneNumberError(_reason(raw, digits, country))


def _digits(raw: Written) -> str:
    """Return what may be a number without its separators.

    Raises:
        InvalidPhoneNumberError: it cannot be one.
    """
    if isinstance(raw, float):
        raise InvalidPhoneNumberError("number_needs_quotes")
    if isinstance(raw, int) and not 0 <= raw < _BEYOND_NUMBERS:
        raise InvalidPhoneNumberError("invalid_number")
    return squeeze(_LINK.sub("", str(raw)[:_LONGEST_TEXT], count=1))


def _past_the_check(raw: Written, digits: str, country: str | None) -> PhoneNumber:
    """Return a number as it was written; a whole number may have lost its plus."""
    if isinstance(raw, int):
        try:
            return PhoneNumber(parse(raw, country).value, plain=False)
        except InvalidPhoneNumberError as err:
            if err.key == "ambiguous_number":
                raise
    return PhoneNumber(digits, plain=False)


def _reason(raw: Written, digits: str, country: str | None) -> str:
    """Return the translation key of why this is no number."""
    if isinstance(raw, int) and _octal(raw):
        return "number_needs_quotes"
    if country is None and not digits.startswith("+"):
        return "number_needs_country"
    return "invalid_number"


def _read(digits: str, country: str | None, *, whole: bool) -> Reading | None:
    """Return the first reading of a number by the order of ``parse``."""
    if digits.startswith("+"):
        return valid(digits)
    own = [*_own_mobiles(digits, country)]
    abroad = mobile(valid(f"+{digits}"))
    if whole:
        own += _lost_in_yaml(digits, country)
        if own and abroad is not None:
            own.append(abroad)
    if own:
        return _only(own)
    landline = _own_landline(digits, country)
    if abroad is not None:
        return _only([abroad, *filter(None, (landline, _own_old(digits, country)))])
    return landline


def _lost_in_yaml(digits: str, country: str | None) -> Iterator[Reading]:
    """Yield the own mobile numbers that lost a 0, or that YAML may have read as octal.

    With the octal what the digits are as they stand: two people are an error.
    """
    yield from _own_mobiles(f"0{digits}", country, idd=False)
    for spelling in _octal(int(digits)):
        if lost := [*_own_mobiles(spelling, country, idd=False)]:
            yield from lost
            national = (_national(form, country) for form in (digits, f"0{digits}"))
            yield from filter(None, (valid(f"+{digits}"), *national))


def _own_mobiles(
    digits: str, country: str | None, *, idd: bool = True
) -> Iterator[Reading]:
    """Yield the readings as a mobile number dialled in the own country."""
    code = country_code(country)
    national = mobile(_national(digits, country))
    international = mobile(valid(f"+{digits}"))
    if national is not None:
        yield national
    if international is not None and international.country_code == code:
        yield international
    if idd:
        yield from filter(None, map(mobile, _dialled_abroad(digits, country)))


def _own_landline(digits: str, country: str | None) -> Reading | None:
    """Return an explicit number that is no mobile one.

    Explicit is a number with an international prefix, with the own country's code, or
    written as the own country writes it. Anything shorter may be a mistyped mobile.
    """
    import phonenumbers

    found = [*_dialled_abroad(digits, country)]
    national = _national(digits, country)
    if national is not None:
        prefix = phonenumbers.ndd_prefix_for_region(country or "", True) or ""
        if digits in (_as_dialled(national), prefix + significant(national)):
            found.append(national)
    international = valid(f"+{digits}")
    if (
        international is not None
        and national is None
        and international.country_code == country_code(country)
    ):
        found.append(international)
    return _only(found) if found else None


def _own_old(digits: str, country: str | None) -> Reading | None:
    """Return what an old number of the own country is today, its code left out."""
    forms = current_forms(country_code(country), digits, with_code=True)
    return next(filter(None, map(valid, forms)), None)


def _national(digits: str, country: str | None) -> Reading | None:
    """Return the reading as a number dialled within the own country."""
    import phonenumbers

    if country is None or digits.startswith("00"):
        return None
    code = country_code(country)
    local = parsed(digits, country)
    dialled = phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY
    if local is None or local.country_code_source != dialled:
        local = parsed(f"+{code}{digits}", None)
    return None if local is None else current(local, with_code=False)


def _dialled_abroad(digits: str, country: str | None) -> Iterator[Reading]:
    """Yield the readings with an international prefix: the own country's, and 00."""
    import phonenumbers

    local = None if country is None else parsed(digits, country)
    prefixed = phonenumbers.CountryCodeSource.FROM_NUMBER_WITH_IDD
    if (
        local is not None
        and local.country_code_source == prefixed
        and (number := current(local)) is not None
    ):
        yield number
    if digits.startswith("00") and (number := valid(f"+{digits[2:]}")):
        yield number


def _octal(number: int) -> tuple[str, ...]:
    """Return what YAML may have read as octal: 0551234567 becomes 94714231."""
    return (f"0{number:o}",) if number > 0 else ()


def _only(readings: list[Reading]) -> Reading:
    """Return the one person that all readings mean.

    Raises:
        InvalidPhoneNumberError: they mean two.
    """
    spellings_of = {person(e164(reading)): e164(reading) for reading in readings}
    if len(spellings_of) > 1:
        first, second, *_ = spellings_of.values()
        raise InvalidPhoneNumberError("ambiguous_number", first=first, second=second)
    return readings[0]


def _is_short_code(digits: str, country: str | None) -> bool:
    """Return True if the country has such codes; an unusual one must be known."""
    import phonenumbers

    if country is None:
        return _USUAL_SHORT_CODE.fullmatch(digits) is not None
    if not _SHORT_CODE.fullmatch(digits) or _national(digits, country) is not None:
        return False
    reading = phonenumbers.PhoneNumber(
        country_code=country_code(country),
        national_number=int(digits),
        italian_leading_zero=digits.startswith("0") or None,
    )
    if phonenumbers.is_valid_short_number_for_region(reading, country):
        return True
    if digits.startswith("0") or len(digits) > _USUAL_LENGTH:
        return False
    return phonenumbers.is_possible_short_number_for_region(reading, country) and not (
        len(digits) == _USUAL_LENGTH and _begins_a_mobile(digits, country)
    )


@lru_cache(maxsize=4096)
def _begins_a_mobile(digits: str, country: str) -> bool:
    """Return True if an own mobile number begins so, as if its end were missing."""
    import phonenumbers

    kind = phonenumbers.PhoneNumberType.MOBILE
    if (example := phonenumbers.example_number_for_type(country, kind)) is None:
        return False
    length, code = len(significant(example)), str(example.country_code)
    return any(
        any(_own_mobiles(digits.ljust(length + more, fill), country, idd=False))
        for more in (0, len(code))
        for fill in "0123456789"
    )


@lru_cache(maxsize=4096)
def spellings(raw: str, country: str | None) -> frozenset[str]:
    """Return every cleaned form in which this number may arrive from the network.

    Blocks on first use: run it in the executor.
    """
    cleaned = clean(raw)
    try:
        value = parse(raw, country).value
    except InvalidPhoneNumberError:
        value = cleaned
    if (number := valid(person(value))) is None:
        return frozenset({cleaned.casefold(), value.casefold()})
    code, national = number.country_code or 0, significant(number)
    old = {form for form in old_forms(code, national) if _means(form, None, number)}
    forms = {value, e164(number), *old}
    return frozenset(forms.union(_unusual(number, forms, country), {cleaned}))


def _unusual(number: Reading, forms: set[str], country: str | None) -> Iterator[str]:
    """Yield the forms with a stray 0 or without plus, if they mean this number only."""
    import phonenumbers

    code = f"+{number.country_code}"
    region = phonenumbers.region_code_for_number(number) or ""
    prefix = phonenumbers.ndd_prefix_for_region(region, True) or ""
    local = {form.removeprefix(code) for form in forms if form.startswith(code)}
    yield from (f"{code}{prefix}{form}" for form in local)
    candidates = {form.removeprefix("+") for form in forms}
    if number.country_code == country_code(country):
        candidates |= local | {prefix + form for form in local}
        candidates |= {_as_dialled(number) for number in map(valid, forms) if number}
    yield from (form for form in candidates if _means(form, country, number))


def _means(form: str, country: str | None, number: Reading) -> bool:
    """Return True if a form is read as this number, and not as another one."""
    try:
        return person(parse(form, country).value) == person(e164(number))
    except InvalidPhoneNumberError:
        return False


def _as_dialled(number: Reading) -> str:
    """Return a number's digits as its own country writes them."""
    import phonenumbers

    form = phonenumbers.PhoneNumberFormat.NATIONAL
    return squeeze(phonenumbers.format_number(number, form))
