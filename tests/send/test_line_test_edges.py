"""Line tests while something else happens: two at once, reloads, removal, no number."""

import asyncio
from typing import Any

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.sms_gate.gateway.fields import Items
from custom_components.sms_gate.gateway.models import Device
from harness.until import until
from tests.support.common import Rig
from tests.support.receiving import issues
from tests.support.sending import posts, refuses
from virtual_gateway import VirtualSim

from .test_line_test import OWN, run, set_up, state_of, swallow


async def test_two_phones_at_once(rig: Rig, hass: HomeAssistant) -> None:
    """Each proves its own line: what one swallows is no failure of the other."""
    rig.gateway.add_phone("Pixel/9", [VirtualSim(1, "+966500000009")])
    account = await set_up(rig)
    data = account.entry.runtime_data
    first, second = account.gateway.phones
    second.outcomes[OWN] = "failed"
    devices = [data.account.phones.device_id(it.id) for it in (first, second)]
    good, bad = await asyncio.gather(*(run(account, device=it) for it in devices))
    assert (good["failed"], bad["failed"]) == (None, "sent")
    lines = [data.account.phones[it.id].line for it in (first, second)]
    assert [line.failed for line in lines] == [None, "line_not_sent"]
    assert {key for key in issues(hass) if "line_" in str(key)} == {"line_not_sent"}
    # One after the other the second is proven, too
    second.outcomes.clear()
    assert (await run(account, device=devices[1]))["failed"] is None
    await until(lambda: "line_not_sent" not in issues(hass))
    assert len(posts(account.gateway)) == 3


async def test_a_second_test_after_a_reload(rig: Rig, hass: HomeAssistant) -> None:
    """The first is still under way: it is not paid twice, and both get their turn."""
    account = await set_up(rig)
    swallow(account)
    test = asyncio.create_task(run(account))
    await until(lambda: account.phone.outbox)
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    with refuses("line_test_running"):
        await run(account)
    account.phone.receive(OWN, account.phone.outbox[0].text or "")
    assert (await test)["failed"] is None
    account.phone.outcomes.clear()
    assert (await run(account))["failed"] is None
    assert len(account.phone.outbox) == 2


@pytest.mark.parametrize("how", ["remove", "disable"])
async def test_an_account_that_goes_during_a_test(
    rig: Rig, hass: HomeAssistant, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever waits is told; nothing is left of the test, and nothing goes wrong."""
    account = await set_up(rig)
    swallow(account)
    test = asyncio.create_task(run(account, seconds=1.5))
    await until(lambda: account.phone.outbox)
    if how == "remove":
        await hass.config_entries.async_remove(account.entry.entry_id)
    else:
        await hass.config_entries.async_unload(account.entry.entry_id)
    with pytest.raises(HomeAssistantError) as info:
        await test
    assert info.value.translation_key is not None
    assert not any("line_" in str(key) for key in issues(hass))
    assert "Traceback" not in caplog.text


async def test_an_account_that_goes_while_its_phones_are_fetched(
    rig: Rig, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No phone is registered for an account that is gone."""
    account = await set_up(rig)
    account.phone.online = False
    client = account.entry.runtime_data.account.client
    fetch = client.devices

    async def devices() -> Items[Device]:
        found: Items[Device] = await fetch()
        await hass.config_entries.async_remove(account.entry.entry_id)
        return found

    monkeypatch.setattr(client, "devices", devices)
    with refuses("account_not_loaded"):
        await run(account, seconds=0.2)


@pytest.mark.parametrize(
    "sims", [(VirtualSim(1),), (VirtualSim(1), VirtualSim(2))], ids=["one", "two"]
)
async def test_a_local_phone_whose_sim_names_no_number(
    rig: Rig, hass: HomeAssistant, sims: tuple[VirtualSim, ...]
) -> None:
    """Many SIMs do not: the error says where to enter it, and then it is used."""
    account = await set_up(rig, "local")
    account.phone.sims = sims
    await account.entry.runtime_data.coordinator.async_refresh()
    with refuses("line_test_no_number"):
        await run(account)
    assert not posts(account.gateway)
    assert state_of(account, "last_proven").state == STATE_UNKNOWN
    account.phone.sims = (VirtualSim(1, OWN), *sims[1:])
    options = {**account.entry.options, "line_test_number": OWN}
    hass.config_entries.async_update_entry(account.entry, options=options)
    await hass.async_block_till_done()
    answer: Any = await run(account)
    assert answer["failed"] is None
