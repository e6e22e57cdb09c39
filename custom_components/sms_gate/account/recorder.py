"""Keeps texts and numbers out of the recorder's database, unless the user wants them.

Attributes of entities are left out by ``_unrecorded_attributes``; for events on the bus
the recorder has only a set of types that it does not record.
"""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_RECORD_MESSAGE_TEXT, DOMAIN
from ..gateway.events import MESSAGES, EventKind

_PRIVATE_TYPES = frozenset(
    f"{DOMAIN}_{kind.key}" for kind in MESSAGES | {EventKind.APP_STARTED}
)

_EXCLUDED_BY_US: Final[HassKey[set[str]]] = HassKey(f"{DOMAIN}_excluded_events")


@callback
def async_exclude_from_recorder(hass: HomeAssistant) -> None:
    """Let the recorder record our events only where every account wants it."""
    if "recorder" not in hass.config.components:
        return
    from homeassistant.components.recorder import get_instance

    excluded = get_instance(hass).exclude_event_types
    # What the user excluded is in the set as well, and stays there
    ours = hass.data.setdefault(_EXCLUDED_BY_US, set())
    entries = hass.config_entries.async_entries(DOMAIN)
    if all(entry.options.get(CONF_RECORD_MESSAGE_TEXT) for entry in entries):
        excluded.difference_update(ours)
        ours.clear()
    else:
        ours.update(_PRIVATE_TYPES - excluded)
        excluded.update(ours)
