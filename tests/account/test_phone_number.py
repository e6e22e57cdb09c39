"""How a number is read: the cases of the field, and their kinds."""

import pytest

from custom_components.sms_gate.account.phone_number import (
    InvalidPhoneNumberError,
    PhoneNumber,
    clean,
    parse,
    spellings,
)
from tests.support.common import SARA
from tests.support.sending import LANDLINE, SHORT_CODE


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        pytest.param("+966 59-004.27/34", SARA, id="separators"),
        pytest.param("00966590042734", SARA, id="00"),
        pytest.param("٠٠٩٦٦٥٩٠٠٤٢٧٣٤", SARA, id="Arabic-Indic 00"),
        pytest.param("+۹۶۶۵۹۰۰۴۲۷۳۴", SARA, id="Persian"),
        pytest.param("+९६६५९००४२७३४", SARA, id="Devanagari"),
        pytest.param("\u2066+966590042734\u2069", SARA, id="direction marks"),
        pytest.param("+966\u200d59\u00ad0042\ufeff734", SARA, id="invisible marks"),
        pytest.param("＋９６６（５９）００４２７３４", SARA, id="full width"),
        pytest.param("﹢966590042734", SARA, id="small plus"),
        pytest.param("+966•59·004–2734", SARA, id="other separators"),
        pytest.param("tel:5551234", "tel:5551234", id="a sender cannot be a link"),
        pytest.param(" My Bank ", "My Bank", id="a name is only trimmed"),
        pytest.param("", "", id="nothing"),
        pytest.param("+", "+", id="only a plus"),
        pytest.param("x²", "x²", id="a digit that is no decimal"),
    ],
)
def test_separators_go_and_digits_become_ascii(raw: str, cleaned: str) -> None:
    """What is no number keeps its inside."""
    assert clean(raw) == cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("country", "raw", "value"),
    [
        pytest.param("SA", "0590042734", SARA, id="local"),
        pytest.param("SA", "590042734", SARA, id="local without 0"),
        pytest.param("SA", 590042734, SARA, id="whole number without 0"),
        pytest.param("SA", "966590042734", SARA, id="code without plus"),
        pytest.param("SA", 966590042734, SARA, id="whole number with code"),
        pytest.param("SA", "tel:+966-59-004-2734", SARA, id="tel link"),
        pytest.param("SA", " SMS:0590042734", SARA, id="sms link"),
        pytest.param("SA", 966590042734.0, SARA, id="a calculated number"),
        pytest.param("SA", "+966 (0) 59 004 2734", SARA, id="plus and 0"),
        pytest.param(None, SARA, SARA, id="international without a country"),
        pytest.param("US", "2015550123", "+12015550123", id="US"),
        pytest.param("US", 2015550123, "+12015550123", id="US whole number"),
        pytest.param("US", "12015550123", "+12015550123", id="US with 1"),
        pytest.param("US", 12015550123, "+12015550123", id="US whole with 1"),
        pytest.param("US", "011 966 590042734", SARA, id="US 011"),
        pytest.param("US", "00966590042734", SARA, id="US 00"),
        pytest.param("IL", 13376514293, "+13376514293", id="IL: no 013 was lost"),
        pytest.param("CN", "13123456789", "+8613123456789", id="CN"),
        pytest.param("CN", "8613123456789", "+8613123456789", id="CN code"),
        pytest.param("DE", "4917612345678", "+4917612345678", id="DE code"),
        pytest.param("DE", 4917612345678, "+4917612345678", id="DE whole with code"),
        pytest.param("DE", "0176 123 456 78", "+4917612345678", id="DE local"),
        pytest.param("DE", "33612345678", "+33612345678", id="DE: a French mobile"),
        pytest.param("AT", "436641234567", "+436641234567", id="AT code"),
        pytest.param("IT", "393123456789", "+393123456789", id="IT code"),
        pytest.param("GB", "447400123456", "+447400123456", id="GB code"),
        pytest.param("AU", "0011 966 590042734", SARA, id="AU 0011"),
        pytest.param("JP", "010 966 590042734", SARA, id="JP 010"),
        pytest.param("RU", "8 10 966 590042734", SARA, id="RU 810"),
        pytest.param("CU", "119 966 590042734", SARA, id="CU 119"),
        pytest.param("HK", "001 966 590042734", SARA, id="HK 001"),
        pytest.param("BR", "0 15 11 96123-4567", "+5511961234567", id="BR carrier"),
        pytest.param("RU", "8 (912) 345-67-89", "+79123456789", id="RU 8"),
        pytest.param("SA", 94714231, "+966551234567", id="SA octal"),
        pytest.param("MX", "55 1234 5678", "+525512345678", id="MX"),
        pytest.param("MX", "+52 1 55 1234 5678", "+525512345678", id="MX +52 1"),
        pytest.param("MX", "5215512345678", "+525512345678", id="MX 521"),
        pytest.param("MX", "044 55 1234 5678", "+525512345678", id="MX 044"),
        pytest.param("MX", "045 55 1234 5678", "+525512345678", id="MX 045"),
        pytest.param("MX", "01 55 1234 5678", "+525512345678", id="MX 01"),
        pytest.param("AR", "011 15 2345-6789", "+5491123456789", id="AR 15"),
        pytest.param("BR", "(11) 6123-4567", "+5511961234567", id="BR eight digits"),
        pytest.param("BJ", "97 12 34 56", "+2290197123456", id="BJ eight digits"),
        pytest.param("CI", "07 12 34 56", "+2250707123456", id="CI Orange"),
        pytest.param("CI", "+225 05 12 34 56", "+2250505123456", id="CI MTN"),
        pytest.param("CI", "+225 41 12 34 56", "+2250141123456", id="CI Moov"),
        pytest.param("VN", "0120 123 4567", "+84701234567", id="VN 0120"),
        pytest.param("IT", "0347 123 4567", "+393471234567", id="IT with 0"),
        pytest.param("CM", "77 12 34 56", "+237677123456", id="CM eight digits"),
    ],
)
def test_a_mobile_number_is_the_one_that_was_meant(
    country: str | None, raw: str | float, value: str
) -> None:
    """The own country's reading comes before a missing plus, whatever the spelling."""
    assert parse(raw, country) == PhoneNumber(value, plain=True)


@pytest.mark.parametrize(
    ("country", "raw", "value"),
    [
        pytest.param(None, SHORT_CODE, SHORT_CODE, id="short, no country"),
        pytest.param("SA", "0112345678", LANDLINE, id="landline"),
        pytest.param("SA", LANDLINE, LANDLINE, id="landline with plus"),
        pytest.param("SA", "00966112345678", LANDLINE, id="landline with 00"),
        pytest.param("SA", "966112345678", LANDLINE, id="landline with code"),
        pytest.param("SA", "+44 20 7946 0958", "+442079460958", id="London"),
        pytest.param("BR", "(11) 3456-7890", "+551134567890", id="BR landline"),
        pytest.param("IT", "06 1234 5678", "+390612345678", id="IT landline"),
        pytest.param("SA", SHORT_CODE, SHORT_CODE, id="short code"),
        pytest.param("US", "72727", "72727", id="US short code"),
        pytest.param("DE", "112", "112", id="emergency"),
        pytest.param("MX", "034", "034", id="a code with 0 that is known"),
        pytest.param("US", "201555", "201555", id="US code of six digits"),
        pytest.param("SA", "801755", "801755", id="SA code of six digits"),
        pytest.param("HR", "866866", "866866", id="HR code of six digits"),
        pytest.param("ES", "797123", "797123", id="ES code of six digits"),
        pytest.param("GB", "70070", "70070", id="code that begins like a mobile"),
    ],
)
def test_an_explicit_landline_or_short_code_skips_the_check(
    country: str | None, raw: str, value: str
) -> None:
    """The server would refuse it."""
    assert parse(raw, country) == PhoneNumber(value, plain=False)


@pytest.mark.parametrize(
    ("country", "raw", "key"),
    [
        pytest.param("SA", "12", "invalid_number", id="too short"),
        pytest.param("RU", "15", "invalid_number", id="two digits"),
        pytest.param("ET", "52946", "invalid_number", id="no such codes there"),
        pytest.param("MM", "520187", "invalid_number", id="nor there"),
        pytest.param("IN", "52998770", "invalid_number", id="long and not known"),
        pytest.param("AU", "1132745", "invalid_number", id="seven, not known"),
        pytest.param("DE", "408553", "invalid_number", id="landline like a code"),
        pytest.param("SA", "590042734999", "invalid_number", id="too long"),
        pytest.param("SA", "9" * 5000, "invalid_number", id="much too long"),
        pytest.param(None, "0590042734", "number_needs_country", id="no country"),
        pytest.param(None, "055", "number_needs_country", id="0 and no country"),
        pytest.param("AE", "0590042734", "invalid_number", id="another country's"),
        pytest.param("SA", "+966123", "invalid_number", id="cut international"),
        pytest.param("SA", "059", "invalid_number", id="three digits with 0"),
        pytest.param("SA", "055123", "invalid_number", id="six digits with 0"),
        pytest.param("SA", "0590042", "invalid_number", id="seven digits with 0"),
        pytest.param("DE", "0176123", "invalid_number", id="DE seven digits"),
        pytest.param("SA", "590042", "invalid_number", id="six digits of a mobile"),
        pytest.param("SA", "966590", "invalid_number", id="six with the code"),
        pytest.param("SA", 590042, "number_needs_quotes", id="six as whole number"),
        pytest.param("IT", "347123", "invalid_number", id="IT six digits"),
        pytest.param("DE", "151234", "invalid_number", id="DE six digits"),
        pytest.param("MT", "356969", "invalid_number", id="MT six with the code"),
        pytest.param("BY", "829123", "invalid_number", id="BY six digits with 8"),
        pytest.param("BR", "119612", "invalid_number", id="BR six digits"),
        pytest.param("DE", "4917612345", "invalid_number", id="DE cut mobile"),
        pytest.param("US", "5551234", "invalid_number", id="US seven digits"),
        pytest.param("SA", "94714231", "invalid_number", id="octal in quotes"),
        pytest.param("SA", 71234567, "number_needs_quotes", id="a lost digit"),
        pytest.param("SA", -590042734, "invalid_number", id="negative"),
        pytest.param("SA", 10**5000, "invalid_number", id="a huge whole number"),
        pytest.param("SA", 55.1234567, "number_needs_quotes", id="a fraction"),
        pytest.param("SA", "x" * 5000, "unknown_contact", id="a long text"),
        pytest.param("SA", True, "unknown_contact", id="a truth value"),
        pytest.param("SA", 0, "invalid_number", id="zero"),
        pytest.param("SA", "+SARA", "invalid_number", id="plus and letters"),
        pytest.param("SA", "...", "invalid_number", id="separators only"),
        pytest.param("SA", "", "invalid_number", id="empty"),
        pytest.param("SA", "+", "invalid_number", id="a plus"),
        pytest.param("SA", "++966590042734", "invalid_number", id="two pluses"),
        pytest.param("SA", "💡", "invalid_number", id="picture"),
        pytest.param("SA", "*123#", "invalid_number", id="a code to dial"),
        pytest.param("US", "+12015550123#5", "invalid_number", id="extension #"),
        pytest.param("US", "+12015550123 ext. 5", "invalid_number", id="extension"),
        pytest.param("US", "201-555-0123 x5", "unknown_contact", id="extension x"),
        pytest.param("US", "tel:+12015550123;ext=5", "invalid_number", id="link's ext"),
        pytest.param("US", "1-800-FLOWERS", "unknown_contact", id="vanity"),
        pytest.param("SA", "MUM", "unknown_contact", id="MUM"),
        pytest.param("SA", "UNKNOWN", "unknown_contact", id="UNKNOWN"),
        pytest.param("SA", "STC", "unknown_contact", id="STC"),
        pytest.param("SA", "ING", "unknown_contact", id="ING"),
        pytest.param("SA", "AL-RAJHI", "unknown_contact", id="AL-RAJHI"),
        pytest.param("SA", "Sarah", "unknown_contact", id="a name"),
        pytest.param("SA", "سارة", "unknown_contact", id="an Arabic name"),
        pytest.param("SA", "O2", "unknown_contact", id="letter and digit"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(
    country: str | None, raw: str | float, key: str
) -> None:
    """The reason is a translation key, and the number is in no text of it."""
    with pytest.raises(InvalidPhoneNumberError) as info:
        parse(raw, country)
    assert info.value.key == key
    assert str(info.value) == key


@pytest.mark.parametrize(
    ("country", "raw", "readings"),
    [
        pytest.param(
            "CN", 13123456789, {"+8613123456789", "+13123456789"}, id="CN or US"
        ),
        pytest.param("US", 6592345678, {"+16592345678", "+6592345678"}, id="US or SG"),
        pytest.param(
            "MX", "1 55 1234 5678", {"+525512345678", "+15512345678"}, id="old MX or US"
        ),
        pytest.param(
            "RU", "84951234567", {"+74951234567", "+84951234567"}, id="Moscow or VN"
        ),
    ],
)
def test_two_plausible_readings_are_an_error_that_shows_both(
    country: str, raw: str | float, readings: set[str]
) -> None:
    """A template took the plus away, or there was none."""
    with pytest.raises(InvalidPhoneNumberError) as info:
        parse(raw, country)
    assert info.value.key == "ambiguous_number"
    assert set(info.value.placeholders.values()) == readings
    assert "+" not in str(info.value)
    if isinstance(raw, int):
        with pytest.raises(InvalidPhoneNumberError, match="ambiguous_number"):
            parse(raw, country, validate=False)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        pytest.param("+371 300000001234", "+371300000001234", id="a thing's number"),
        pytest.param("0590042", "0590042", id="as it was written"),
        pytest.param("5555", "5555", id="short code"),
        pytest.param("*123#", "*123#", id="code"),
        pytest.param(966590042734, SARA, id="a whole number gets its plus back"),
        pytest.param(5555, "5555", id="a whole short code"),
    ],
)
def test_past_the_check_a_number_is_sent_as_it_was_written(
    raw: str | float, value: str
) -> None:
    """Separators go: the phone dials digits, plus, star and hash."""
    assert parse(raw, "SA", validate=False) == PhoneNumber(value, plain=False)


@pytest.mark.parametrize("raw", ["STC", "+", "", "1-800-FLOWERS", "+1 ext 5", "#"])
def test_letters_are_refused_past_the_check_too(raw: str) -> None:
    """The phone would drop them and dial the rest."""
    with pytest.raises(InvalidPhoneNumberError):
        parse(raw, "SA", validate=False)


@pytest.mark.parametrize(
    ("one", "other", "country"),
    [
        pytest.param("+525512345678", "+5215512345678", "MX", id="MX"),
        pytest.param("+525512345678", "5215512345678", "SA", id="MX from abroad"),
        pytest.param("+525512345678", "5512345678", "MX", id="MX local"),
        pytest.param("+5491123456789", "+541123456789", "AR", id="AR"),
        pytest.param("+5491123456789", "01115-2345-6789", "AR", id="AR 15"),
        pytest.param("+5511961234567", "+551161234567", "BR", id="BR"),
        pytest.param("+2290197123456", "+22997123456", "BJ", id="BJ"),
        pytest.param("+2290197123456", "97123456", "BJ", id="BJ local"),
        pytest.param("+2250707123456", "+22507123456", "CI", id="CI"),
        pytest.param("+24177123456", "+24107123456", "GA", id="GA"),
        pytest.param("+84701234567", "01201234567", "VN", id="VN"),
        pytest.param("+970599123456", "+972599123456", "PS", id="PS"),
        pytest.param("+393471234567", "+3903471234567", "IT", id="IT"),
    ],
)
def test_old_and_new_forms_are_one_person_both_ways(
    one: str, other: str, country: str
) -> None:
    """Whichever of them is the contact's."""
    assert clean(other) in spellings(one, country)
    assert clean(one) in spellings(other, country)


def test_a_form_without_plus_belongs_to_the_reading_it_has() -> None:
    """In China 13123456789 is a Chinese number, not an American one."""
    assert "13123456789" not in spellings("+13123456789", "CN")
    assert "13123456789" in spellings("+8613123456789", "CN")
    assert "13123456789" in spellings("+13123456789", "SA")
