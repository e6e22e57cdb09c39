"""Who sends to whom: lists, bad recipients, and several accounts."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.sending import TEXT, fails, on_the_phone, posts, refuses
from virtual_gateway import VirtualGateway

LINA = "+966551112233"


@pytest.mark.parametrize(
    "recipients",
    [
        pytest.param(f"{SARA},{OMAR}", id="comma"),
        pytest.param(f"{SARA}; {OMAR};", id="semicolon"),
        pytest.param(f"{SARA}\n{OMAR}\n", id="line ends"),
        pytest.param(f"{SARA}، {OMAR}", id="Arabic comma"),
        pytest.param("0590042734 0501234567", id="spaces"),
        pytest.param([[SARA, [OMAR]], SARA], id="lists in lists"),
        pytest.param([SARA, "", OMAR, None, " "], id="empty items"),
        pytest.param(["Sara", SARA, "0590042734", OMAR, OMAR], id="repeated"),
        pytest.param("sara;Sara, 050 123 4567", id="names and numbers"),
        pytest.param([966590042734, "0501234567"], id="whole number"),
    ],
)
async def test_a_list_is_read_as_it_is_written(
    account: Account, recipients: Any
) -> None:
    """Everyone gets one SMS."""
    await account.hass.services.async_call(
        DOMAIN,
        "send_message",
        {"message": TEXT, "recipients": recipients},
        blocking=True,
    )
    await account.settled()
    assert on_the_phone(account) == {SARA: 1, OMAR: 1}


async def test_a_contact_may_be_called_like_a_list(rig: Rig) -> None:
    """Its name is tried before it is cut."""
    account = await rig.add_account(contacts=(contact("Doe, John", SARA),))
    await account.send(TEXT, "doe, john")
    assert posts(rig.gateway)[0]["phoneNumbers"] == [SARA]


BAD = ("Nobody", "+966123", "059", "STC", "12")


@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_recipient_holds_back_no_other(
    account: Account, caplog: pytest.LogCaptureFixture, bad: str
) -> None:
    """They get it first; then the error says who got it, and who did not."""
    with fails("partly_sent", sent="Sara, #3") as info:
        await account.send(TEXT, "Sara", bad, OMAR)
    await account.settled()
    assert on_the_phone(account) == {SARA: 1, OMAR: 1}
    (body,) = posts(account.gateway)
    assert body["id"] in str(info.value)
    assert ": Recipient 2" in str(info.value)
    assert SARA not in str(info.value)
    assert SARA not in caplog.text


@pytest.mark.parametrize("bad", BAD)
async def test_strict_sends_nothing_unless_all_are_good(
    account: Account, bad: str
) -> None:
    """With its opposite, the action does not fail and answers who was refused."""
    with pytest.raises(Exception, match="Recipient 2"):
        await account.send(TEXT, "Sara", bad, strict=True)
    assert posts(account.gateway) == []
    answer = await account.send(TEXT, "Sara", bad, strict=False)
    (refused,) = answer["refused"]
    assert refused["recipient"] == bad
    assert refused["reason"].startswith("Recipient 2")
    assert answer["messages"][0]["recipients"][0]["contact"] == "Sara"
    with refuses("nobody_reached"):
        await account.send(TEXT, "Nobody", "+966123", strict=False)
    await account.settled()


async def test_a_mistyped_name_names_the_nearest_contact(account: Account) -> None:
    """Nothing is sent to a name that the phone would dial the digits of."""
    with refuses("mistyped_contact", position="1", contact="Sara"):
        await account.send(TEXT, "SARAH")
    assert posts(account.gateway) == []


@pytest.fixture
async def two(rig: Rig) -> AsyncGenerator[tuple[Account, Account]]:
    """Two accounts: Sara is a contact of the first, Omar of the second, Lina of both."""
    async with VirtualGateway(seed=7) as other:
        first = await rig.add_account(
            contacts=(contact("Sara", SARA), contact("Lina", LINA))
        )
        second = await rig.add_account(
            gateway=other,
            title="Second",
            contacts=(contact("Omar", OMAR), contact("lina", LINA, 1)),
        )
        yield first, second
        for account in (first, second):
            await account.settled()
        for phone in other.phones:
            await phone.stop()


def sent(*accounts: Account) -> list[list[str]]:
    """Return the numbers that each account's gateway got."""
    return [
        [number for body in posts(account.gateway) for number in body["phoneNumbers"]]
        for account in accounts
    ]


@pytest.mark.parametrize(
    ("recipients", "expected"),
    [
        pytest.param(["Sara"], [[SARA], []], id="contact of the first"),
        pytest.param(["omar"], [[], [OMAR]], id="contact of the second"),
        pytest.param(["Sara", "Omar"], [[SARA], [OMAR]], id="one of each"),
        pytest.param(["Lina"], [[LINA], []], id="contact of both"),
        pytest.param(["+966553334455"], [["+966553334455"], []], id="number"),
        pytest.param(
            ["Omar", "0553334455"], [[], [OMAR, "+966553334455"]], id="number beside"
        ),
    ],
)
async def test_a_contact_decides_which_account_sends(
    two: tuple[Account, Account], recipients: list[str], expected: list[list[str]]
) -> None:
    """A second account breaks no automation of the first."""
    await two[0].send(TEXT, *recipients)
    assert sent(*two) == expected


async def test_the_default_account_is_an_option(
    hass: HomeAssistant, two: tuple[Account, Account]
) -> None:
    """Else it is the oldest one; a named account or phone goes first."""
    first, second = two
    hass.config_entries.async_update_entry(
        second.entry, options={"is_default_account": True}
    )
    await hass.async_block_till_done()
    await first.send(TEXT, "0553334455")
    await first.send(TEXT, "Lina")
    assert sent(first, second) == [[], ["+966553334455", LINA]]
    await first.send(TEXT, LINA, config_entry_id=first.entry.entry_id)
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, first.phone.id), first.entry.entry_id
    )
    assert device is not None
    await first.send(TEXT, LINA, device_id=device.id)
    assert sent(first)[0] == [LINA, LINA]


async def test_an_account_that_is_not_loaded_is_named(
    hass: HomeAssistant, two: tuple[Account, Account]
) -> None:
    """No other phone sends in its place, and its contacts are known by name."""
    first, second = two
    await hass.config_entries.async_unload(first.entry.entry_id)
    assert first.entry.state is ConfigEntryState.NOT_LOADED
    for recipient in ("Sara", "0553334455"):
        with refuses("account_not_loaded", account="SMS Gate"):
            await second.send(TEXT, recipient)
    await second.send(TEXT, "Omar")
    assert sent(first, second) == [[], [OMAR]]
    await second.settled()
    await hass.config_entries.async_setup(first.entry.entry_id)
    await hass.config_entries.async_unload(second.entry.entry_id)
    with refuses("account_not_loaded", account="Second"):
        await first.send(TEXT, "\u200fomar")
    await first.send(TEXT, "lina")
    assert sent(first, second) == [[LINA], [OMAR]]


async def test_a_message_is_asked_for_at_the_account_that_sent_it(
    hass: HomeAssistant, two: tuple[Account, Account]
) -> None:
    """Its ID is enough."""
    answer = await two[0].send(TEXT, "Omar")
    message_id = answer["messages"][0]["message_id"]
    await two[1].settled()
    got = await hass.services.async_call(
        DOMAIN,
        "get_message",
        {"message_id": message_id},
        blocking=True,
        return_response=True,
    )
    assert got is not None
    assert got["state"] == "Delivered"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param({"contacts": "notify.sara"}, [[SARA], []], id="one"),
        pytest.param(
            {"contacts": ["notify.omar"], "recipients": "Sara"},
            [[SARA], [OMAR]],
            id="of the second, and a name",
        ),
        pytest.param(
            {"contacts": ["notify.sara"], "recipients": [SARA]},
            [[SARA], []],
            id="the same twice",
        ),
    ],
)
async def test_contacts_are_picked_by_their_entities(
    two: tuple[Account, Account], data: dict[str, Any], expected: list[list[str]]
) -> None:
    """Whichever account has them."""
    await two[0].hass.services.async_call(
        DOMAIN, "send_message", {"message": TEXT, **data}, blocking=True
    )
    assert sent(*two) == expected


async def test_an_entity_that_is_no_contact_holds_back_no_other(
    hass: HomeAssistant, two: tuple[Account, Account]
) -> None:
    """It is named; a contact of an account that is not loaded is, too."""
    contacts = ["notify.nobody", "notify.sara", "notify.omar"]
    await hass.config_entries.async_unload(two[1].entry.entry_id)
    with fails("partly_sent", sent="Sara") as info:
        await hass.services.async_call(
            DOMAIN,
            "send_message",
            {"message": TEXT, "contacts": contacts},
            blocking=True,
        )
    assert "notify.nobody: Recipient 1" in str(info.value)
    assert "The account Second is not ready" in str(info.value)
    assert sent(*two) == [[SARA], []]
    with refuses("no_recipients"):
        await hass.services.async_call(
            DOMAIN, "send_message", {"message": TEXT}, blocking=True
        )
