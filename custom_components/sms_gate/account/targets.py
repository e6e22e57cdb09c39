"""The phones and contacts that a target selects: entities, devices, areas, labels."""

from collections.abc import Iterator
from typing import Any, Final, override

from homeassistant.const import CONF_TARGET, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.target import TargetEntityChangeTracker, TargetSelection
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from ..const import DOMAIN
from .bus_event import SmsGateEvent

_MESSAGE: Final = "-message"


def _selecting(target: dict[str, Any]) -> dict[str, Any]:
    """Refuse a target in which nothing is left: it must not mean everybody."""
    if target and not TargetSelection(target).has_any_target:
        raise vol.Invalid("is empty: select something, or leave the target out")
    return target


TARGET_FIELD: Final[dict[vol.Marker, Any]] = {
    vol.Optional(CONF_TARGET): vol.All(cv.TARGET_FIELDS, _selecting)
}


class Target(TargetEntityChangeTracker):
    """The message entities of a target, also when labels and areas change.

    ``phones`` and ``contacts`` are pairs of an entry's id and the owner's id.
    """

    def __init__(self, hass: HomeAssistant, target: ConfigType) -> None:
        """Set up without an entity."""
        super().__init__(hass, TargetSelection(target), self._ours)
        self.phones: frozenset[tuple[str, str]] = frozenset()
        self.contacts: frozenset[tuple[str, str]] = frozenset()

    @callback
    def _ours(self, entity_ids: set[str]) -> set[str]:
        return {entry.entity_id for entry in self._entries(entity_ids)}

    def _entries(self, entity_ids: set[str]) -> Iterator[er.RegistryEntry]:
        registry = er.async_get(self._hass)
        for entity_id in entity_ids:
            entry = registry.async_get(entity_id)
            if entry and (entry.domain, entry.platform) == (Platform.EVENT, DOMAIN):
                yield entry

    @override
    @callback
    def _handle_entities_update(self, tracked_entities: set[str]) -> None:
        owners: dict[bool, set[tuple[str, str]]] = {True: set(), False: set()}
        for entry in self._entries(tracked_entities):
            owner = entry.unique_id.removesuffix(_MESSAGE)
            owners[entry.config_subentry_id is not None].add(
                (entry.config_entry_id or "", owner)
            )
        self.contacts, self.phones = frozenset(owners[True]), frozenset(owners[False])

    def has_contact(self, received: SmsGateEvent) -> bool:
        """Return True if an event is from, or to, one of the contacts."""
        contact = received.contact
        return contact is not None and (received.entry_id, contact.id) in self.contacts

    def has_phone(self, received: SmsGateEvent) -> bool:
        """Return True if an event is of one of the phones."""
        return (received.entry_id, received.event.device_id) in self.phones
