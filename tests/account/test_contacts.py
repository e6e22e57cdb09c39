"""Numbers as people write them, sender names, and whose number it is."""

import pytest

from custom_components.sms_gate.account.contacts import Contact, Contacts
from custom_components.sms_gate.account.phone_number import parse, spellings
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
