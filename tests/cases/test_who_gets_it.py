"""Who gets an SMS: the person that was meant, or an error, never a stranger."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.support.common import Account, Rig, contact
from tests.support.sending import posts


async def account_in(rig: Rig, country: str, **contacts: str) -> Account:
    """Return an account in a country, with contacts."""
    return await rig.add_account(
        contacts=tuple(contact(name, number) for name, number in contacts.items()),
        options={"country": country},
    )


def written_to(account: Account) -> list[str]:
    """Return the numbers that were handed to the gateway, sorted."""
    return sorted(
        number for body in posts(account.gateway) for number in body["phoneNumbers"]
    )


async def send(account: Account, recipients: Any, **more: Any) -> Exception | None:
    """Send to whatever was typed; return the error, if there is one."""
    try:
        await account.hass.services.async_call(
            "sms_gate",
            "send_message",
            {"message": "alarm", "recipients": recipients, **more},
            blocking=True,
            return_response=True,
        )
    except (HomeAssistantError, ValueError) as err:
        return err
    return None


@pytest.mark.parametrize("action", ["send_message", "notify"])
@pytest.mark.parametrize(
    ("country", "recipients", "expected"),
    [
        # A whole number, as YAML and templates make one
        ("US", 2015550123, ["+12015550123"]),
        ("US", 12015550123, ["+12015550123"]),
        ("US", [2125550145, "201-555-0123"], ["+12015550123", "+12125550145"]),
        ("CA", 4165550123, ["+14165550123"]),
        ("CN", 8613123456789, ["+8613123456789"]),
        ("DE", 17612345678, ["+4917612345678"]),
        ("DE", 4917612345678, ["+4917612345678"]),
        ("GB", 7400123456, ["+447400123456"]),
        ("IN", 9812345678, ["+919812345678"]),
        ("FR", 612345678, ["+33612345678"]),
        # The code without its plus
        ("DE", "4917612345678", ["+4917612345678"]),
        ("SA", "966551234567", ["+966551234567"]),
        ("AE", "971501234567", ["+971501234567"]),
        ("TR", "905321234567", ["+905321234567"]),
        # As one dials at home, and from home abroad
        ("CN", "13123456789", ["+8613123456789"]),
        ("SA", "0551234567", ["+966551234567"]),
        ("SA", "٠٥٥١٢٣٤٥٦٧", ["+966551234567"]),
        ("US", "011 49 176 12345678", ["+4917612345678"]),
        ("AU", "0011 49 176 12345678", ["+4917612345678"]),
        ("JP", "010 49 176 12345678", ["+4917612345678"]),
        ("DE", "0049 (0)176 12345678", ["+4917612345678"]),
        # Lists in one text
        ("US", "2015550123; 2125550145", ["+12015550123", "+12125550145"]),
        ("US", "201-555-0123, 212-555-0145", ["+12015550123", "+12125550145"]),
        ("US", "(201) 555-0123\n(212) 555-0145", ["+12015550123", "+12125550145"]),
        (
            "DE",
            "+49 176 12345678, +49 151 12345678",
            ["+4915112345678", "+4917612345678"],
        ),
        ("SA", "0551234567، 0501234567", ["+966501234567", "+966551234567"]),
        ("SA", "+966551234567 +966501234567", ["+966501234567", "+966551234567"]),
        ("SA", [["0551234567"], "0501234567"], ["+966501234567", "+966551234567"]),
        ("SA", ["0551234567", "+966551234567"], ["+966551234567"]),
        # Old and new prefixes of a country
        ("MX", "+52 1 55 1234 5678", ["+525512345678"]),
        ("MX", "044 55 1234 5678", ["+525512345678"]),
    ],
)
async def test_the_person_that_was_meant(
    rig: Rig, action: str, country: str, recipients: Any, expected: list[str]
) -> None:
    """In an action and in a notifier alike."""
    account = await account_in(rig, country)
    if action == "notify":
        await account.hass.services.async_call(
            "notify",
            "sms_gate",
            {"message": "alarm", "target": recipients},
            blocking=True,
        )
    else:
        assert await send(account, recipients) is None
    assert written_to(account) == expected


@pytest.mark.parametrize(
    ("country", "recipients"),
    [
        ("SA", "059"),
        ("SA", "0590042"),
        ("SA", "055123"),
        ("DE", "0176"),
        # At home in China, and in the United States with a lost plus
        ("CN", 13123456789),
        ("US", "MUM"),
        ("US", "UNKNOWN"),
        ("SA", "STC"),
        ("US", "1-800-FLOWERS"),
        ("DE", "+49 176 12345678 ext. 5"),
        ("US", ""),
        ("US", "   "),
        ("US", "\u200f"),
        ("US", []),
        ("US", "+"),
        ("US", True),
        ("US", "null"),
        ("US", "unknown"),
        ("US", "unavailable"),
        (None, "0551234567"),
    ],
)
async def test_an_error_beats_a_guess(
    rig: Rig, hass: HomeAssistant, country: str | None, recipients: Any
) -> None:
    """Nobody is written to, and the person is told."""
    if country is None:
        hass.config.country = None
        account = await rig.add_account(contacts=())
    else:
        account = await account_in(rig, country, Mom="+12015550123")
    assert await send(account, recipients) is not None
    assert written_to(account) == []


async def test_an_octal_number_is_recovered_or_refused(rig: Rig) -> None:
    """YAML reads 0551234567 as 94714231."""
    account = await account_in(rig, "SA")
    if (err := await send(account, 0o551234567)) is None:
        assert written_to(account) == ["+966551234567"]
    else:
        assert "quote" in str(err)
        assert written_to(account) == []


async def test_a_name_that_is_no_contact_names_the_nearest(rig: Rig) -> None:
    """MUM where the contact is MOM."""
    account = await account_in(rig, "US", MOM="+12015550123")
    err = await send(account, "MUM")
    assert err is not None
    assert "MOM" in str(err)
    assert written_to(account) == []


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Jos\u00e9", "Jose\u0301"),
        ("Jose\u0301", "Jos\u00e9"),
        ("I\u015f\u0131k", "i\u015f\u0131k"),
        ("Istanbul", "\u0130stanbul"),
        ("Zo\u00eb", "ZO\u00cb"),
        ("Stra\u00dfe", "STRASSE"),
        ("O'Brien", "O\u2019Brien"),
        ("\u0645\u0646\u0649", "\u202b\u0645\u0646\u0649\u202c"),
        ("Sara  Ali", "sara\u00a0ali"),
        ("\uff33\uff41\uff52\uff41", "Sara"),
    ],
)
async def test_a_contact_is_found_however_a_keyboard_writes_it(
    rig: Rig, name: str, typed: str
) -> None:
    """By Unicode's rules."""
    account = await account_in(rig, "SA", **{name: "+966551234567"})
    assert await send(account, typed) is None
    assert written_to(account) == ["+966551234567"]


@pytest.mark.parametrize(
    ("country", "number", "sender"),
    [
        ("MX", "+525512345678", "+5215512345678"),
        ("MX", "+5215512345678", "+525512345678"),
        ("AR", "+5491123456789", "+541123456789"),
        ("CN", "+8613123456789", "13123456789"),
        ("DE", "+4917612345678", "017612345678"),
        ("SA", "+966551234567", "0551234567"),
        ("US", "+12015550123", "2015550123"),
        ("US", "+12015550123", "12015550123"),
    ],
)
async def test_a_sender_is_recognised_and_can_be_answered(
    rig: Rig, country: str, number: str, sender: str
) -> None:
    """As the network wrote it: the README's own automation answers so."""
    account = await account_in(rig, country, Sara=number)
    found: list[dict[str, Any]] = []
    account.hass.bus.async_listen(
        "sms_gate_sms_received", lambda event: found.append(dict(event.data))
    )
    account.phone.receive(sender, "hello")
    await account.settled()
    assert [item["contact"] for item in found] == ["Sara"]
    assert await send(account, found[0]["sender"]) is None
    assert written_to(account)[0].removeprefix("+") in {
        number.removeprefix("+"),
        sender.removeprefix("+"),
    }


async def test_whoever_wrote_in_local_form_can_be_answered(rig: Rig) -> None:
    """A stranger in China, not a number in the United States."""
    account = await account_in(rig, "CN")
    account.phone.receive("13123456789", "hello")
    await account.settled()
    assert await send(account, "13123456789") is None
    assert written_to(account) in (["13123456789"], ["+8613123456789"])


async def test_one_bad_recipient_holds_back_none(rig: Rig) -> None:
    """The others are written to, and the error says who got it."""
    account = await account_in(rig, "SA", Sara="+966551234567")
    err = await send(account, ["Sara", "Nobody", "", "0501234567"])
    assert err is not None
    assert "Nobody" in str(err)
    assert written_to(account) == ["+966501234567", "+966551234567"]


async def test_a_strict_message_is_sent_to_all_or_to_nobody(rig: Rig) -> None:
    """For whoever wants it so."""
    account = await account_in(rig, "SA", Sara="+966551234567")
    assert await send(account, ["Sara", "Nobody"], strict=True) is not None
    assert written_to(account) == []


async def test_numbers_of_things_pass_only_when_asked(rig: Rig) -> None:
    """Machines have numbers of their own length."""
    account = await account_in(rig, "LV")
    assert await send(account, "+371 300000001234") is not None
    assert written_to(account) == []
    assert await send(account, "+371 300000001234", validate_numbers=False) is None
    assert written_to(account) == ["+371300000001234"]
