"""Who wrote, and which names contacts had: kept over restarts, as keyed digests."""

import asyncio
from hashlib import blake2b
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import instance_id
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .storage import OwnStore

MAX_REMEMBERED: Final = 1000
SAVE_SECONDS: Final = 10.0


class Remembered:
    """The last texts of a kind. Without the key, nothing can be read from it."""

    def __init__(self, key: str, store: OwnStore | None = None) -> None:
        """Remember nothing yet; without a store, only until the next restart."""
        self._key = key.encode()[:64]
        self.store = store
        self._is_saving = False
        self._digests: dict[str, None] = {}

    def __contains__(self, text: str) -> bool:
        """Return True if this is one of them."""
        return self._digest(text) in self._digests

    @callback
    def async_add(self, text: str) -> None:
        """Remember a text as the last one, and forget the oldest if they are too many."""
        digest = self._digest(text)
        is_new = digest not in self._digests
        self._digests.pop(digest, None)
        self._digests[digest] = None
        if len(self._digests) > MAX_REMEMBERED:
            del self._digests[next(iter(self._digests))]
        if is_new and self.store is not None and not self._is_saving:
            self._is_saving = True
            self.store.async_delay_save(self._as_list, SAVE_SECONDS)

    async def async_load(self) -> None:
        """Read what was stored."""
        if self.store is not None:
            known = await self.store.async_read(_digests) or []
            self._digests = dict.fromkeys(known[-MAX_REMEMBERED:])

    async def async_remove(self) -> None:
        """Forget everything, also in the file."""
        if self.store is not None:
            await self.store.async_remove()

    def _as_list(self) -> list[str]:
        self._is_saving = False
        return list(self._digests)

    def _digest(self, text: str) -> str:
        content = text.encode("utf-8", "surrogatepass")
        return blake2b(content, digest_size=16, key=self._key).hexdigest()


def _digests(stored: object) -> list[str]:
    if not isinstance(stored, list):
        raise TypeError("Not a list")
    return [digest for digest in stored if isinstance(digest, str)]


_REMEMBERED: Final[HassKey[dict[str, asyncio.Task[Remembered]]]] = HassKey(
    f"{DOMAIN}_remembered"
)


async def async_senders(hass: HomeAssistant, entry: ConfigEntry) -> Remembered:
    """Return who wrote to an account: the same object after each reload."""
    store = OwnStore(hass, entry, "senders")
    return await _async_get(hass, store, entry.data[CONF_WEBHOOK_ID])


async def async_contact_names(hass: HomeAssistant) -> Remembered:
    """Return the names of contacts that triggers used, of all accounts."""
    store = OwnStore(hass, None, "contact_names")
    return await _async_get(hass, store, await instance_id.async_get(hass))


async def async_forget_remembered(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Forget who wrote to a removed account; after the last one, the names too."""
    await _async_forget(hass, await async_senders(hass, entry))
    if not hass.config_entries.async_entries(DOMAIN):
        await _async_forget(hass, await async_contact_names(hass))


async def _async_forget(hass: HomeAssistant, remembered: Remembered) -> None:
    await remembered.async_remove()
    if remembered.store is not None:
        hass.data[_REMEMBERED].pop(remembered.store.key, None)


async def _async_get(hass: HomeAssistant, store: OwnStore, key: str) -> Remembered:
    """Return what is in a file; who asks at the same time gets the same."""
    loading = hass.data.setdefault(_REMEMBERED, {})
    if store.key not in loading:
        loading[store.key] = hass.async_create_task(_async_load(store, key))
    return await loading[store.key]


async def _async_load(store: OwnStore, key: str) -> Remembered:
    remembered = Remembered(key, store)
    await remembered.async_load()
    return remembered
