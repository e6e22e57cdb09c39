"""Base entities: of the account, of a phone, of a contact."""

from collections.abc import Callable
from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import Entity, EntityDescription

from .account.bus_event import SmsGateEvent
from .account.phone_state import PhoneState
from .account.signals import (
    signal_contact_event,
    signal_contacts,
    signal_event,
    signal_new_phone,
    signal_phone,
)
from .const import DOMAIN, SUBENTRY_CONTACT
from .runtime import SmsGateConfigEntry


class SmsGateEntity(Entity):
    """An entity that lives on what the account's phones push."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, entry: SmsGateConfigEntry, owner: str, description: EntityDescription
    ) -> None:
        """Name the entity after its owner and description."""
        self.entity_description = description
        self._entry = entry
        self._signal = signal_event(entry.entry_id)
        self._attr_unique_id = f"{owner}-{description.key}"

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the events that can concern this entity."""
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(self.hass, self._signal, self._async_handle_event)
        )

    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        """Take what concerns this entity."""


class AccountEntity(SmsGateEntity):
    """An entity of the account itself."""

    def __init__(
        self, entry: SmsGateConfigEntry, description: EntityDescription
    ) -> None:
        """Attach to the account's device."""
        super().__init__(entry, entry.entry_id, description)
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry.entry_id)})


class PhoneEntity(SmsGateEntity):
    """An entity of one phone."""

    def __init__(
        self,
        entry: SmsGateConfigEntry,
        gateway_device_id: str,
        description: EntityDescription,
    ) -> None:
        """Attach to the phone's device."""
        super().__init__(entry, gateway_device_id, description)
        self._gateway_device_id = gateway_device_id
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, gateway_device_id)})


class PhoneStateEntity(PhoneEntity):
    """An entity that shows what is known of a phone."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the phone's state; its events alone are no reason to write."""
        coordinator = self._entry.runtime_data.coordinator
        self.async_on_remove(coordinator.async_add_listener(self._async_changed))
        self.async_on_remove(
            async_dispatcher_connect(
                self.hass,
                signal_phone(self._entry.entry_id, self._gateway_device_id),
                self._async_changed,
            )
        )

    @callback
    def _async_changed(self) -> None:
        self.async_write_ha_state()

    @property
    @override
    def available(self) -> bool:
        """What push brought stays; what is asked for goes with the gateway."""
        data = self._entry.runtime_data
        if self._gateway_device_id not in data.account.phones.present:
            return False
        has_pushed = self._phone_state.last_push is not None
        return has_pushed or data.coordinator.last_update_success

    @property
    def _phone_state(self) -> PhoneState:
        """What is known of the phone."""
        return self._entry.runtime_data.phone_monitor[self._gateway_device_id]


@callback
def async_for_each_phone(
    hass: HomeAssistant, entry: SmsGateConfigEntry, add: Callable[[str], None]
) -> None:
    """Do something for each phone of the account, now and when one appears."""
    for gateway_device_id in entry.runtime_data.account.phones:
        add(gateway_device_id)
    entry.async_on_unload(
        async_dispatcher_connect(hass, signal_new_phone(entry.entry_id), callback(add))
    )


@callback
def async_for_each_contact(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    add: Callable[[ConfigSubentry], None],
) -> None:
    """Do something for each contact of the account, now and when one is added."""
    added: set[str] = set()

    @callback
    def async_add_new() -> None:
        found = {
            subentry.subentry_id: subentry
            for subentry in entry.get_subentries_of_type(SUBENTRY_CONTACT)
        }
        new = [found[subentry_id] for subentry_id in found if subentry_id not in added]
        added.clear()
        added.update(found)
        for subentry in new:
            add(subentry)

    async_add_new()
    entry.async_on_unload(
        async_dispatcher_connect(hass, signal_contacts(), async_add_new)
    )


class ContactEntity(SmsGateEntity):
    """An entity of one contact."""

    def __init__(
        self,
        entry: SmsGateConfigEntry,
        subentry: ConfigSubentry,
        description: EntityDescription,
    ) -> None:
        """Attach to the contact's device."""
        super().__init__(entry, subentry.subentry_id, description)
        self._contact_id = subentry.subentry_id
        self._signal = signal_contact_event(entry.entry_id, subentry.subentry_id)
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=entry.runtime_data.account.phones.account_device_id,
        )
