"""The way in through Home Assistant Cloud, which reaches the webhook component only."""

from http import HTTPStatus
import logging

from aiohttp.web import Request, Response
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from .view import async_answer

_LOGGER = logging.getLogger(__name__)


@callback
def async_register_cloudhook(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Answer for an account from the very start until it is removed.

    The webhook component answers 200 to ids that are not registered, and the phone
    would take that for a receipt: so it is registered before the account loads.
    """
    webhook_id = entry.data[CONF_WEBHOOK_ID]

    async def async_handle(
        hass: HomeAssistant, _webhook_id: str, request: Request
    ) -> Response:
        """Take one event, or let the phone try again."""
        current = hass.config_entries.async_get_entry(entry.entry_id)
        if current is None or current.state is not ConfigEntryState.LOADED:
            return Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        # The component itself would answer 200 to an error
        try:
            return await async_answer(request, current)
        except Exception:
            _LOGGER.exception("Unexpected error while taking an event")
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
    if "cloud" not in hass.config.components:
        return
    from homeassistant.components import cloud  # heavy, and rare

    try:
        await cloud.async_delete_cloudhook(hass, entry.data[CONF_WEBHOOK_ID])
    except cloud.CloudNotAvailable, ValueError:
        return
