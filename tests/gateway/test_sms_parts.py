"""How many SMS a text is, at each edge of each alphabet."""

import pytest

from custom_components.sms_gate.gateway.sms_parts import count_parts
from virtual_gateway.sms_parts import parts_of

SAMPLES = [
    pytest.param("", 1, id="nothing"),
    pytest.param("x" * 160, 1, id="160 letters"),
    pytest.param("x" * 161, 2, id="161 letters"),
    pytest.param("x" * 306, 2, id="two full parts"),
    pytest.param("x" * 307, 3, id="one letter more"),
    pytest.param("€" * 80, 1, id="80 extension characters"),
    pytest.param("€" * 81, 2, id="81 extension characters"),
    pytest.param("x" * 152 + "€" + "x" * 152, 3, id="an escape is not torn"),
    pytest.param("x" * 151 + "€" + "x" * 153, 2, id="an escape that fits"),
    pytest.param("é" * 160, 1, id="letters of the alphabet with accents"),
    pytest.param("ê" * 70, 1, id="70 letters beyond it"),
    pytest.param("ê" * 71, 2, id="71 letters beyond it"),
    pytest.param("x" * 70 + "’", 2, id="one curly quote"),
    pytest.param("م" * 70, 1, id="70 Arabic letters"),
    pytest.param("م" * 71, 2, id="71 Arabic letters"),
    pytest.param("م" * 134, 2, id="134 Arabic letters"),
    pytest.param("م" * 135, 3, id="135 Arabic letters"),
    pytest.param("😀" * 35, 1, id="35 emoji"),
    pytest.param("😀" * 36, 2, id="36 emoji"),
    pytest.param("م" * 66 + "😀" + "م" * 66, 3, id="an emoji is not torn"),
    pytest.param("\n" * 160, 1, id="line ends"),
    pytest.param("\t" * 71, 2, id="a tab is none of them"),
]


@pytest.mark.parametrize(("text", "parts"), SAMPLES)
def test_parts(text: str, parts: int) -> None:
    """As many as the network makes of it, and as the virtual phone does."""
    assert count_parts(text) == parts
    assert parts_of(text) == parts
