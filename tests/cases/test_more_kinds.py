"""More of each kind: other countries, scripts, marks and lists, through the action."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from tests.cases.test_who_gets_it import account_in, send, written_to
from tests.support.common import Rig, contact
from virtual_gateway import VirtualGateway

_SAUDI = [
    "0551234567",
    "551234567",
    551234567,
    966551234567,
    551234567.0,
    0o551234567,
    "9660551234567",
    "00966 0551234567",
    "(+966) 55 123 4567",
    "+ 966 55 123 4567",
    "٠٥٥١٢٣٤٥٦٧",
    "۰۵۵۱۲۳۴۵۶۷",
    "०५५१२३४५६७",
    "০৫৫১২৩৪৫৬৭",
    "０５５１２３４５６７",
    "＋９６６　５５　１２３　４５６７",
    "𝟎𝟓𝟓𝟏𝟐𝟑𝟒𝟓𝟔𝟕",
    "\u200e\u200f\u202a0551234567\u202c",
    "\u2067+966\u2069 \u200b55\u2060123\ufeff4567",
    "\u200e+966\u200e 55\u200e 123\u200e 4567\u200e",
    "055\u00a0123\u202f4567",
    "055\u2009123\u30004567",
    "055\u00ad123\u200d4567",
    "0\ufe0f5\ufe0f51234567",
    "055–123—4567",
    "055‑123−4567",
    "055_123~4567",
    "055·123•4567",
    "055\\123/4567",
    "0551234567\0",
    "tel:055-123-4567",
    "SMSTO:+966551234567",
]

# Each of these reaches the number and nobody else
REACHED: dict[str, dict[str, list[Any]]] = {
    "SA": {"+966551234567": _SAUDI},
    "MX": {
        "+525512345678": [
            "55 1234 5678",
            5512345678,
            525512345678,
            5215512345678,
            "+521 55 1234 5678",
            "0052 1 55 1234 5678",
            "00 52 55 1234 5678",
            "(55) 1234-5678",
            "52-1-55-1234-5678",
            "044 55 1234 5678",
            "045 55 1234 5678",
            "01 55 1234 5678",
        ],
        "+15512345678": ["+1 551 234 5678", "00 1 551 234 5678", "001 551 234 5678"],
    },
    "AR": {
        "+5491123456789": [
            "011 15-2345-6789",
            "11 15 2345 6789",
            "+54 9 11 2345 6789",
            "54 9 11 2345-6789",
            "9 11 2345 6789",
            5491123456789,
        ],
        "+5493512345678": ["0351 15 234 5678", "+54 351 15 234 5678"],
        "+5492234234567": ["(0223) 15-423-4567"],
    },
    "BR": {
        "+5511961234567": [
            "(11) 96123-4567",
            11961234567,
            5511961234567,
            "+55 11 6123-4567",
            "(11) 6123-4567",
            "0 41 11 96123-4567",
            "015 11 961234567",
            "00 15 55 11 961234567",
        ],
        "+551134567890": ["(11) 3456-7890"],
    },
    "IT": {
        "+393471234567": [
            "347 1234567",
            3471234567,
            393471234567,
            "0039 347 123 4567",
            "+39 0347 123 4567",
            "39 347 1234567",
        ],
        "+390212345678": ["02 1234 5678"],
        "+393931234567": ["3931234567"],
    },
    "EG": {
        "+201001234567": [
            "0100 123 4567",
            1001234567,
            201001234567,
            "+20 0100 1234567",
            "٠١٠٠١٢٣٤٥٦٧",
        ]
    },
    "AE": {
        "+971501234567": [
            "050 123 4567",
            501234567,
            971501234567,
            "+971 (0)50 123 4567",
        ]
    },
    "TR": {
        "+905321234567": [
            "0532 123 45 67",
            5321234567,
            905321234567,
            "90 0532 123 45 67",
            "+90 (532) 123-4567",
        ]
    },
    "RU": {
        "+79123456789": [
            "8 912 345-67-89",
            89123456789,
            79123456789,
            9123456789,
            "+7 (912) 345 67 89",
        ],
        "+4917612345678": ["8-10-49-176-12345678", "8~10 49 176 12345678"],
    },
    "KZ": {"+77011234567": ["8 701 123 45 67", 87011234567, "7011234567"]},
    "CN": {
        "+8613123456789": [
            "131 2345 6789",
            8613123456789,
            "+86 013123456789",
            "17951 13123456789",
            "12520 13123456789",
            "１３１２３４５６７８９",
        ],
        "10086": ["10086"],
    },
    "NG": {
        "+2348031234567": ["0803 123 4567", 8031234567, "+234 0803 123 4567"],
        "+4917612345678": ["009 49 176 12345678"],
    },
    "IN": {
        "+919812345678": [
            "98123 45678",
            9812345678,
            919812345678,
            "0 98123 45678",
            "+91-0-98123-45678",
            "९८१२३४५६७८",
        ],
        "+919191234567": ["9191234567"],
    },
    "US": {
        "+12015550123": [
            "(201) 555-0123",
            "1-201-555-0123",
            "+1.201.555.0123",
            2015550123,
            "0012015550123",
        ],
        "+447400123456": ["44 7400 123456", "011 44 7400 123456"],
        "911": ["911"],
    },
    "CA": {"+14165550123": ["(416) 555-0123", 4165550123, "+1 (416) 555‑0123"]},
    "NZ": {
        "+64211234567": ["021 123 4567", 211234567, 64211234567, "+64 (0)21 123 4567"]
    },
    "GB": {
        "+447400123456": [
            "07400 123456",
            7400123456,
            447400123456,
            "+44 (0)7400 123456",
        ]
    },
    "FR": {
        "+33612345678": ["06 12 34 56 78", 612345678, 33612345678],
        "36180": ["36180"],
    },
    "HU": {"+36201234567": ["06 20 123 4567", "20 123 4567", 36201234567]},
    "LT": {"+37061234567": ["8 612 34567", "0 612 34567", 37061234567]},
    "KR": {
        "+821012345678": ["010-1234-5678", 1012345678, 821012345678],
        "+4917612345678": ["002 49 176 12345678"],
    },
    "JP": {
        "+819012345678": ["090-1234-5678", 9012345678, "０９０－１２３４－５６７８"]
    },
    "ID": {"+628123456789": ["0812-3456-789", 8123456789, 628123456789]},
}


@pytest.mark.parametrize("country", REACHED)
async def test_each_spelling_reaches_its_number(rig: Rig, country: str) -> None:
    """A person, whatever the country, the script and the marks in between."""
    account = await account_in(rig, country)
    read: dict[Any, list[str]] = {}
    for spelling in (it for some in REACHED[country].values() for it in some):
        before = written_to(account)
        assert await send(account, spelling) is None, spelling
        after = written_to(account)
        for number in before:
            after.remove(number)
        read[spelling] = after
    assert read == {
        spelling: [number]
        for number, some in REACHED[country].items()
        for spelling in some
    }


# None of these may reach anybody
REFUSED: dict[str, list[Any]] = {
    # The old mobile prefix without the code, or the United States
    "MX": ["1 55 1234 5678", 15512345678, "1 664 123 4567"],
    "AR": ["11 2345-6789", "15 2345 6789", 1123456789],
    "BR": ["96123-4567", "9090 11 96123 4567", "+55 (0xx11) 96123-4567"],
    "RU": ["8 495 123 45 67", "495 123 45 67", "+8 912 345 67 89"],
    "SA": [
        "0551234567/0501234567",
        "0551234567 & 0501234567",
        "0551234567 and 0501234567",
        "055,123,4567",
        "055;1234567",
        "055:1234567",
        "055=1234567",
        "0551234567#",
        "*0551234567",
        "p0551234567",
        "O551234567",
        "966551234567+",
        "++966551234567",
        "+0551234567",
        "⁰⁵⁵¹²³⁴⁵⁶⁷",
        "①②③",
        "0️⃣5️⃣5️⃣",
        "➕966551234567",
        "Sara <+966551234567>",
        "sms:+966551234567?body=hi",
        "tel:+966551234567;ext=5",
        0o5551234,
        5.5,
        float("nan"),
        float("inf"),
        10**400,
        -551234567,
        False,
        "٠٥٩",
        "۰۵۵۱۲۳",
        "०५९००४२",
        "590042",
        "٥٩٠٠٤٢",
        590042,
    ],
    "US": [
        "201,555,0123",
        "+1,201,555,0123",
        "2,015,550,123",
        "201\n555\n0123",
        "201;555;0123",
        "555-0123",
        "2015550123 / 2125550145",
        "+12015550123+12125550145",
        "(201) 555-0123 ext 4",
        "+1 201 555 0123 x12",
        "1-800-COLLECT",
    ],
    "IN": ["98123,45678"],
    "CN": [13123456789],
}


@pytest.mark.parametrize("country", REFUSED)
async def test_what_is_not_clear_reaches_nobody(rig: Rig, country: str) -> None:
    """Neither alone, nor beside a good one, which gets it."""
    account = await account_in(rig, country)
    for spelling in REFUSED[country]:
        assert await send(account, spelling) is not None, spelling
        assert written_to(account) == [], spelling
    assert await send(account, [*REFUSED[country], "+4917612345678"]) is not None
    assert written_to(account) == ["+4917612345678"]


ONE, TWO = "+966501234567", "+966551234567"


@pytest.mark.parametrize(
    "recipients",
    [
        "0551234567\t0501234567",
        "0551234567\v0501234567",
        "0551234567\x850501234567",
        "0551234567\u20280501234567",
        "0551234567\r\n\r\n0501234567\r\n",
        "055 123 4567 050 123 4567",
        "٠٥٥١٢٣٤٥٦٧، ٠٥٠١٢٣٤٥٦٧",
        "۰۵۵۱۲۳۴۵۶۷؛۰۵۰۱۲۳۴۵۶۷",
        "０５５１２３４５６７，０５０１２３４５６７",
        "\u2067+966 55 123 4567\u2069، \u20670501234567\u2069",
        "['0551234567', '0501234567']",
        '["0551234567","0501234567"]',
        "- 0551234567\n- 0501234567",
        ";;0551234567,,;0501234567;;",
        "+966551234567,,+966501234567",
        "0551234567|0501234567",
        [[["0551234567"], []], ["0501234567"]],
        ("0551234567", 966501234567),
        {"0551234567", "0501234567"},
        [551234567, 551234567.0, "551234567", 0o501234567],
        ["0551234567; 0551234567", ["0501234567", "+966501234567"]],
        ["", "0551234567", " ", "0501234567"],
    ],
)
async def test_a_list_is_a_list_however_it_is_written(
    rig: Rig, recipients: Any
) -> None:
    """Each person gets it once; an empty item holds back nobody."""
    account = await account_in(rig, "SA")
    await send(account, recipients)
    assert written_to(account) == [ONE, TWO]


@pytest.mark.parametrize("empty", [None, "", " ", "\u200f", [], [None], ["", []]])
async def test_nobody_is_an_error(rig: Rig, empty: Any) -> None:
    """A template that found nobody."""
    account = await account_in(rig, "SA", Sara="+966551234567")
    assert await send(account, empty) is not None
    assert written_to(account) == []


@pytest.mark.parametrize(
    "name", ["0501234567", "+966 50 123 4567", "٠٥٠١٢٣٤٥٦٧", "112"]
)
async def test_a_renamed_contact_redirects_no_number(
    rig: Rig, hass: HomeAssistant, name: str
) -> None:
    """Home Assistant's Rename asks nobody whether a name reads as a number."""
    account = await account_in(rig, "SA", Sara="+966551234567")
    (subentry,) = account.entry.subentries.values()
    hass.config_entries.async_update_subentry(account.entry, subentry, title=name)
    await hass.async_block_till_done()
    await send(account, name)
    assert "+966551234567" not in written_to(account)


@pytest.mark.parametrize("name", ["\u200f", "\u3164", "\u200b \u2060"])
async def test_a_name_that_shows_nothing_is_nobodys(
    rig: Rig, hass: HomeAssistant, name: str
) -> None:
    """An empty recipient must not find it."""
    account = await account_in(rig, "SA", Sara="+966551234567")
    (subentry,) = account.entry.subentries.values()
    hass.config_entries.async_update_subentry(account.entry, subentry, title=name)
    await hass.async_block_till_done()
    assert await send(account, "\u200e") is not None
    assert written_to(account) == []


@pytest.mark.parametrize("other", ["+966501234567", "+966551234567"])
async def test_the_default_accounts_contact_goes_first(rig: Rig, other: str) -> None:
    """Rename can give two accounts a contact of one name."""
    first = await account_in(rig, "SA", Sara="+966551234567")
    async with VirtualGateway() as gateway:
        second = await rig.add_account(
            gateway=gateway, title="Office", contacts=(contact("Sara", other),)
        )
        assert await send(first, "Sara") is None
        assert written_to(first) == ["+966551234567"]
        assert written_to(second) == []
        for phone in gateway.phones:
            await phone.stop()
