"""Pictures among the files of an MMS: known by what is in them, not by their names."""

from io import BytesIO
import os
from pathlib import Path
import stat
import struct
from typing import Final
import zlib

# What every browser shows; a form that can carry scripts is none of them
_FORMS: Final = ("GIF", "JPEG", "PNG", "WEBP")
# One that fills a browser's memory is none
MAX_PIXELS: Final = 50_000_000
# What a stranger made to break its reader fails anywhere, and holds back no message
_DAMAGE: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_NO_LINK: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def picture_type(content: bytes) -> str | None:
    """Return a picture's content type, None for anything else. Blocks."""
    from PIL import Image

    try:
        with Image.open(BytesIO(content), formats=_FORMS) as picture:
            form, pixels = str(picture.format), picture.width * picture.height
    except (*_DAMAGE, Image.DecompressionBombError):
        return None
    return Image.MIME[form] if pixels <= MAX_PIXELS else None


def read(path: Path, limit: int) -> bytes | None:
    """Return what is in a file, None where it is gone, too large or a link. Blocks."""
    try:
        with os.fdopen(os.open(path, _NO_LINK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
                return None
            return file.read(limit)
    except OSError:
        return None
