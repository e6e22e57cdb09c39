"""Binary sensors of a phone: online, charging."""

from typing import override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import PhoneStateEntity, async_for_each_phone
from .phone_sensor import BINARY_SENSORS, ONLINE, PhoneBinaryDescription
from .runtime import SmsGateConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the entities of each phone, now and later."""

    @callback
    def async_add_phone(gateway_device_id: str) -> None:
        async_add_entities(
            PhoneBinarySensor(entry, gateway_device_id, description)
            for description in BINARY_SENSORS
        )

    async_for_each_phone(hass, entry, async_add_phone)


class PhoneBinarySensor(PhoneStateEntity, BinarySensorEntity):
    """A binary sensor of a phone."""

    entity_description: PhoneBinaryDescription

    @property
    @override
    def available(self) -> bool:
        """A gateway that cannot be asked is what "online" is about."""
        return self.entity_description.key == ONLINE or super().available

    @property
    @override
    def is_on(self) -> bool | None:
        """Read the phone's state."""
        return self.entity_description.value_fn(self._phone_state)
