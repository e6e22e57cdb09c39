"""Sensors of the account (totals, pending, last message) and of each phone."""

from collections.abc import Callable, Iterable, Mapping, Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
import logging
from typing import Any, Final, override

from homeassistant.components.sensor import (
    DOMAIN as PLATFORM,
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorExtraStoredData,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .account.bus_event import PRIVATE_FIELDS, SmsGateEvent
from .account.coordinator import SmsGateCoordinator
from .account.last_known import SIM_KEY, LastEvent
from .account.phone_state import PhoneState
from .account.signals import signal_pending
from .const import CONF_PHONE_NUMBER, ReceiveMode
from .entity import (
    AccountEntity,
    EventListener,
    PhoneStateEntity,
    SmsGateEntity,
    UnstoredEntity,
    async_add_phone_entities,
)
from .gateway.events import INBOUND, EventKind
from .gateway.models import SimCard
from .messages.unread import UNREAD, async_add_unread
from .runtime import SmsGateConfigEntry

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0

BURST_SECONDS: Final = 1.0

# Source: the app's modules/connection (TransportType, CellularNetworkType)
_TRANSPORTS: Final = {0: "none", 1: "unknown", 2: "cellular", 4: "wifi", 8: "ethernet"}
_CELLULAR: Final = {2: "2g", 3: "3g", 4: "4g", 5: "5g"}


@dataclass(frozen=True, kw_only=True)
class TotalDescription(SensorEntityDescription):
    """A total over some kinds of events."""

    kinds: AbstractSet[EventKind]


@dataclass(frozen=True, kw_only=True)
class PhoneSensorDescription(SensorEntityDescription):
    """A sensor of a phone; unless ``is_always``, it is added once it has a value."""

    value_fn: Callable[[PhoneState], str | int | datetime | None]
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


TOTALS: Final = tuple(
    TotalDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.TOTAL_INCREASING,
        kinds=kinds,
    )
    for key, kinds in (
        ("received", INBOUND - {EventKind.MMS_DOWNLOADED}),
        ("sent", {EventKind.SMS_SENT}),
        ("delivered", {EventKind.SMS_DELIVERED}),
        ("failed", {EventKind.SMS_FAILED}),
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
RECEIVES_BY: Final = SensorEntityDescription(
    key="receives_by",
    translation_key="receives_by",
    device_class=SensorDeviceClass.ENUM,
    options=[mode.value for mode in ReceiveMode if mode is not ReceiveMode.AUTO],
    entity_category=EntityCategory.DIAGNOSTIC,
)
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
            ReceivesBySensor(entry, RECEIVES_BY),
        ]
    )
    async_add_unread(entry.runtime_data.messages, UNREAD, async_add_entities)
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


class BurstSensor(SmsGateEntity, SensorEntity):
    """Written at once for a single event, at most once a second in a burst."""

    @override
    async def async_added_to_hass(self) -> None:
        """Set up the pause between two writes."""
        await super().async_added_to_hass()
        self._writer = Debouncer(
            self.hass,
            _LOGGER,
            cooldown=BURST_SECONDS,
            immediate=True,
            function=self.async_write_ha_state,
        )
        self.async_on_remove(self._writer.async_shutdown)


@dataclass
class OwnedData(SensorExtraStoredData):
    """The stored value of an account: another one may get the same entity id."""

    owner: str

    @override
    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "owner": self.owner}


class TotalSensor(BurstSensor, EventListener, AccountEntity, RestoreSensor):
    """How many messages of a kind there were."""

    entity_description: TotalDescription
    _attr_native_value: int = 0

    @override
    async def async_added_to_hass(self) -> None:
        """Continue from the last value, unless it was another account's."""
        await super().async_added_to_hass()
        stored = await self.async_get_last_extra_data()
        last = stored.as_dict() if stored is not None else {}
        value = last.get("native_value")
        is_own = last.get("owner") in (None, self._entry.entry_id)
        if is_own and isinstance(value, int):
            self._attr_native_value += value

    @property
    @override
    def extra_restore_state_data(self) -> OwnedData:
        """Return the value, and whose it is."""
        return OwnedData(self._attr_native_value, None, self._entry.entry_id)

    @override
    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        if received.event.kind in self.entity_description.kinds:
            self._attr_native_value += 1
            self._writer.async_schedule_call()


class LastMessage(
    BurstSensor, EventListener, AccountEntity, RestoreSensor, UnstoredEntity
):
    """When the last message came; who wrote and what is neither recorded nor stored."""

    _unrecorded_attributes = PRIVATE_FIELDS

    @override
    async def async_added_to_hass(self) -> None:
        """Show the last message again; from before a restart, only its time."""
        await super().async_added_to_hass()
        last_known = self._entry.runtime_data.account.last_known
        if (last := last_known.last_event(self._attr_unique_id)) is not None:
            self._attr_native_value = last.time
            self._attr_extra_state_attributes = dict(last.attributes)
        elif (stored := await self.async_get_last_sensor_data()) is not None:
            value = stored.native_value
            self._attr_native_value = value if isinstance(value, datetime) else None

    @override
    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        came, now = received.event.timestamp, datetime.now(UTC)
        if received.event.kind not in INBOUND or came is None:
            return
        # A phone's clock, or a network's, may be ahead
        came, last = min(came, now), self._attr_native_value
        if isinstance(last, datetime) and came < last <= now:
            return
        attributes = _private(received)
        self._attr_native_value = came
        self._attr_extra_state_attributes = attributes
        self._entry.runtime_data.account.last_known.async_keep_event(
            self._attr_unique_id, LastEvent(time=came, attributes=attributes)
        )
        self._writer.async_schedule_call()


def _private(received: SmsGateEvent) -> dict[str, Any]:
    """Return who wrote and what; an MMS has its text elsewhere than an SMS."""
    data = received.as_data()
    shown = {name: value for name, value in data.items() if name in PRIVATE_FIELDS}
    text = data.get("message") or data.get("body") or data.get("subject")
    return {**shown, "message": text}


class PendingSensor(BurstSensor, AccountEntity):
    """How many messages wait for the phone to send them."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(
                self.hass,
                signal_pending(self._entry.entry_id),
                self._writer.async_schedule_call,
            )
        )

    @property
    @override
    def native_value(self) -> int:
        return self._entry.runtime_data.outbox.pending


class ReceivesBySensor(
    CoordinatorEntity[SmsGateCoordinator], AccountEntity, SensorEntity
):
    """Which way messages come in; also while the gateway is away."""

    def __init__(
        self, entry: SmsGateConfigEntry, description: SensorEntityDescription
    ) -> None:
        """Follow the coordinator, which is refreshed when the way changes."""
        CoordinatorEntity.__init__(self, entry.runtime_data.coordinator)
        AccountEntity.__init__(self, entry, description)

    @property
    @override
    def available(self) -> bool:
        """Return True: the account itself knows."""
        return True

    @property
    @override
    def native_value(self) -> str:
        return self._entry.runtime_data.receiving.mode.value


class PhoneSensor(PhoneStateEntity, SensorEntity):
    """A sensor of a phone."""

    entity_description: PhoneSensorDescription

    @property
    @override
    def native_value(self) -> str | int | datetime | None:
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
