"""Two-way SMS through SMS Gate, an Android phone as gateway."""

import logging
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType

from .account import make_client
from .cloudhook import async_register_cloudhook, async_remove_cloudhook
from .const import DOMAIN
from .data import SmsGateConfigEntry
from .errors import GatewayError
from .exceptions import failure, from_gateway
from .intent import async_offer
from .loading import async_forget, async_load
from .migration import VERSION, async_migrate
from .notify_action import async_register_notify
from .privacy import async_guard_recorder
from .receiving import Receiving
from .registration import async_unregister
from .services import async_setup_services
from .webhook import WebhookView

_LOGGER = logging.getLogger(__name__)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS: Final = [
    Platform.BINARY_SENSOR,
    Platform.EVENT,
    Platform.NOTIFY,
    Platform.SENSOR,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all accounts share."""
    async_setup_services(hass)
    hass.http.register_view(WebhookView())
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.version == VERSION:
            async_register_cloudhook(hass, entry)
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> bool:
    """Bring an entry of an older version, or of SMSGateHA, to the newest one."""
    return await async_migrate(hass, entry)


async def async_setup_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> bool:
    """Set up an account: first its parts and platforms, then the way in."""
    async_register_cloudhook(hass, entry)
    entry.runtime_data = await async_load(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_register_notify(hass, entry)
    await async_offer(hass, entry)
    async_guard_recorder(hass)
    await _async_open(hass, entry, entry.runtime_data.receiving)
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


async def _async_open(
    hass: HomeAssistant, entry: SmsGateConfigEntry, receiving: Receiving
) -> None:
    """Open the way in; where that fails, the set-up is tried again."""
    try:
        await receiving.async_start()
    except (GatewayError, OSError) as err:
        await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
        told = from_gateway(err) if isinstance(err, GatewayError) else failure("disk")
        # A login that is refused now, but was not a moment ago, is asked for again
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=told.translation_key,
            translation_placeholders=told.translation_placeholders,
        ) from err


async def _async_reload(hass: HomeAssistant, entry: SmsGateConfigEntry) -> None:
    """Take over changed options, credentials and contacts."""
    hass.config_entries.async_schedule_reload(entry.entry_id)


async def async_unload_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> bool:
    """Unload; the registrations stay, so that the phone goes on trying."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.tracker.async_stop()
        await entry.runtime_data.receiving.async_stop()
    return unloaded


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: SmsGateConfigEntry, device: DeviceEntry
) -> bool:
    """Let a person remove a phone that the gateway no longer has."""
    return entry.runtime_data.account.phones.async_forget(device)


async def async_remove_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> None:
    """Leave nothing behind, here or at the gateway."""
    await async_remove_cloudhook(hass, entry)
    await async_forget(hass, entry)
    try:
        await async_unregister(make_client(hass, entry.data), entry.entry_id)
    except GatewayError as err:
        _LOGGER.warning(
            "The webhooks of %s could not be removed at the gateway: %s",
            entry.title,
            type(err).__name__,
        )
