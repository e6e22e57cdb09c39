"""Entries of SMSGateHA, which used the same domain, are taken over."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import OMAR, SARA, Rig


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
