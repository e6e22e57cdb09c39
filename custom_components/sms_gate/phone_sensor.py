"""Sensors of each phone and of its SIMs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    DOMAIN as PLATFORM,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfTime
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.last_known import SIM_KEY
from .account.phone_state import PhoneState
from .const import CONF_PHONE_NUMBER
from .entity import PhoneStateEntity, async_add_phone_entities
from .gateway.models import SimCard
from .runtime import SmsGateConfigEntry

# Source: the app's modules/connection (TransportType, CellularNetworkType)
_TRANSPORTS: Final = {0: "none", 1: "unknown", 2: "cellular", 4: "wifi", 8: "ethernet"}
_CELLULAR: Final = {2: "2g", 3: "3g", 4: "4g", 5: "5g"}


@dataclass(frozen=True, kw_only=True)
class PhoneSensorDescription(SensorEntityDescription):
    """A sensor of a phone; unless ``is_always``, it is added once it has a value."""

    value_fn: Callable[[PhoneState], str | float | datetime | None]
    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC
    is_always: bool = False


@dataclass(frozen=True, kw_only=True)
class SimDescription(SensorEntityDescription):
    """A sensor of a SIM."""

    sim_number: int


def _network(state: PhoneState) -> str | None:
    if (transport := state.check("connection:transport")) is None:
        return None
    name = _TRANSPORTS.get(transport, "unknown")
    if name != "cellular":
        return name
    return _CELLULAR.get(state.check("connection:cellular") or 0, name)


PHONE_SENSORS: Final = (
    PhoneSensorDescription(
        key="battery",
        translation_key="battery",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda state: state.check("battery:level"),
    ),
    PhoneSensorDescription(
        key="network",
        translation_key="network",
        device_class=SensorDeviceClass.ENUM,
        options=[*_TRANSPORTS.values(), *_CELLULAR.values()],
        value_fn=_network,
    ),
    PhoneSensorDescription(
        key="last_seen",
        translation_key="last_seen",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda state: state.last_contact,
        is_always=True,
    ),
    PhoneSensorDescription(
        key="failed_last_hour",
        translation_key="failed_last_hour",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda state: state.check("messages:failed"),
    ),
    PhoneSensorDescription(
        key="app_version",
        translation_key="app_version",
        value_fn=lambda state: state.version,
    ),
    PhoneSensorDescription(
        key="last_proven",
        translation_key="last_proven",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda state: state.line.proven,
        is_always=True,
    ),
    PhoneSensorDescription(
        key="round_trip",
        translation_key="round_trip",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value_fn=lambda state: state.line.round_trip,
    ),
)


@callback
def async_add_phone_sensors(
    entry: SmsGateConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of each phone and of its SIMs, now and later."""
    async_add_phone_entities(
        entry,
        async_add_entities,
        platform=PLATFORM,
        descriptions=lambda _state: PHONE_SENSORS,
        is_known=lambda it, state: it.is_always or it.value_fn(state) is not None,
        make=PhoneSensor,
    )
    async_add_phone_entities(
        entry,
        async_add_entities,
        platform=PLATFORM,
        descriptions=_sims,
        is_known=lambda _description, _state: True,
        make=SimSensor,
    )


def _sims(state: PhoneState) -> Iterable[SimDescription]:
    """Return the descriptions of a phone's SIMs."""
    return (
        SimDescription(
            key=f"{SIM_KEY}{number}",
            translation_key="sim",
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
            sim_number=number,
        )
        for number in sorted(state.known_sims)
    )


class PhoneSensor(PhoneStateEntity, SensorEntity):
    """A sensor of a phone."""

    entity_description: PhoneSensorDescription

    @property
    @override
    def native_value(self) -> str | float | datetime | None:
        return self.entity_description.value_fn(self._phone_state)


class SimSensor(PhoneStateEntity, SensorEntity):
    """A SIM: its carrier, and its number, which is not recorded."""

    entity_description: SimDescription
    _unrecorded_attributes = frozenset({CONF_PHONE_NUMBER})

    def __init__(
        self,
        entry: SmsGateConfigEntry,
        gateway_device_id: str,
        description: SimDescription,
    ) -> None:
        """Name the sensor after its slot."""
        super().__init__(entry, gateway_device_id, description)
        self._attr_translation_placeholders = {"number": str(description.sim_number)}

    @property
    def _card(self) -> SimCard | None:
        number = self.entity_description.sim_number
        cards = self._phone_state.sim_cards
        return next((card for card in cards if card.sim_number == number), None)

    @property
    @override
    def available(self) -> bool:
        """A SIM that is not in the phone has nothing to show."""
        return super().available and self._card is not None

    @property
    @override
    def native_value(self) -> str | None:
        return self._card.carrier_name if self._card else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return the number; servers show its last four digits only."""
        card = self._card
        return {CONF_PHONE_NUMBER: card.phone_number} if card else None
