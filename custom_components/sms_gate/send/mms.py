"""The files of an outgoing MMS: read, and pictures scaled to what carriers accept."""

import asyncio
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib import import_module
from io import BytesIO
import mimetypes
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant, split_entity_id, valid_entity_id
from homeassistant.exceptions import HomeAssistantError

from ..account.exceptions import failure, mistake
from ..gateway.models import OutgoingAttachment

MAX_BYTES: Final = 300_000
MAX_FILES: Final = 10
# A picture that is still too large at this many pixels a side is not worth sending
_SIDES: Final = (2048, 1600, 1280, 1024, 800, 640, 480, 320)
_QUALITIES: Final = (85, 70, 50)
_MAX_SOURCE_BYTES: Final = 50 * 1024 * 1024
_PICTURES: Final = ("camera", "image")
_MEDIA_SOURCE: Final = "media-source://"


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file before it is encoded."""

    name: str = field(repr=False)
    content_type: str
    content: bytes = field(repr=False)

    @property
    def is_picture(self) -> bool:
        """Return True for what can be scaled; an animation would stand still."""
        kind, _, form = self.content_type.partition("/")
        return kind == "image" and form not in ("gif", "svg+xml")


async def async_attachments(
    hass: HomeAssistant, media: Iterable[str]
) -> tuple[OutgoingAttachment, ...]:
    """Return the files of an MMS.

    Each of ``media`` is a media source id, an allowed path, or a camera or image
    entity, for the picture that it shows now.

    Raises:
        ServiceValidationError: a file may not be read, is none, or is too large.
        HomeAssistantError: a camera gives no picture.
    """
    names = list(dict.fromkeys(media))
    if len(names) > MAX_FILES:
        raise mistake("too_many_files", maximum=str(MAX_FILES))
    files = await asyncio.gather(*(_async_read(hass, name) for name in names))
    return await hass.async_add_executor_job(_fitted, files)


async def _async_read(hass: HomeAssistant, name: str) -> _File:
    """Return one file."""
    if valid_entity_id(name):
        return await _async_picture(hass, name)
    path = Path(name)
    if name.startswith(_MEDIA_SOURCE):
        path = await _async_media_path(hass, name)
    elif not await hass.async_add_executor_job(hass.config.is_allowed_path, name):
        raise mistake("file_not_allowed", file=name)
    return await hass.async_add_executor_job(_read, path, name)


async def _async_picture(hass: HomeAssistant, entity_id: str) -> _File:
    """Return the picture that an entity shows now."""
    domain, object_id = split_entity_id(entity_id)
    if domain not in _PICTURES or hass.states.get(entity_id) is None:
        raise mistake("file_unknown", file=entity_id)
    # Loaded, as there is an entity; where there is none, its requirements may be missing
    component = import_module(f"homeassistant.components.{domain}")
    try:
        picture = await component.async_get_image(hass, entity_id)
    except HomeAssistantError as err:
        raise failure("no_picture", entity=entity_id) from err
    suffix = mimetypes.guess_extension(picture.content_type) or ".jpg"
    return _File(
        name=object_id + suffix,
        content_type=picture.content_type,
        content=picture.content,
    )


async def _async_media_path(hass: HomeAssistant, media_id: str) -> Path:
    """Return where a file of a media source lies."""
    from homeassistant.components import media_source

    try:
        found = await media_source.async_resolve_media(hass, media_id, None)
    except HomeAssistantError as err:
        raise mistake("file_unknown", file=media_id) from err
    if found.path is None:
        raise mistake("file_not_local", file=media_id)
    return found.path


def _read(path: Path, name: str) -> _File:
    """Read a file. Runs in the executor."""
    try:
        if path.stat().st_size > _MAX_SOURCE_BYTES:
            raise mistake("files_too_large", maximum=str(MAX_BYTES // 1000))
        content = path.read_bytes()
    except OSError:
        raise mistake("file_unknown", file=name) from None
    guessed, _encoding = mimetypes.guess_type(path.name)
    return _File(
        name=path.name,
        content_type=guessed or "application/octet-stream",
        content=content,
    )


def _fitted(files: list[_File]) -> tuple[OutgoingAttachment, ...]:
    """Return the files encoded, pictures so small that all fit. Runs in the executor."""
    total = sum(len(file.content) for file in files)
    if total > MAX_BYTES:
        fixed = sum(len(file.content) for file in files if not file.is_picture)
        pictures = [file for file in files if file.is_picture]
        share = (MAX_BYTES - fixed) // max(1, len(pictures))
        files = [_scaled(file, share) if file.is_picture else file for file in files]
    if sum(len(file.content) for file in files) > MAX_BYTES:
        raise mistake("files_too_large", maximum=str(MAX_BYTES // 1000))
    return tuple(
        OutgoingAttachment(
            content_type=file.content_type,
            name=file.name,
            data=b64encode(file.content).decode(),
        )
        for file in files
    )


def _scaled(file: _File, limit: int) -> _File:
    """Return a picture as a JPEG of at most this size, or as it is if it cannot be."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(file.content) <= limit:
        return file
    try:
        with Image.open(BytesIO(file.content)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except UnidentifiedImageError, Image.DecompressionBombError, OSError:
        return file
    for side in _SIDES:
        picture.thumbnail((side, side))
        for quality in _QUALITIES:
            buffer = BytesIO()
            picture.save(buffer, "JPEG", quality=quality, optimize=True)
            if buffer.tell() <= limit:
                name = f"{Path(file.name).stem}.jpg"
                return replace(
                    file,
                    name=name,
                    content_type="image/jpeg",
                    content=buffer.getvalue(),
                )
    return file
