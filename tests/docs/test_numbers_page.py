"""The page about numbers tells the truth."""

import re

import pytest

from custom_components.sms_gate.account.phone_number import (
    InvalidPhoneNumberError,
    parse,
)
from tests.repository.source import ROOT

ROWS = [
    (country, text, read)
    for country, texts, read in re.findall(
        r"^\| (?:.* \((\w\w)\)|any) \| (`.*`) \| (.*) \|$",
        (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    for text in re.findall(r"`([^`]*)`", texts)
]


def test_there_are_examples_of_ten_countries() -> None:
    """At least."""
    assert len({country for country, *_ in ROWS} - {""}) >= 10


@pytest.mark.parametrize(("country", "text", "read"), ROWS)
def test_a_row_is_true(country: str, text: str, read: str) -> None:
    """What a person writes is read as the page says, or is an error."""
    try:
        shown = f"`{parse(text, country or 'US').value}`"
    except InvalidPhoneNumberError:
        shown = "an error"
    assert shown == read
