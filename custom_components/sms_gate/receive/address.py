"""Where the phone can reach Home Assistant.

The app takes ``https://`` and ``http://127.0.0.1`` addresses only (its
``WebHooksService``); servers accept more, but the phone then never delivers.
"""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url
from yarl import URL

from ..const import CONF_WEBHOOK_BASE_URL, DOMAIN

LOOPBACK: Final = ("http", "127.0.0.1")
WEBHOOK_PATH: Final = f"/api/{DOMAIN}/webhook"


def usable(address: str) -> bool:
    """Return True if the app would deliver to this address."""
    try:
        url = URL(address)
        host = url.host
    except ValueError, IndexError:
        return False
    return bool(host) and (url.scheme == "https" or (url.scheme, host) == LOOPBACK)


def find_base_url(hass: HomeAssistant, entry: ConfigEntry) -> str | None:
    """Return the address of Home Assistant that phones can deliver to, if any."""
    if configured := entry.options.get(CONF_WEBHOOK_BASE_URL):
        return configured.rstrip("/") if usable(configured) else None
    try:
        return get_url(hass, require_ssl=True, prefer_external=True)
    except NoURLAvailableError:
        pass
    for address in (hass.config.internal_url, hass.config.external_url):
        if address and usable(address):
            return address.rstrip("/")
    return None


def webhook_url(base_url: str, secret: str) -> str:
    """Return the address of this entry's webhook view."""
    return f"{base_url}{WEBHOOK_PATH}/{secret}"
