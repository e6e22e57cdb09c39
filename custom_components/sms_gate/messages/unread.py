"""How many messages nobody has read, where an account keeps them."""

from typing import Final, override

from homeassistant.components.sensor import (
    DOMAIN as PLATFORM,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import DOMAIN
from .store import Change, MessageStore

UNREAD: Final = SensorEntityDescription(
    key="unread_messages",
    translation_key="unread_messages",
    state_class=SensorStateClass.MEASUREMENT,
)


class UnreadSensor(SensorEntity):
    """The number of unread messages of an account."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, store: MessageStore, description: SensorEntityDescription
    ) -> None:
        """Attach to the account's device."""
        self._store = store
        self.entity_description = description
        entry_id = store.entry.entry_id
        self._attr_unique_id = f"{entry_id}-{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry_id)})

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(self._store.async_listen(self._async_changed))

    @callback
    def _async_changed(self, _change: Change) -> None:
        self.async_write_ha_state()

    @property
    @override
    def native_value(self) -> int:
        return self._store.unread


@callback
def async_add_unread(
    store: MessageStore,
    description: SensorEntityDescription,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensor while messages are kept, now and later; remove it else."""
    unique_id = f"{store.entry.entry_id}-{description.key}"
    is_added = False

    @callback
    def update(_change: Change | None = None) -> None:
        nonlocal is_added
        if store.days and not is_added:
            is_added = True
            async_add_entities([UnreadSensor(store, description)])
        elif not store.days:
            is_added = False
            registry = er.async_get(store.hass)
            if entity_id := registry.async_get_entity_id(PLATFORM, DOMAIN, unique_id):
                registry.async_remove(entity_id)

    update()
    store.entry.async_on_unload(store.async_listen(update))
