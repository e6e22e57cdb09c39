"""Diagnostics and system health help without telling."""

import json

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.json import json_dumps
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
)
from tests.support.common import SARA, Rig


@pytest.mark.parametrize("mode", ["private", "local"])
async def test_nothing_private_is_told(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """Counts, versions and times, but no number, text, secret or address."""
    account = await rig.add_account(
        mode=mode, options={"signing_key": rig.gateway.phones[0].signing_key}
    )
    await account.send("A private text", "Sara")
    account.phone.receive(SARA, "Another private text")
    account.phone.ping()
    await account.settled()

    told = await async_get_config_entry_diagnostics(hass, account.entry)
    phone_id = account.phone.id if mode == "private" else account.phone.local_id
    device = dr.async_get(hass).async_get(
        dr.async_get_device_id_by_identifier(
            hass, (DOMAIN, phone_id), config_entry_id=account.entry.entry_id
        )
    )
    assert isinstance(device, dr.DeviceEntry)
    of_device = await async_get_device_diagnostics(hass, account.entry, device)
    text = json_dumps([told, of_device])
    for private in (
        SARA,
        SARA[1:],
        "private text",
        "Sara",
        account.entry.data["webhook_id"],
        str(account.phone.signing_key),
        account.gateway.url,
        account.phone.id,
        account.phone.local_id,
    ):
        assert private not in text
    assert told["mode"] == mode
    assert told["contacts"] == 1
    assert told["options_set"]["signing_key"] is True
    assert told["phones"] == of_device["phones"]
    (phone,) = json.loads(json_dumps(told["phones"]))
    assert phone["app_version"] == account.phone.app_version
    assert phone["checks"]["battery:level"]["value"] == account.phone.battery
    assert phone["online"] is True


async def test_system_health_shows_each_account(hass: HomeAssistant, rig: Rig) -> None:
    """Mode, way of receiving, and whether the gateway answers."""
    await rig.add_account()
    await rig.add_account(mode="local", options={"receive_mode": "poll"}, title="Phone")
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    info = await get_system_health_info(hass, DOMAIN)
    assert info["accounts"] == 2
    assert info["mode_1"] == "private"
    assert info["receiving_1"] == "webhook"
    assert info["mode_2"] == "local"
    assert info["receiving_2"] == "poll"
    assert info["reachable_1"] is info["reachable_2"] is True
