"""Setting an account up: the three modes, all errors, and trying again."""

import logging
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
import voluptuous as vol

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


@every_mode
async def test_an_account_is_added(hass: HomeAssistant, rig: Rig, mode: str) -> None:
    """The entry is there, works, and keeps what was entered."""
    gateway = rig.gateway
    entered = typed(mode, gateway)
    result = await add(hass, mode, entered)
    assert (result["type"], result["title"]) == ("create_entry", "SMS Gate")
    entry = result["result"]
    assert entry.version >= 2
    assert entry.state is ConfigEntryState.LOADED
    path = {"cloud": "/3rdparty/v1", "private": "/api/3rdparty/v1", "local": ""}[mode]
    secret = entry.data["webhook_id"]
    assert {**entry.data, "notify_service": ""} == {
        **entered,
        "notify_service": "",
        "mode": mode,
        "url": gateway.url + path,
        "webhook_id": secret,
    }
    assert len(bytes.fromhex(secret)) == 32
    assert (
        entry.unique_id
        == {
            "cloud": f"{gateway.url}#user",
            "private": f"{gateway.url}#user",
            "local": gateway.phones[0].local_id,
        }[mode]
    )


async def test_the_menu_offers_the_three_modes(hass: HomeAssistant) -> None:
    """The first question is where the gateway is."""
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert (menu["type"], menu["step_id"]) == ("menu", "user")
    assert menu["menu_options"] == list(MODES)


@pytest.mark.parametrize(
    ("mode", "preset"),
    [("cloud", {}), ("private", {"verify_ssl": True}), ("local", {"port": 8080})],
)
async def test_what_is_usual_is_filled_in(
    hass: HomeAssistant, mode: str, preset: dict[str, Any]
) -> None:
    """The port of the app, and certificates that are checked."""
    flow_id = await start(hass, mode)
    form = await hass.config_entries.flow.async_configure(flow_id)
    defaults = {
        str(key): key.default()
        for key in (form["data_schema"] or vol.Schema({})).schema
        if callable(key.default)
    }
    assert defaults == preset


@pytest.mark.parametrize(
    ("mode", "fault", "error"),
    [
        ("cloud", {"status": Fault(value=401)}, "invalid_auth"),
        ("cloud", {"status": Fault(value=500)}, "cannot_connect"),
        ("private", {"status": Fault(value=403)}, "invalid_auth"),
        ("private", {"status": Fault(value=404)}, "not_a_gateway"),
        ("private", {"status": Fault(value=302)}, "not_a_gateway"),
        ("private", {"status": Fault(value=200)}, "not_a_gateway"),
        ("private", {"status": Fault(value=503)}, "cannot_connect"),
        ("local", {"reset": Fault()}, "cannot_connect"),
        ("local", {"drop_response": Fault()}, "cannot_connect"),
        ("local", {"status": Fault(value=200)}, "not_a_gateway"),
    ],
)
async def test_every_error_is_told_and_can_be_mended(
    hass: HomeAssistant,
    rig: Rig,
    mode: str,
    fault: dict[str, Fault],
    error: str,
) -> None:
    """The form comes back with what was typed; then it works."""
    rig.gateway.faults.update(fault)
    entered = typed(mode, rig.gateway)
    flow_id = await start(hass, mode)
    result = await submit(hass, flow_id, entered)
    assert (result["type"], result["step_id"]) == ("form", mode)
    assert result["errors"] == {"base": error}
    kept = {
        k: v for k, v in entered.items() if error != "invalid_auth" or k != "password"
    }
    assert suggested(result) == kept
    assert hass.config_entries.async_entries(DOMAIN) == []

    rig.gateway.faults.clear()
    result = await submit(hass, flow_id, entered)
    assert result["type"] == "create_entry"


@every_mode
async def test_a_wrong_password_is_told(
    hass: HomeAssistant, rig: Rig, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried on a call that needs it, and is in no log."""
    caplog.set_level(logging.DEBUG)
    flow_id = await start(hass, mode)
    wrong = typed(mode, rig.gateway, password="mistyped")
    result = await submit(hass, flow_id, wrong)
    assert result["errors"] == {"base": "invalid_auth"}
    assert "mistyped" not in caplog.text
    result = await submit(hass, flow_id, typed(mode, rig.gateway))
    assert result["type"] == "create_entry"
    assert result["result"].data["webhook_id"] not in caplog.text


@every_mode
async def test_nobody_there_is_told(hass: HomeAssistant, rig: Rig, mode: str) -> None:
    """A gateway that is off can be switched on while the form is open."""
    flow_id = await start(hass, mode)
    entered = typed(mode, rig.gateway)
    port = rig.gateway.port
    await rig.gateway.stop()
    result = await submit(hass, flow_id, entered)
    assert result["errors"] == {"base": "cannot_connect"}
    await rig.gateway.start(port=port)
    assert (await submit(hass, flow_id, entered))["type"] == "create_entry"


@pytest.mark.parametrize("mode", ["private", "local"])
@pytest.mark.parametrize("status", [200, 404])
async def test_a_web_server_is_no_gateway(
    hass: HomeAssistant, mode: str, status: int
) -> None:
    """HTML, whatever its status, is what another server answers."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(
            status=status, text="<!doctype html>", content_type="text/html"
        )

    app = web.Application()
    app.router.add_get("/{path:.*}", page)
    async with TestServer(app) as server:
        where: dict[str, Any] = (
            {"url": f"http://127.0.0.1:{server.port}"}
            if mode == "private"
            else {"host": "127.0.0.1", "port": server.port}
        )
        login = {"username": "user", "password": "pass"}
        result = await add(hass, mode, {**where, **login})
    assert result["errors"] == {"base": "not_a_gateway"}


async def test_a_phone_that_names_no_phone_is_no_gateway(hass: HomeAssistant) -> None:
    """An empty list is what some other program may answer to anything."""

    async def nothing(_request: web.Request) -> web.Response:
        return web.json_response([])

    app = web.Application()
    app.router.add_get("/device", nothing)
    async with TestServer(app) as server:
        entered = {"host": "127.0.0.1", "port": server.port}
        login = {"username": "user", "password": "pass"}
        result = await add(hass, "local", {**entered, **login})
    assert result["errors"] == {"base": "not_a_gateway"}


async def test_a_server_without_phones_is_taken(hass: HomeAssistant, rig: Rig) -> None:
    """The phone may register later."""
    await rig.gateway.remove_phone(rig.gateway.phones[0].id)
    result = await add(hass, "private", typed("private", rig.gateway))
    assert result["type"] == "create_entry"


@every_mode
async def test_the_same_account_is_not_added_twice(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """Neither twice in one way, nor in another spelling."""
    assert (await add(hass, mode, typed(mode, rig.gateway)))["type"] == "create_entry"
    other = typed(mode, rig.gateway)
    if mode == "private":
        other["url"] = f" HTTP://127.0.0.1:{rig.gateway.port}/api/3rdparty/v1/?x=1#y"
    if mode != "local":
        other["username"] = "USER"
    result = await add(hass, mode, other)
    assert (result["type"], result["reason"]) == ("abort", "already_configured")
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


async def test_two_accounts_have_two_titles(hass: HomeAssistant, rig: Rig) -> None:
    """The second is named by its login or its phone's address."""
    async with VirtualGateway(username="omar", seed=1) as second:
        made = [
            (await add(hass, mode, typed(mode, gateway)))["result"]
            for mode, gateway in (
                ("private", rig.gateway),
                ("private", second),
                ("local", second),
            )
        ]
        assert [entry.title for entry in made] == [
            "SMS Gate",
            "SMS Gate omar",
            "SMS Gate 127.0.0.1",
        ]
        for key in ("unique_id", "entry_id"):
            assert len({getattr(entry, key) for entry in made}) == 3
        assert len({entry.data["webhook_id"] for entry in made}) == 3
        for entry in made:
            await hass.config_entries.async_remove(entry.entry_id)
