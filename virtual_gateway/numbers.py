"""Phone numbers as the server and the phone judge them."""

import unicodedata

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    is_valid_number,
    number_type,
    parse,
)

_FAULTS = {
    NumberParseException.INVALID_COUNTRY_CODE: "invalid country code",
    NumberParseException.NOT_A_NUMBER: "the phone number supplied is not a number",
    NumberParseException.TOO_SHORT_AFTER_IDD: (
        "phone number had an IDD, but after this was not long enough "
        "to be a viable phone number"
    ),
    NumberParseException.TOO_SHORT_NSN: (
        "the string supplied is too short to be a phone number"
    ),
    NumberParseException.TOO_LONG: (
        "the string supplied is too long to be a phone number"
    ),
}
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
SERVER_REGION = "RU"


class BadNumberError(ValueError):
    """A number the gateway does not send to; the text says why."""


def server_number(number: str) -> str:
    """Return the number in E.164 as the server's check does, read in its own region."""
    try:
        if any(unicodedata.category(char) in {"Cc", "Cf"} for char in number):
            raise NumberParseException(NumberParseException.NOT_A_NUMBER, "")  # noqa: TRY301
        parsed = parse(number, SERVER_REGION)
    except NumberParseException as err:
        fault = _FAULTS[err.error_type]
        raise BadNumberError(f"failed to parse phone number: {fault}") from err
    if not is_valid_number(parsed):
        raise BadNumberError("invalid phone number")
    if number_type(parsed) not in _MOBILE:
        raise BadNumberError("not mobile phone number")
    return format_number(parsed, PhoneNumberFormat.E164)


def phone_number(number: str, region: str) -> str:
    """Return the number in E.164 as the phone's check does, read in its network's region."""
    try:
        parsed = parse(number, region.upper() or None)
    except NumberParseException as err:
        raise BadNumberError("the phone number cannot be read") from err
    if not is_valid_number(parsed):
        raise BadNumberError("Invalid phone number")
    if number_type(parsed) not in _MOBILE:
        raise BadNumberError("Invalid phone number type")
    return format_number(parsed, PhoneNumberFormat.E164)


def dialled(number: str, allowed: str = "+*#") -> str:
    """Return what the phone dials when the check is skipped; letters are dropped."""
    found = "".join(char for char in number if char.isdigit() or char in allowed)
    if not found:
        raise BadNumberError("Invalid destinationAddress")
    return found
