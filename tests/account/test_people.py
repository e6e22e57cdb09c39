"""Lists of people, as they are written."""

import pytest

from custom_components.sms_gate.account.people import listed, split

NAMES = {"sara", "smith, john", "omar", "ops; night, weekend", "a, b, c, d, e, f"}


def people(written: str | float, country: str | None = "SA") -> list[str | float]:
    """Split with a few contacts."""
    return list(split(written, country, lambda name: name.strip().lower() in NAMES))


@pytest.mark.parametrize(
    ("written", "items"),
    [
        pytest.param("Sara", ["Sara"], id="one name"),
        pytest.param(" Sara , Omar ", ["Sara", "Omar"], id="comma"),
        pytest.param("Sara;Omar", ["Sara", "Omar"], id="semicolon"),
        pytest.param("Sara\nOmar\r\n", ["Sara", "Omar"], id="line ends"),
        pytest.param("Sara، Omar؛ X", ["Sara", "Omar", "X"], id="Arabic comma"),
        pytest.param("Sara、Omar，X；Y", ["Sara", "Omar", "X", "Y"], id="wide"),
        pytest.param("Sara|Omar", ["Sara", "Omar"], id="bar"),
        pytest.param("Sara, , Omar,", ["Sara", "Omar"], id="nothing between"),
        pytest.param("", [""], id="nothing"),
        pytest.param(" , ", [""], id="only a comma"),
        pytest.param("Smith, John", ["Smith, John"], id="name with a comma"),
        pytest.param("Sara, Smith, John", ["Sara", "Smith, John"], id="in a list"),
        pytest.param(
            "ops; night, weekend; Omar",
            ["ops; night, weekend", "Omar"],
            id="name with several",
        ),
        pytest.param(" A, b, c, d, e, f ", ["A, b, c, d, e, f"], id="name of six"),
        pytest.param(
            "+966590042734,+966551234567",
            ["+966590042734", "+966551234567"],
            id="two with plus",
        ),
        pytest.param(
            "+966 59 004 2734 +966 55 123 4567",
            ["+966 59 004 2734", "+966 55 123 4567"],
            id="blank before a plus",
        ),
        pytest.param(
            "0590042734 0551234567", ["0590042734", "0551234567"], id="two local"
        ),
        pytest.param(
            "059 004 2734 055 123 4567",
            ["059 004 2734", "055 123 4567"],
            id="two local in blocks",
        ),
        pytest.param(
            "Sara +966551234567", ["Sara", "+966551234567"], id="name and number"
        ),
        pytest.param(
            "Sara (+966) 590042734", ["Sara", "(+966) 590042734"], id="bracket"
        ),
        pytest.param("059 004 2734", ["059 004 2734"], id="one local in blocks"),
        pytest.param("+966 59 004 2734", ["+966 59 004 2734"], id="one with plus"),
        pytest.param("+966 (0) 59-004/27.34", ["+966 (0) 59-004/27.34"], id="marks"),
        pytest.param("0590 0427 3", ["0590 0427 3"], id="a digit is missing"),
        pytest.param("5555 7777", ["5555 7777"], id="short codes are not guessed"),
        pytest.param("5555, 7777", ["5555", "7777"], id="short codes"),
        pytest.param("590,042,734", ["590, 042, 734"], id="thousands"),
        pytest.param("0590;042734", ["0590, 042734"], id="a number in two"),
        pytest.param("+1,201,555,0123", ["+1, 201, 555, 0123"], id="pieces of one"),
        pytest.param(
            "5555, 059,0042,734", ["5555", "059, 0042, 734"], id="pieces behind a code"
        ),
        pytest.param("5555,6666,7777", ["5555", "6666", "7777"], id="no own number"),
        pytest.param('["5555", "7777"]', ['["5555"', '"7777"]'], id="quoted"),
        pytest.param("tel:+12015550123;ext=5", ["tel:+12015550123;ext=5"], id="ext"),
        pytest.param("+12015550123, ext. 5", ["+12015550123, ext. 5"], id="ext."),
        pytest.param("Sara and Omar", ["Sara and Omar"], id="words are no separators"),
        pytest.param("Sara Omar", ["Sara Omar"], id="two names are not guessed"),
        pytest.param(966590042734, [966590042734], id="whole number"),
    ],
)
def test_a_text_is_split_where_people_end(
    written: str | float, items: list[str | float]
) -> None:
    """And a single number is never cut."""
    assert people(written) == items


def test_numbers_of_other_countries() -> None:
    """Two in America and in Germany; in Austria they may be cut in two ways."""
    assert people("2015550123; 2125550145", "US") == ["2015550123", "2125550145"]
    assert people("201 555 0123 212 555 0145", "US") == [
        "201 555 0123",
        "212 555 0145",
    ]
    assert people("06641234567 0 6641234567", "AT") == ["06641234567 0 6641234567"]
    assert people("+49 176 12345678, +49 151 23456789", "DE") == [
        "+49 176 12345678",
        "+49 151 23456789",
    ]


@pytest.mark.parametrize(
    ("value", "items"),
    [
        pytest.param("Sara", ["Sara"], id="text"),
        pytest.param(
            ["Sara", ["Omar", ("x", 5)]], ["Sara", "Omar", "x", 5], id="lists"
        ),
        pytest.param(["Sara", "", None], ["Sara", "", ""], id="empty items stay"),
        pytest.param(None, [""], id="none"),
        pytest.param([], [], id="empty list"),
        pytest.param({"Sara"}, ["Sara"], id="set"),
    ],
)
def test_lists_become_one(value: object, items: list[str | int]) -> None:
    """Lists in lists."""
    assert listed(value) == items


@pytest.mark.parametrize("value", [{"name": "Sara"}, b"Sara", object()])
def test_what_is_no_list_is_refused(value: object) -> None:
    """A mapping has no order of people."""
    with pytest.raises(ValueError, match="neither"):
        listed(value)


def test_what_may_be_two_people_ends_a_list_too() -> None:
    """An ambiguous number is a full one: it is refused alone, not with its neighbour."""
    assert people("84951234567 89123456789", "RU") == ["84951234567", "89123456789"]
