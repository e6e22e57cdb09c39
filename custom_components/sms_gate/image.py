"""Image entities: the last picture that came by MMS, of each phone and contact."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final, override

from homeassistant.components.image import (
    DOMAIN as PLATFORM,
    ImageEntity,
    ImageEntityDescription,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.bus_event import SmsGateEvent
from .account.last_known import Picture
from .account.signals import signal_event
from .entity import ContactEntity, EventListener, PhoneEntity, is_of_another
from .gateway.events import EventKind
from .receive.media import MAX_FILE_BYTES, path_of
from .receive.picture import picture_type, read
from .runtime import SmsGateConfigEntry

PARALLEL_UPDATES = 1
# The file of a picture may be deleted at any time
SCAN_INTERVAL = timedelta(hours=1)

LAST_PICTURE: Final = ImageEntityDescription(
    key="last_picture", translation_key="last_picture"
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity for whoever has a picture, now or once the first one comes."""
    last_known = entry.runtime_data.account.last_known
    pictures = last_known.pictures
    for gone in pictures.keys() - {*entry.subentries, *last_known.phones}:
        del pictures[gone]
    added: set[str] = set()

    @callback
    def async_add_new() -> None:
        added.intersection_update(pictures)
        for entity in _entities(hass, entry, pictures.keys() - added):
            added.add(entity.owner)
            async_add_entities(
                [entity],
                update_before_add=True,
                config_subentry_id=entity.subentry_id,
            )

    @callback
    def async_handle_event(received: SmsGateEvent) -> None:
        if received.event.kind is EventKind.MMS_DOWNLOADED:
            async_add_new()

    async_add_new()
    entry.async_on_unload(
        async_dispatcher_connect(hass, signal_event(entry.entry_id), async_handle_event)
    )


def _entities(
    hass: HomeAssistant, entry: SmsGateConfigEntry, owners: set[str]
) -> Iterator[LastPicture]:
    """Make the entities of contacts, and of phones that no other account shows."""
    phones = entry.runtime_data.account.last_known.phones
    for owner in sorted(owners):
        if subentry := entry.subentries.get(owner):
            yield ContactPicture(hass, entry, subentry)
        elif owner in phones and not is_of_another(
            hass, entry, PLATFORM, f"{owner}-{LAST_PICTURE.key}"
        ):
            yield PhonePicture(hass, entry, owner)


class LastPicture(EventListener, ImageEntity):
    """The last picture, read from its file whenever somebody looks at it."""

    _attr_should_poll = True
    owner: str
    subentry_id: str | None = None

    @property
    def _picture(self) -> Picture | None:
        return self._entry.runtime_data.account.last_known.pictures.get(self.owner)

    @property
    def _path(self) -> Path | None:
        picture = self._picture
        return path_of(self.hass, picture.file) if picture else None

    @override
    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        """Show a picture that came; its file was written before."""
        if received.event.kind is EventKind.MMS_DOWNLOADED and self._picture:
            self._attr_available = True
            self._attr_image_last_updated = self._picture.time
            self.async_write_ha_state()

    async def async_update(self) -> None:
        """Look whether the file is still there."""
        if picture := self._picture:
            self._attr_image_last_updated = picture.time
        self._attr_available = await self.hass.async_add_executor_job(self._exists)

    def _exists(self) -> bool:
        return self._path is not None and self._path.is_file()

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture of now; None where its file is gone."""
        content, content_type = await self.hass.async_add_executor_job(self._read)
        self._attr_content_type = content_type or self._attr_content_type
        return content if content_type else None

    def _read(self) -> tuple[bytes | None, str | None]:
        content = read(self._path, MAX_FILE_BYTES) if self._path else None
        return content, picture_type(content) if content else None


class PhonePicture(LastPicture, PhoneEntity):
    """The last picture that a phone received."""

    def __init__(
        self, hass: HomeAssistant, entry: SmsGateConfigEntry, phone: str
    ) -> None:
        """Attach to the phone's device."""
        ImageEntity.__init__(self, hass)
        PhoneEntity.__init__(self, entry, phone, LAST_PICTURE)
        self.owner = phone


class ContactPicture(LastPicture, ContactEntity):
    """The last picture that a contact sent."""

    def __init__(
        self, hass: HomeAssistant, entry: SmsGateConfigEntry, subentry: ConfigSubentry
    ) -> None:
        """Attach to the contact's device."""
        ImageEntity.__init__(self, hass)
        ContactEntity.__init__(self, entry, subentry, LAST_PICTURE)
        self.owner = self.subentry_id = subentry.subentry_id
