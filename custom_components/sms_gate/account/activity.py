"""What the activity shows of messages: recorded without texts, names and numbers."""

from typing import Final

from homeassistant.components.event import DOMAIN as EVENT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..gateway.events import OUTBOUND, EventKind
from .bus_event import SmsGateEvent

EVENT_ACTIVITY: Final = f"{DOMAIN}_activity"

_SHOWN: Final = OUTBOUND | {
    EventKind.SMS_RECEIVED,
    EventKind.SMS_DATA_RECEIVED,
    EventKind.MMS_DOWNLOADED,
}


@callback
def async_show(hass: HomeAssistant, received: SmsGateEvent) -> None:
    """Fire what the activity shows of an event, if there is an activity."""
    event = received.event
    if event.kind not in _SHOWN or "logbook" not in hass.config.components:
        return
    registry = er.async_get(hass)
    owner = received.contact.id if received.contact else event.device_id
    entity_id = registry.async_get_entity_id(EVENT, DOMAIN, f"{owner}-message")
    entity = registry.async_get(entity_id) if entity_id else None
    hass.bus.async_fire(
        EVENT_ACTIVITY,
        {
            "kind": event.kind.key,
            "device_id": entity.device_id if entity else received.device_id,
            "entity_id": entity_id,
            "sim_number": event.sim_number,
        },
    )
