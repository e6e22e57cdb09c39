"""Base entities: of the account, of a phone, of a contact."""

from collections.abc import Callable, Iterable
import logging
from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .account.bus_event import SmsGateEvent
from .account.coordinator import SmsGateCoordinator
from .account.phone_state import PhoneState
from .account.signals import signal_contact_event, signal_contacts, signal_event
from .const import DOMAIN, SUBENTRY_CONTACT
from .runtime import SmsGateConfigEntry

_LOGGER = logging.getLogger(__name__)


class SmsGateEntity(Entity):
    """An entity of something that the account owns."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _attr_unique_id: str

    def __init__(
        self, entry: SmsGateConfigEntry, owner: str, description: EntityDescription
    ) -> None:
        """Name the entity after its owner and description."""
        self.entity_description = description
        self._entry = entry
        self._signal = signal_event(entry.entry_id)
        self._attr_unique_id = f"{owner}-{description.key}"


class EventListener(SmsGateEntity):
    """An entity that shows what the account's phones push."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the events that can concern this entity."""
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(self.hass, self._signal, self._async_handle_event)
        )

    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        """Handle an event that concerns this entity."""
        raise NotImplementedError


class UnstoredEntity(RestoreEntity):
    """An entity whose attributes must not be in Home Assistant's file of states.

    It stands behind the class that restores, and takes what it restores from the
    account's last known events.
    """

    @override
    async def async_internal_added_to_hass(self) -> None:
        """Leave out what registers the entity for the file."""
        await super(RestoreEntity, self).async_internal_added_to_hass()

    @override
    async def async_internal_will_remove_from_hass(self) -> None:
        """Leave out what keeps the last state for the file."""
        await super(RestoreEntity, self).async_internal_will_remove_from_hass()


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


class PhoneStateEntity(CoordinatorEntity[SmsGateCoordinator], PhoneEntity):
    """An entity that shows what is known of a phone."""

    def __init__(
        self,
        entry: SmsGateConfigEntry,
        gateway_device_id: str,
        description: EntityDescription,
    ) -> None:
        """Follow the account's phones."""
        CoordinatorEntity.__init__(self, entry.runtime_data.coordinator)
        PhoneEntity.__init__(self, entry, gateway_device_id, description)

    @property
    @override
    def available(self) -> bool:
        """What was pushed stays; what is polled goes with the gateway."""
        if self._gateway_device_id not in self.coordinator.data.present:
            return False
        has_pushed = self._phone_state.last_push is not None
        return has_pushed or self.coordinator.last_update_success

    @property
    def _phone_state(self) -> PhoneState:
        return self.coordinator.data[self._gateway_device_id]


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


def _owner(hass: HomeAssistant, platform: str, unique_id: str) -> str | None:
    """Return the id of the entry that an entity belongs to; None where there is none."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(platform, DOMAIN, unique_id)
    return registry.entities[entity_id].config_entry_id if entity_id else None


def is_of_another(
    hass: HomeAssistant, entry: SmsGateConfigEntry, platform: str, unique_id: str
) -> bool:
    """Return True for an entity of a phone that another account has as well."""
    return _owner(hass, platform, unique_id) not in (None, entry.entry_id)


@callback
def async_add_phone_entities[D: EntityDescription](
    entry: SmsGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    *,
    platform: str,
    descriptions: Callable[[PhoneState], Iterable[D]],
    is_known: Callable[[D, PhoneState], bool],
    make: Callable[[SmsGateConfigEntry, str, D], PhoneEntity],
) -> None:
    """Add the entities of each phone, now or once there is something to show.

    What an entity was made for before is added in any case. The phone of another
    account, under whose unique id there is an entity already, is left to that account.
    """
    coordinator = entry.runtime_data.coordinator
    added: set[str] = set()

    def wanted(unique_id: str, *, known: bool) -> bool:
        owner = _owner(coordinator.hass, platform, unique_id)
        return known if owner is None else owner == entry.entry_id

    @callback
    def async_add_new() -> None:
        current: set[str] = set()
        new: list[PhoneEntity] = []
        for phone, state in coordinator.data.items():
            for description in descriptions(state):
                unique_id = f"{phone}-{description.key}"
                if unique_id in added or wanted(
                    unique_id, known=is_known(description, state)
                ):
                    current.add(unique_id)
                if unique_id in current - added:
                    new.append(make(entry, phone, description))
        added.clear()
        added.update(current)
        if new:
            async_add_entities(new)

    async_add_new()
    entry.async_on_unload(coordinator.async_add_listener(async_add_new))
