"""What the activity shows of messages: recorded without texts, names and numbers."""

from typing import Final

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

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
    contact = received.contact
    device = contact and dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, contact.id), received.entry_id
    )
    hass.bus.async_fire(
        EVENT_ACTIVITY,
        {
            "kind": event.kind.key,
            ATTR_DEVICE_ID: device.id if device else received.device_id,
            "config_entry_id": received.entry_id,
            "contact_id": contact.id if contact else None,
            "sim_number": event.sim_number,
        },
    )
