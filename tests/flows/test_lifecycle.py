"""Unload, reload and remove: nothing stays that should go, nothing goes that should stay."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.dispatcher import DATA_DISPATCHER
from homeassistant.util.async_ import get_scheduled_timer_handles

from custom_components.sms_gate.const import DOMAIN
from tests.support.cloud import cloud
from tests.support.common import OMAR, SARA, Account, Rig, collect, contact, event_body
from tests.support.ways import Connect, Route, connect, every_pushed_route

__all__ = ["cloud", "connect"]


def signals(hass: HomeAssistant) -> list[str]:
    """Return our signals that somebody listens to."""
    listeners = hass.data.get(DATA_DISPATCHER, {})
    return [
        str(key) for key, heard in listeners.items() if heard and DOMAIN in str(key)
    ]


def timers(hass: HomeAssistant) -> list[str]:
    """Return timers of ours that are still to run."""
    return [
        repr(handle)
        for handle in get_scheduled_timer_handles(hass.loop)
        if not handle.cancelled() and DOMAIN in repr(handle)
    ]


def listeners(hass: HomeAssistant) -> Counter[str]:
    """Return how many listen to which event."""
    found = hass.bus.async_listeners()
    return Counter({str(kind): count for kind, count in found.items()})


def files(hass: HomeAssistant) -> Iterator[str]:
    """Return the names of our files."""
    folder = Path(hass.config.path(".storage"))
    return (path.name for path in folder.glob(f"{DOMAIN}*"))


async def used(account: Account) -> None:
    """Send and receive, so that everything was in use."""
    await account.send("out", "Sara")
    account.phone.receive(SARA, "in")
    await account.settled()


async def test_unloading_leaves_no_listener_and_no_timer(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Loading and unloading again and again adds nothing."""
    account = await rig.add_account()
    await used(account)
    await hass.config_entries.async_unload(account.entry.entry_id)
    await hass.async_block_till_done()
    before = listeners(hass)
    assert signals(hass) == []
    for _ in range(3):
        await hass.config_entries.async_setup(account.entry.entry_id)
        assert signals(hass) != []
        await used(account)
        await hass.config_entries.async_unload(account.entry.entry_id)
        await hass.async_block_till_done()
    assert account.entry.state is ConfigEntryState.NOT_LOADED
    assert listeners(hass) - before == Counter()
    assert signals(hass) == []
    assert timers(hass) == []


async def test_an_unloaded_account_asks_the_gateway_nothing(
    hass: HomeAssistant, account: Account
) -> None:
    """No request in the background, and its entities are unavailable."""
    await used(account)
    await hass.config_entries.async_unload(account.entry.entry_id)
    await hass.async_block_till_done()
    account.gateway.requests.clear()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert account.gateway.requests == []
    registry = er.async_get(hass)
    entries = er.async_entries_for_config_entry(registry, account.entry.entry_id)
    states = [hass.states.get(entry.entity_id) for entry in entries]
    assert {state.state for state in states if state} == {"unavailable"}


async def test_removal_leaves_nothing_behind(hass: HomeAssistant, rig: Rig) -> None:
    """No file, service, device, entity, issue, webhook or timer."""
    account = await rig.add_account(title="Home")
    await used(account)
    assert list(files(hass))
    assert hass.services.has_service("notify", "home")
    await hass.config_entries.async_remove(account.entry.entry_id)
    await hass.async_block_till_done()
    assert list(files(hass)) == []
    assert not hass.services.has_service("notify", "home")
    assert signals(hass) == []
    assert timers(hass) == []
    assert account.gateway.account_webhooks == {}
    entry_id = account.entry.entry_id
    assert dr.async_entries_for_config_entry(dr.async_get(hass), entry_id) == []
    assert er.async_entries_for_config_entry(er.async_get(hass), entry_id) == []
    async with rig.web.post(account.webhook_path, json=event_body()) as response:
        assert response.status == 404


async def test_removing_one_account_leaves_the_other(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Files, webhooks and messages of the other one stay."""
    account = await rig.add_account()
    await used(account)
    other = await rig.add_account(mode="cloud", title="Second")
    await hass.config_entries.async_remove(other.entry.entry_id)
    await hass.async_block_till_done()
    assert any(account.entry.entry_id in name for name in files(hass))
    assert not any(other.entry.entry_id in name for name in files(hass))
    seen = collect(hass)
    await used(account)
    assert sorted(seen.kinds()) == ["sms_delivered", "sms_received", "sms_sent"]


async def test_a_new_contact_is_there_at_once(
    hass: HomeAssistant, account: Account
) -> None:
    """Adding one reloads: it has entities, a device, and its messages a name."""
    new = contact("Omar", OMAR)
    hass.config_entries.async_add_subentry(
        account.entry,
        ConfigSubentry(
            data=MappingProxyType(dict(new["data"])),
            subentry_type="contact",
            title="Omar",
            unique_id=OMAR,
        ),
    )
    await hass.async_block_till_done()
    assert account.entry.state is ConfigEntryState.LOADED
    assert hass.states.get("notify.omar") is not None
    assert hass.states.get("event.omar_message") is not None
    seen = collect(hass)
    account.phone.receive(OMAR, "hello")
    await account.settled()
    assert seen.data("sms_received")[0]["contact"] == "Omar"


async def test_a_removed_contact_goes_with_its_device(
    hass: HomeAssistant, account: Account
) -> None:
    """Its messages still come, without a name."""
    (subentry_id,) = account.entry.subentries
    hass.config_entries.async_remove_subentry(account.entry, subentry_id)
    await hass.async_block_till_done()
    registry = dr.async_get(hass)
    devices = dr.async_entries_for_config_entry(registry, account.entry.entry_id)
    assert {device.name for device in devices} == {"SMS Gate", "Samsung a16"}
    assert hass.states.get("notify.sara") is None
    seen = collect(hass)
    account.phone.receive(SARA, "hello")
    await account.settled()
    assert seen.data("sms_received")[0]["contact"] is None


@every_pushed_route
async def test_many_reloads_at_once_end_loaded(
    hass: HomeAssistant, connect: Connect, route: Route
) -> None:
    """Impatience does no harm, and nothing that came meanwhile is lost."""
    account = await connect(route)
    seen = collect(hass)
    entry_id = account.entry.entry_id
    reloads = [hass.config_entries.async_reload(entry_id) for _ in range(3)]
    for number in range(5):
        account.phone.receive(SARA, f"number {number}")
    await asyncio.gather(*reloads)
    await account.settled()
    assert account.entry.state is ConfigEntryState.LOADED
    messages = [item["message"] for item in seen.data("sms_received")]
    assert sorted(messages) == [f"number {number}" for number in range(5)]
