"""Adding contacts to an account, changing and removing them."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.flows import TRANSLATIONS, suggested

TEXTS = TRANSLATIONS["config_subentries"]["contact"]


@pytest.fixture
async def empty(rig: Rig) -> Account:
    """An account without contacts."""
    return await rig.add_account(contacts=())


async def submit(hass: HomeAssistant, flow_id: str, entered: dict[str, Any]) -> Any:
    """Send the form, let it be applied, and return the answer."""
    result = await hass.config_entries.subentries.async_configure(flow_id, entered)
    await hass.async_block_till_done()
    for error in (result.get("errors") or {}).values():
        assert error in TEXTS["error"]
    if result["type"] == "abort":
        assert result["reason"] in TEXTS["abort"]
    return result


async def open_form(account: Account) -> Any:
    """Open the form for a new contact."""
    form = await account.hass.config_entries.subentries.async_init(
        (account.entry.entry_id, "contact"), context={"source": SOURCE_USER}
    )
    assert (form["type"], form["step_id"], form["errors"]) == ("form", "user", {})
    return form


async def add(account: Account, **entered: Any) -> Any:
    """Add a contact."""
    form = await open_form(account)
    return await submit(account.hass, form["flow_id"], entered)


async def change(account: Account, subentry_id: str) -> Any:
    """Open the form of a contact that is there."""
    form = await account.entry.start_subentry_reconfigure_flow(
        account.hass, subentry_id
    )
    assert (form["type"], form["step_id"], form["errors"]) == (
        "form",
        "reconfigure",
        {},
    )
    return form


def contacts(account: Account) -> list[tuple[str, dict[str, Any], str | None]]:
    """Return title, data and unique id of all contacts."""
    return [
        (item.title, dict(item.data), item.unique_id)
        for item in account.entry.subentries.values()
    ]


@pytest.mark.parametrize(
    ("spelling", "number"),
    [
        ("+966590042734", SARA),
        ("00966 59 004 2734", SARA),
        ("0590042734", SARA),
        ("٠٥٩٠٠٤٢٧٣٤", SARA),
        ("\u202a+966 59-004-2734\u202c", SARA),
        ("+44 20 7946 0958", "+442079460958"),
        ("8080", "8080"),
    ],
)
async def test_a_number_is_kept_in_one_form(
    empty: Account, spelling: str, number: str
) -> None:
    """However it was typed, it is stored as it will be sent to."""
    result = await add(empty, name=" Sara ", phone_number=spelling)
    assert result["type"] == "create_entry"
    assert contacts(empty) == [
        ("Sara", {"name": "Sara", "phone_number": number}, number)
    ]


async def test_a_contact_can_be_written_to_at_once(
    hass: HomeAssistant, empty: Account
) -> None:
    """It has a notify entity, is found by name, and uses its SIM."""
    await add(empty, name="Omar", phone_number=OMAR, sim_number=1)
    (subentry,) = empty.entry.subentries.values()
    assert subentry.data["sim_number"] == 1
    entities = er.async_entries_for_config_entry(
        er.async_get(hass), empty.entry.entry_id
    )
    (notify,) = [
        item
        for item in entities
        if item.domain == "notify" and item.config_subentry_id == subentry.subentry_id
    ]
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": notify.entity_id, "message": "Hello"},
        blocking=True,
    )
    await empty.send("again", "omar")
    await empty.settled()
    assert [(sms.text, sms.phone_number) for sms in empty.phone.outbox] == [
        ("Hello", OMAR),
        ("again", OMAR),
    ]


@pytest.mark.parametrize(
    ("country", "number", "error"),
    [
        ("SA", "", "invalid_number"),
        ("SA", "12", "invalid_number"),
        ("SA", "+123", "invalid_number"),
        ("SA", "059004273412345", "invalid_number"),
        ("SA", "Sara", "unknown_contact"),
        (None, "0590042734", "number_needs_country"),
    ],
)
async def test_what_is_no_number_is_told_and_can_be_mended(
    hass: HomeAssistant, empty: Account, country: str | None, number: str, error: str
) -> None:
    """The field is named, and what was typed stays."""
    hass.config.country = country
    form = await open_form(empty)
    entered = {"name": "Sara", "phone_number": number, "sim_number": 2}
    result = await submit(hass, form["flow_id"], entered)
    assert result["errors"] == {"phone_number": error}
    assert suggested(result) == entered
    assert contacts(empty) == []
    result = await submit(hass, form["flow_id"], {"name": "Sara", "phone_number": SARA})
    assert result["type"] == "create_entry"


async def test_the_accounts_country_goes_before_home_assistants(
    hass: HomeAssistant, rig: Rig
) -> None:
    """A local form is read as in the options."""
    account = await rig.add_account(contacts=(), options={"country": "GB"})
    await add(account, name="Office", phone_number="020 7946 0958")
    assert contacts(account)[0][2] == "+442079460958"


@pytest.mark.parametrize("sim_number", [0, 4, -1, "one"])
async def test_a_sim_that_no_phone_has_is_refused(
    hass: HomeAssistant, empty: Account, sim_number: object
) -> None:
    """There are one to three."""
    form = await open_form(empty)
    entered = {"name": "Sara", "phone_number": SARA, "sim_number": sim_number}
    with pytest.raises(InvalidData):
        await submit(hass, form["flow_id"], entered)


@pytest.mark.parametrize("spelling", [SARA, "0590042734", "00966590042734"])
async def test_a_number_has_one_name(account: Account, spelling: str) -> None:
    """In whatever spelling, the second is refused, and the first is named."""
    entered = {"name": "Other", "phone_number": spelling}
    result = await add(account, **entered)
    assert result["errors"] == {"phone_number": "number_taken"}
    assert result["description_placeholders"]["other"] == "Sara"
    assert suggested(result) == entered
    assert [title for title, *_ in contacts(account)] == ["Sara"]


async def test_an_old_form_of_a_number_is_the_same_number(rig: Rig) -> None:
    """Mexico's mobile prefix of before 2019."""
    account = await rig.add_account(contacts=(contact("Eva", "+525512345678"),))
    result = await add(account, name="Eva 2", phone_number="+52 1 55 1234 5678")
    assert result["errors"] == {"phone_number": "number_taken"}


@pytest.mark.parametrize("name", ["Sara", " SARA ", "sa\u200fra", "Ｓａｒａ"])
async def test_a_name_belongs_to_one_contact_of_all_accounts(
    rig: Rig, account: Account, name: str
) -> None:
    """Which account sends to Sara must not depend on who asks; a number may be twice."""
    second = await rig.add_account(contacts=(), title="Second")
    result = await add(second, name=name, phone_number=OMAR)
    assert result["errors"] == {"name": "name_taken"}
    assert result["description_placeholders"]["other"] == "Sara (SMS Gate)"
    form = result["flow_id"]
    entered = {"name": "Sara at work", "phone_number": SARA}
    result = await submit(rig.hass, form, entered)
    assert result["type"] == "create_entry"


@pytest.mark.parametrize(
    "name", ["+966 55 123 4567", "0551234567", "٠٥٥", "112", "1-2"]
)
async def test_a_name_that_reads_as_a_number_is_refused(
    empty: Account, name: str
) -> None:
    """Whoever sends to that number would reach another one."""
    result = await add(empty, name=name, phone_number=SARA)
    assert result["errors"] == {"name": "name_is_number"}


@pytest.mark.parametrize("number", [551234567, 55.1234567])
async def test_the_field_of_a_number_is_a_text(empty: Account, number: float) -> None:
    """So no number reaches the check that YAML may have read as another one."""
    with pytest.raises(InvalidData):
        await add(empty, name="Omar", phone_number=number)


async def test_two_readings_are_shown(hass: HomeAssistant, empty: Account) -> None:
    """And the one that was meant can be entered."""
    hass.config.country = "KR"
    result = await add(empty, name="X", phone_number="00918123456789")
    assert result["errors"] == {"phone_number": "ambiguous_number"}
    readings = result["description_placeholders"]
    assert {readings["first"], readings["second"]} == {"+18123456789", "+918123456789"}


@pytest.mark.parametrize(
    ("number", "stored"),
    [
        pytest.param("+371 300000001234", "+371300000001234", id="of a thing"),
        pytest.param("94714231", "94714231", id="long short code"),
    ],
)
async def test_a_number_past_the_check(
    hass: HomeAssistant, empty: Account, number: str, stored: str
) -> None:
    """It is refused until the check is off, then sent to, and shown so again."""
    entered: dict[str, Any] = {"name": "Thing", "phone_number": number}
    result = await add(empty, **entered)
    assert result["errors"] == {"phone_number": "invalid_number"}
    result = await submit(
        hass, result["flow_id"], {**entered, "validate_numbers": False}
    )
    assert result["type"] == "create_entry"
    assert contacts(empty)[0] == (
        "Thing",
        {"name": "Thing", "phone_number": stored},
        stored,
    )
    await empty.send("on", "Thing")
    await empty.settled()
    assert [sms.phone_number for sms in empty.phone.outbox] == [stored]
    (subentry_id,) = empty.entry.subentries
    form = await change(empty, subentry_id)
    assert suggested(form)["validate_numbers"] is False


async def test_letters_are_refused_past_the_check(
    hass: HomeAssistant, empty: Account
) -> None:
    """The phone would drop them."""
    result = await add(empty, name="Bank", phone_number="ING", validate_numbers=False)
    assert result["errors"] == {"phone_number": "unknown_contact"}


@pytest.mark.parametrize("name", ["", "   ", "\u200f"])
async def test_a_contact_without_a_name_is_refused(empty: Account, name: str) -> None:
    """It would be a device without a name that nobody can address."""
    result = await add(empty, name=name, phone_number=SARA)
    assert result["type"] == "form"
    assert contacts(empty) == []


async def test_a_contact_is_changed(hass: HomeAssistant, rig: Rig) -> None:
    """Name, number and SIM change, and its device and entities stay the same."""
    account = await rig.add_account(contacts=(contact("Sara", SARA, 2),))
    (subentry_id,) = account.entry.subentries
    devices = dr.async_get(hass)
    before = {
        item.id
        for item in dr.async_entries_for_config_entry(devices, account.entry.entry_id)
    }
    form = await change(account, subentry_id)
    assert suggested(form) == {"name": "Sara", "phone_number": SARA, "sim_number": 2}
    result = await submit(
        hass, form["flow_id"], {"name": "Omar", "phone_number": "0501234567"}
    )
    assert (result["type"], result["reason"]) == ("abort", "reconfigure_successful")
    assert list(account.entry.subentries) == [subentry_id]
    assert contacts(account) == [("Omar", {"name": "Omar", "phone_number": OMAR}, OMAR)]
    after = {
        item.id
        for item in dr.async_entries_for_config_entry(devices, account.entry.entry_id)
    }
    assert after == before
    await account.send("new number", "omar")
    await account.settled()
    assert [sms.phone_number for sms in account.phone.outbox] == [OMAR]


async def test_a_contact_can_keep_its_number(
    hass: HomeAssistant, account: Account
) -> None:
    """It is not in its own way, and wrong numbers can be mended."""
    (subentry_id,) = account.entry.subentries
    form = await change(account, subentry_id)
    result = await submit(hass, form["flow_id"], {"name": "S", "phone_number": "12"})
    assert result["errors"] == {"phone_number": "invalid_number"}
    entered = {"name": "S", "phone_number": "0590042734"}
    result = await submit(hass, form["flow_id"], entered)
    assert result["reason"] == "reconfigure_successful"
    assert contacts(account) == [("S", {"name": "S", "phone_number": SARA}, SARA)]


async def test_a_contact_cannot_take_anothers_number(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Both stay as they are."""
    account = await rig.add_account(
        contacts=(contact("Sara", SARA), contact("Omar", OMAR))
    )
    before = contacts(account)
    form = await change(account, list(account.entry.subentries)[1])
    entered = {"name": "Omar", "phone_number": "0590042734"}
    result = await submit(hass, form["flow_id"], entered)
    assert result["errors"] == {"phone_number": "number_taken"}
    assert result["description_placeholders"]["other"] == "Sara"
    assert contacts(account) == before


async def test_the_name_is_mended_first(account: Account) -> None:
    """Where name and number are two other contacts', the name's owner is named."""
    await add(account, name="Omar", phone_number=OMAR)
    result = await add(account, name="sara", phone_number=OMAR)
    assert result["errors"] == {"name": "name_taken"}
    assert result["description_placeholders"]["other"] == "Sara (SMS Gate)"


async def test_a_removed_contact_leaves_nothing_behind(
    hass: HomeAssistant, account: Account
) -> None:
    """Neither a device nor an entity, and its name is unknown."""
    (subentry_id,) = account.entry.subentries
    hass.config_entries.async_remove_subentry(account.entry, subentry_id)
    await hass.async_block_till_done()
    entry_id = account.entry.entry_id
    left = er.async_entries_for_config_entry(er.async_get(hass), entry_id)
    assert all(item.config_subentry_id is None for item in left)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    assert all(item.name != "Sara" for item in devices)


async def test_two_valid_forms_of_a_number_are_one(rig: Rig) -> None:
    """Argentina writes its mobile numbers with and without a 9."""
    account = await rig.add_account(contacts=(contact("Eva", "+5491123456789"),))
    result = await add(account, name="Eva 2", phone_number="+54 11 2345 6789")
    assert result["errors"] == {"phone_number": "number_taken"}
