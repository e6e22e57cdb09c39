"""Walking through the integration's dialogs, as a person does."""

import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.account import login as login_module
from custom_components.sms_gate.const import DOMAIN
from virtual_gateway import VirtualGateway

TRANSLATIONS = json.loads(
    (Path(login_module.__file__).parents[1] / "translations" / "en.json").read_text()
)
MODES = ("cloud", "private", "local")


def use_cloud(monkeypatch: pytest.MonkeyPatch, gateway: VirtualGateway) -> None:
    """Let this gateway be the public cloud."""
    monkeypatch.setattr(login_module, "CLOUD_URL", f"{gateway.url}/3rdparty/v1")


def typed(mode: str, gateway: VirtualGateway, **changed: Any) -> dict[str, Any]:
    """Return what a person types to log in at this gateway."""
    where: dict[str, Any] = {
        "cloud": {},
        "private": {"url": gateway.url, "verify_ssl": True},
        "local": {"host": "127.0.0.1", "port": gateway.port},
    }[mode]
    login = {"username": gateway.username, "password": gateway.password}
    return {**where, **login, **changed}


async def start(hass: HomeAssistant, mode: str) -> str:
    """Open the dialog, choose a mode, and return the flow's id."""
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert menu["type"] == "menu"
    form = await hass.config_entries.flow.async_configure(
        menu["flow_id"], {"next_step_id": mode}
    )
    assert (form["type"], form["step_id"], form["errors"]) == ("form", mode, {})
    return str(form["flow_id"])


async def submit(hass: HomeAssistant, flow_id: str, entered: dict[str, Any]) -> Any:
    """Send a form, let Home Assistant do what follows, and return the answer."""
    result = await hass.config_entries.flow.async_configure(flow_id, entered)
    if result.get("step_id") == "phone_settings" and "pings" not in entered:
        # Whoever leaves the phone as it is
        schema = result["data_schema"]
        offered = dict.fromkeys(map(str, schema.schema if schema else ()), False)
        result = await hass.config_entries.flow.async_configure(flow_id, offered)
    await hass.async_block_till_done()
    texts = TRANSLATIONS["config"]
    for error in (result.get("errors") or {}).values():
        assert error in texts["error"]
    if result["type"] == "abort":
        assert result["reason"] in texts["abort"]
    return result


async def add(hass: HomeAssistant, mode: str, entered: dict[str, Any]) -> Any:
    """Set an account up from the menu to the end and return the answer."""
    return await submit(hass, await start(hass, mode), entered)


def suggested(result: Any) -> dict[str, Any]:
    """Return what a form's fields hold before anything is typed."""
    return {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema
        if key.description and "suggested_value" in key.description
    }
