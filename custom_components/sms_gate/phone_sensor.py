"""Descriptions of what is shown of a phone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory

from .account.phone_state import PhoneState

# Source: the app's modules/connection (TransportType, CellularNetworkType)
_TRANSPORTS: Final = {0: "none", 1: "unknown", 2: "cellular", 4: "wifi", 8: "ethernet"}
ONLINE: Final = "online"
_CELLULAR: Final = {2: "2g", 3: "3g", 4: "4g", 5: "5g"}


def network(state: PhoneState) -> str | None:
    """Return how the phone is connected."""
    if (transport := state.check("connection:transport")) is None:
        return None
    name = _TRANSPORTS.get(transport, "unknown")
    if name != "cellular":
        return name
    return _CELLULAR.get(state.check("connection:cellular") or 0, name)


def charging(state: PhoneState) -> bool | None:
    """Return True if the phone is charging."""
    flags = state.check("battery:charging")
    return None if flags is None else flags != 0


@dataclass(frozen=True, kw_only=True)
class PhoneSensorDescription(SensorEntityDescription):
    """A sensor of a phone."""

    value_fn: Callable[[PhoneState], str | int | datetime | None]


@dataclass(frozen=True, kw_only=True)
class PhoneBinaryDescription(BinarySensorEntityDescription):
    """A binary sensor of a phone."""

    value_fn: Callable[[PhoneState], bool | None]


SENSORS: Final = (
    PhoneSensorDescription(
        key="battery",
        translation_key="battery",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state: state.check("battery:level"),
    ),
    PhoneSensorDescription(
        key="network",
        translation_key="network",
        device_class=SensorDeviceClass.ENUM,
        options=[*_TRANSPORTS.values(), *_CELLULAR.values()],
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=network,
    ),
    PhoneSensorDescription(
        key="last_seen",
        translation_key="last_seen",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state: state.last_contact,
    ),
    PhoneSensorDescription(
        key="failed_last_hour",
        translation_key="failed_last_hour",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state: state.check("messages:failed"),
    ),
    PhoneSensorDescription(
        key="app_version",
        translation_key="app_version",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state: state.version,
    ),
)

BINARY_SENSORS: Final = (
    PhoneBinaryDescription(
        key=ONLINE,
        translation_key="online",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state: state.online,
    ),
    PhoneBinaryDescription(
        key="charging",
        translation_key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=charging,
    ),
)
