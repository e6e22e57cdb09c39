"""Webhooks by the version of each phone's app."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.sms_gate.account import last_known
from custom_components.sms_gate.gateway.events import (
    ASSUMED_RELEASE,
    BATCHES,
    EventKind,
    events_known_to,
    release_of,
)
from custom_components.sms_gate.receive.webhook_ids import id_prefix
from harness.until import until
from tests.support.common import SARA, Account, Rig, collect
from tests.support.receiving import quiet, texts

OLDEST = {"sms:received", "sms:sent", "sms:delivered", "sms:failed", "system:ping"}


def registered(account: Account, phone_id: str | None = None) -> set[str]:
    """Return the events that are registered for every phone, or for one."""
    return {
        str(hook["event"])
        for hook in account.gateway.account_webhooks.values()
        if hook.get("deviceId") == phone_id
    }


@pytest.mark.parametrize(
    ("version", "added", "missing"),
    [
        ("1.38.2", set(), {"sms:data-received"}),
        ("1.39.0", {"sms:data-received"}, {"mms:received"}),
        ("1.46.9", set(), {"mms:received"}),
        ("1.47.0", {"mms:received"}, {"mms:downloaded"}),
        ("1.56.0", {"mms:downloaded"}, {"app:started"}),
        ("1.65.2", set(), {"app:started"}),
        ("1.66.0", {"app:started"}, {"sms:cancelled"}),
        ("1.67.0", {"sms:cancelled"}, set(BATCHES)),
        ("1.70.4", set(), set(BATCHES)),
        ("1.71.0-beta1", set(BATCHES), set()),
        ("1.100.0", set(BATCHES), set()),
        ("2.0", set(BATCHES), set()),
    ],
)
def test_a_release_knows_its_own_events_and_those_before(
    version: str, added: set[str], missing: set[str]
) -> None:
    """And none that came later."""
    known = set(events_known_to(release_of(version)))
    assert known >= OLDEST | added
    assert not known & missing


@pytest.mark.parametrize("version", [None, "", "nightly", "1.x"])
def test_an_unknown_release_is_asked_for_little(version: str | None) -> None:
    """One event too many, and an old app would ignore them all."""
    assert set(events_known_to(release_of(version))) == OLDEST | {"sms:data-received"}
    assert events_known_to(()) == events_known_to(ASSUMED_RELEASE)


async def test_more_is_registered_once_the_app_is_known(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Its first webhook says which app it is."""
    account = await rig.add_account(known_apps=False)
    assert registered(account) == set(events_known_to(()))
    seen = collect(hass)
    account.phone.receive(SARA, "first")
    release = release_of(account.phone.app_version)
    await until(lambda: registered(account) == set(events_known_to(release)))
    await account.settled()
    assert texts(seen) == ["first"]
    account.phone.receive_mms(SARA, subject="Look")
    await account.settled()
    assert "mms_received" in seen.kinds()


async def test_an_old_phone_keeps_no_event_from_a_new_one(
    hass: HomeAssistant, rig: Rig
) -> None:
    """What only the new one knows is registered for it alone."""
    rig.gateway.phones[0].app_version = "1.75.0"
    old = rig.gateway.add_phone()
    old.app_version = "1.47.0"
    account = await rig.add_account()
    common = set(events_known_to((1, 47)))
    assert registered(account) == common
    assert registered(account, account.phone.id) == (
        set(events_known_to((1, 75))) - common
    )
    assert registered(account, old.id) == set()
    assert all(len(key) <= 36 for key in account.gateway.account_webhooks)


async def test_a_phone_that_joins_withdraws_what_it_may_not_know(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Before it meets an event that it would stumble over."""
    account = await rig.add_account()
    assert EventKind.MMS_DOWNLOADED in registered(account)
    rig.gateway.add_phone().app_version = "1.47.0"
    await account.entry.runtime_data.coordinator.async_refresh()
    await quiet(hass)
    assert EventKind.SMS_RECEIVED in registered(account)
    assert registered(account) <= set(events_known_to((1, 47)))
    assert EventKind.MMS_DOWNLOADED in registered(account, account.phone.id)


async def forget_apps(account: Account) -> None:
    """Load the account as a start after a kill does that came too early."""
    hass, entry_id = account.hass, account.entry.entry_id
    assert await hass.config_entries.async_unload(entry_id)
    await quiet(hass)
    known = hass.data[last_known._LAST_KNOWN].pop(entry_id)
    await known._store.async_remove()
    registry = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(registry, entry_id):
        registry.async_update_device(device.id, sw_version=None)
    assert await hass.config_entries.async_setup(entry_id)
    await quiet(hass)


@pytest.mark.parametrize("version", ["1.75.0", "1.47.0"])
async def test_nothing_is_withdrawn_while_an_app_is_not_known_any_more(
    hass: HomeAssistant, rig: Rig, version: str
) -> None:
    """The phone did not change only because Home Assistant was killed."""
    rig.gateway.phones[0].app_version = version
    account = await rig.add_account()
    newest = registered(account)
    assert newest > set(events_known_to(()))
    before = len(account.gateway.requests)
    await forget_apps(account)
    assert account.entry.runtime_data.account.phones[account.phone.id].version is None
    await account.entry.runtime_data.receiving._checks.async_refresh()
    assert registered(account) == newest
    requests = _webhook_requests(account, before)
    assert [it.method for it in requests] == ["GET"] * len(requests)
    account.phone.receive(SARA, "one")
    await account.settled()
    state = account.entry.runtime_data.account.phones[account.phone.id]
    assert state.version == version
    assert registered(account) == newest


async def test_what_is_not_known_any_more_goes_with_its_reason(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Of an old address, of an event that nobody knows, of a phone that is gone."""
    rig.gateway.phones[0].app_version = "1.75.0"
    rig.gateway.add_phone().app_version = "1.47.0"
    account = await rig.add_account()
    hooks = account.gateway.account_webhooks
    mine = next(it for it in hooks.values() if it.get("deviceId") == account.phone.id)
    odd = {
        "address": {**mine, "deviceId": None, "url": "https://old.example/x"},
        "event": {**mine, "deviceId": None, "event": "sms:received-twice"},
        "phone": {**mine, "deviceId": "gone"},
    }
    for name, hook in odd.items():
        key = f"{id_prefix(account.entry.entry_id)}{name}"
        hooks[key] = {**hook, "id": key}
    await forget_apps(account)
    assert mine["id"] in hooks
    assert not [key for key in hooks if key.endswith(tuple(odd))]
    # Another phone may know less than those that were there
    rig.gateway.add_phone()
    await account.entry.runtime_data.coordinator.async_refresh()
    await until(lambda: mine["id"] not in hooks, "nothing for an app not known")


async def test_what_is_new_is_there_before_the_old_goes(
    hass: HomeAssistant, rig: Rig
) -> None:
    """A kill in between leaves no event without a webhook."""
    account = await rig.add_account()
    before = len(account.gateway.requests)
    rig.gateway.add_phone().app_version = "1.47.0"
    await account.entry.runtime_data.coordinator.async_refresh()
    await until(lambda: registered(account) <= set(events_known_to((1, 47))))
    methods = [it.method[0] for it in _webhook_requests(account, before)]
    assert set(methods) == {"G", "P", "D"}
    assert "DP" not in "".join(methods)


async def test_each_version_is_asked_once(hass: HomeAssistant, rig: Rig) -> None:
    """A ping with nothing new asks the gateway for nothing."""
    account = await rig.add_account()
    account.phone.receive(SARA, "one")
    await account.settled()
    before = len(account.gateway.requests)
    account.phone.receive(SARA, "two")
    await account.settled()
    assert _webhook_requests(account, before) == []


def _webhook_requests(account: Account, since: int) -> list[Any]:
    return [it for it in account.gateway.requests[since:] if "/webhooks" in it.path]
