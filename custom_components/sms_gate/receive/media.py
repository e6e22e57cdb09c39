"""MMS attachments as files in Home Assistant's media folder.

A folder that cannot be written, or hangs, holds no message back: then an event has no
files, and a repair issue says so.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
import logging
import mimetypes
from pathlib import Path
import re
import stat
import time
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..const import DOMAIN
from ..gateway.events import GatewayEvent
from ..gateway.models import Attachment
from .picture import picture_type

_LOGGER = logging.getLogger(__name__)

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
# A phone waits half a minute for an answer
SAVE_SECONDS: Final = 10.0
KEEP_SECONDS: Final = 30 * 24 * 3600
TIDY_INTERVAL: Final = timedelta(days=1)
_OURS: Final = re.compile(
    r"(\d+-\d\d-\d\d_\d\d-\d\d_)?[0-9a-f]{16}_.+\.[^.]+", re.DOTALL
)
_UNSAFE: Final = re.compile(r"[^\w.-]+")
_MAX_NAME_BYTES: Final = 120


def _folder(hass: HomeAssistant) -> Path | None:
    """Return our folder; None for who took the local one out of the configuration."""
    local = hass.config.media_dirs.get("local")
    return Path(local) / DOMAIN if local is not None else None


def path_of(hass: HomeAssistant, name: str) -> Path | None:
    """Return where a file of ours lies; None for a name that we never gave."""
    folder = _folder(hass)
    if folder is None or not _OURS.fullmatch(name) or Path(name).name != name:
        return None
    return folder / name


class MediaFolder:
    """Saves the attachments of one account."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Take the account; the folder is looked for with each message."""
        self._hass = hass
        self._entry = entry
        self._hanging: asyncio.Future[tuple[Attachment, ...]] | None = None

    async def async_save(self, event: GatewayEvent) -> GatewayEvent:
        """Return the event with its attachments in files, named by media content ids.

        Their content leaves memory here, and never reaches the event bus.
        """
        if not event.attachments:
            return event
        saved = await self._async_try(event)
        if saved is None:
            async_create_issue(self._hass, self._entry, IssueKind.MEDIA_NOT_WRITABLE)
            saved = tuple(map(_describe, event.attachments))
        else:
            async_delete_issue(self._hass, self._entry, IssueKind.MEDIA_NOT_WRITABLE)
        return replace(event, attachments=saved)

    async def _async_try(self, event: GatewayEvent) -> tuple[Attachment, ...] | None:
        """Return what was saved; None where that failed, or takes too long.

        A thread that hangs cannot be ended, so that one is the only one.
        """
        if self._hanging is not None and not self._hanging.done():
            return None
        folder = _folder(self._hass)
        saving = self._hass.loop.run_in_executor(None, _keep, folder, event)
        try:
            async with asyncio.timeout(SAVE_SECONDS):
                return await asyncio.shield(saving)
        except TimeoutError:
            self._hanging = saving
            # What it raises in the end is known already
            saving.add_done_callback(lambda done: done.cancelled() or done.exception())
            _LOGGER.warning("Saving attachments takes too long")
        except OSError as err:
            _LOGGER.warning("Attachments cannot be saved: %s", err.strerror)
        return None


def _keep(folder: Path | None, event: GatewayEvent) -> tuple[Attachment, ...]:
    """Write the files. Runs in the executor."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    items = event.attachments or ()
    names = _names(event, items)
    return tuple(
        _write(folder, name, item) for name, item in zip(names, items, strict=True)
    )


def _describe(item: Attachment) -> Attachment:
    return replace(item, data=None, content=None)


def _names(event: GatewayEvent, items: Sequence[Attachment]) -> list[str]:
    """Return the files' names; parts that have one number get different ones."""
    names: list[str] = []
    for item in items:
        name = _safe_name(event, item)
        path, number = Path(name), 1
        while name in names:
            number += 1
            name = f"{path.stem}_{number}{path.suffix}"
        names.append(name)
    return names


def _write(folder: Path | None, name: str, item: Attachment) -> Attachment:
    """Write one file; what is too large or no base64 is described only."""
    described = _describe(item)
    if folder is None or (content := item.read(MAX_FILE_BYTES)) is None:
        return described
    (folder / name).write_bytes(content)
    return replace(
        described,
        size=len(content),
        media_content_id=f"media-source://media_source/local/{DOMAIN}/{name}",
        is_picture=picture_type(content) is not None,
    )


def _safe_name(event: GatewayEvent, item: Attachment) -> str:
    """Return a name that stays in its folder and is the same for a doubled event."""
    when = event.timestamp.timestamp() if event.timestamp else None
    # The same for webhook and poll, which call a message by different ids
    whose = f"{event.device_id}|{event.content_id}|{when}|{item.part_id}"
    given = Path(_UNSAFE.sub("_", item.name or "attachment").strip("._"))
    suffix = mimetypes.guess_extension(item.content_type.partition(";")[0]) or ".bin"
    digest = sha256(whose.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    stem = given.stem.encode()[:_MAX_NAME_BYTES].decode(errors="ignore")
    # The media browser shows names only, in their order
    date = event.timestamp and dt_util.as_local(event.timestamp)
    begin = f"{date:%Y-%m-%d_%H-%M}_" if date else ""
    return f"{begin}{digest}_{stem or 'attachment'}{suffix}"


@callback
def async_schedule_cleanup(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove old files once Home Assistant has started, then once a day."""

    async def async_tidy(_: object) -> None:
        if (folder := _folder(hass)) is not None:
            oldest = time.time() - KEEP_SECONDS
            await hass.async_add_executor_job(_remove_old, folder, oldest)

    entry.async_on_unload(async_at_started(hass, async_tidy))
    entry.async_on_unload(
        async_track_time_interval(
            hass, async_tidy, TIDY_INTERVAL, cancel_on_shutdown=True
        )
    )


def _remove_old(folder: Path, oldest: float) -> None:
    """Remove what we wrote before a time. Runs in the executor."""
    try:
        for file in folder.iterdir():
            if _OURS.fullmatch(file.name) and _is_older(file, oldest):
                file.unlink(missing_ok=True)
    except FileNotFoundError:
        return
    except OSError as err:
        _LOGGER.warning("Old attachments could not be removed: %s", err.strerror)


def _is_older(file: Path, oldest: float) -> bool:
    """Return True if this is a file, no link or folder, from before a time."""
    status = file.lstat()
    return stat.S_ISREG(status.st_mode) and status.st_mtime < oldest
