"""Sensors of the account (totals, pending, last message) and of each phone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .account.bus_event import PRIVATE_FIELDS, SmsGateEvent
from .account.signals import signal_pending
from .entity import AccountEntity, PhoneStateEntity, async_for_each_phone
from .gateway.events import INBOUND, EventKind
from .phone_sensor import SENSORS, PhoneSensorDescription
from .runtime import SmsGateConfigEntry
from .sim_sensor import async_follow_sims

PARALLEL_UPDATES = 0

BURST_SECONDS: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class TotalDescription(SensorEntityDescription):
    """A total over some kinds of events."""

    kinds: frozenset[EventKind]


TOTALS: Final = tuple(
    TotalDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.TOTAL_INCREASING,
        kinds=frozenset(kinds),
    )
    for key, kinds in (
        (
            "received",
            (
                EventKind.SMS_RECEIVED,
                EventKind.SMS_DATA_RECEIVED,
                EventKind.MMS_RECEIVED,
            ),
        ),
        ("sent", (EventKind.SMS_SENT,)),
        ("delivered", (EventKind.SMS_DELIVERED,)),
        ("failed", (EventKind.SMS_FAILED,)),
    )
)

LAST_MESSAGE: Final = SensorEntityDescription(
    key="last_message",
    translation_key="last_message",
    device_class=SensorDeviceClass.TIMESTAMP,
)


PENDING: Final = SensorEntityDescription(
    key="pending",
    translation_key="pending",
    state_class=SensorStateClass.MEASUREMENT,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the account's sensors, and those of each phone, now and later."""
    async_add_entities(
        [
            *(TotalSensor(entry, item) for item in TOTALS),
            LastMessage(entry, LAST_MESSAGE),
            PendingSensor(entry, PENDING),
        ]
    )

    @callback
    def async_add_phone(gateway_device_id: str) -> None:
        async_add_entities(
            PhoneSensor(entry, gateway_device_id, description)
            for description in SENSORS
        )
        async_follow_sims(hass, entry, gateway_device_id, async_add_entities)

    async_for_each_phone(hass, entry, async_add_phone)


class BurstSensor(AccountEntity, RestoreSensor):
    """Written at once for a single event, at most once a second in a burst."""

    _cancel_write: CALLBACK_TYPE | None = None
    _quiet_until: float = 0.0

    @callback
    def _async_write_soon(self) -> None:
        """Write now, or when the second since the last write is over."""
        if self._cancel_write is not None:
            return
        now = self.hass.loop.time()
        if now >= self._quiet_until:
            self._async_write()
        else:
            self._cancel_write = async_call_later(
                self.hass, self._quiet_until - now, self._async_write
            )

    @callback
    def _async_write(self, _now: datetime | None = None) -> None:
        self._cancel_write = None
        self._quiet_until = self.hass.loop.time() + BURST_SECONDS
        self.async_write_ha_state()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Leave no timer behind; what was counted is kept by the restore state."""
        if self._cancel_write is not None:
            self._cancel_write()
            self._cancel_write = None


class RestoredSensor(BurstSensor):
    """Goes on from where the last run ended."""

    @override
    async def async_added_to_hass(self) -> None:
        """Restore the last value."""
        await super().async_added_to_hass()
        if (last := await self.async_get_last_sensor_data()) is not None:
            self._attr_native_value = last.native_value


class TotalSensor(RestoredSensor):
    """How many messages of a kind there were."""

    entity_description: TotalDescription
    _attr_native_value: int = 0

    @override
    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        if received.event.kind in self.entity_description.kinds:
            self._attr_native_value += 1
            self._async_write_soon()


class LastMessage(RestoredSensor):
    """When the last message came; who wrote and what is not recorded."""

    _unrecorded_attributes = PRIVATE_FIELDS

    _last: SmsGateEvent | None = None

    @override
    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        event = received.event
        if event.kind in INBOUND and self._is_newer(event.timestamp):
            self._last = received
            self._attr_native_value = event.timestamp
            self._async_write_soon()

    def _is_newer(self, came: datetime | None) -> bool:
        """Return True if a message came after the last one; late ones did not."""
        last = self._attr_native_value
        return came is not None and not (isinstance(last, datetime) and came < last)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Who wrote, and what."""
        if self._last is None:
            return None
        data = self._last.as_data()
        return {name: value for name, value in data.items() if name in PRIVATE_FIELDS}


class PendingSensor(BurstSensor):
    """How many messages wait for the phone to send them."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the outbox."""
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(
                self.hass,
                signal_pending(self._entry.entry_id),
                self._async_write_soon,
            )
        )

    @property
    @override
    def native_value(self) -> int:
        """Count them."""
        return self._entry.runtime_data.outbox.pending


class PhoneSensor(PhoneStateEntity, SensorEntity):
    """A sensor of a phone."""

    entity_description: PhoneSensorDescription

    @property
    @override
    def native_value(self) -> str | int | datetime | None:
        """Read the phone's state."""
        return self.entity_description.value_fn(self._phone_state)
