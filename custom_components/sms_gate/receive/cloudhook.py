"""Receiving through Home Assistant Cloud, which reaches the webhook component only.

The cloud is imported where it is set up, never with this module: the import takes
seconds, loads 750 modules, and logs errors about libraries that bare installations lack.
"""

from collections.abc import Callable
from http import HTTPStatus
import logging

from aiohttp.web import Request, Response
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..const import DOMAIN
from .view import async_expect, async_forget, async_respond

_LOGGER = logging.getLogger(__name__)


@callback
def has_cloud(hass: HomeAssistant) -> bool:
    """Return True if Home Assistant Cloud can create cloudhooks."""
    if "cloud" not in hass.config.components:
        return False
    from homeassistant.components import cloud

    return cloud.async_active_subscription(hass)


@callback
def async_listen_cloud(
    hass: HomeAssistant, action: Callable[[], None]
) -> CALLBACK_TYPE:
    """Run an action whenever Home Assistant Cloud gets connected."""
    if "cloud" not in hass.config.components:
        return lambda: None
    from homeassistant.components import cloud

    @callback
    def async_changed(state: cloud.CloudConnectionState) -> None:
        if state == cloud.CloudConnectionState.CLOUD_CONNECTED:
            action()

    return cloud.async_listen_connection_change(hass, async_changed)


async def async_create_cloudhook(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return the address of the cloudhook; None while the cloud is not connected."""
    from homeassistant.components import cloud

    try:
        return await cloud.async_get_or_create_cloudhook(hass, webhook_id)
    except cloud.CloudNotAvailable:
        return None


@callback
def async_register_cloudhook(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Register the webhook of an account, from the very start until it is removed.

    The webhook component answers 200 to ids that are not registered, and the phone
    would take that for a receipt: so it is registered before the account loads.
    """
    webhook_id = entry.data[CONF_WEBHOOK_ID]
    async_expect(hass, webhook_id)

    async def async_handle(
        hass: HomeAssistant, webhook_id: str, request: Request
    ) -> Response:
        """Handle one post, or let the phone try again."""
        # The component itself would answer 200 to an error
        try:
            return await async_respond(hass, webhook_id, request)
        except Exception:
            _LOGGER.exception("Unexpected error while handling a webhook")
            return Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)

    webhook.async_unregister(hass, webhook_id)
    webhook.async_register(
        hass,
        DOMAIN,
        entry.title,
        webhook_id,
        async_handle,
        allowed_methods=["POST"],
    )


async def async_remove_cloudhook(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove the cloudhook with its account."""
    webhook.async_unregister(hass, entry.data[CONF_WEBHOOK_ID])
    async_forget(hass, entry.data[CONF_WEBHOOK_ID])
    if "cloud" not in hass.config.components:
        return
    from homeassistant.components import cloud

    try:
        await cloud.async_delete_cloudhook(hass, entry.data[CONF_WEBHOOK_ID])
    except cloud.CloudNotAvailable, ValueError:
        return
