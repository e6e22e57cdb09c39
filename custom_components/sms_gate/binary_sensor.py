"""Binary sensors of a phone: online, charging."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.binary_sensor import (
    DOMAIN as PLATFORM,
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.phone_state import PhoneState
from .entity import PhoneStateEntity, async_add_phone_entities
from .runtime import SmsGateConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PhoneBinaryDescription(BinarySensorEntityDescription):
    """A binary sensor of a phone."""

    value_fn: Callable[[PhoneState], bool | None]


def _is_charging(state: PhoneState) -> bool | None:
    flags = state.check("battery:charging")
    return None if flags is None else flags != 0


ONLINE: Final = PhoneBinaryDescription(
    key="online",
    translation_key="online",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
    value_fn=lambda state: state.online,
)
CHARGING: Final = PhoneBinaryDescription(
    key="charging",
    translation_key="charging",
    device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
    entity_category=EntityCategory.DIAGNOSTIC,
    value_fn=_is_charging,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the entities of each phone, now and later."""
    async_add_phone_entities(
        entry,
        async_add_entities,
        platform=PLATFORM,
        descriptions=lambda _state: (ONLINE, CHARGING),
        is_known=lambda it, state: it is ONLINE or it.value_fn(state) is not None,
        make=PhoneBinarySensor,
    )


class PhoneBinarySensor(PhoneStateEntity, BinarySensorEntity):
    """A binary sensor of a phone."""

    entity_description: PhoneBinaryDescription

    @property
    @override
    def available(self) -> bool:
        """A gateway that cannot be reached is what "online" is about."""
        return self.entity_description is ONLINE or super().available

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what the phone's state says."""
        return self.entity_description.value_fn(self._phone_state)
