"""Which receive mode an account uses, and the address its phones deliver to.

The app takes ``https://`` and ``http://127.0.0.1`` addresses only (its
``WebHooksService``); servers accept more, but the phone then never delivers.
"""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url
from yarl import URL

from ..const import CONF_RECEIVE_MODE, CONF_WEBHOOK_BASE_URL, ReceiveMode
from .cloudhook import async_create_cloudhook, has_cloud
from .view import WEBHOOK_PATH

LOOPBACK: Final = ("http", "127.0.0.1")


@callback
def resolve(hass: HomeAssistant, entry: ConfigEntry, *, has_inbox: bool) -> ReceiveMode:
    """Return the mode the option asks for, or the first that works; never ``AUTO``.

    It is ``OFF`` where the user wants that, and where nothing else works.
    """
    wanted = option(entry)
    possible = {
        ReceiveMode.WEBHOOK: find_base_url(hass, entry) is not None,
        ReceiveMode.CLOUDHOOK: has_cloud(hass),
        ReceiveMode.POLL: has_inbox,
    }
    if wanted is not ReceiveMode.AUTO:
        return wanted if possible.get(wanted) else ReceiveMode.OFF
    return next((mode for mode, works in possible.items() if works), ReceiveMode.OFF)


def option(entry: ConfigEntry) -> ReceiveMode:
    """Return what the user chose."""
    return ReceiveMode(entry.options.get(CONF_RECEIVE_MODE, ReceiveMode.AUTO))


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


def own_addresses(hass: HomeAssistant, entry: ConfigEntry) -> set[str]:
    """Return all addresses at which this Home Assistant can be reached."""
    found = (
        find_base_url(hass, entry),
        hass.config.internal_url,
        hass.config.external_url,
    )
    return {address.rstrip("/") for address in found if address}


async def async_webhook_url(
    hass: HomeAssistant, entry: ConfigEntry, mode: ReceiveMode
) -> str | None:
    """Return the address the phone is to post to, None where there is none."""
    secret: str = entry.data[CONF_WEBHOOK_ID]
    if mode is ReceiveMode.CLOUDHOOK:
        return await async_create_cloudhook(hass, secret)
    base_url = find_base_url(hass, entry)
    return f"{base_url}{WEBHOOK_PATH}/{secret}" if base_url else None
