"""Event entities: what a phone, and what a contact, sent or got."""

from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.bus_event import PRIVATE_FIELDS, SmsGateEvent
from .const import CONF_RECORD_MESSAGE_TEXT
from .entity import (
    ContactEntity,
    PhoneEntity,
    SmsGateEntity,
    async_for_each_contact,
    async_for_each_phone,
)
from .gateway.events import INBOUND, OUTBOUND, EventKind
from .runtime import SmsGateConfigEntry

PARALLEL_UPDATES = 0

# No two messages share these. The recorder keeps equal sets of attributes once; with
# them it would search for, and write, a set of its own for every message
UNIQUE_FIELDS: Final = frozenset(
    {"event_id", "message_id", "timestamp", "transaction_id", "size"}
)

_SHORT_NAMES = {kind: kind.key.removeprefix("sms_") for kind in EventKind}

MESSAGE = EventEntityDescription(
    key="message",
    translation_key="message",
    event_types=[
        name for kind, name in _SHORT_NAMES.items() if kind in INBOUND | OUTBOUND
    ],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity for each phone and contact, now and later."""
    recorded = entry.options.get(CONF_RECORD_MESSAGE_TEXT, False)
    phone_class = RecordedPhoneMessage if recorded else PhoneMessage
    contact_class = RecordedContactMessage if recorded else ContactMessage

    @callback
    def async_add_phone(gateway_device_id: str) -> None:
        async_add_entities([phone_class(entry, gateway_device_id, MESSAGE)])

    @callback
    def async_add_contact(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [contact_class(entry, subentry, MESSAGE)],
            config_subentry_id=subentry.subentry_id,
        )

    async_for_each_phone(hass, entry, async_add_phone)
    async_for_each_contact(hass, entry, async_add_contact)


class MessageEvent(SmsGateEntity, EventEntity):
    """The last message event; texts, numbers and ids are not recorded."""

    entity_description: EventEntityDescription
    _unrecorded_attributes = PRIVATE_FIELDS | UNIQUE_FIELDS

    def _concerns(self, received: SmsGateEvent) -> bool:
        """Return True if this entity takes the event."""
        return True

    @override
    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        """Show a message event."""
        kind = received.event.kind
        if kind not in INBOUND | OUTBOUND or not self._concerns(received):
            return
        self._trigger_event(_SHORT_NAMES[kind], _attributes(received))
        self.async_write_ha_state()


def _attributes(received: SmsGateEvent) -> dict[str, Any]:
    """Return the bus event's data without the ids the entity's owner implies."""
    data = received.as_data()
    del data["config_entry_id"], data["device_id"]
    return data


class PhoneMessage(MessageEvent, PhoneEntity):
    """The last message event of a phone."""

    @override
    def _concerns(self, received: SmsGateEvent) -> bool:
        return received.event.device_id == self._gateway_device_id


class ContactMessage(MessageEvent, ContactEntity):
    """The last message event of a contact's number."""


class RecordedPhoneMessage(PhoneMessage):
    """The same where the user chose to keep texts in the history."""

    _unrecorded_attributes = frozenset()


class RecordedContactMessage(ContactMessage):
    """The same where the user chose to keep texts in the history."""

    _unrecorded_attributes = frozenset()
