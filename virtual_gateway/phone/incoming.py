"""What a phone receives, with the identities the app computes for it."""

import base64
from dataclasses import dataclass
from typing import Literal

from virtual_gateway.ids import java_bytes_hash, java_date_hash, java_hash, signed

type InboxType = Literal["SMS", "DATA_SMS", "MMS", "MMS_DOWNLOADED"]
INBOX_TYPES: tuple[InboxType, ...] = ("SMS", "DATA_SMS", "MMS", "MMS_DOWNLOADED")
_PREVIEW_BYTES = 64


@dataclass(frozen=True)
class Attachment:
    """One file of a downloaded MMS."""

    part_id: int
    name: str
    content_type: str
    content: bytes

    def as_payload(self) -> dict[str, object]:
        """Return the attachment as an event carries it."""
        return {
            "partId": self.part_id,
            "contentType": self.content_type,
            "name": self.name,
            "size": len(self.content),
            "data": base64.b64encode(self.content).decode(),
        }

    def as_reference(self) -> dict[str, object]:
        """Return the attachment as the inbox lists it."""
        return {
            "partId": self.part_id,
            "name": self.name,
            "size": len(self.content),
            "contentType": self.content_type,
        }


@dataclass(frozen=True)
class Incoming:
    """One received message; which fields are set depends on its type."""

    type: InboxType
    sender: str
    date_ms: int
    sim_number: int | None
    recipient: str | None = None
    text: str | None = None
    data: bytes | None = None
    transaction_id: str | None = None
    provider_id: str | None = None
    subject: str | None = None
    size: int = 0
    content_class: str | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def hash(self) -> int:
        """Return the signed 32-bit hash by which the app tells messages apart."""
        if self.type == "MMS":
            return java_hash(self.transaction_id or "")
        if self.type == "MMS_DOWNLOADED":
            return java_hash(self.provider_id or "")
        result = java_hash(self.sender)
        result = 31 * result + java_date_hash(self.date_ms)
        result = 31 * result + (self.sim_number or 0)
        content = (
            java_hash(self.text or "")
            if self.data is None
            else java_bytes_hash(self.data)
        )
        return signed(31 * result + content)

    @property
    def message_id(self) -> str:
        """Return the id that events carry."""
        if self.type == "MMS":
            return self.provider_id or self.transaction_id or ""
        if self.type == "MMS_DOWNLOADED":
            return self.provider_id or ""
        return f"{self.hash & 0xFFFFFFFF:x}"

    @property
    def inbox_id(self) -> str:
        """Return the id that the inbox shows, which differs from the event's."""
        prefix = {
            "SMS": "text",
            "DATA_SMS": "data",
            "MMS": "mms-header",
            "MMS_DOWNLOADED": "mms",
        }[self.type]
        return f"{prefix}:{self.hash}"

    @property
    def preview(self) -> str:
        """Return what the inbox shows of the content: an SMS as a whole."""
        if self.type == "SMS":
            return self.text or ""
        if self.type == "DATA_SMS":
            data = self.data or b""
            cut = "..." if len(data) > _PREVIEW_BYTES else ""
            return data[:_PREVIEW_BYTES].hex() + cut
        if self.type == "MMS":
            return self.subject or "MMS notification"
        return self.text or self.subject or "MMS content"
