"""One file of an MMS. Nothing of Home Assistant here."""

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Self

from .fields import mapping, number, optional_number, optional_text, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One attachment of a downloaded MMS; ``size`` is in bytes.

    A webhook brings its content along as base64 (``data``), the phone's inbox hands
    it out as it is (``content``). Neither ever reaches the event bus.
    """

    part_id: int
    content_type: str
    name: str | None = field(default=None, repr=False)
    size: int | None = None
    data: str | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    media_content_id: str | None = None

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read one item of ``attachments``, of a webhook or of the inbox."""
        data = mapping(payload, "attachments")
        return cls(
            part_id=number(data, "partId"),
            content_type=text(data, "contentType"),
            name=optional_text(data, "name"),
            size=optional_number(data, "size"),
            data=optional_text(data, "data"),
        )

    def read(self, limit: int) -> bytes | None:
        """Return the content, None where there is none of at most ``limit`` bytes."""
        if self.content is not None:
            return self.content if len(self.content) <= limit else None
        if self.data is None or len(self.data) > limit * 4 // 3 + 4:
            return None
        try:
            return b64decode(self.data, validate=True)
        except ValueError:
            return None
