"""After the login, what stands in the way on the phone is put right by one click."""

import asyncio
from typing import Any

from aiohttp.typedefs import Handler
from aiohttp.web import Request, StreamResponse
from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.account import phone_settings
from tests.support.common import Rig
from tests.support.flows import MODES, start, typed, use_cloud
from virtual_gateway import Fault, VirtualGateway

every_mode = pytest.mark.parametrize("mode", MODES)
PINGS = {"ping": {"interval_seconds": 900}}


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch, gateway: VirtualGateway) -> None:
    """No test reaches the real cloud."""
    use_cloud(monkeypatch, gateway)


def set_up(rig: Rig, mode: str, settings: dict[str, Any]) -> None:
    """Set what the gateway has as its settings."""
    if mode == "local":
        rig.gateway.phones[0].settings.update(settings)
    else:
        rig.gateway.account.settings.update(settings)


def shown(rig: Rig, mode: str) -> Any:
    """Return what the gateway has as its settings now."""
    if mode == "local":
        return rig.gateway.phones[0].settings.export()
    return rig.gateway.account.settings


async def log_in(rig: Rig, mode: str) -> Any:
    """Log in and return the next step."""
    flow_id = await start(rig.hass, mode)
    return await rig.hass.config_entries.flow.async_configure(
        flow_id, typed(mode, rig.gateway)
    )


async def choose(rig: Rig, form: Any, *chosen: str) -> Any:
    """Choose what to put right."""
    offered = map(str, form["data_schema"].schema)
    entered = {key: key in chosen for key in offered}
    flows = rig.hass.config_entries.flow
    result = await flows.async_configure(form["flow_id"], entered)
    await rig.hass.async_block_till_done()
    return result


def offered(form: Any) -> dict[str, bool]:
    """Return what a form offers, and whether that is selected."""
    assert (form["type"], form["step_id"]) == ("form", "phone_settings")
    return {str(key): key.default() for key in form["data_schema"].schema}


@every_mode
async def test_what_stands_in_the_way_is_put_right(rig: Rig, mode: str) -> None:
    """All of it is selected; the phone has it before the account is set up."""
    wrong = {"webhooks": {"internet_required": True, "retry_count": 1}}
    set_up(rig, mode, wrong)
    form = await log_in(rig, mode)
    expected = ["pings", "webhook_retries", "internet_required"]
    if mode == "local":
        expected += ["signing_key", "encryption_passphrase"]
    assert offered(form) == dict.fromkeys(expected, True)
    result = await choose(rig, form, *expected)
    assert result["type"] == "create_entry"
    settings = shown(rig, mode)
    assert settings["ping"]["interval_seconds"] == 900
    assert settings["webhooks"]["retry_count"] == 15
    assert settings["webhooks"]["internet_required"] is False
    options, phone = result["result"].options, rig.gateway.phones[0]
    if mode == "local":
        assert phone.signing_key == options["signing_key"]
        assert phone.passphrase == options["encryption_passphrase"]
    else:
        assert options == {}


@every_mode
async def test_nothing_is_asked_where_nothing_is_wrong(rig: Rig, mode: str) -> None:
    """The account is there at once."""
    fine = {"webhooks": {"internet_required": False, "retry_count": 15}}
    set_up(rig, mode, {**PINGS, **fine})
    assert (await log_in(rig, mode))["type"] == "create_entry"


@every_mode
async def test_only_what_is_chosen_is_changed(rig: Rig, mode: str) -> None:
    """Whoever knows better keeps it."""
    set_up(rig, mode, {"webhooks": {"retry_count": 2}})
    form = await log_in(rig, mode)
    assert (await choose(rig, form, "pings"))["type"] == "create_entry"
    assert shown(rig, mode)["ping"]["interval_seconds"] == 900
    assert shown(rig, mode)["webhooks"]["retry_count"] == 2


async def test_a_far_address_needs_the_internet(rig: Rig) -> None:
    """What is delivered over the internet has to wait for it."""
    set_up(rig, "local", PINGS)
    rig.hass.config.external_url = "https://home.example"
    assert (await log_in(rig, "local"))["type"] == "create_entry"


@every_mode
@pytest.mark.parametrize("status", [404, 500, 501])
async def test_a_gateway_without_settings(rig: Rig, mode: str, status: int) -> None:
    """It is skipped without a word."""
    rig.gateway.faults["status"] = Fault(value=status, path="/settings$")
    assert (await log_in(rig, mode))["type"] == "create_entry"


async def test_a_gateway_that_is_slow(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for settings."""
    monkeypatch.setattr(phone_settings, "_PATIENCE", 0.05)
    handle, is_over = rig.gateway._web._handle, asyncio.Event()

    async def slow(request: Request, handler: Handler) -> StreamResponse:
        if request.path.endswith("/settings"):
            await is_over.wait()
        return await handle(request, handler)

    monkeypatch.setattr(rig.gateway._web, "_handle", slow)
    assert (await log_in(rig, "private"))["type"] == "create_entry"
    is_over.set()


async def test_a_gateway_that_does_not_accept_them(
    rig: Rig, hass: HomeAssistant
) -> None:
    """The form says so; without them the account is added all the same."""
    form = await log_in(rig, "private")
    rig.gateway.faults["status"] = Fault(value=400, path="/settings$")
    result = await choose(rig, form, "pings")
    assert result["errors"] == {"base": "settings_refused"}
    assert not hass.config_entries.async_entries("sms_gate")
    assert (await choose(rig, result))["type"] == "create_entry"
