"""A server refuses a message for one of its numbers, and does not say which."""

import pytest

from custom_components.sms_gate.send.outbox import Outbox
from tests.support.common import OMAR, SARA, Account
from tests.support.sending import TEXT, fails, on_the_phone, posts, refuses, short_waits
from virtual_gateway.faults import Fault
from virtual_gateway.numbers import BadNumberError, server_number
from virtual_gateway.server import message_input

ID = "alarm-1"
GOOD = [f"+96650123450{digit}" for digit in range(7)]
LINA, NORA = "+966551112233", "+966551112244"
WORDS = (
    "invalid phone number",
    "not mobile phone number",
    "failed to parse phone number: the phone number supplied is not a number",
)


@pytest.fixture
def bad(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Numbers that the server refuses, though we know them as good, and its words."""
    found: dict[str, str] = {}
    judge = server_number

    def check(number: str) -> str:
        """Judge a number by another year's list of numbers."""
        if number in found:
            raise BadNumberError(found[number])
        return judge(number)

    monkeypatch.setattr(message_input, "server_number", check)
    return found


def outbox_of(account: Account) -> Outbox:
    """Return the account's outbox."""
    found: Outbox = account.entry.runtime_data.outbox
    return found


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("place", [0, 3, 7], ids=["first", "middle", "last"])
async def test_the_others_get_it_once(
    account: Account, bad: dict[str, str], words: str, place: int
) -> None:
    """The error says who did not, and why; what did not leave does not count."""
    bad[OMAR] = words
    recipients = [*GOOD[:place], OMAR, *GOOD[place:]]
    with fails("partly_sent") as info:
        await account.send(TEXT, *recipients)
    await account.settled()
    assert on_the_phone(account) == dict.fromkeys(GOOD, 1)
    placeholders = info.value.translation_placeholders or {}
    assert placeholders["failed"].startswith(f"#{place + 1}: ")
    assert words in placeholders["failed"]
    assert placeholders["failed"].count("#") == 1
    sent = {message["id"] for message in posts(account.gateway)[1:]}
    assert set(placeholders["message_ids"].split(", ")) < sent
    assert len(placeholders["message_ids"].split(", ")) == 3
    (day,) = outbox_of(account).limits.daily.as_dict()["days"].values()
    assert sorted(day.values()) == [0, *[1] * 7]
    (parts,) = outbox_of(account).limits.parts.as_dict()["days"].values()
    assert sum(parts.values()) == 7
    assert outbox_of(account).pending == 0


async def test_several_bad_numbers_hold_back_no_other(
    account: Account, bad: dict[str, str]
) -> None:
    """Each is named."""
    bad |= {OMAR: WORDS[0], LINA: WORDS[1], NORA: WORDS[0]}
    with fails("partly_sent") as info:
        await account.send(TEXT, OMAR, LINA, SARA, NORA)
    failed = (info.value.translation_placeholders or {})["failed"]
    assert [f"#{place}: " in failed for place in (1, 2, 4)] == [True] * 3
    await account.settled()
    assert on_the_phone(account) == {SARA: 1}


async def test_only_bad_numbers_reach_nobody(
    account: Account, bad: dict[str, str]
) -> None:
    """And the answer of the gateway is told."""
    bad |= {OMAR: WORDS[0], LINA: WORDS[0]}
    with fails("nobody_reached"):
        await account.send(TEXT, OMAR, LINA)
    assert account.gateway.messages == {}


async def test_all_or_nothing_stays_so(account: Account, bad: dict[str, str]) -> None:
    """``strict`` sends nothing unless all are good."""
    bad[OMAR] = WORDS[0]
    with fails("rejected"):
        await account.send(TEXT, SARA, OMAR, strict=True)
    assert len(posts(account.gateway)) == 1
    assert account.gateway.messages == {}


async def test_an_answer_names_who_did_not_get_it(
    account: Account, bad: dict[str, str]
) -> None:
    """Where errors are not wanted, and with a wait for the others."""
    bad[OMAR] = WORDS[0]
    answer = await account.send(TEXT, OMAR, SARA, strict=False, wait_for="delivered")
    assert [item["state"] for item in answer["messages"]] == ["Delivered"]
    assert [item["recipient"] for item in answer["refused"]] == [OMAR]


async def test_an_id_of_the_users_own_belongs_to_one_piece(
    account: Account, bad: dict[str, str]
) -> None:
    """The same call again sends to nobody twice."""
    bad[LINA] = WORDS[0]
    for _ in range(2):
        with pytest.raises(Exception) as info:
            await account.send(TEXT, LINA, SARA, OMAR, GOOD[0], message_id=ID)
    assert getattr(info.value, "translation_key", None) == "message_id_used"
    await account.settled()
    assert on_the_phone(account) == {SARA: 1, OMAR: 1, GOOD[0]: 1}
    assert ID in account.gateway.messages
    with refuses("message_id_used"):
        await account.send("Another", SARA, message_id=ID)


@pytest.mark.parametrize(
    "words", ["phone numbers must be unique", "failed to validate: conflict fields"]
)
async def test_what_is_wrong_with_the_whole_is_submitted_once(
    account: Account, bad: dict[str, str], words: str
) -> None:
    """Pieces of it would be as wrong, or reach somebody twice."""
    bad[OMAR] = words
    with fails("rejected"):
        await account.send(TEXT, SARA, OMAR)
    assert len(posts(account.gateway)) == 1


async def test_an_unknown_outcome_is_not_submitted_again(
    account: Account, bad: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a clear refusal of the whole is."""
    short_waits(monkeypatch)
    bad[OMAR] = WORDS[0]
    account.gateway.faults["status"] = Fault(value=502, path="/messages")
    with fails("outcome_unknown"):
        await account.send(TEXT, SARA, OMAR)
    assert len({body["id"] for body in posts(account.gateway)}) == 1
