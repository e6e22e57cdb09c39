"""Properties of number handling and of the split into messages."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings, strategies as st
import phonenumbers
import pytest

from custom_components.sms_gate.account.contacts import Contact, Contacts
from custom_components.sms_gate.account.phone_number import (
    InvalidPhoneNumberError,
    clean,
    parse,
    spellings,
)
from custom_components.sms_gate.gateway.models import OutgoingMessage
from custom_components.sms_gate.send.draft import Draft
from custom_components.sms_gate.send.recipients import Wanted
from custom_components.sms_gate.send.sender import Sender

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
MARKS = ("", "\u202a", "\u200f", " ")
SEPARATORS = ("", " ", "-", ".", "\u00a0", "/", "\u2011")

# Saudi mobile numbers, national part; and valid numbers of many countries
NATIONAL = st.tuples(st.sampled_from("0345689"), st.integers(0, 9_999_999)).map(
    lambda parts: f"5{parts[0]}{parts[1]:07d}"
)
EXAMPLES = sorted(
    {
        phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in (
            phonenumbers.PhoneNumberType.MOBILE,
            phonenumbers.PhoneNumberType.FIXED_LINE,
        )
        if (example := phonenumbers.example_number_for_type(region, kind))
        and phonenumbers.is_valid_number(example)
    }
)


@st.composite
def written(draw: st.DrawFn, digits: str) -> str:
    """Write digits as a person would: separators, brackets, other digits, marks."""
    dice = draw(st.randoms(use_true_random=False))
    text = "".join(char + dice.choice(SEPARATORS) for char in digits)
    table = draw(st.sampled_from([{}, ARABIC, PERSIAN]))
    mark = draw(st.sampled_from(MARKS))
    return mark + text.translate(table) + draw(st.sampled_from(MARKS))


@settings(max_examples=60, deadline=None)
@given(st.data(), NATIONAL)
def test_every_spelling_of_a_number_is_the_same_number(
    data: st.DataObject, national: str
) -> None:
    """Local, international, 00, without a plus; with whatever in between."""
    prefix = data.draw(st.sampled_from(["0", "", "+966", "00966", "966", "+9660"]))
    number = parse(data.draw(written(prefix + national)), "SA")
    assert number.value == f"+966{national}"
    assert number.plain


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(EXAMPLES), st.sampled_from([None, "SA", "US"]))
def test_an_international_number_is_the_same_everywhere(
    data: st.DataObject, e164: str, country: str | None
) -> None:
    """All countries' examples, read in any country, mobile or not."""
    prefix, digits = data.draw(st.sampled_from([("+", e164[1:]), ("00", e164[1:])]))
    number = parse(data.draw(written(prefix + digits)), country)
    assert number.value == e164
    assert parse(number.value, country) == number


@given(st.one_of(st.text(), st.from_regex(r"[+0-9٠-٩ ()A-Za-z*#;=-]{0,30}")))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_number_or_refused(raw: str) -> None:
    """Nothing else is raised, and what comes out is stable."""
    for country in ("SA", None):
        try:
            number = parse(raw, country)
        except InvalidPhoneNumberError:
            continue
        assert number.value
        assert parse(number.value, country) == number
    assert clean(clean(raw)) == clean(raw)
    assert clean(raw).casefold() in spellings(raw, "SA")


@settings(max_examples=60, deadline=None)
@given(st.data(), NATIONAL, st.sampled_from(["0", "", "+966", "00966", "966"]))
def test_the_phone_book_finds_a_contact_in_every_spelling(
    data: st.DataObject, national: str, stored: str
) -> None:
    """Whichever way it was stored and arrives, it is the same contact."""
    contact = Contact(id="c", name="c", phone_number=stored + national)
    book = Contacts.build([contact], "SA")
    arrives = data.draw(st.sampled_from(["0", "", "+966", "00966", "966"]))
    assert book.find(data.draw(written(arrives + national))) is contact


@settings(max_examples=30, deadline=None)
@given(NATIONAL)
def test_the_spellings_are_those_of_each_of_them(national: str) -> None:
    """However a number is written, its spellings are the same, but for its own."""
    forms = spellings(f"+966{national}", "SA")
    for form in forms:
        assert spellings(form, "SA") == forms


class _Hass:
    """Runs what belongs into the executor at once."""

    async def async_add_executor_job(self, target: Any, *args: Any) -> Any:
        """Run it here."""
        return target(*args)


def _split(
    recipients: Sequence[str],
    contacts: Sequence[Contact],
    default_sim: int | None,
    message_id: str = "",
) -> tuple[OutgoingMessage, ...]:
    """Split a text to these recipients."""
    hass: Any = _Hass()
    account: Any = SimpleNamespace(
        hass=hass,
        contacts=Contacts.build(contacts, "SA"),
        entry=SimpleNamespace(
            entry_id="x", options={"default_sim": default_sim} if default_sim else {}
        ),
    )
    outbox: Any = SimpleNamespace(
        limits=SimpleNamespace(
            reserve=lambda messages, *_, **__: [None] * len(messages),
            daily=SimpleNamespace(holds_back=True),
            parts=SimpleNamespace(holds_back=True),
        ),
        used=lambda _id: None,
    )
    sender = Sender(account, outbox, is_pushed=lambda: True)
    draft = Draft(recipients=tuple(recipients), text="x", message_id=message_id)
    wanted = [Wanted(position=1, given=recipient) for recipient in recipients]
    targets, refused = asyncio.run(sender.async_resolve(draft, wanted))
    parcels, over = sender.pack(draft, targets)
    assert refused == over == []
    return tuple(parcel.message for parcel in parcels)


KINDS = st.one_of(
    st.integers(0, 400).map(lambda number: f"+96659{number:07d}"),
    st.integers(0, 400).map(lambda number: f"059{number:07d}"),
    st.integers(1000, 1200).map(str),
    st.integers(0, 60).map(lambda number: f"+96611{2345000 + number}"),
)
SIMS = st.dictionaries(
    st.integers(0, 400).map(lambda number: f"+96659{number:07d}"),
    st.sampled_from([None, 1, 2, 3]),
    max_size=30,
)


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Read the numbering plans once."""
    parse("+966590042734", "SA")


@given(st.lists(KINDS, min_size=1, max_size=450), SIMS, st.sampled_from([None, 1, 2]))
@settings(max_examples=25, deadline=None)
def test_the_split_reaches_everyone_once(
    recipients: list[str], sims: dict[str, int | None], default: int | None
) -> None:
    """At most 100 in each message, ids unique, SIMs and checks as they belong."""
    contacts = [
        Contact(id=number, name=f"n{number}", phone_number=number, sim_number=sim)
        for number, sim in sims.items()
    ]
    messages = _split(recipients, contacts, default)
    reached = [number for message in messages for number in message.phone_numbers]
    wanted = {parse(raw, "SA").value: parse(raw, "SA").plain for raw in recipients}
    assert sorted(reached) == sorted(wanted)
    assert all(1 <= len(message.phone_numbers) <= 100 for message in messages)
    assert len({message.id for message in messages}) == len(messages)
    assert all(0 < len(message.id) <= 36 for message in messages)
    for message in messages:
        for number in message.phone_numbers:
            assert message.skip_phone_validation is not wanted[number]
            assert message.sim_number == (sims.get(number) or default)
    kinds = {(wanted[number], sims.get(number) or default) for number in reached}
    assert len(messages) <= len(kinds) + len(reached) // 100


@given(st.lists(KINDS, min_size=1, max_size=100, unique=True))
@settings(max_examples=20, deadline=None)
def test_an_own_id_is_kept_where_one_message_is_enough(recipients: list[str]) -> None:
    """Where it is not, the router refuses it."""
    numbers = [parse(raw, "SA") for raw in recipients]
    messages = _split(recipients, (), None, "mine")
    assert {message.id for message in messages} == {"mine"}
    assert len(messages) == len({number.plain for number in numbers})
