"""Our webhooks at the gateway: found again, renewed, brought back; others' left alone."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.gateway.events import events_known_to, release_of
from tests.support.common import SARA, Account, Rig, collect
from tests.support.receiving import asked, issues, pass_time, quiet, turn_off_polling
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault
from virtual_gateway.phone.app import NEWEST
from virtual_gateway.phone.payloads import ALL_EVENTS
from virtual_gateway.server import account as server, api_rest

FOREIGN: dict[str, dict[str, object]] = {
    "mine": {
        "id": "mine",
        "deviceId": None,
        "url": "https://a.example",
        "event": "sms:received",
    },
    "ha0123456789-sms-received": {
        "id": "ha0123456789-sms-received",
        "deviceId": None,
        "url": "https://another.example/api/sms_gate/webhook/x",
        "event": "sms:received",
    },
}
EVENTS = set(events_known_to(release_of(NEWEST)))


def ours(account: Account) -> dict[str, dict[str, Any]]:
    """Return the webhooks at the server that lead to this account."""
    return {
        key: dict(hook)
        for key, hook in account.gateway.account_webhooks.items()
        if str(hook["url"]).endswith(account.webhook_path)
    }


def changes(gateway: VirtualGateway) -> list[str]:
    """Return the requests that change the gateway's list."""
    return [
        item.method
        for item in gateway.requests
        if "/webhooks" in item.path and item.method != "GET"
    ]


async def restart(hass: HomeAssistant, account: Account) -> None:
    """Load the account again."""
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    await hass.async_block_till_done()


async def later(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let the time pass after which the list is checked."""
    freezer.tick(timedelta(minutes=50, seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_each_event_is_registered_once_with_an_id_of_this_entry(
    account: Account,
) -> None:
    """Ten events, ten webhooks, ids the gateway takes, no phone named."""
    hooks = ours(account)
    assert sorted(str(hook["event"]) for hook in hooks.values()) == sorted(EVENTS)
    assert all(len(key) <= 36 for key in hooks)
    assert {hook["deviceId"] for hook in hooks.values()} == {None}
    assert set(account.gateway.account_webhooks) == set(hooks)
    base = str(account.hass.config.internal_url)
    assert {hook["url"] for hook in hooks.values()} == {base + account.webhook_path}


async def test_after_a_restart_they_are_found_again(
    hass: HomeAssistant, account: Account
) -> None:
    """Reloading neither removes nor repeats anything at the gateway."""
    before = ours(account)
    account.gateway.requests.clear()
    await restart(hass, account)
    assert changes(account.gateway) == []
    await hass.config_entries.async_unload(account.entry.entry_id)
    assert changes(account.gateway) == []
    assert ours(account) == before


async def test_they_follow_the_address(hass: HomeAssistant, account: Account) -> None:
    """When Home Assistant's address changes, the same ids get the new one."""
    ids = set(ours(account))
    address = f"{hass.config.internal_url}/"
    await hass.config.async_update(internal_url="http://127.0.0.1:1")
    await hass.async_block_till_done(wait_background_tasks=True)
    hooks = ours(account)
    assert set(hooks) == ids
    assert {str(hook["url"]).partition("/api")[0] for hook in hooks.values()} == {
        "http://127.0.0.1:1"
    }
    await hass.config.async_update(internal_url=address)
    await hass.async_block_till_done(wait_background_tasks=True)
    seen = collect(hass)
    account.phone.receive(SARA, "found you")
    await account.settled()
    assert seen.kinds() == ["sms_received"]


async def test_a_change_that_is_not_the_address_changes_nothing(
    hass: HomeAssistant, account: Account
) -> None:
    """A new name of the home asks the gateway to change nothing."""
    account.gateway.requests.clear()
    await hass.config.async_update(location_name="New")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert changes(account.gateway) == []


@pytest.mark.parametrize("polls_for_changes", [True, False])
async def test_what_someone_deleted_comes_back(
    hass: HomeAssistant,
    account: Account,
    freezer: FrozenDateTimeFactory,
    polls_for_changes: bool,
) -> None:
    """Within the hour, and only what was missing or wrong is registered again."""
    if not polls_for_changes:
        await turn_off_polling(account)
    before = ours(account)
    kept, moved, *gone = list(before)
    for key in gone:
        del account.gateway.account_webhooks[key]
    account.gateway.account_webhooks[moved]["url"] = "https://elsewhere.example"
    account.gateway.requests.clear()
    await later(hass, freezer)
    assert ours(account) == before
    assert changes(account.gateway) == ["POST"] * (len(EVENTS) - 1)
    assert kept in ours(account)


async def test_an_id_of_ours_that_is_no_longer_wanted_goes(
    hass: HomeAssistant, account: Account
) -> None:
    """What an older version of ours registered does not post twice for ever."""
    known = next(iter(ours(account)))
    prefix = known.partition("-")[0]
    hook: dict[str, object] = {
        "id": f"{prefix}-old",
        "url": "https://x.example",
        "event": "sms:received",
    }
    account.gateway.account_webhooks[f"{prefix}-old"] = hook
    await restart(hass, account)
    assert f"{prefix}-old" not in account.gateway.account_webhooks
    assert len(ours(account)) == len(EVENTS)


async def test_foreign_webhooks_are_never_touched(
    hass: HomeAssistant,
    rig: Rig,
    gateway: VirtualGateway,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Through set-up, reload, check, change of address and removal."""
    gateway.account_webhooks.update({key: dict(hook) for key, hook in FOREIGN.items()})
    account = await rig.add_account()
    await restart(hass, account)
    await later(hass, freezer)
    await hass.config.async_update(internal_url="http://127.0.0.1:2")
    await hass.async_block_till_done(wait_background_tasks=True)
    await hass.config_entries.async_remove(account.entry.entry_id)
    await hass.async_block_till_done()
    assert gateway.account_webhooks == FOREIGN
    touched = [
        item
        for item in gateway.requests
        if item.method == "DELETE" and item.path.rsplit("/", 1)[-1] in FOREIGN
    ]
    assert touched == []


async def test_two_home_assistants_at_one_account_do_not_overwrite_each_other(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """Each entry has ids of its own, and takes only its own with it."""
    other = await rig.add_account(title="Second")
    assert set(ours(account)).isdisjoint(ours(other))
    assert len(account.gateway.account_webhooks) == 2 * len(EVENTS)
    await hass.config_entries.async_remove(other.entry.entry_id)
    assert len(ours(account)) == len(EVENTS)
    assert ours(other) == {}


async def test_a_local_phone_has_its_own_list(hass: HomeAssistant, rig: Rig) -> None:
    """In local mode the server's list stays empty, and messages come in."""
    account = await rig.add_account(mode="local")
    assert account.gateway.account_webhooks == {}
    assert {hook["event"] for hook in account.phone.webhooks.values()} == EVENTS
    seen = collect(hass)
    account.phone.receive(SARA, "local")
    await account.settled()
    (received,) = seen.data("sms_received")
    assert received["gateway_device_id"] == account.phone.local_id
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert account.phone.webhooks == {}


async def test_an_older_server_that_knows_fewer_events_still_works(
    hass: HomeAssistant, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One refused event costs that event only, and raises no alarm."""
    known = tuple(event for event in ALL_EVENTS if event != "mms:downloaded")
    monkeypatch.setattr(api_rest, "ALL_EVENTS", known)
    account = await rig.add_account()
    assert len(ours(account)) == len(EVENTS) - 1
    seen = collect(hass)
    account.phone.receive(SARA, "still here")
    await account.settled()
    assert seen.kinds() == ["sms_received"]
    monkeypatch.undo()
    await restart(hass, account)
    assert len(ours(account)) == len(EVENTS)


async def test_a_failing_check_is_told_once_and_tried_again(
    hass: HomeAssistant,
    account: Account,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The entry stays loaded, and the webhooks are back once the gateway is."""
    account.gateway.account_webhooks.clear()
    account.gateway.faults["status"] = Fault(value=500, path="/webhooks")
    await later(hass, freezer)
    await later(hass, freezer)
    told = [it for it in caplog.records if "SMS Gate webhooks" in it.getMessage()]
    assert [record.levelname for record in told if record.levelno >= 30] == ["ERROR"]
    assert account.entry.data["webhook_id"] not in told[0].getMessage()
    account.gateway.faults.clear()
    await later(hass, freezer)
    assert len(ours(account)) == len(EVENTS)
    assert DOMAIN in hass.config.components


async def test_webhooks_that_were_missing_are_said_to_have_been(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """With the time since which; an address that changed is no such case."""
    account = await rig.add_account()
    await hass.config.async_update(internal_url="https://other.example")
    await quiet(hass)
    assert issues(hass) == set()
    account.gateway.account_webhooks.clear()
    await pass_time(hass, freezer, 51 * 60)
    assert issues(hass) == {"webhooks_were_missing"}
    assert account.gateway.account_webhooks


async def test_a_list_that_stays_empty_is_said_to_be(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server answers 201 to each registration, and keeps none; messages are sent."""
    monkeypatch.setattr(server.Account, "put_webhook", lambda *_: None)
    account = await rig.add_account()
    assert not account.gateway.account_webhooks
    per_check = len(EVENTS)
    before = _posted(account)
    assert before <= 2 * per_check
    await pass_time(hass, freezer, 51 * 60)
    assert issues(hass) == {"webhooks_were_missing"}
    assert per_check <= _posted(account) - before <= 2 * per_check
    await account.send("Still sent", "Sara")
    monkeypatch.undo()
    await pass_time(hass, freezer, 51 * 60)
    assert len(ours(account)) == per_check


def _posted(account: Account) -> int:
    return len(asked(account.gateway, "POST", "/webhooks"))
