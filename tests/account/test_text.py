"""Comparing texts and names by the rules of Unicode."""

import time
import unicodedata

from hypothesis import given, strategies as st
import pytest

from custom_components.sms_gate.account.text import MAX_COMPARED, fold, soften


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Işık aç", "ışık aç", id="dotless i"),
        pytest.param("İptal", "iptal", id="dotted I"),
        pytest.param("İPTAL", "IPTAL", id="dotted and plain I"),
        pytest.param("I\u0307ptal", "iptal", id="dotted I in two"),
        pytest.param("KAPI", "kapı", id="capital of dotless i"),
        pytest.param("José", "Jose\u0301", id="composed"),
        pytest.param("Nguyễn", "Nguye\u0302\u0303n", id="two marks"),
        pytest.param("a\u0323\u0307", "a\u0307\u0323", id="order of marks"),
        pytest.param("أمي", "ا\u0654مي", id="hamza composed"),
        pytest.param("\u200fافتح\u200f", "افتح", id="right-to-left mark"),
        pytest.param("\u202bافتح\u202c", "افتح", id="embedding"),
        pytest.param("\u2067افتح\u2069", "افتح", id="isolate"),
        pytest.param("اف\u200cتح", "افتح", id="joiner"),
        pytest.param("افـــتح", "افتح", id="tatweel"),
        pytest.param("علی", "علي", id="Persian yeh"),
        pytest.param("کمک", "كمك", id="Persian kaf"),
        pytest.param("٤٧١١", "4711", id="Arabic digits"),
        pytest.param("it’s", "it's", id="apostrophe"),
        pytest.param("it`s", "it´s", id="other apostrophes"),
        pytest.param("“gate”", '"gate"', id="quotes"),
        pytest.param("a\u2011b", "a-b", id="dash"),
        pytest.param("open\u00a0 the\tgate\n", "open the gate", id="spaces"),
        pytest.param("\ufeffgate", "gate", id="byte order mark"),
        pytest.param("ga\u00adte", "gate", id="soft hyphen"),
        pytest.param("❤\ufe0f", "❤", id="variation selector"),
        pytest.param("Straße", "STRASSE", id="sharp s"),
        pytest.param("ΟΔΟΣ", "οδος", id="final sigma"),
        pytest.param("Μαΐου", "Μαΐου".upper(), id="Greek accents"),
        pytest.param("ﻋﻠﯽ", "علي", id="Arabic presentation forms"),
        pytest.param("ＯＰＥＮ", "open", id="full width"),
        pytest.param("ﬁre", "fire", id="ligature"),
        pytest.param("\0gate\x07", "gate", id="control characters"),
    ],
)
def test_what_people_mean_is_the_same(one: str, other: str) -> None:
    """Whatever the keyboard and the network put in."""
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("open", "close", id="words"),
        pytest.param("José", "Jose", id="accent"),
        pytest.param("aç", "ac", id="cedilla"),
        pytest.param("a b", "ab", id="space"),
        pytest.param("1", "7", id="digits"),
        pytest.param("й", "и", id="short i"),
    ],
)
def test_what_differs_stays_different(one: str, other: str) -> None:
    """Letters are never guessed."""
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """So that stored and received forms meet."""
    assert fold(fold(text)) == fold(text)
    composed = unicodedata.normalize("NFC", text)
    assert fold(composed) == fold(unicodedata.normalize("NFD", text))


def test_softening_keeps_case_and_line_ends() -> None:
    """A regular expression sees them."""
    assert soften("Code\u00a0٤٢\nOK\u200f") == "Code 42\nOK"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 300_000,
        "\ufdfa" * 40_000,
        "a" + "\u0301\u0323" * 150_000,
        "\u0301" * 300_000,
    ],
    ids=["letters", "what becomes 18 letters", "marks", "one mark"],
)
def test_a_long_text_takes_no_time(text: str) -> None:
    """Its begin is compared."""
    fold("warm")
    begin = time.process_time()
    assert len(fold(text)) <= 3 * MAX_COMPARED
    assert time.process_time() - begin < 0.02
