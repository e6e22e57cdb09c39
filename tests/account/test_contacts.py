"""Numbers as people write them, sender names, and whose number it is."""

import pytest

from custom_components.sms_gate.account.contacts import (
    Contact,
    Contacts,
    InvalidPhoneNumberError,
    PhoneNumber,
    clean,
    parse,
    spellings,
)
from tests.support.common import OMAR, SARA
from tests.support.sending import LANDLINE, SHORT_CODE


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        pytest.param("+966 59-004.27/34", SARA, id="separators"),
        pytest.param("00966590042734", SARA, id="00"),
        pytest.param("٠٠٩٦٦٥٩٠٠٤٢٧٣٤", SARA, id="Arabic-Indic 00"),
        pytest.param("\u2066+966590042734\u2069", SARA, id="direction marks"),
        pytest.param("＋９６６５９００４２７３４", SARA, id="full width"),
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
    ("raw", "country", "value", "plain"),
    [
        pytest.param("0590042734", "SA", SARA, True, id="local"),
        pytest.param("0590042734", "AE", None, True, id="local of another country"),
        pytest.param(SARA, None, SARA, True, id="international without a country"),
        pytest.param("0112345678", "SA", LANDLINE, False, id="landline"),
        pytest.param("+1 201 555 0123", "SA", "+12015550123", True, id="US"),
        pytest.param("+44 20 7946 0958", "SA", "+442079460958", False, id="London"),
        pytest.param(SHORT_CODE, "SA", SHORT_CODE, False, id="short code"),
        pytest.param(SHORT_CODE, None, SHORT_CODE, False, id="short, no country"),
        pytest.param("AL-RAJHI", "SA", "AL-RAJHI", False, id="sender name"),
        pytest.param("ABCDEFGHIJK", "SA", "ABCDEFGHIJK", False, id="longest name"),
        pytest.param("AB", "SA", "AB", False, id="shortest name"),
    ],
)
def test_a_number_is_what_the_gateway_takes(
    raw: str, country: str | None, value: str | None, plain: bool
) -> None:
    """E.164 where it is a full number; ``plain`` says that the server would take it."""
    if value is None:
        with pytest.raises(InvalidPhoneNumberError):
            parse(raw, country)
        return
    assert parse(raw, country) == PhoneNumber(value, plain)


@pytest.mark.parametrize(
    ("raw", "country", "key"),
    [
        pytest.param("12", "SA", "invalid_number", id="too short"),
        pytest.param("590042734999", "SA", "invalid_number", id="too long"),
        pytest.param("0590042734", None, "number_needs_country", id="no country"),
        pytest.param("+966123", "SA", "invalid_number", id="cut international"),
        pytest.param("+SARA", "SA", "invalid_number", id="plus and letters"),
        pytest.param("...", "SA", "invalid_number", id="separators only"),
        pytest.param("", "SA", "invalid_number", id="empty"),
        pytest.param("💡", "SA", "invalid_number", id="picture"),
        pytest.param("Sarah", "SA", "unknown_contact", id="a name"),
        pytest.param("سارة", "SA", "unknown_contact", id="an Arabic name"),
        pytest.param("A", "SA", "unknown_contact", id="one letter"),
        pytest.param("ABCDEFGHIJKL", "SA", "unknown_contact", id="name too long"),
        pytest.param("MY BANK", "SA", "unknown_contact", id="name with a space"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(
    raw: str, country: str | None, key: str
) -> None:
    """The reason is a translation key, and the number is in no text of it."""
    with pytest.raises(InvalidPhoneNumberError) as info:
        parse(raw, country)
    assert info.value.key == key
    assert str(info.value) == key


def test_a_number_shows_itself_in_no_repr() -> None:
    """Whatever logs it logs no number."""
    contact = Contact(id="c", name="Sara", phone_number=SARA)
    assert SARA not in repr(parse(SARA, "SA"))
    assert SARA not in repr(contact)
    assert "Sara" not in repr(contact)


@pytest.mark.parametrize(
    "arrives",
    [SARA, "966590042734", "00966590042734", "0590042734", "590042734"],
)
@pytest.mark.parametrize("stored", [SARA, "0590042734", "+966 (0) 59 004 2734"])
def test_a_contact_is_found_in_every_spelling(stored: str, arrives: str) -> None:
    """However it was entered, and however the network writes it."""
    contact = Contact(id="c", name="Sara", phone_number=stored)
    book = Contacts.build([contact], "SA")
    assert book.find(arrives) is contact
    assert book.find(OMAR) is None
    assert book.find(None) is None


def test_a_local_form_belongs_to_the_own_country_only() -> None:
    """A German number does not answer to its German local form in Saudi Arabia."""
    contact = Contact(id="c", name="Jan", phone_number="+4915123456789")
    book = Contacts.build([contact], "SA")
    assert book.find("+49 1512 3456789") is contact
    assert book.find("015123456789") is None


def test_sender_names_and_short_codes_are_contacts_too() -> None:
    """A sender's name is known without regard to case."""
    stc = Contact(id="1", name="Provider", phone_number="STC")
    bank = Contact(id="2", name="Bank", phone_number=SHORT_CODE)
    book = Contacts.build([stc, bank], "SA")
    assert book.find("stc") is stc
    assert book.find("٥٥٥٥") is bank
    assert book.named(" bank ") == (bank,)
    assert book.named("nobody") == ()


def test_one_name_may_have_several_contacts_and_one_number_one() -> None:
    """Of two contacts with one number the first is shown."""
    first = Contact(id="1", name="Sara", phone_number=SARA)
    second = Contact(id="2", name="SARA", phone_number="0590042734")
    book = Contacts.build([first, second], "SA")
    assert book.named("sara") == (first, second)
    assert book.find(SARA) is first


def test_what_is_no_valid_number_has_one_spelling() -> None:
    """Its own, cleaned."""
    assert spellings("5555", None) == {"5555"}
    assert spellings("+966 123", "SA") == {"+966123"}
    assert spellings("My Bank", "SA") == {"my bank"}
