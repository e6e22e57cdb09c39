"""A notify entity for each contact."""

from typing import Final, override

from homeassistant.components.notify import (
    NotifyEntity,
    NotifyEntityDescription,
    NotifyEntityFeature,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_PHONE_NUMBER, CONF_SIM_NUMBER, SUBENTRY_CONTACT
from .entity import ContactEntity
from .runtime import SmsGateConfigEntry
from .send.draft import draft
from .send.sender import async_send
from .service_schemas import ATTR_MESSAGE, ATTR_SIM_NUMBER

PARALLEL_UPDATES = 0

CONTACT: Final = NotifyEntityDescription(key="notify", name=None)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity for each contact."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_CONTACT):
        async_add_entities(
            [ContactNotify(entry, subentry, CONTACT)],
            config_subentry_id=subentry.subentry_id,
        )


class ContactNotify(ContactEntity, NotifyEntity):
    """Sends SMS to one contact."""

    entity_description: NotifyEntityDescription
    _attr_supported_features = NotifyEntityFeature.TITLE

    def __init__(
        self,
        entry: SmsGateConfigEntry,
        subentry: ConfigSubentry,
        description: NotifyEntityDescription,
    ) -> None:
        """Remember whom to write to, and by which SIM."""
        super().__init__(entry, subentry, description)
        self._phone_number: str = subentry.data[CONF_PHONE_NUMBER]
        self._sim_number: int | None = subentry.data.get(CONF_SIM_NUMBER)

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        """Send an SMS; a title becomes its first line."""
        text = f"{title}\n{message}" if title else message
        wanted = draft(
            self.hass,
            self._entry,
            (self._phone_number,),
            {ATTR_MESSAGE: text, ATTR_SIM_NUMBER: self._sim_number},
        )
        await async_send(self.hass, self._entry, wanted)
