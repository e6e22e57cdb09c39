"""MMS attachments as files in Home Assistant's media folder."""

from base64 import b64decode
from dataclasses import replace
from hashlib import sha256
import logging
import mimetypes
from pathlib import Path
import re
import time
from typing import Final

from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .events import Attachment, GatewayEvent

_LOGGER = logging.getLogger(__name__)

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
KEEP_SECONDS: Final = 30 * 24 * 3600
_UNSAFE: Final = re.compile(r"[^\w.-]+")
_MAX_NAME_BYTES: Final = 120


async def async_keep_attachments(
    hass: HomeAssistant, event: GatewayEvent
) -> GatewayEvent:
    """Return the event with its attachments in files, named by media content ids.

    Their content leaves memory here, and never reaches the event bus.
    """
    if not event.attachments or "local" not in hass.config.media_dirs:
        return event
    folder = Path(hass.config.media_dirs["local"]) / DOMAIN
    kept = await hass.async_add_executor_job(_keep, folder, event)
    return replace(event, attachments=kept)


def _keep(folder: Path, event: GatewayEvent) -> tuple[Attachment, ...]:
    """Write the files and remove old ones. Runs in the executor."""
    folder.mkdir(parents=True, exist_ok=True)
    _remove_old(folder)
    return tuple(_write(folder, event, item) for item in event.attachments or ())


def _write(folder: Path, event: GatewayEvent, item: Attachment) -> Attachment:
    """Write one file; what is too large or no base64 is described only."""
    described = replace(item, data=None)
    if item.data is None or len(item.data) > MAX_FILE_BYTES * 4 // 3 + 4:
        return described
    try:
        content = b64decode(item.data, validate=True)
    except ValueError:
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
    whose = f"{event.device_id}|{event.message_id}|{event.timestamp}|{item.part_id}"
    given = Path(_UNSAFE.sub("_", item.name or "attachment").strip("._"))
    suffix = mimetypes.guess_extension(item.content_type.partition(";")[0]) or ".bin"
    digest = sha256(whose.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    stem = given.stem.encode()[:_MAX_NAME_BYTES].decode(errors="ignore")
    return f"{digest}_{stem or 'attachment'}{suffix}"


def _remove_old(folder: Path) -> None:
    """Remove files of the last month but one."""
    oldest = time.time() - KEEP_SECONDS
    for file in folder.iterdir():
        if file.is_file() and file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
