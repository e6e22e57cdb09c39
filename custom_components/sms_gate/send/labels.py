"""The names of an action's fields as its dialog shows them."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from ..const import DOMAIN


@callback
def label(hass: HomeAssistant, field: str, action: str = "send_message") -> str:
    """Return a field's name in Home Assistant's language."""
    names = async_get_cached_translations(
        hass, hass.config.language, "services", DOMAIN
    )
    return names.get(f"component.{DOMAIN}.services.{action}.fields.{field}.name", field)
