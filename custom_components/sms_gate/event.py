"""Event entities: what a phone, and what a contact, sent or got."""

from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.event import (
    DOMAIN as PLATFORM,
    EventEntity,
    EventEntityDescription,
    EventExtraStoredData,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.bus_event import PRIVATE_FIELDS, SmsGateEvent
from .account.last_known import LastEvent
from .const import CONF_RECORD_MESSAGE_TEXT
from .entity import (
    ContactEntity,
    EventListener,
    PhoneEntity,
    UnstoredEntity,
    async_add_phone_entities,
    async_for_each_contact,
)
from .gateway.events import MESSAGES, EventKind
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
    event_types=[name for kind, name in _SHORT_NAMES.items() if kind in MESSAGES],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity for each phone and contact, now and later."""
    recorded = entry.options.get(CONF_RECORD_MESSAGE_TEXT, False)
    contact_class = RecordedContactMessage if recorded else ContactMessage
    async_add_phone_entities(
        entry,
        async_add_entities,
        platform=PLATFORM,
        descriptions=lambda _state: (MESSAGE,),
        is_known=lambda _description, _state: True,
        make=RecordedPhoneMessage if recorded else PhoneMessage,
    )

    @callback
    def async_add_contact(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [contact_class(entry, subentry, MESSAGE)],
            config_subentry_id=subentry.subentry_id,
        )

    async_for_each_contact(hass, entry, async_add_contact)


class MessageEvent(EventListener, EventEntity, UnstoredEntity):
    """The last message event; texts, numbers and ids are not recorded."""

    entity_description: EventEntityDescription
    _unrecorded_attributes = PRIVATE_FIELDS | UNIQUE_FIELDS

    @property
    def _last(self) -> LastEvent | None:
        return self._entry.runtime_data.account.last_known.last_event(
            self._attr_unique_id
        )

    @override
    async def async_get_last_state(self) -> State | None:
        """Return when the last event was, also before a restart."""
        if (last := self._last) is None:
            return await super().async_get_last_state()
        return State(self.entity_id, last.time.isoformat(timespec="milliseconds"))

    @override
    async def async_get_last_event_data(self) -> EventExtraStoredData | None:
        """Return the last event; from before a restart, only its type."""
        if (last := self._last) is None:
            return await super().async_get_last_event_data()
        return EventExtraStoredData(last.event_type, dict(last.attributes))

    def _concerns(self, received: SmsGateEvent) -> bool:
        """Return True if the event is one of this entity's."""
        return received.event.kind in MESSAGES

    @override
    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        """Show a message event."""
        if not self._concerns(received):
            return
        event_type = _SHORT_NAMES[received.event.kind]
        attributes = _attributes(received)
        self._trigger_event(event_type, attributes)
        self.async_write_ha_state()
        self._entry.runtime_data.account.last_known.async_keep_event(
            self._attr_unique_id,
            LastEvent(
                time=datetime.fromisoformat(self.state or ""),
                event_type=event_type,
                attributes=attributes,
            ),
        )


def _attributes(received: SmsGateEvent) -> dict[str, Any]:
    """Return the bus event's data without the ids the entity's owner implies."""
    data = received.as_data()
    del data["config_entry_id"], data["device_id"]
    return data


class PhoneMessage(MessageEvent, PhoneEntity):
    """The last message event of a phone."""

    @override
    def _concerns(self, received: SmsGateEvent) -> bool:
        is_own = received.event.device_id == self._gateway_device_id
        return is_own and super()._concerns(received)


class ContactMessage(MessageEvent, ContactEntity):
    """The last message event of a contact's number."""


class RecordedPhoneMessage(PhoneMessage):
    """The same where the user chose to keep texts in the history."""

    _unrecorded_attributes = frozenset()


class RecordedContactMessage(ContactMessage):
    """The same where the user chose to keep texts in the history."""

    _unrecorded_attributes = frozenset()
