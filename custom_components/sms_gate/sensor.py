"""Sensors of the account: totals, pending, last message; those of phones beside it."""

from collections.abc import Callable, Mapping, Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
import logging
from typing import Any, Final, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorExtraStoredData,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .account.bus_event import PRIVATE_FIELDS, SmsGateEvent
from .account.coordinator import SmsGateCoordinator
from .account.last_known import LastEvent
from .account.signals import signal_pending
from .const import ReceiveMode
from .entity import AccountEntity, EventListener, SmsGateEntity, UnstoredEntity
from .gateway.events import INBOUND, EventKind
from .messages.unread import UNREAD, async_add_unread
from .phone_sensor import async_add_phone_sensors
from .runtime import SmsGateConfigEntry
from .send.counts import Counts
from .send.parts_limit import PartsLimit

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0

BURST_SECONDS: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class TotalDescription(SensorEntityDescription):
    """A total over some kinds of events."""

    kinds: AbstractSet[EventKind]


@dataclass(frozen=True, kw_only=True)
class PartsDescription(SensorEntityDescription):
    """The parts of a period, and the day on which it begins; None is every day."""

    counts_fn: Callable[[PartsLimit], Counts]
    first_day: int | None


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
PARTS: Final = tuple(
    PartsDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.TOTAL,
        counts_fn=counts_fn,
        first_day=first_day,
    )
    for key, counts_fn, first_day in (
        ("parts_today", lambda limit: limit.days, None),
        ("parts_this_month", lambda limit: limit.months, 1),
    )
)
RECEIVES_BY: Final = SensorEntityDescription(
    key="receives_by",
    translation_key="receives_by",
    device_class=SensorDeviceClass.ENUM,
    options=[mode.value for mode in ReceiveMode if mode is not ReceiveMode.AUTO],
    entity_category=EntityCategory.DIAGNOSTIC,
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
            *(PartsSensor(entry, item) for item in PARTS),
        ]
    )
    async_add_unread(entry.runtime_data.messages, UNREAD, async_add_entities)
    async_add_phone_sensors(entry, async_add_entities)


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
            function=self._async_show,
        )
        self.async_on_remove(self._writer.async_shutdown)

    @callback
    def _async_show(self) -> None:
        self.async_write_ha_state()


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

    @override
    async def async_added_to_hass(self) -> None:
        """Continue from the last value, unless it was another account's.

        Home Assistant's is of the last quarter of an hour where it was killed.
        """
        before = self.native_value
        await super().async_added_to_hass()
        stored = await self.async_get_last_extra_data()
        last = stored.as_dict() if stored is not None else {}
        value = last.get("native_value")
        is_own = last.get("owner") in (None, self._entry.entry_id)
        if is_own and isinstance(value, int):
            since = self.native_value - before
            self._totals[self.entity_description.key] = max(before, value) + since

    @property
    def _totals(self) -> dict[str, int]:
        return self._entry.runtime_data.account.last_known.totals

    @property
    @override
    def native_value(self) -> int:
        """Return how many there were."""
        return self._totals.get(self.entity_description.key, 0)

    @property
    @override
    def extra_restore_state_data(self) -> OwnedData:
        """Return the value, and whose it is."""
        return OwnedData(self.native_value, None, self._entry.entry_id)

    @override
    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        if received.event.kind in self.entity_description.kinds:
            self._totals[self.entity_description.key] = self.native_value + 1
            self._writer.async_schedule_call()

    @override
    @callback
    def _async_show(self) -> None:
        """Keep what is shown."""
        self._entry.runtime_data.account.last_known.async_save_totals()
        super()._async_show()


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


class PartsSensor(PendingSensor):
    """How many SMS the account sent, by its SIMs; of a long text, each part counts."""

    entity_description: PartsDescription

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            async_track_time_change(
                self.hass, self._async_next_day, hour=0, minute=0, second=0
            )
        )

    @callback
    def _async_next_day(self, _now: datetime) -> None:
        self.async_write_ha_state()

    @property
    def _counts(self) -> Mapping[str, int]:
        limit = self._entry.runtime_data.outbox.limits.parts
        return self.entity_description.counts_fn(limit).current

    @property
    @override
    def native_value(self) -> int:
        return sum(self._counts.values())

    @property
    @override
    def last_reset(self) -> datetime:
        """Return when the day or the month began."""
        begin = dt_util.start_of_local_day()
        return begin.replace(day=self.entity_description.first_day or begin.day)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, int]:
        """Return the parts of each SIM; those of no SIM had none named."""
        named = {sim: parts for sim, parts in self._counts.items() if sim != "0"}
        return {f"sim_{sim}": parts for sim, parts in sorted(named.items())}


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
