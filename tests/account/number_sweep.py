"""Example numbers of every region in every spelling, and how they are read.

Run it to write ``numbers_refused.txt`` anew: what is refused, so that a change shows.
"""

from collections.abc import Iterator
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from custom_components.sms_gate.account.numbering_changes import person
from custom_components.sms_gate.account.phone_number import (
    InvalidPhoneNumberError,
    parse,
    spellings as forms_of,
)

REFUSED = Path(__file__).parent / "numbers_refused.txt"
KINDS = {"mobile": PhoneNumberType.MOBILE, "landline": PhoneNumberType.FIXED_LINE}
ENDS = ("", "1357", "2460")
ABROAD = ("SA", "US", "DE", "CN", "BR", "JP", "AU", "GB")
CARRIERS = {"BR": ("15", "21", "41"), "CO": ("3", "5", "7"), "CR": ("1900",)}


def numbers(region: str, kind: str) -> list[phonenumbers.PhoneNumber]:
    """Return a region's example number of a kind, and others that are like it."""
    example = phonenumbers.example_number_for_type(region, KINDS[kind])
    if example is None:
        return []
    national = phonenumbers.national_significant_number(example)
    found = []
    for end in ENDS:
        digits = national[: len(national) - len(end)] + end
        number = phonenumbers.parse(f"+{example.country_code}{digits}")
        same_type = phonenumbers.number_type(number) == phonenumbers.number_type(
            example
        )
        if same_type and phonenumbers.is_valid_number(number):
            found.append(number)
    return found


def written(number: phonenumbers.PhoneNumber, form: int) -> str:
    """Return a number as the library writes it."""
    return phonenumbers.format_number(number, form)


def dialled(digits: str) -> str:
    """Return the digits of a text."""
    return "".join(filter(str.isdecimal, digits))


def spellings(
    number: phonenumbers.PhoneNumber, region: str
) -> Iterator[tuple[str, str | int]]:
    """Yield how people of the region itself write a number, with the way's name."""
    e164 = written(number, PhoneNumberFormat.E164)
    national = phonenumbers.national_significant_number(number)
    local = written(number, PhoneNumberFormat.NATIONAL)
    prefix = phonenumbers.ndd_prefix_for_region(region, True) or ""
    yield "plus", e164
    yield "international", written(number, PhoneNumberFormat.INTERNATIONAL)
    yield "link", written(number, PhoneNumberFormat.RFC3966)
    yield "00", "00" + e164[1:]
    yield "without plus", e164[1:]
    yield "national", local
    yield "national digits", dialled(local)
    yield "significant", national
    yield "with prefix", prefix + national
    yield "with plus and prefix", f"+{number.country_code}{prefix}{national}"
    yield "whole, plus lost", int(e164[1:])
    yield "whole, national", int(national)
    yield "whole, zero lost", int(dialled(local))
    if local.startswith("0") and not set(dialled(local)) & {"8", "9"}:
        yield "octal", int(dialled(local), 8)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if metadata and (idd := metadata.international_prefix or "").isdecimal():
        yield "international prefix", idd + e164[1:]
    for carrier in CARRIERS.get(region, ()):
        yield (
            f"carrier {carrier}",
            phonenumbers.format_national_number_with_carrier_code(number, carrier),
        )
    for form in forms_of(e164, region):
        yield "form that networks show", form


def outcomes(
    number: phonenumbers.PhoneNumber, raw: str | int, country: str
) -> tuple[bool, str]:
    """Return whether a spelling is read as somebody else's, and why it is refused."""
    e164 = written(number, PhoneNumberFormat.E164)
    try:
        value = parse(raw, country).value
    except InvalidPhoneNumberError as err:
        return False, err.key
    return person(value) != person(e164), ""


def sweep() -> tuple[list[str], list[str]]:
    """Return the wrong readings, and the refusals."""
    wrong, refused = set(), set()
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in KINDS:
            for number in numbers(region, kind):
                tried = [(region, how, raw) for how, raw in spellings(number, region)]
                e164 = written(number, PhoneNumberFormat.E164)
                for country in ABROAD:
                    tried.append((country, f"plus, from {country}", e164))
                    tried.append((country, f"00, from {country}", "00" + e164[1:]))
                for country, how, raw in tried:
                    is_wrong, why = outcomes(number, raw, country)
                    if is_wrong:
                        wrong.add(
                            f"{region} {kind}: {how}: {raw!r} -> {parse(raw, country).value}"
                        )
                    elif why:
                        refused.add(f"{region} {kind}: {how}: {why}")
    return sorted(wrong), sorted(refused)


if __name__ == "__main__":
    mistakes, left = sweep()
    REFUSED.write_text("\n".join(left) + "\n", encoding="utf-8")
    print(*mistakes, sep="\n")
    print(len(mistakes), len(left))
