"""The activity in words: who wrote, and what became of what was sent."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
    LazyEventPartialState,
)
from homeassistant.core import HomeAssistant, callback
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
    """Return who or what, and what happened, in Home Assistant's language.

    With an entity, the activity would show the entity's name instead.
    """
    data = event.data
    contact = _contact(hass, data)
    message = _words(hass, data["kind"])
    if data["kind"] in {kind.key for kind in INBOUND}:
        name = contact or _words(hass, "from_unknown")
        if sim := data.get("sim_number"):
            message = f"{message} ({_words(hass, 'sim', sim=sim)})"
    elif contact:
        name = _words(hass, "to", name=contact)
    else:
        name = _words(hass, "to_unknown")
    return {LOGBOOK_ENTRY_NAME: name, LOGBOOK_ENTRY_MESSAGE: message}


def _contact(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
    """Return the name that the contact of an event has now."""
    entry = hass.config_entries.async_get_entry(data.get("config_entry_id") or "")
    contact = entry and entry.subentries.get(data.get("contact_id") or "")
    return contact.title if contact else None


def _words(hass: HomeAssistant, key: str, **placeholders: Any) -> str:
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    text = texts.get(f"component.{DOMAIN}.common.activity_{key}", key)
    return text.format(**placeholders)
