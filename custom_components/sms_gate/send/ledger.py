"""The file of an outbox: saved now and then, with a journal of what came since."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import STORAGE_DIR

from ..account.storage import OwnStore, readable
from ..const import DOMAIN
from .journal import MAX_NUMBER, Journal

SAVE_SECONDS: Final = 10.0
# How long after it began a save is looked for on the disk
CHECK_SECONDS: Final = 5.0
_JOURNAL: Final = "journal"


class Ledger:
    """What an outbox keeps; ``as_dict`` returns all of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        as_dict: Callable[[], dict[str, Any]],
    ) -> None:
        """Name the files; nothing is read yet."""
        self._hass = hass
        self._all = as_dict
        self._store = OwnStore(hass, entry, "tracker")
        path = hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry.entry_id}.submitted")
        self._journal = Journal(Path(path))
        self._check = HassJob(self._async_check, cancel_on_shutdown=True)
        self._is_saving = False

    async def async_load(
        self,
        restore: Callable[[Mapping[str, Any]], None],
        replay: Callable[[Mapping[str, Any]], None],
    ) -> None:
        """Restore what was saved, and replay what came after that."""

        def read(stored: Mapping[str, Any]) -> int:
            restore(stored)
            if (number := int(stored.get(_JOURNAL, 0))) not in range(MAX_NUMBER):
                raise ValueError("No number of a record")
            return number

        saved = await self._store.async_read(read) or 0
        records = await self._hass.async_add_executor_job(self._journal.read, saved)
        for _ in readable(records, replay):
            pass
        if records:
            await self.async_save()
        else:
            self._journal.finish(saved)
        self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, self._async_check)

    @callback
    def async_note(self, record: Mapping[str, Any]) -> None:
        """Keep what must not be lost in a kill from now on."""
        self._journal.add(record)
        self.async_save_later()

    @callback
    def async_save_later(self) -> None:
        """Save, but not more than every few seconds."""
        # Home Assistant would put it off with every change
        if not self._is_saving:
            self._is_saving = True
            self._store.async_delay_save(self._as_dict, SAVE_SECONDS)

    async def async_save(self) -> None:
        """Save now."""
        await self._store.async_save(self._as_dict())

    def _as_dict(self) -> dict[str, Any]:
        self._is_saving = False
        self._journal.begin()
        async_call_later(self._hass, CHECK_SECONDS, self._check)
        return {_JOURNAL: self._journal.number, **self._all()}

    async def _async_check(self, _: datetime | Event) -> None:
        self._journal.finish(await self._hass.async_add_executor_job(self._saved))

    def _saved(self) -> int:
        """Return the number of the last record in what is saved. Blocks."""
        stored = self._store.read_back()
        return stored.get(_JOURNAL, 0) if isinstance(stored, dict) else 0

    async def async_remove(self) -> None:
        """Delete the files."""
        await self._store.async_remove()
        await self._hass.async_add_executor_job(self._journal.remove)
