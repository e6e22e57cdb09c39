"""No spelling of any region's numbers is read as somebody else's."""

from tests.account.number_sweep import REFUSED, sweep


def test_no_spelling_is_read_as_another_number() -> None:
    """Every region, national, international, whole, octal, by carriers, old forms.

    What is refused instead is listed: landlines that are written incompletely or as
    whole numbers, and what may be two people.
    """
    wrong, refused = sweep()
    assert wrong == []
    assert refused == REFUSED.read_text(encoding="utf-8").splitlines()
    mobiles = [line for line in refused if " mobile: " in line]
    assert len(mobiles) < 25
