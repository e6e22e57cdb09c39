"""A notify entity for each contact."""

from typing import Final, override

from homeassistant.components.notify import (
    NotifyEntity,
    NotifyEntityDescription,
    NotifyEntityFeature,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.contacts import contacts_of
from .entity import ContactEntity, async_for_each_contact
from .runtime import SmsGateConfigEntry
from .send.draft import Draft, titled
from .send.router import async_send
from .services import async_check_user

PARALLEL_UPDATES = 0

CONTACT: Final = NotifyEntityDescription(key="notify", name=None)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity for each contact, now and later."""

    @callback
    def async_add_contact(subentry: ConfigSubentry) -> None:
        async_add_entities(
            [ContactNotify(entry, subentry, CONTACT)],
            config_subentry_id=subentry.subentry_id,
        )

    async_for_each_contact(hass, entry, async_add_contact)


class ContactNotify(ContactEntity, NotifyEntity):
    """Sends SMS to one contact."""

    entity_description: NotifyEntityDescription
    _attr_supported_features = NotifyEntityFeature.TITLE

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        """Send an SMS; a title becomes its first line."""
        await async_check_user(self.hass, self._context)
        contacts = contacts_of(self._entry)
        contact = next(it for it in contacts if it.id == self._contact_id)
        draft = Draft(recipients=(contact,), text=titled(title, message))
        await async_send(self.hass, draft, self._entry.runtime_data.sender)
