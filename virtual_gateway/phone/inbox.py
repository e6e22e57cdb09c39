"""What the phone holds of its received messages, and how it tells again of them."""

from typing import TYPE_CHECKING, Literal

from .incoming import Attachment, InboxType, Incoming
from .payloads import BATCH_EVENTS, EVENTS_OF_TYPE, Payload, inbound

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .phone import VirtualPhone

type Delivery = Literal["Disabled", "Individual", "Batch"]
DELIVERIES: tuple[Delivery, ...] = ("Disabled", "Individual", "Batch")
BATCH_SIZE = 100
_EXPORTED: dict[str, InboxType] = {"SMS": "SMS", "MMS": "MMS_DOWNLOADED"}


class Inbox:
    """The app's inbox, and behind it the system's own store of SMS and MMS."""

    def __init__(self, phone: VirtualPhone) -> None:
        self._phone = phone
        self.messages: dict[str, Incoming] = {}
        self._system: dict[str, Incoming] = {}
        self._parts = 0

    def clear(self) -> None:
        """Forget all messages."""
        self.messages.clear()
        self._system.clear()

    def knows(self, message: Incoming) -> bool:
        """Tell whether the app saw this very message before."""
        return message.inbox_id in self.messages

    def attachments(
        self, files: Sequence[tuple[str, str, bytes]]
    ) -> tuple[Attachment, ...]:
        """Return files as the parts of an MMS, numbered across the phone."""
        parts = []
        for name, content_type, content in files:
            self._parts += 1
            parts.append(Attachment(self._parts, name, content_type, content))
        return tuple(parts)

    def arrive(self, message: Incoming, *, missed: bool = False) -> str:
        """Take a message from the network; a missed one only the system's store gets."""
        if message.type in _EXPORTED.values():
            self._system[message.inbox_id] = message
        if not missed:
            self._process(message, webhooks=True)
        return message.message_id

    def _process(self, message: Incoming, *, webhooks: bool) -> None:
        """Save a message and tell of it; what is known is passed over."""
        payload = self._save(message)
        if payload is not None and webhooks:
            self._phone.hooks.emit(EVENTS_OF_TYPE[message.type], payload)

    def _save(self, message: Incoming) -> Payload | None:
        """Save a message and return its payload; None when nothing is to be told."""
        if self.knows(message):
            if not self._phone.refires_known:
                return None
        else:
            self.messages[message.inbox_id] = message
            self._phone.note_incoming(message)
        return inbound(message, self._phone.utc_offset)

    def find(self, inbox_id: str) -> Incoming | None:
        """Return a message by the id the inbox shows."""
        return self.messages.get(inbox_id)

    def select(
        self, kind: InboxType | None, start_ms: int, end_ms: int
    ) -> list[Incoming]:
        """Return messages of a kind and a period, newest first."""
        found = [
            message
            for message in self.messages.values()
            if kind in (None, message.type) and start_ms <= message.date_ms <= end_ms
        ]
        return sorted(
            found, key=lambda item: (item.date_ms, item.inbox_id), reverse=True
        )

    def export(
        self, start_ms: int, end_ms: int, kinds: Iterable[str], delivery: Delivery
    ) -> None:
        """Go through what the system holds of a period and tell of it again."""
        wanted = {_EXPORTED[kind] for kind in kinds}
        found = [
            message
            for message in self._system.values()
            if message.type in wanted and start_ms <= message.date_ms <= end_ms
        ]
        found.sort(key=lambda message: message.date_ms)
        if delivery == "Batch" and self._phone.batch_support:
            self._export_batches(found)
            return
        for message in found:
            self._process(message, webhooks=delivery != "Disabled")

    def _export_batches(self, messages: list[Incoming]) -> None:
        """Tell of messages in order, up to a hundred of a kind in one event."""
        groups: dict[str, list[Payload]] = {}
        for message in messages:
            if (payload := self._save(message)) is not None:
                groups.setdefault(EVENTS_OF_TYPE[message.type], []).append(payload)
        for event, payloads in groups.items():
            for start in range(0, len(payloads), BATCH_SIZE):
                batch: Payload = {"messages": payloads[start : start + BATCH_SIZE]}
                self._phone.hooks.emit(BATCH_EVENTS[event], batch)
