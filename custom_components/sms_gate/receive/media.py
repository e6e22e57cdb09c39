"""MMS attachments as files in Home Assistant's media folder."""

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

from ..const import DOMAIN
from ..gateway.events import GatewayEvent
from ..gateway.models import Attachment

_LOGGER = logging.getLogger(__name__)

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
KEEP_SECONDS: Final = 30 * 24 * 3600
TIDY_INTERVAL: Final = timedelta(days=1)
_OURS: Final = re.compile(r"[0-9a-f]{16}_.+\.[^.]+", re.DOTALL)
_UNSAFE: Final = re.compile(r"[^\w.-]+")
_MAX_NAME_BYTES: Final = 120


def _folder(hass: HomeAssistant) -> Path | None:
    """Return our folder; None for who took the local one out of the configuration."""
    local = hass.config.media_dirs.get("local")
    return Path(local) / DOMAIN if local is not None else None


async def async_save_attachments(
    hass: HomeAssistant, event: GatewayEvent
) -> GatewayEvent:
    """Return the event with its attachments in files, named by media content ids.

    Their content leaves memory here, and never reaches the event bus.
    """
    if not event.attachments:
        return event
    kept = await hass.async_add_executor_job(_keep, _folder(hass), event)
    return replace(event, attachments=kept)


def _keep(folder: Path | None, event: GatewayEvent) -> tuple[Attachment, ...]:
    """Write the files. Runs in the executor."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return tuple(_write(folder, event, item) for item in event.attachments or ())


def _write(folder: Path | None, event: GatewayEvent, item: Attachment) -> Attachment:
    """Write one file; what is too large or no base64 is described only."""
    described = replace(item, data=None, content=None)
    if folder is None or (content := item.read(MAX_FILE_BYTES)) is None:
        return described
    name = _safe_name(event, item)
    (folder / name).write_bytes(content)
    return replace(
        described,
        size=len(content),
        media_content_id=f"media-source://media_source/local/{DOMAIN}/{name}",
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
    return f"{digest}_{stem or 'attachment'}{suffix}"


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
