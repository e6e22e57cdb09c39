"""The account and its phones in Home Assistant's device registry."""

from collections.abc import Iterable, Iterator
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_send

from ..const import DOMAIN, MANUFACTURER
from ..gateway.models import Device
from .signals import signal_new_phone

# The app's changelog, 1.71.0: "Batch webhooks support"
BATCHES_SINCE: Final = (1, 71)
# More than anyone has; a limit for whoever knows a webhook's address
MAX_PHONES: Final = 100


class Phones:
    """Which phone of the gateway is which device of Home Assistant."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Register the account's own device."""
        self._hass = hass
        self._entry = entry
        self._ids: dict[str, str] = {}
        self._versions: dict[str, str] = {}
        self.present: dict[str, Device] = {}
        self._registry = dr.async_get(hass)
        self.account_device_id = self._registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={(DOMAIN, entry.entry_id)},
            entry_type=dr.DeviceEntryType.SERVICE,
            manufacturer=MANUFACTURER,
            name=entry.title,
        ).id

    def __iter__(self) -> Iterator[str]:
        """Go through the gateway's ids of all known phones."""
        return iter(tuple(self._ids))

    def __contains__(self, gateway_device_id: object) -> bool:
        """Return True if this is a phone of the account."""
        return gateway_device_id in self._ids

    @callback
    def async_update(self, devices: Iterable[Device]) -> None:
        """Update from the gateway's list; new phones are announced."""
        self.present = {device.id: device for device in devices}
        for device in self.present.values():
            self._register(device.id, device.name)

    @callback
    def async_note_version(self, gateway_device_id: str, version: str) -> None:
        """Record a phone's app version."""
        known = self._versions.get(gateway_device_id)
        if known == version or gateway_device_id not in self._ids:
            return
        self._versions[gateway_device_id] = version
        self._registry.async_update_device(
            self.device_id(gateway_device_id), sw_version=version
        )

    def version(self, gateway_device_id: str) -> str | None:
        """Return the version of the app on a phone, if it was ever told."""
        return self._versions.get(gateway_device_id)

    @property
    def know_batches(self) -> bool:
        """Return True if every phone's app is new enough for batch events."""
        return bool(self.present) and all(
            release(self._versions.get(phone, "")) >= BATCHES_SINCE
            for phone in self.present
        )

    def choose(self) -> str | None:
        """Return the phone to send with: the one the gateway saw last."""
        phones = self.present.values()
        return max(phones, key=_last_seen).id if phones else None

    @callback
    def device_id(self, gateway_device_id: str) -> str:
        """Return a phone's id in the device registry; an unknown phone gets one.

        Beyond what an account can have, what claims to be a phone gets the account's.
        """
        if (known := self._ids.get(gateway_device_id)) is not None:
            return known
        if len(self._ids) >= MAX_PHONES:
            return self.account_device_id
        return self._register(gateway_device_id, "")

    @callback
    def async_forget(self, device: dr.DeviceEntry) -> bool:
        """Forget a phone that a person wants to remove, unless it is still there."""
        owned = {item for domain, item in device.identifiers if domain == DOMAIN}
        kept = {self._entry.entry_id, *self._entry.subentries, *self.present}
        if owned & kept:
            return False
        for gateway_device_id in owned:
            self._ids.pop(gateway_device_id, None)
        return True

    def name(self, gateway_device_id: str) -> str:
        """Return what a person calls a phone."""
        device = self._registry.async_get(self.device_id(gateway_device_id))
        return (device and (device.name_by_user or device.name)) or "Phone"

    def _register(self, gateway_device_id: str, name: str) -> str:
        """Create or update a phone's device."""
        manufacturer, _, model = name.partition("/")
        device = self._registry.async_get_or_create(
            config_entry_id=self._entry.entry_id,
            identifiers={(DOMAIN, gateway_device_id)},
            manufacturer=manufacturer or MANUFACTURER,
            model=model or None,
            name=name.replace("/", " ") or "Phone",
            via_device_id=self.account_device_id,
        )
        if device.sw_version:
            self._versions.setdefault(gateway_device_id, device.sw_version)
        if gateway_device_id not in self._ids:
            self._ids[gateway_device_id] = device.id
            async_dispatcher_send(
                self._hass, signal_new_phone(self._entry.entry_id), gateway_device_id
            )
        return device.id


def _last_seen(device: Device) -> float:
    """Return when the gateway saw a phone, in Unix seconds."""
    return device.last_seen.timestamp() if device.last_seen else 0.0


def release(version: str) -> tuple[int, ...]:
    """Return a version's numbers, empty where it has none."""
    numbers = version.split("-", maxsplit=1)[0].split(".")
    return tuple(map(int, numbers)) if all(map(str.isdecimal, numbers)) else ()
