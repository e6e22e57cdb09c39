"""The activity in words: who wrote, and what became of what was sent."""

from collections.abc import Callable
from functools import partial
from typing import Any

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
    LazyEventPartialState,
)
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_cached_translations

from .account.activity import EVENT_ACTIVITY
from .const import DOMAIN
from .gateway.events import INBOUND


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[
        [str, str, Callable[[LazyEventPartialState], dict[str, Any]]], None
    ],
) -> None:
    """Describe what the activity shows of messages."""
    async_describe_event(DOMAIN, EVENT_ACTIVITY, partial(_describe, hass))


def _describe(hass: HomeAssistant, event: LazyEventPartialState) -> dict[str, Any]:
    """Return who or what, and what happened, in Home Assistant's language."""
    data = event.data
    contact = _contact(hass, data.get(ATTR_ENTITY_ID))
    message = _words(hass, data["kind"])
    if data["kind"] in {kind.key for kind in INBOUND}:
        name = contact or _words(hass, "from_unknown")
        if sim := data.get("sim_number"):
            message = f"{message} ({_words(hass, 'sim', sim=sim)})"
    elif contact:
        name = _words(hass, "to", name=contact)
    else:
        name = _words(hass, "to_unknown")
    return {
        LOGBOOK_ENTRY_NAME: name,
        LOGBOOK_ENTRY_MESSAGE: message,
        LOGBOOK_ENTRY_ENTITY_ID: data.get(ATTR_ENTITY_ID),
    }


def _contact(hass: HomeAssistant, entity_id: str | None) -> str | None:
    """Return the name that the contact of an entity has now."""
    entity = er.async_get(hass).async_get(entity_id or "")
    entry_id = (entity and entity.config_entry_id) or ""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entity is None or entry is None:
        return None
    contact = entry.subentries.get(entity.config_subentry_id or "")
    return contact.title if contact else None


def _words(hass: HomeAssistant, key: str, **placeholders: Any) -> str:
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    text = texts.get(f"component.{DOMAIN}.common.activity_{key}", key)
    return text.format(**placeholders)
