"""Logging in again, and changing an account's address or login."""

from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import UnknownFlow
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import Rig
from tests.support.flows import MODES, add, start, submit, suggested, typed, use_cloud
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

every_mode = pytest.mark.parametrize("mode", MODES)


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch, gateway: VirtualGateway) -> None:
    """No test reaches the real cloud."""
    use_cloud(monkeypatch, gateway)


async def reauth(hass: HomeAssistant, entry: ConfigEntry) -> Any:
    """Open the dialog for logging in again."""
    entry.async_start_reauth(hass)
    await hass.async_block_till_done()
    (flow,) = [
        flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"]["source"] == SOURCE_REAUTH
    ]
    return await hass.config_entries.flow.async_configure(flow["flow_id"])


async def reconfigure(hass: HomeAssistant, entry: ConfigEntry) -> Any:
    """Open the dialog for changing an account."""
    return await MockConfigEntry.start_reconfigure_flow(entry, hass)


def login(gateway: VirtualGateway, **changed: str) -> dict[str, str]:
    """Return name and password as typed."""
    return {"username": gateway.username, "password": gateway.password, **changed}


@every_mode
async def test_a_changed_password_is_taken(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """Wrong ones may be tried before; everything else of the entry stays."""
    gateway = rig.gateway
    entry = (await add(hass, mode, typed(mode, gateway)))["result"]
    before = dict(entry.data)
    gateway.password = "changed"
    form = await reauth(hass, entry)
    assert form["step_id"] == "reauth_confirm"
    assert suggested(form) == {"username": "user"}
    assert form["description_placeholders"]["account"] == "SMS Gate"

    result = await submit(hass, form["flow_id"], login(gateway, password="wrong"))
    assert result["errors"] == {"base": "invalid_auth"}
    assert suggested(result) == {"username": "user"}
    assert entry.data == before
    gateway.faults["reset"] = Fault()
    result = await submit(hass, form["flow_id"], login(gateway))
    assert result["errors"] == {"base": "cannot_connect"}
    gateway.faults.clear()
    result = await submit(hass, form["flow_id"], login(gateway))
    assert (result["type"], result["reason"]) == ("abort", "reauth_successful")
    assert entry.data == {**before, "password": "changed"}


async def test_a_refused_login_asks_by_itself(hass: HomeAssistant, rig: Rig) -> None:
    """After the new password the account works again, and both ways."""
    entry = (await add(hass, "private", typed("private", rig.gateway)))["result"]
    rig.gateway.password = "changed"
    await hass.config_entries.async_reload(entry.entry_id)
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["step_id"] == "reauth_confirm"
    result = await submit(hass, flow["flow_id"], login(rig.gateway))
    assert result["reason"] == "reauth_successful"
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(True, id="moved"),
        pytest.param(False, id="back"),
    ],
)
async def test_an_account_that_did_not_start_starts_when_changed(
    hass: HomeAssistant, rig: Rig, *, changes: bool
) -> None:
    """Nobody waits for the next try after entering where the gateway is now."""
    entry = (await add(hass, "private", typed("private", rig.gateway)))["result"]
    port = rig.gateway.port
    await rig.gateway.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await rig.gateway.start(port=0 if changes else port)
    form = await reconfigure(hass, entry)
    await submit(hass, form["flow_id"], typed("private", rig.gateway))
    state: ConfigEntryState = entry.state
    await hass.config_entries.async_unload(entry.entry_id)
    assert state == ConfigEntryState.LOADED


async def test_another_accounts_login_is_refused(hass: HomeAssistant, rig: Rig) -> None:
    """Messages of one account never end in another; the right login still works."""
    entry = (await add(hass, "private", typed("private", rig.gateway)))["result"]
    before = dict(entry.data)
    form = await reauth(hass, entry)
    rig.gateway.username = "omar"
    result = await submit(hass, form["flow_id"], login(rig.gateway))
    assert (result["type"], result["reason"]) == ("abort", "wrong_account")
    assert (entry.data, entry.unique_id) == (before, f"{rig.gateway.url}#user")


async def test_another_phone_at_the_address_is_refused(
    hass: HomeAssistant, rig: Rig
) -> None:
    """The phone may have given its address away."""
    entry = (await add(hass, "local", typed("local", rig.gateway)))["result"]
    form = await reauth(hass, entry)
    await rig.gateway.remove_phone(rig.gateway.phones[0].id)
    rig.gateway.add_phone("Pixel")
    result = await submit(hass, form["flow_id"], login(rig.gateway))
    assert (result["type"], result["reason"]) == ("abort", "wrong_account")


@every_mode
async def test_the_form_shows_what_was_entered_but_the_password(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """The form asks what the mode's own form asks."""
    entered = typed(mode, rig.gateway)
    entry = (await add(hass, mode, entered))["result"]
    form = await reconfigure(hass, entry)
    assert (form["type"], form["step_id"]) == ("form", "reconfigure")
    assert {str(key) for key in form["data_schema"].schema} == entered.keys()
    shown = suggested(form)
    assert shown.pop("url", rig.gateway.url) == rig.gateway.url
    expected = {k: v for k, v in entered.items() if k not in ("url", "password")}
    assert shown == expected


@every_mode
async def test_a_new_login_is_taken(hass: HomeAssistant, rig: Rig, mode: str) -> None:
    """Errors can be mended; title and webhook's secret stay."""
    gateway = rig.gateway
    entry = (await add(hass, mode, typed(mode, gateway)))["result"]
    before = dict(entry.data)
    form = await reconfigure(hass, entry)
    gateway.username, gateway.password = "new name", "new password"
    wrong = typed(mode, gateway, password="wrong")
    result = await submit(hass, form["flow_id"], wrong)
    assert (result["step_id"], result["errors"]) == (
        "reconfigure",
        {"base": "invalid_auth"},
    )
    assert entry.data == before
    result = await submit(hass, form["flow_id"], typed(mode, gateway))
    assert (result["type"], result["reason"]) == ("abort", "reconfigure_successful")
    assert entry.data == {**before, **typed(mode, gateway), "url": before["url"]}
    assert entry.title == "SMS Gate"
    assert (
        entry.unique_id
        == {
            "local": gateway.phones[0].local_id,
            "cloud": f"{gateway.url}#new name",
            "private": f"{gateway.url}#new name",
        }[mode]
    )


@pytest.mark.parametrize("mode", ["private", "local"])
async def test_a_new_address_is_taken(hass: HomeAssistant, rig: Rig, mode: str) -> None:
    """A server that moved keeps its account, and messages go there from then on."""
    entry = (await add(hass, mode, typed(mode, rig.gateway)))["result"]
    secret = entry.data["webhook_id"]
    form = await reconfigure(hass, entry)
    async with VirtualGateway(seed=7) as moved:
        result = await submit(hass, form["flow_id"], typed(mode, moved))
        assert result["reason"] == "reconfigure_successful"
        assert entry.data["url"].startswith(moved.url)
        assert entry.data["webhook_id"] == secret
        if mode == "local":
            assert entry.data["port"] == moved.port
        hooks = (
            moved.account_webhooks if mode == "private" else moved.phones[0].webhooks
        )
        assert len(hooks) >= 6
        await hass.config_entries.async_remove(entry.entry_id)


@pytest.mark.parametrize("mode", ["private", "local"])
async def test_another_accounts_address_is_refused(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """Two entries at one account would fire everything twice."""
    async with VirtualGateway(username="omar", seed=7) as second:
        first = (await add(hass, mode, typed(mode, rig.gateway)))["result"]
        other = (await add(hass, mode, typed(mode, second)))["result"]
        before = dict(other.data)
        form = await reconfigure(hass, other)
        result = await submit(hass, form["flow_id"], typed(mode, rig.gateway))
        assert (result["type"], result["reason"]) == ("abort", "already_configured")
        assert other.data == before
        assert first.unique_id != other.unique_id
        await hass.config_entries.async_remove(other.entry_id)


async def test_an_account_may_be_changed_while_it_asks_for_a_login(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Who finds Reconfigure first gets on just as well."""
    entry = (await add(hass, "private", typed("private", rig.gateway)))["result"]
    rig.gateway.password = "changed"
    await reauth(hass, entry)
    form = await reconfigure(hass, entry)
    result = await submit(hass, form["flow_id"], typed("private", rig.gateway))
    assert result["reason"] == "reconfigure_successful"


async def test_a_dialog_that_was_left_open_stops_no_other_one(
    hass: HomeAssistant, rig: Rig
) -> None:
    """A closed tab leaves one at the phone's settings; the second ends it."""
    flows = hass.config_entries.flow
    left = await start(hass, "private")
    form = await flows.async_configure(left, typed("private", rig.gateway))
    assert form["step_id"] == "phone_settings"
    result = await add(hass, "private", typed("private", rig.gateway))
    assert result["type"] == "create_entry"
    assert flows.async_progress() == []
    with pytest.raises(UnknownFlow):
        await flows.async_configure(left, {"pings": True})
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1
