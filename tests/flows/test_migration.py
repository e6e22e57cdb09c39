"""Entries of SMSGateHA, which used the same domain, are taken over."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import OMAR, SARA, Rig, contact


def stored(rig: Rig, **options: Any) -> MockConfigEntry:
    """Return an entry as SMSGateHA left it."""
    return MockConfigEntry(
        domain=DOMAIN,
        version=1,
        title="SMS",
        data={
            "host": "127.0.0.1",
            "port": rig.gateway.port,
            "username": rig.gateway.username,
            "password": rig.gateway.password,
        },
        options=options,
    )


@pytest.mark.parametrize(
    "recipients",
    [
        pytest.param([SARA, OMAR], id="list"),
        pytest.param(f"{SARA}, 050 123 4567", id="text"),
        pytest.param({"Sara": SARA, "Omar": OMAR}, id="mapping"),
        pytest.param(
            [{"name": "Sara", "number": SARA}, {"phone_number": OMAR}, "nonsense"],
            id="objects",
        ),
    ],
)
async def test_the_account_is_kept_and_recipients_become_contacts(
    hass: HomeAssistant, rig: Rig, recipients: object
) -> None:
    """It loads in local mode, known by its phone, and can send to the contacts."""
    entry = stored(rig, recipients=recipients)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.version == 2
    assert entry.data["mode"] == "local"
    assert entry.unique_id == rig.gateway.phones[0].local_id
    numbers = {item.data["phone_number"] for item in entry.subentries.values()}
    assert numbers == {SARA, OMAR}
    assert len(entry.data["webhook_id"]) == 64


def left_out(hass: HomeAssistant, entry: MockConfigEntry) -> list[str]:
    """Return the recipients that the repair issue names."""
    key = f"old_recipients_{entry.entry_id}"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, key)
    shown = issue and issue.translation_placeholders
    return shown["recipients"].splitlines() if shown else []


@pytest.mark.parametrize(
    ("recipients", "numbers", "named"),
    [
        pytest.param(f"{SARA}; 050 123 4567", {SARA, OMAR}, [], id="semicolon"),
        pytest.param(f"{SARA}\n0501234567", {SARA, OMAR}, [], id="lines"),
        pytest.param(f"Sara: {SARA}\nOmar: {OMAR}", {SARA, OMAR}, [], id="named lines"),
        pytest.param([[SARA], [[OMAR]]], {SARA, OMAR}, [], id="lists in a list"),
        pytest.param(590042734, {SARA}, [], id="whole number"),
        pytest.param([0o551234567], {"+966551234567"}, [], id="octal"),
        pytest.param({"A": 966590042734.0}, {SARA}, [], id="calculated"),
        pytest.param([SARA, "0590042734"], {SARA}, [], id="repeated"),
        pytest.param([SARA, "", None], {SARA}, [], id="empty items"),
        pytest.param(f"tel:{SARA}", {SARA}, [], id="link"),
        pytest.param({"Sara": SARA, "Old": "0590"}, {SARA}, ["- Old: 0590"], id="cut"),
        pytest.param({"Sara": SARA, "X": None}, {SARA}, ["- X: "], id="no number"),
        pytest.param({"Bank": "STC"}, set(), ["- Bank: STC"], id="letters"),
        pytest.param([{"name": "Sara"}], set(), ["- Sara: "], id="object, no number"),
        pytest.param(
            {"Sara": SARA, "Mum": "0590042734"},
            {SARA},
            ["- Mum: 0590042734"],
            id="one number, two names",
        ),
        pytest.param(
            {"Sara": SARA, "SARA ": OMAR}, {SARA}, [f"- SARA: {OMAR}"], id="one name"
        ),
        pytest.param({"Taken": SARA}, set(), [f"- Taken: {SARA}"], id="elsewhere"),
        pytest.param(
            {"0501234567": SARA}, set(), [f"- 0501234567: {SARA}"], id="number as name"
        ),
        pytest.param(
            {"Two": f"{SARA}, {OMAR}"}, set(), [f"- Two: {SARA}, {OMAR}"], id="several"
        ),
        pytest.param({"A": "+1 234", "B": SARA}, {SARA}, ["- A: +1 234"], id="invalid"),
        pytest.param(["Sara", "nonsense"], set(), ["- Sara", "- nonsense"], id="words"),
        pytest.param({"": SARA}, {SARA}, [], id="no name"),
        pytest.param(
            [[{"name": "S", "phone": SARA}]], {SARA}, [], id="object in lists"
        ),
        pytest.param([{"name": "S", "number": {}}], set(), ["- S: "], id="no number"),
        pytest.param(None, set(), [], id="none"),
    ],
)
async def test_nobody_is_left_out_in_silence(
    hass: HomeAssistant,
    rig: Rig,
    caplog: pytest.LogCaptureFixture,
    recipients: object,
    numbers: set[str],
    named: list[str],
) -> None:
    """Who is no contact now is named in an issue, and no number is in the log."""
    MockConfigEntry(
        domain=DOMAIN, version=2, subentries_data=[contact("Taken", "+966501111111")]
    ).add_to_hass(hass)
    entry = stored(rig, recipients=recipients)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    found = {item.data["phone_number"] for item in entry.subentries.values()}
    assert found == numbers
    assert left_out(hass, entry) == named
    ours = [r.getMessage() for r in caplog.records if "custom_components" in r.name]
    assert not [line for line in ours if "59004" in line or "50123" in line]


async def test_the_issue_ends_when_all_are_contacts(
    hass: HomeAssistant, rig: Rig
) -> None:
    """It outlives a reload, and lists who is still missing."""
    entry = stored(rig, recipients={"Sara": "0590", "omar ": "0501"})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.config_entries.async_reload(entry.entry_id)
    assert left_out(hass, entry) == ["- Sara: 0590", "- omar: 0501"]
    for name, number, rest in (("sara", SARA, ["- omar: 0501"]), ("Omar", OMAR, [])):
        form = await hass.config_entries.subentries.async_init(
            (entry.entry_id, "contact"), context={"source": "user"}
        )
        await hass.config_entries.subentries.async_configure(
            form["flow_id"], {"name": name, "phone_number": number}
        )
        await hass.async_block_till_done()
        assert left_out(hass, entry) == rest


async def test_templates_are_kept_as_a_note(hass: HomeAssistant, rig: Rig) -> None:
    """The repair issue shows them and goes with the account."""
    entry = stored(rig, templates={"alarm": "The alarm went off"})
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    issues = ir.async_get(hass)
    issue = issues.async_get_issue(DOMAIN, f"old_templates_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    shown = issue.translation_placeholders["templates"]
    assert shown == "- alarm: The alarm went off"
    await hass.config_entries.async_remove(entry.entry_id)
    assert issues.async_get_issue(DOMAIN, f"old_templates_{entry.entry_id}") is None


async def test_an_entry_of_a_newer_version_is_left_alone(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Going back to an older version of the integration does not spoil it."""
    entry = MockConfigEntry(domain=DOMAIN, version=3, data={"mode": "local"})
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
    assert entry.data == {"mode": "local"}


@pytest.mark.parametrize("host", ["", "a b", "[x"])
async def test_an_old_entry_without_an_address_is_left_alone(
    hass: HomeAssistant, rig: Rig, host: str
) -> None:
    """Nothing is guessed."""
    entry = MockConfigEntry(domain=DOMAIN, version=1, data={"host": host})
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
    assert entry.version == 1
