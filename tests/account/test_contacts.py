"""Contacts, found by name or number."""

import pytest

from custom_components.sms_gate.account.contacts import Contact, Contacts
from custom_components.sms_gate.account.phone_number import (
    InvalidPhoneNumberError,
    PhoneNumber,
    parse,
    spellings,
)
from tests.support.common import OMAR, SARA
from tests.support.sending import SHORT_CODE


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


def test_a_contact_is_found_by_any_way_to_write_its_name() -> None:
    """By the rules of Unicode; what is left of a mistyped one names the nearest."""
    jose = Contact(id="1", name="José", phone_number=SARA)
    isik = Contact(id="2", name="Işık", phone_number=OMAR)
    book = Contacts.build([jose, isik], "SA")
    assert book.named(" jose\u0301\u200f") == (jose,)
    assert book.named("IŞIK") == book.named("ışık") == (isik,)
    assert list(book) == [jose, isik]
    assert book.nearest("Josee") == "José"
    assert book.nearest("nobody like this") is None
    assert Contacts(country=None).nearest("Sara") is None


def test_a_contact_may_have_a_number_past_the_check() -> None:
    """What the dialog let past it is sent to, by name and by number; letters are not."""
    thing = Contact(id="1", name="Thing", phone_number="+371300000001234")
    stc = Contact(id="2", name="Provider", phone_number="STC")
    book = Contacts.build([thing, stc], "LV")
    number = PhoneNumber("+371300000001234", plain=False)
    assert book.parsed(thing.phone_number) == number
    assert book.read("+371 300000001234") == number
    assert book.parsed("STC") is None
    with pytest.raises(InvalidPhoneNumberError):
        book.read("STC")


@pytest.mark.parametrize(
    ("country", "came", "answered", "value"),
    [
        pytest.param("CN", "13123456789", "13123456789", "+8613123456789", id="local"),
        pytest.param("CN", "13123456789", 13123456789, "+8613123456789", id="whole"),
        pytest.param("CN", "+13123456789", 13123456789, "+13123456789", id="plus lost"),
        pytest.param("SA", "0590042", "0590042", "0590042", id="odd code"),
        pytest.param("SA", "94714231", 94714231, "94714231", id="long code"),
        pytest.param("SA", "01761234567", "01761234567", "01761234567", id="foreign"),
        pytest.param(
            "SA", "+371300000001234", 371300000001234, "+371300000001234", id="M"
        ),
        pytest.param("US", "+6592345678", 6592345678, "+6592345678", id="SG in US"),
    ],
)
def test_who_wrote_can_be_answered_as_it_came(
    country: str, came: str, answered: str | int, value: str
) -> None:
    """Also where the same digits from nobody are refused."""
    book = Contacts(country=country)
    book.remember(came)
    assert book.read(answered).value == value


def test_both_forms_of_one_number_heard_are_two_people() -> None:
    """A whole number may then be either."""
    book = Contacts(country="CN")
    book.remember("13123456789")
    book.remember("+13123456789")
    with pytest.raises(InvalidPhoneNumberError) as info:
        book.read(13123456789)
    assert info.value.key == "ambiguous_number"


def test_only_the_last_thousand_senders_are_remembered() -> None:
    """And no names of senders, which cannot be answered."""
    book = Contacts(country="SA")
    for number in range(70_000_000, 70_001_001):
        book.remember(str(number))
    book.remember("STC")
    book.remember(None)
    assert book.read(70_001_000).value == "70001000"
    for unknown in (70_000_000, "STC"):
        with pytest.raises(InvalidPhoneNumberError):
            book.read(unknown)


def test_contacts_are_replaced_in_place() -> None:
    """Whoever holds them sees the new ones; senders stay remembered."""
    book = Contacts.build([Contact(id="1", name="Sara", phone_number=SARA)], "SA")
    book.remember("94714231")
    book.replace(
        Contacts.build([Contact(id="2", name="Omar", phone_number=OMAR)], "DE")
    )
    assert book.find(SARA) is None
    assert book.named("Sara") == ()
    assert [contact.name for contact in book] == ["Omar"]
    assert book.country == "DE"
    assert book.read("94714231").value == "94714231"
