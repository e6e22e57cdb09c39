"""What a phone number's digits are by the numbering plans of all countries.

``phonenumbers`` takes 30 ms to import, and only whoever sends needs it. It reads the
data of a country from disk when it is first needed: what calls it runs in the executor.
"""

from typing import TYPE_CHECKING

from .numbering_changes import current_forms

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber as Reading


def valid(number: str) -> Reading | None:
    """Return a valid number with plus, in the form of today's numbering plan."""
    reading = parsed(number, None)
    return None if reading is None else current(reading)


def parsed(number: str, country: str | None) -> Reading | None:
    """Return a number's parts, valid or not."""
    import phonenumbers

    try:
        return phonenumbers.parse(number, country, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None


def current(reading: Reading, *, with_code: bool = True) -> Reading | None:
    """Return a reading if it is valid, or what a number of an old plan is today."""
    import phonenumbers

    if phonenumbers.is_valid_number(reading):
        return reading
    forms = current_forms(
        reading.country_code or 0, significant(reading), with_code=with_code
    )
    return next((number for form in forms if (number := mobile(valid(form)))), None)


def mobile(reading: Reading | None) -> Reading | None:
    """Return a reading if it is a mobile number."""
    return reading if reading is not None and is_mobile(reading) else None


def is_mobile(reading: Reading) -> bool:
    """Return True for mobile numbers, and where landlines look the same."""
    import phonenumbers

    return phonenumbers.number_type(reading) in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    )


def e164(reading: Reading) -> str:
    """Return a number with plus and code, as it is sent to."""
    import phonenumbers

    return phonenumbers.format_number(reading, phonenumbers.PhoneNumberFormat.E164)


def significant(reading: Reading) -> str:
    """Return a number's digits behind the country's code."""
    import phonenumbers

    return phonenumbers.national_significant_number(reading)


def country_code(country: str | None) -> int:
    """Return a country's calling code, 0 where it has none."""
    import phonenumbers

    return phonenumbers.country_code_for_region(country) if country else 0
