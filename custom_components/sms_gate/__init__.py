"""Two-way SMS through SMS Gate, an Android phone as gateway."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType

from .account.recorder import async_guard_recorder
from .const import DOMAIN
from .intent import async_offer
from .legacy_notify import async_register_notify
from .loading import async_forget, async_load, async_open, async_take_leave
from .migration import VERSION, async_migrate
from .receive.cloudhook import async_register_cloudhook, async_remove_cloudhook
from .receive.view import WebhookView
from .runtime import SmsGateConfigEntry
from .services import async_setup_services

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
    await async_open(hass, entry, PLATFORMS)
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


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
    await async_take_leave(hass, entry)
