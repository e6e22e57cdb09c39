"""Texts in Home Assistant's language: names of an action's fields, and errors."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_cached_translations

from ..const import DOMAIN


@callback
def label(hass: HomeAssistant, field: str, action: str = "send_message") -> str:
    """Return a field's name in Home Assistant's language."""
    names = async_get_cached_translations(
        hass, hass.config.language, "services", DOMAIN
    )
    return names.get(f"component.{DOMAIN}.services.{action}.fields.{field}.name", field)


@callback
def in_words(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return an error's text for a dialog, which cannot translate it."""
    texts = async_get_cached_translations(
        hass, hass.config.language, "exceptions", DOMAIN
    )
    text = texts.get(f"component.{DOMAIN}.exceptions.{err.translation_key}.message")
    return text.format(**err.translation_placeholders or {}) if text else str(err)


@callback
def greeting(hass: HomeAssistant) -> str:
    """Return what a first SMS says unless a person changes it."""
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    return texts.get(f"component.{DOMAIN}.common.first_sms", "")
