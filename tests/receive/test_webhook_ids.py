"""Webhooks of accounts that were removed while their gateway was away, and gaps."""

from datetime import datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.sms_gate.account import last_known
from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.receive.webhook_ids import id_prefix
from tests.account.test_last_known import restart
from tests.receive.test_registration import FOREIGN, later, ours
from tests.support.common import SARA, Account, Rig, collect
from tests.support.receiving import asked, issues, pass_time, quiet
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault
from virtual_gateway.phone.payloads import ALL_EVENTS
from virtual_gateway.server import api_rest


async def remove_unreached(account: Account) -> None:
    """Remove an account whose gateway answers nothing."""
    account.gateway.faults["status"] = Fault(value=500, path="/webhooks")
    await account.hass.config_entries.async_remove(account.entry.entry_id)
    await quiet(account.hass)
    account.gateway.faults.clear()


def hooks(account: Account) -> dict[str, dict[str, object]]:
    """Return the list of the account's gateway."""
    is_local = account.entry.data["mode"] == "local"
    return account.phone.webhooks if is_local else account.gateway.account_webhooks


@pytest.mark.parametrize("mode", ["cloud", "private", "local"])
async def test_what_stayed_is_removed_when_the_account_is_added_again(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """A repair says so until then, also after a restart; others' webhooks stay."""
    account = await rig.add_account(mode=mode, title="Home")
    hooks(account).update({key: dict(hook) for key, hook in FOREIGN.items()})
    await remove_unreached(account)
    left = {
        it for it in hooks(account) if it.startswith(id_prefix(account.entry.entry_id))
    }
    assert left
    assert issues(hass) == {"webhooks_left"}
    (issue,) = ir.async_get(hass).issues.values()
    assert issue.is_persistent
    assert issue.translation_placeholders == {"account": "Home"}
    assert str(account.entry.data["password"]) not in str(issue.data)
    again = await rig.add_account(mode=mode)
    assert left.isdisjoint(hooks(again))
    assert FOREIGN.keys() <= hooks(again).keys()
    assert issues(hass) == set()
    for key in FOREIGN:  # nobody answers there
        del hooks(again)[key]
    seen = collect(hass)
    again.phone.receive(SARA, "once")
    await again.settled()
    assert seen.kinds() == ["sms_received"]


async def test_what_stayed_is_known_by_the_address_alone(
    hass: HomeAssistant, rig: Rig, gateway: VirtualGateway
) -> None:
    """As of a Home Assistant that was set up from nothing; another secret is alive.

    Only the first time: another house may have the same address.
    """
    other = await rig.add_account(title="Second")
    base = f"{hass.config.internal_url}/api/sms_gate/webhook/"
    odd = {
        "ha0123456789-sms-received": f"{base}{'0' * 64}",
        "ha012345678-alive": f"{base}{other.entry.data['webhook_id']}",
        "ha012345678-elsewhere": f"https://another.example/{'0' * 64}",
        "ha012345678-other-path": f"{hass.config.internal_url}/api/webhook/x",
        "by-hand": f"{base}{'0' * 64}",
        "ha012345678-left": f"{base}{'0' * 64}",
    }
    hooks: dict[str, dict[str, object]] = {
        key: {"id": key, "deviceId": None, "url": url, "event": "sms:received"}
        for key, url in odd.items()
    }
    gateway.account_webhooks.update(hooks)
    account = await rig.add_account()
    assert odd.keys() - gateway.account_webhooks.keys() == {"ha012345678-left"}
    gateway.account_webhooks.update(hooks)
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    await quiet(hass)
    assert odd.keys() <= gateway.account_webhooks.keys()
    assert ours(other)


async def test_what_stayed_of_another_address_is_known_by_its_ids(
    hass: HomeAssistant, rig: Rig
) -> None:
    """An address of before, or a cloudhook; polling removes it as well."""
    account = await rig.add_account(mode="local")
    for hook in account.phone.webhooks.values():
        hook["url"] = "https://hooks.example/abc"
    await remove_unreached(account)
    assert account.phone.webhooks
    again = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    assert again.phone.webhooks == {}
    assert issues(hass) == set()


async def test_another_gateway_leaves_the_repair(hass: HomeAssistant, rig: Rig) -> None:
    """It has nothing of the removed account, so what is left is still there."""
    account = await rig.add_account()
    await remove_unreached(account)
    await rig.add_account(mode="local")
    assert issues(hass) == {"webhooks_left"}
    assert account.gateway.account_webhooks


async def test_removal_that_reached_the_gateway_says_nothing(
    hass: HomeAssistant, account: Account
) -> None:
    """Nothing is left, and no repair."""
    await hass.config_entries.async_remove(account.entry.entry_id)
    await quiet(hass)
    assert account.gateway.account_webhooks == {}
    assert issues(hass) == set()


def since(hass: HomeAssistant) -> datetime:
    """Return since when webhooks are said to have been missing."""
    (issue,) = ir.async_get(hass).issues.values()
    assert issue.translation_key == "webhooks_were_missing"
    assert issue.is_persistent
    assert issue.data
    return datetime.fromisoformat(str(issue.data["since"]))


async def test_webhooks_that_went_while_home_assistant_was_down_are_said_to_have(
    hass: HomeAssistant, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    """At once after the start, since they were seen last, and phones are asked."""
    seen = datetime.now().astimezone()
    freezer.tick(timedelta(hours=3))
    account.gateway.account_webhooks.clear()
    account.gateway.requests.clear()
    await restart(account)
    assert abs(since(hass) - seen) < timedelta(seconds=1)
    assert ours(account)
    assert asked(account.gateway, "POST", "/inbox/refresh") == []
    await pass_time(hass, freezer, 61)
    (refresh,) = asked(account.gateway, "POST", "/inbox/refresh")
    assert isinstance(refresh.body, dict)
    asked_since = datetime.fromisoformat(str(refresh.body["since"]))
    assert asked_since <= seen


async def test_a_second_gap_is_said_although_the_first_was_ignored(
    hass: HomeAssistant, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Unseen ones are one gap since the first; an ignored one is over."""
    account.gateway.account_webhooks.clear()
    await later(hass, freezer)
    first = since(hass)
    account.gateway.account_webhooks.clear()
    await later(hass, freezer)
    assert since(hass) == first
    (known,) = ir.async_get(hass).issues.values()
    ir.async_ignore_issue(hass, DOMAIN, known.issue_id, ignore=True)
    await later(hass, freezer)
    account.gateway.account_webhooks.clear()
    await later(hass, freezer)
    assert since(hass) > first
    (known,) = ir.async_get(hass).issues.values()
    assert known.dismissed_version is None


async def test_another_mode_or_gateway_is_no_gap(
    hass: HomeAssistant, rig: Rig, gateway: VirtualGateway
) -> None:
    """What was removed on purpose, or was never there, was not missing."""
    account = await rig.add_account()
    for mode in ("off", "webhook"):
        hass.config_entries.async_update_entry(
            account.entry, options={"receive_mode": mode}
        )
        await quiet(hass)
    assert ours(account)
    known = hass.data[last_known._LAST_KNOWN][account.entry.entry_id]
    gateway.account_webhooks.clear()
    hass.config_entries.async_update_entry(
        account.entry,
        data={**account.entry.data, "url": f"{gateway.url}/3rdparty/v1"},
    )
    await quiet(hass)
    assert known.registered is not None
    assert ours(account)
    assert issues(hass) == set()


async def test_an_event_that_a_server_refuses_is_not_missing(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No catch-up at each check, and no repair."""
    known = tuple(it for it in ALL_EVENTS if it != "mms:downloaded")
    monkeypatch.setattr(api_rest, "ALL_EVENTS", known)
    account = await rig.add_account()
    account.gateway.requests.clear()
    for _ in range(2):
        await later(hass, freezer)
        assert account.entry.runtime_data.receiving._registration.wrong_since is None
    assert asked(account.gateway, "POST", "/webhooks")
    assert issues(hass) == set()
