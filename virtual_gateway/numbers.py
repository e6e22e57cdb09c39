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

_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
SERVER_REGION = "RU"


class BadNumberError(ValueError):
    """A number the gateway does not send to; the text says why."""


def server_number(number: str) -> str:
    """Return the number in E.164 as the server's check does, read in its own region."""
    if any(unicodedata.category(char) in {"Cc", "Cf"} for char in number):
        raise BadNumberError("the phone number cannot be read")
    try:
        parsed = parse(number, SERVER_REGION)
    except NumberParseException as err:
        raise BadNumberError("the phone number cannot be read") from err
    if not is_valid_number(parsed):
        raise BadNumberError("invalid phone number")
    if number_type(parsed) not in _MOBILE:
        raise BadNumberError("not a mobile phone number")
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


def dialled(number: str) -> str:
    """Return what the phone dials when the check is skipped."""
    return "".join(char for char in number if char.isdigit() or char in "+*#")
