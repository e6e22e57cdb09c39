"""A sensor for each SIM of a phone."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_registry import RegistryEntry

from .account.signals import signal_phone
from .entity import PhoneStateEntity
from .gateway.models import SimCard
from .runtime import SmsGateConfigEntry

ATTR_PHONE_NUMBER: Final = "phone_number"
_KEY: Final = "sim_"


class SimSensor(PhoneStateEntity, SensorEntity):
    """A SIM: its carrier, and its number, which is not recorded."""

    _unrecorded_attributes = frozenset({ATTR_PHONE_NUMBER})

    def __init__(
        self, entry: SmsGateConfigEntry, gateway_device_id: str, sim_number: int
    ) -> None:
        """Name the sensor after its slot."""
        description = SensorEntityDescription(
            key=f"{_KEY}{sim_number}",
            translation_key="sim",
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
        )
        super().__init__(entry, gateway_device_id, description)
        self._attr_translation_placeholders = {"number": str(sim_number)}
        self._sim_number = sim_number

    @property
    def _card(self) -> SimCard | None:
        """The SIM as the phone told of it the last time."""
        cards = self._phone_state.sim_cards
        return next(
            (card for card in cards if card.sim_number == self._sim_number), None
        )

    @property
    @override
    def available(self) -> bool:
        """A SIM that is not in the phone has nothing to show."""
        return super().available and self._card is not None

    @property
    @override
    def native_value(self) -> str | None:
        """Read the carrier."""
        return self._card.carrier_name if self._card else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Read the number; servers show its last four digits only."""
        if self._card is None:
            return None
        return {ATTR_PHONE_NUMBER: self._card.phone_number}


def sim_numbers(entries: Iterable[RegistryEntry], phone: str) -> dict[int, str]:
    """Return the SIMs of a phone that have a sensor, with their entity ids."""
    prefix = f"{phone}-{_KEY}"
    return {
        int(entry.unique_id.removeprefix(prefix)): entry.entity_id
        for entry in entries
        if entry.unique_id.startswith(prefix)
    }


@callback
def async_follow_sims(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    gateway_device_id: str,
    add: Callable[[Iterable[SimSensor]], None],
) -> None:
    """Add a sensor for each SIM of a phone, now and when one is put in."""
    known: set[int] = set()

    @callback
    def async_add_new() -> None:
        cards = entry.runtime_data.phone_monitor[gateway_device_id].sim_cards
        new = {card.sim_number for card in cards} - known
        known.update(new)
        if new:
            add(SimSensor(entry, gateway_device_id, number) for number in sorted(new))

    async_add_new()
    signal = signal_phone(entry.entry_id, gateway_device_id)
    entry.async_on_unload(async_dispatcher_connect(hass, signal, async_add_new))
