"""Which way messages come in."""

from collections.abc import Callable
from enum import StrEnum

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..const import CONF_MODE, CONF_RECEIVE_MODE, Mode, ReceiveMode
from .address import find_base_url, webhook_url


class Way(StrEnum):
    """How messages come in."""

    WEBHOOK = "webhook"
    CLOUDHOOK = "cloudhook"
    POLL = "poll"
    NONE = "none"


@callback
def choose(hass: HomeAssistant, entry: ConfigEntry) -> Way:
    """Return the way: the option's, or the first that works."""
    wanted = ReceiveMode(entry.options.get(CONF_RECEIVE_MODE, ReceiveMode.AUTO))
    possible = {
        ReceiveMode.WEBHOOK: find_base_url(hass, entry) is not None,
        ReceiveMode.CLOUDHOOK: has_cloud(hass),
        ReceiveMode.POLL: entry.data[CONF_MODE] == Mode.LOCAL,
    }
    if wanted is not ReceiveMode.AUTO:
        return Way(wanted.value) if possible.get(wanted) else Way.NONE
    return next(
        (Way(mode.value) for mode, works in possible.items() if works), Way.NONE
    )


@callback
def has_cloud(hass: HomeAssistant) -> bool:
    """Return True if Home Assistant Cloud can make cloudhooks."""
    if "cloud" not in hass.config.components:
        return False
    from homeassistant.components import cloud  # heavy, and rare

    return cloud.async_active_subscription(hass)


@callback
def async_listen_cloud(
    hass: HomeAssistant, action: Callable[[], None]
) -> CALLBACK_TYPE:
    """Do something whenever Home Assistant Cloud gets connected."""
    if "cloud" not in hass.config.components:
        return lambda: None
    from homeassistant.components import cloud  # heavy, and rare

    @callback
    def async_changed(state: cloud.CloudConnectionState) -> None:
        if state == cloud.CloudConnectionState.CLOUD_CONNECTED:
            action()

    return cloud.async_listen_connection_change(hass, async_changed)


async def async_url(hass: HomeAssistant, entry: ConfigEntry, way: Way) -> str | None:
    """Return the address the phone is to post to, None where there is none."""
    secret: str = entry.data[CONF_WEBHOOK_ID]
    if way is Way.WEBHOOK:
        base_url = find_base_url(hass, entry)
        return webhook_url(base_url, secret) if base_url else None
    if way is Way.CLOUDHOOK:
        from homeassistant.components import cloud

        try:
            return await cloud.async_get_or_create_cloudhook(hass, secret)
        except cloud.CloudNotAvailable:
            return None
    return None
