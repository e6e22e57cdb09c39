"""Everything a user sees of an account, whole: devices, entities, states."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import RELOAD_AFTER_UPDATE_DELAY, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from tests.support.common import SARA, Account, Rig
from tests.support.days import MINUTE, live
from virtual_gateway import VirtualGateway, VirtualSim

NOW = "2026-11-22T12:00:00+00:00"
TWO_SIMS = (
    VirtualSim(1, "+966500000001", "STC", "8900000000000000001"),
    VirtualSim(2, "+966500000002", "Mobily", "8900000000000000002"),
)
ONE_SIM = (VirtualSim(1, "+966500000003", "Zain", "8900000000000000003"),)


@pytest.fixture
async def gateway(freezer: FrozenDateTimeFactory) -> AsyncGenerator[VirtualGateway]:
    """A gateway in frozen time, without phones yet."""
    freezer.move_to(NOW)
    async with VirtualGateway(speed=1.0, phones=0) as running:
        yield running


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Home Assistant's way to write snapshots, in the folder ``snapshots``."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


def _named(hass: HomeAssistant, device_id: str | None) -> str | None:
    """Return a device's name: its id is another one each time."""
    device = dr.async_get(hass).async_get(device_id) if device_id else None
    return device.name if device else None


def _without_ids(account: Account, value: Any) -> Any:
    """Replace the ids that are made anew each time, wherever they are."""
    if isinstance(value, Mapping):
        return {str(key): _without_ids(account, item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_ids(account, item) for item in value]
    if isinstance(value, str):
        return value.replace(account.entry.entry_id, "ENTRY")
    return value


def devices(account: Account) -> list[dict[str, Any]]:
    """Return the account's devices."""
    hass = account.hass
    found = dr.async_entries_for_config_entry(
        dr.async_get(hass), account.entry.entry_id
    )
    shown = [
        {
            "name": device.name,
            "identifiers": sorted(map(list, device.identifiers)),
            "manufacturer": device.manufacturer,
            "model": device.model,
            "sw_version": device.sw_version,
            "entry_type": device.entry_type and device.entry_type.value,
            "via": _named(hass, device.via_device_id),
        }
        for device in found
    ]
    plain: list[dict[str, Any]] = _without_ids(account, shown)
    return sorted(plain, key=lambda item: str(item["identifiers"]))


def entities(account: Account, disabled: set[str]) -> dict[str, dict[str, Any]]:
    """Return the account's entities by their ids, with their states."""
    found = er.async_entries_for_config_entry(
        er.async_get(account.hass), account.entry.entry_id
    )
    return {
        entry.entity_id: _without_ids(
            account,
            {
                "unique_id": entry.unique_id,
                "device": _named(account.hass, entry.device_id),
                "name": entry.original_name,
                "translation_key": entry.translation_key,
                "category": entry.entity_category and entry.entity_category.value,
                "device_class": entry.original_device_class,
                "unit": entry.unit_of_measurement,
                "capabilities": entry.capabilities,
                "disabled by default": entry.entity_id in disabled,
                **_state(account.hass, entry.entity_id),
            },
        )
        for entry in sorted(found, key=lambda item: item.entity_id)
    }


def _state(hass: HomeAssistant, entity_id: str) -> dict[str, Any]:
    """Return an entity's state and attributes."""
    state = hass.states.get(entity_id)
    assert state is not None
    attributes = dict(sorted(state.attributes.items()))
    if "device_id" in attributes:
        attributes["device_id"] = _named(hass, attributes["device_id"])
    return {"state": state.state, "attributes": attributes}


async def enable_all(account: Account, freezer: FrozenDateTimeFactory) -> set[str]:
    """Enable what is disabled by default; return which that is.

    Home Assistant itself reloads the account half a minute later.
    """
    registry = er.async_get(account.hass)
    entry_id = account.entry.entry_id
    found = er.async_entries_for_config_entry(registry, entry_id)
    disabled = {entry.entity_id for entry in found if entry.disabled_by}
    for entity_id in disabled:
        registry.async_update_entity(entity_id, disabled_by=None)
    await live(freezer, account, seconds=2 * RELOAD_AFTER_UPDATE_DELAY, step=5)
    return disabled


async def use(account: Account, freezer: FrozenDateTimeFactory) -> None:
    """Let each phone tell how it is, and receive one SMS from the contact."""
    for phone in account.gateway.phones:
        phone.restart()
        phone.ping()
        phone.receive(SARA, "hello مرحبا")
        await live(freezer, account, seconds=10, step=5)
    await live(freezer, account, seconds=10 * MINUTE)


async def check(
    account: Account, freezer: FrozenDateTimeFactory, snapshot: SnapshotAssertion
) -> None:
    """Compare all there is with what is stored beside this file."""
    disabled = await enable_all(account, freezer)
    await use(account, freezer)
    assert account.entry.state is ConfigEntryState.LOADED
    assert devices(account) == snapshot(name="devices")
    assert entities(account, disabled) == snapshot(name="entities")


async def test_an_account_with_two_phones_and_three_sims(
    rig: Rig, freezer: FrozenDateTimeFactory, snapshot: SnapshotAssertion
) -> None:
    """A private server, one contact; a server shows the last four digits of SIMs."""
    rig.gateway.add_phone("Samsung/Galaxy A16", TWO_SIMS)
    rig.gateway.add_phone("Google/Pixel 9", ONE_SIM).charging = "usb"
    await check(await rig.add_account(title="Home"), freezer, snapshot)


@pytest.mark.parametrize("receive_mode", ["webhook", "poll"])
async def test_a_local_phone(
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    snapshot: SnapshotAssertion,
    receive_mode: str,
) -> None:
    """It shows its SIMs' whole numbers, and says itself how it is."""
    rig.gateway.add_phone("Samsung/Galaxy A16", TWO_SIMS)
    account = await rig.add_account(
        mode="local", title="Home", options={"receive_mode": receive_mode}
    )
    await check(account, freezer, snapshot)
