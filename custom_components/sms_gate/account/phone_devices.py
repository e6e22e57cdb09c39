"""The account and its phones in Home Assistant's device registry."""

from collections.abc import Iterator
from itertools import count
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..const import DOMAIN, MANUFACTURER

# More than anyone has; a limit for whoever knows a webhook's address
MAX_PHONES: Final = 100


class PhoneDevices:
    """Which phone of the gateway is which device of Home Assistant."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Register the account's own device."""
        self._hass, self._entry = hass, entry
        self._registry = dr.async_get(hass)
        self._ids: dict[str, str] = {}
        self.account_device_id = self._registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={(DOMAIN, entry.entry_id)},
            entry_type=dr.DeviceEntryType.SERVICE,
            manufacturer=MANUFACTURER,
            name=entry.title,
        ).id

    def __contains__(self, gateway_device_id: object) -> bool:
        """Return True if a phone has a device."""
        return gateway_device_id in self._ids

    def __iter__(self) -> Iterator[str]:
        """Go through the gateway's ids of all phones."""
        return iter(tuple(self._ids))

    def __len__(self) -> int:
        """Return how many phones there are."""
        return len(self._ids)

    def takes(self, gateway_device_id: str) -> bool:
        """Return True if an id can be that of another phone.

        Not beyond what an account can have, nor if it is a device's already: an
        account's or a contact's.
        """
        entries = self._hass.config_entries.async_entries(DOMAIN)
        return len(self._ids) < MAX_PHONES and not any(
            gateway_device_id in (entry.entry_id, *entry.subentries)
            for entry in entries
        )

    def __getitem__(self, gateway_device_id: str) -> str:
        """Return the id of a phone's device."""
        return self._ids[gateway_device_id]

    def name(self, gateway_device_id: str) -> str:
        """Return what a person calls a phone."""
        device = self._registry.async_get(self._ids[gateway_device_id])
        return (device and (device.name_by_user or device.name)) or "Phone"

    @callback
    def async_register(self, gateway_device_id: str, name: str = "") -> str | None:
        """Create or update a phone's device; return its app's version, if known.

        ``name`` is the gateway's: manufacturer and model.
        """
        manufacturer, _, model = name.partition("/")
        identifiers = {(DOMAIN, gateway_device_id)}
        device = self._registry.async_get_or_create(
            config_entry_id=self._entry.entry_id,
            identifiers=identifiers,
            manufacturer=manufacturer or MANUFACTURER,
            model=model or None,
            name=self._free_name(gateway_device_id, name.replace("/", " ") or "Phone"),
            via_device_id=self.account_device_id,
        )
        self._ids[gateway_device_id] = device.id
        return device.sw_version

    def _free_name(self, gateway_device_id: str, name: str) -> str:
        """Return a name that no other device of the account has: models can be equal."""
        devices = dr.async_entries_for_config_entry(
            self._registry, self._entry.entry_id
        )
        identifier = (DOMAIN, gateway_device_id)
        taken = {it.name for it in devices if identifier not in it.identifiers}
        own = next((it.name for it in devices if identifier in it.identifiers), None)
        if own and own not in taken and own.removeprefix(name).strip().isdecimal():
            return own
        names = (name if number == 1 else f"{name} {number}" for number in count(1))
        return next(free for free in names if free not in taken)

    @callback
    def async_set_version(self, gateway_device_id: str, version: str) -> None:
        """Show the version of the app on a phone."""
        self._registry.async_update_device(
            self._ids[gateway_device_id], sw_version=version
        )

    @callback
    def async_forget(self, gateway_device_id: str) -> None:
        """Forget a phone whose device a person removes."""
        self._ids.pop(gateway_device_id, None)
