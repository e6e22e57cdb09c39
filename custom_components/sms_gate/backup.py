"""Backups copy the files of kept messages while they are written to."""

from homeassistant.core import HomeAssistant

from .messages.store import stores


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Let each file stay as it is; what is written goes to its log of changes."""
    for store in stores(hass):
        await store.async_hold(is_held=True)


async def async_post_backup(hass: HomeAssistant) -> None:
    """Write the log of changes into the file again."""
    for store in stores(hass):
        await store.async_hold(is_held=False)
