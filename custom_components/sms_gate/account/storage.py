"""The files of an account, or of all of them, also where they are damaged."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
import logging
from pathlib import Path
import shutil
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
import orjson

from ..const import DOMAIN
from .issues import IssueKind, async_create_issue

_LOGGER = logging.getLogger(__name__)

STORAGE_VERSION: Final = 1
# What is of another shape fails anywhere, in our code and in Home Assistant's
_DAMAGE: Final = (
    HomeAssistantError,
    NotImplementedError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
)


class OwnStore(Store[Any]):
    """One file of an account, or of all of them."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry | None, kind: str
    ) -> None:
        """Name the file; only its owner may read it."""
        key = f"{DOMAIN}.{entry.entry_id}.{kind}" if entry else f"{DOMAIN}.{kind}"
        super().__init__(hass, STORAGE_VERSION, key, private=True)
        self._entry = entry

    @property
    def _aside(self) -> Path:
        """Where a damaged file is kept."""
        return Path(f"{self.path}.damaged")

    async def async_read[T](self, read: Callable[[Any], T]) -> T | None:
        """Return what is stored; None where there is nothing that can be read.

        What cannot be read, also of a newer version, is set aside with an issue.
        """
        try:
            stored = await self.async_load()
            return None if stored is None else read(stored)
        except _DAMAGE as err:
            _LOGGER.error("Cannot read %s: %s", self.key, type(err).__name__)
            await self.hass.async_add_executor_job(self._set_aside)
            async_create_issue(
                self.hass,
                self._entry,
                IssueKind.FILE_DAMAGED,
                subject=self.key,
                placeholders={
                    "account": self._entry.title if self._entry else "SMS Gate",
                    "file": self._aside.name,
                },
            )
            return None

    def read_back(self) -> object:
        """Return what the file holds now, None where it cannot be read. Blocks."""
        with suppress(OSError, ValueError, LookupError, TypeError):
            found: object = orjson.loads(Path(self.path).read_bytes())["data"]
            return found
        return None

    def _set_aside(self) -> None:
        with suppress(OSError):
            _remove(self._aside)
            Path(self.path).replace(self._aside)

    async def async_remove(self) -> None:
        """Remove the file, and what was set aside."""
        await super().async_remove()
        await self.hass.async_add_executor_job(_remove, self._aside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def readable[S, T](items: Iterable[S], read: Callable[[S], T]) -> Iterator[T]:
    """Read stored items, but for those that are damaged."""
    for item in items:
        try:
            yield read(item)
        except _DAMAGE as err:
            _LOGGER.warning("A stored item is damaged: %s", type(err).__name__)
