"""The Messages page in the sidebar, and the card as a resource of the dashboards.

The frontend is not in the manifest: where there is none, Home Assistant would fetch it.
"""

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from homeassistant.components.http import StaticPathConfig
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.hass_dict import HassKey

from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..const import CONF_MESSAGES_PAGE, DOMAIN, MessagesPage

PAGE: Final = "sms-gate-messages"
FILES: Final = "/sms_gate_frontend"
CARD: Final = "messages-card.js"
# Where the address in a configuration stays the same over versions
YAML_CARD: Final = f"{FILES}/newest/{CARD}"

_FOLDER: Final = Path(__file__).parents[1] / "frontend"
_TITLE: Final = f"component.{DOMAIN}.selector.page.options.messages"


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all accounts share; one at a time changes the resources."""

    version: str
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


_DASHBOARDS: Final[HassKey[Any]] = HassKey("lovelace")
_SHARED: Final[HassKey[_Shared]] = HassKey(f"{DOMAIN}_frontend")


async def async_setup(hass: HomeAssistant) -> None:
    """Serve the files under an address of this version, so that they can be cached."""
    version = await hass.async_add_executor_job(_version)
    hass.data[_SHARED] = _Shared(version)
    folder = str(_FOLDER)
    await hass.http.async_register_static_paths(
        [
            StaticPathConfig(f"{FILES}/{version}", folder, cache_headers=True),
            StaticPathConfig(f"{FILES}/newest", folder, cache_headers=False),
        ]
    )
    async_at_started(hass, _async_update_card)

    async def async_rename(_event: Event) -> None:
        await async_update(hass)

    # The title is in Home Assistant's language
    hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, async_rename)


def _version() -> str:
    digest = sha256()
    for file in sorted(_FOLDER.glob("*.js")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


async def async_update(hass: HomeAssistant) -> None:
    """Show or hide page and card, by the options of all accounts."""
    if "frontend" not in hass.config.components:
        return
    entries = hass.config_entries.async_entries(DOMAIN)
    pages = {
        entry.options.get(CONF_MESSAGES_PAGE, MessagesPage.ADMINISTRATORS)
        for entry in entries
    }
    await _async_update_panel(hass, pages - {MessagesPage.OFF})
    if hass.is_running:
        await _async_update_card(hass)


async def _async_update_panel(hass: HomeAssistant, pages: set[str]) -> None:
    from homeassistant.components import frontend

    if not pages:
        frontend.async_remove_panel(hass, PAGE, warn_if_unknown=False)
        return
    language = hass.config.language
    texts = await async_get_translations(hass, language, "selector", {DOMAIN})
    frontend.async_register_built_in_panel(
        hass,
        component_name="custom",
        sidebar_title=texts.get(_TITLE),
        sidebar_icon="mdi:message-text",
        frontend_url_path=PAGE,
        config={
            "_panel_custom": {
                "name": f"{PAGE}-page",
                "module_url": f"{FILES}/{hass.data[_SHARED].version}/messages-page.js",
                "embed_iframe": False,
                "trust_external": False,
            }
        },
        require_admin=MessagesPage.EVERYONE not in pages,
        update=True,
    )


async def _async_update_card(hass: HomeAssistant) -> None:
    """List the card among the dashboards' resources, once and in this version."""
    # The dashboards' data; their component is where the frontend is
    if (dashboards := hass.data.get(_DASHBOARDS)) is None:
        return
    resources: Any = dashboards.resources
    shared = hass.data[_SHARED]
    async with shared.lock:
        await resources.async_get_info()
        is_wanted = bool(hass.config_entries.async_entries(DOMAIN))
        ours = [
            it for it in resources.async_items() if it["url"].startswith(f"{FILES}/")
        ]
        if not hasattr(resources, "async_create_item"):
            _update_issue(hass, is_missing=is_wanted and not ours)
            return
        for item in ours[is_wanted:]:
            await resources.async_delete_item(item["id"])
        url = f"{FILES}/{shared.version}/{CARD}"
        if is_wanted and not ours:
            await resources.async_create_item({"res_type": "module", "url": url})
        elif is_wanted and ours[0]["url"] != url:
            await resources.async_update_item(ours[0]["id"], {"url": url})


@callback
def _update_issue(hass: HomeAssistant, *, is_missing: bool) -> None:
    """Say what to write where resources are in YAML."""
    kind = IssueKind.CARD_NOT_LISTED
    if is_missing:
        values = {"url": YAML_CARD}
        async_create_issue(hass, None, kind, subject=CARD, placeholders=values)
    else:
        async_delete_issue(hass, None, kind, subject=CARD)
