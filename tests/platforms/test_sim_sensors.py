"""A sensor for each SIM: its carrier, and a number that no history keeps."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from tests.account.test_recorder import database
from tests.support.common import Account, Rig, event_body
from tests.support.phones import MINUTE, WAYS, delivered, entity_of, let_pass, shown
from tests.support.receiving import lead_webhooks_here, quiet
from virtual_gateway import VirtualSim

pytestmark = pytest.mark.usefixtures("recorder_mock")

MOBILY = VirtualSim(2, "+966550000002", "Mobily", "8996603000000000002")


async def enable(account: Account, *numbers: int) -> None:
    """Enable the sensors of some SIMs, as a person does."""
    registry = er.async_get(account.hass)
    for number in numbers:
        entity_id = entity_of(account, "sensor", f"sim_{number}")
        registry.async_update_entity(entity_id, disabled_by=None)
    # Home Assistant reloads the entry half a minute later
    when = dt_util.utcnow() + timedelta(seconds=31)
    async_fire_time_changed(account.hass, when)
    await account.hass.async_block_till_done(wait_background_tasks=True)


def sims_of(account: Account) -> set[str]:
    """Return the ends of the unique ids of the SIMs' sensors."""
    registry = er.async_get(account.hass)
    found = er.async_entries_for_config_entry(registry, account.entry.entry_id)
    return {
        item.unique_id.rpartition("-")[2] for item in found if "-sim_" in item.unique_id
    }


@pytest.mark.parametrize("way", list(WAYS))
async def test_they_are_there_but_disabled(rig: Rig, way: str) -> None:
    """Few want them; a person enables them."""
    rig.gateway.phones[0].sims += (MOBILY,)
    mode, receive_mode = WAYS[way]
    account = await rig.add_account(mode=mode, options={"receive_mode": receive_mode})
    assert sims_of(account) == {"sim_1", "sim_2"}
    entity_id = entity_of(account, "sensor", "sim_2")
    entry = er.async_get(account.hass).async_get(entity_id)
    assert entry is not None
    assert entry.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert entry.entity_category is EntityCategory.DIAGNOSTIC
    assert account.hass.states.get(entity_id) is None


@pytest.mark.parametrize(
    ("mode", "carrier", "number"),
    [("local", "Mobily", "+966550000002"), ("private", "**bily", "*********0002")],
)
async def test_the_number_is_shown_but_not_recorded(
    hass: HomeAssistant, rig: Rig, mode: str, carrier: str, number: str
) -> None:
    """Its owner sees it; the database does not. Servers know its end only."""
    rig.gateway.phones[0].sims += (MOBILY,)
    account = await rig.add_account(mode=mode, options={"receive_mode": "poll"})
    await enable(account, 1, 2)
    state = shown(account, "sim_2")
    assert state.state == carrier
    assert state.attributes["phone_number"] == number
    assert state.name.endswith("SIM 2")
    written = await database(hass)
    assert carrier in written  # the state is there, so the number could be
    for private in (number, number[1:], "0000002", "*0002"):
        assert private not in written


async def test_a_sim_without_carrier_or_number(rig: Rig) -> None:
    """Many phones do not know their own number."""
    rig.gateway.phones[0].sims = (VirtualSim(1),)
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    await enable(account, 1)
    state = shown(account, "sim_1")
    assert state.state == "unknown"
    assert state.attributes["phone_number"] is None


async def test_a_sim_that_appears_later_by_poll(
    rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """With the next list of phones; the one that was there is not added again."""
    account = await rig.add_account()
    assert sims_of(account) == {"sim_1"}
    account.phone.sims += (MOBILY,)
    await let_pass(account, freezer, 12 * MINUTE, step=6 * MINUTE)
    assert sims_of(account) == {"sim_1", "sim_2"}


async def test_a_sim_that_appears_later_by_push(rig: Rig) -> None:
    """The app tells of its SIMs when it starts."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    lead_webhooks_here(account)
    account.phone.sims += (MOBILY,)
    account.phone.restart()
    await delivered(account)
    assert sims_of(account) == {"sim_1", "sim_2"}


@pytest.mark.parametrize("lists_sims", [True, False])
async def test_an_old_start_brings_no_old_sims_back(
    rig: Rig, *, lists_sims: bool
) -> None:
    """It comes late and has no time: the gateway's list is right, where it shows SIMs.

    An older server's list shows none; there the last start that came counts.
    """
    rig.gateway.phones[0].sims = (MOBILY,) if lists_sims else ()
    account = await rig.add_account()
    assert sims_of(account) == ({"sim_2"} if lists_sims else set())
    old = event_body("app:started", simCards=[{"slotIndex": 0, "simNumber": 1}])
    old["deviceId"] = account.phone.id
    async with rig.web.post(account.webhook_path, json=old) as response:
        assert response.status == 200
    await quiet(account.hass)
    state = account.entry.runtime_data.account.phones[account.phone.id]
    numbers = [card.sim_number for card in state.sim_cards]
    assert numbers == ([2] if lists_sims else [1])
    assert state.known_sims == ({2} if lists_sims else {1})


async def test_a_sim_in_a_phone_that_appears_later(
    rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """The same for a phone that joins the account."""
    account = await rig.add_account()
    rig.gateway.add_phone("Google/Pixel 9", sims=(MOBILY,))
    await let_pass(account, freezer, 12 * MINUTE, step=6 * MINUTE)
    assert sims_of(account) == {"sim_1", "sim_2"}


async def test_a_sim_that_goes_and_returns_is_unavailable_meanwhile(
    rig: Rig, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """Its sensor stays, and is the same one again."""
    rig.gateway.phones[0].sims += (MOBILY,)
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    await enable(account, 2)
    both = account.phone.sims
    assert shown(account, "sim_2").state == "Mobily"
    account.phone.sims = both[:1]
    await let_pass(account, freezer, 12 * MINUTE, step=6 * MINUTE)
    assert shown(account, "sim_2").state == "unavailable"
    account.phone.sims = both
    await let_pass(account, freezer, 12 * MINUTE, step=6 * MINUTE)
    assert shown(account, "sim_2").state == "Mobily"
    assert "unique" not in caplog.text
