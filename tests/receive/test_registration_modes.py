"""Where webhooks cannot be: no address, a refusal, a gateway that is away."""

from datetime import timedelta
import logging

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.const import DOMAIN
from tests.receive.test_registration import EVENTS, ours
from tests.support.common import SARA, Account, Rig
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault


def issues(hass: HomeAssistant) -> dict[str, str | None]:
    """Return the repair issues of ours by what they say, and of whom."""
    return {
        issue.translation_key or "": (issue.translation_placeholders or {}).get(
            "account"
        )
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
    }


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(None, id="none"),
        pytest.param("http://192.168.1.5:8123", id="http"),
        pytest.param("http://homeassistant.local:8123", id="local name"),
    ],
)
async def test_without_https_the_user_is_told_until_there_is_an_address(
    hass: HomeAssistant, rig: Rig, address: str | None
) -> None:
    """Sending works meanwhile; nothing is registered that could never arrive."""
    good = hass.config.internal_url
    hass.config.internal_url = address
    account = await rig.add_account()
    assert issues(hass) == {"no_https_address": "SMS Gate"}
    assert account.gateway.account_webhooks == {}
    await account.send("still", "Sara")
    await account.settled()
    assert [sms.text for sms in account.phone.outbox] == ["still"]

    await hass.config.async_update(internal_url=good)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert issues(hass) == {}
    assert len(ours(account)) == len(EVENTS)


async def test_when_the_address_goes_the_user_is_told(
    hass: HomeAssistant, account: Account
) -> None:
    """The way in can close while everything runs."""
    assert issues(hass) == {}
    await hass.config.async_update(internal_url="http://192.168.1.5:8123")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert issues(hass) == {"no_https_address": "SMS Gate"}


@pytest.mark.parametrize(
    ("internal", "external", "option", "base"),
    [
        pytest.param(
            "http://192.168.1.5:8123",
            "https://home.example",
            None,
            "https://home.example",
            id="external",
        ),
        pytest.param(
            "https://ha.lan:8123",
            "https://home.example",
            None,
            "https://home.example",
            id="external first",
        ),
        pytest.param(
            "https://ha.lan:8123",
            None,
            None,
            "https://ha.lan:8123",
            id="internal",
        ),
        pytest.param(
            "http://127.0.0.1:8123",
            "https://home.example",
            "https://tunnel.example:444/",
            "https://tunnel.example:444",
            id="option",
        ),
        pytest.param(
            None,
            None,
            "https://tunnel.example/ha",
            "https://tunnel.example/ha",
            id="option with a path",
        ),
        pytest.param(
            "http://192.168.1.5:8123",
            None,
            "http://127.0.0.1:8765",
            "http://127.0.0.1:8765",
            id="option on the phone itself",
        ),
    ],
)
async def test_the_address_the_phone_is_given(
    hass: HomeAssistant,
    rig: Rig,
    internal: str | None,
    external: str | None,
    option: str | None,
    base: str,
) -> None:
    """The option counts first, then what the whole internet can reach."""
    hass.config.internal_url = internal
    hass.config.external_url = external
    options = {"webhook_base_url": option} if option else {}
    account = await rig.add_account(options=options)
    hooks = ours(account).values()
    assert {hook["url"] for hook in hooks} == {base + account.webhook_path}
    assert issues(hass) == {}


async def test_an_option_the_phone_cannot_use_is_told(
    hass: HomeAssistant, rig: Rig
) -> None:
    """An unusable option is not replaced behind the user's back."""
    account = await rig.add_account(
        options={"webhook_base_url": "http://192.168.1.5:8123"}
    )
    assert issues(hass) == {"no_https_address": "SMS Gate"}
    assert account.gateway.account_webhooks == {}


async def test_a_changed_option_takes_effect_at_once(
    hass: HomeAssistant, account: Account
) -> None:
    """The entry reloads, and the webhooks lead to the new address."""
    hass.config_entries.async_update_entry(
        account.entry, options={"webhook_base_url": "https://tunnel.example"}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert {hook["url"] for hook in ours(account).values()} == {
        "https://tunnel.example" + account.webhook_path
    }


async def test_a_gateway_that_refuses_the_address_is_told_until_it_takes_one(
    hass: HomeAssistant, rig: Rig, gateway: VirtualGateway
) -> None:
    """The entry loads, sending works, and the repair issue says why."""
    gateway.plain_webhooks = False
    account = await rig.add_account()
    assert issues(hass) == {"webhook_refused": "SMS Gate"}
    await account.send("still", SARA)
    await account.settled()
    assert len(account.phone.outbox) == 1
    hass.config.external_url = "https://home.example"
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    await hass.async_block_till_done()
    assert issues(hass) == {}
    assert len(ours(account)) == len(EVENTS)


async def test_removal_takes_webhooks_and_issue_with_it(
    hass: HomeAssistant, rig: Rig, gateway: VirtualGateway
) -> None:
    """Neither the gateway nor the repairs remember the account."""
    account = await rig.add_account()
    await hass.config.async_update(internal_url="http://192.168.1.5:8123")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert issues(hass) != {}
    await hass.config_entries.async_remove(account.entry.entry_id)
    await hass.async_block_till_done()
    assert issues(hass) == {}
    assert gateway.account_webhooks == {}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": Fault(value=500)}, id="fails"),
        pytest.param({"status": Fault(value=401)}, id="password changed"),
        pytest.param({"reset": Fault()}, id="resets"),
        pytest.param(
            {"status": Fault(value=502, path="/webhooks/")}, id="deletes fail"
        ),
    ],
)
async def test_a_gateway_that_is_away_at_removal_costs_one_warning(
    hass: HomeAssistant,
    account: Account,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Fault],
) -> None:
    """The account goes all the same, and the warning names no secret."""
    account.gateway.faults.update(fault)
    caplog.clear()
    await hass.config_entries.async_remove(account.entry.entry_id)
    await hass.async_block_till_done()
    assert hass.config_entries.async_get_entry(account.entry.entry_id) is None
    # asyncio tells of slow turns on a busy machine
    told = [
        item
        for item in caplog.records
        if item.levelno >= logging.WARNING and item.name != "asyncio"
    ]
    assert [item.name for item in told] == ["custom_components.sms_gate"]
    line = told[0].getMessage()
    assert "SMS Gate" in line
    assert account.entry.data["webhook_id"] not in line
    assert account.gateway.password not in line.replace("passed", "")
    assert told[0].exc_info is None


@pytest.mark.parametrize("path", ["/devices", "/webhooks"])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(("status", 500), id="fails"),
        pytest.param(("status", 429), id="busy"),
        pytest.param(("reset", None), id="resets"),
        pytest.param(("drop_response", None), id="drops"),
    ],
)
async def test_set_up_is_tried_again_until_the_gateway_is_there(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    path: str,
    fault: tuple[str, float | None],
) -> None:
    """Wherever it fails, nothing half set up stays, and the next try works."""
    name, value = fault
    gateway = rig.gateway
    gateway.faults[name] = Fault(value=value, path=f"{path}$")
    account = await rig.add_account(state=ConfigEntryState.SETUP_RETRY)
    states = {state.state for state in hass.states.async_all("sensor")}
    assert states <= {"unavailable"}
    gateway.faults.clear()
    freezer.tick(timedelta(minutes=2))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert account.entry.state is ConfigEntryState.LOADED
    assert len(ours(account)) == len(EVENTS)
    states = {state.state for state in hass.states.async_all("sensor")}
    assert "unavailable" not in states
    assert "0" in states


@pytest.mark.parametrize("path", ["/devices", "/webhooks"])
async def test_a_wrong_password_at_set_up_asks_for_the_right_one(
    hass: HomeAssistant, rig: Rig, gateway: VirtualGateway, path: str
) -> None:
    """No endless tries with a password that is wrong."""
    gateway.faults["status"] = Fault(value=401, path=f"{path}$")
    account = await rig.add_account(state=ConfigEntryState.SETUP_ERROR)
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert [flow["context"]["source"] for flow in flows] == ["reauth"]
    assert flows[0]["context"]["entry_id"] == account.entry.entry_id
