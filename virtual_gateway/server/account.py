"""The account: messages, webhooks and settings that the phones share."""

from dataclasses import dataclass, field
from datetime import timedelta
import heapq
import json
from random import Random
import time
from typing import TYPE_CHECKING
import unicodedata

from virtual_gateway.clock import deadline, due
from virtual_gateway.errors import Refused
from virtual_gateway.ids import nano_id
from virtual_gateway.states import Recipient, State
from virtual_gateway.times import LegacyOffset

from .message import ServerMessage, StateReport
from .message_input import MessageInput, check_schedule, cleaned_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from virtual_gateway.phone import VirtualPhone

PULL_LIMIT = 100
_OPEN = (State.PENDING, State.CANCELLING)
_COLUMN_BYTES = 65_535
_WEBHOOK_NOTICE = 0.3
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def database_key(message_id: str) -> str:
    """Return an id as the database compares it: no case, no accents, no blanks after."""
    if message_id.isascii():
        return message_id.rstrip(" ").lower()
    letters = unicodedata.normalize("NFKD", message_id)
    plain = "".join(char for char in letters if not unicodedata.combining(char))
    return plain.rstrip(" ").casefold()


def _check_size(parsed: MessageInput) -> None:
    """Refuse content that does not fit the database's column once it is escaped."""
    content: dict[str, object] = {"text": parsed.text}
    if parsed.text is None:
        content = {"data": parsed.data, "port": parsed.port}
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    if len(written.translate(_ESCAPED).encode()) > _COLUMN_BYTES:
        raise Refused(500, "failed to handle request")


def _is_readable(offset: timedelta) -> bool:
    """Return True if the server can read times of an offset; it refuses +-5:00."""
    return not isinstance(offset, LegacyOffset) or offset >= timedelta()


@dataclass
class Account:
    """What the server knows about one user."""

    random: Random
    phones: list[VirtualPhone]
    changed: Callable[[], None]
    messages: dict[str, ServerMessage] = field(default_factory=dict)
    webhooks: dict[str, dict[str, object]] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    queue_limit: int | None = None
    history: list[ServerMessage] = field(default_factory=list)
    _webhooks_changed: float = 0.0
    _cache: dict[str, dict[str, object] | None] = field(default_factory=dict)
    _by_phone: dict[str, dict[str, ServerMessage]] = field(default_factory=dict)
    _open: dict[str, dict[str, ServerMessage]] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything but the limits."""
        for store in (self.messages, self.webhooks, self.settings, self.history):
            store.clear()
        self._cache.clear()
        self._by_phone.clear()
        self._open.clear()

    def put_webhook(self, hook: dict[str, object]) -> None:
        """Register a webhook; ids are compared as the database does."""
        self.drop_webhook(str(hook["id"]))
        self.webhooks[str(hook["id"])] = hook
        self.changed()

    def drop_webhook(self, webhook_id: str) -> None:
        """Forget a webhook; an unknown one is as good as forgotten."""
        self._fetch_settled_webhooks()
        key = database_key(webhook_id)
        for known in [item for item in self.webhooks if database_key(item) == key]:
            del self.webhooks[known]
        self.changed()

    def _fetch_settled_webhooks(self) -> None:
        """Let the phones fetch the list before it changes, if it stood long enough.

        Phones are notified late: of changes one after the other they see the last.
        """
        now = time.monotonic()
        if now - self._webhooks_changed > _WEBHOOK_NOTICE:
            for phone in self.phones:
                phone.hooks.sync()
        self._webhooks_changed = now

    def open_messages(self, phone_id: str) -> dict[str, ServerMessage]:
        """Return the messages a phone has not reported on yet."""
        return self._open.setdefault(phone_id, {})

    def phone(self, phone_id: str) -> VirtualPhone | None:
        """Return a phone of the account."""
        return next((phone for phone in self.phones if phone.id == phone_id), None)

    def choose_phone(
        self, device_id: str | None, active_hours: int | None
    ) -> VirtualPhone:
        """Return the asked or any phone; Refused when there is none."""
        fitting = [
            phone
            for phone in self.phones
            if device_id is None
            or (
                device_id.lower() == phone.id.lower()
                and (active_hours is None or phone.seen_within(active_hours * 3600))
            )
        ]
        if not fitting:
            raise Refused(400, "failed to select device: record not found")
        return fitting[0] if len(fitting) == 1 else self.random.choice(fitting)

    def enqueue(
        self, phone: VirtualPhone, parsed: MessageInput, *, skip_validation: bool
    ) -> ServerMessage:
        """Take a message for a phone and notify the phone; Refused when it must not."""
        self._check_queue(phone.id)
        numbers = cleaned_numbers(parsed, skip_validation)
        check_schedule(parsed)
        message = ServerMessage(
            id=parsed.id or nano_id(self.random),
            phone_id=phone.id,
            number=len(self.history),
            input=parsed,
            recipients={number: Recipient(number) for number in numbers},
            deadline=deadline(parsed.valid_until, phone.timers.speed),
            due=due(parsed.schedule_at, phone.timers.speed),
        )
        known = self._by_phone.setdefault(phone.id, {})
        if (key := database_key(message.id)) in known:
            raise Refused(409, "message with the same ID already exists")
        _check_size(parsed)
        known[key] = message
        self.messages[message.id] = message
        self.history.append(message)
        self._cache[message.id] = message.accepted()
        self.open_messages(phone.id)[message.id] = message
        phone.link.notify()
        self.changed()
        return message

    def _check_queue(self, phone_id: str) -> None:
        """Refuse once too many messages wait for the phone."""
        if self.queue_limit is None:
            return
        waiting = len(self.open_messages(phone_id))
        if waiting >= self.queue_limit:
            raise Refused(
                503,
                "queue limits exceeded: "
                f"too many pending messages: {waiting} / {self.queue_limit}",
            )

    def find(self, message_id: str) -> ServerMessage | None:
        """Return the message last accepted under an id, in whatever spelling."""
        if (message := self.messages.get(message_id)) is not None:
            return message
        key = database_key(message_id)
        return next(
            (known[key] for known in self._by_phone.values() if key in known), None
        )

    def read(self, message_id: str) -> dict[str, object]:
        """Return the answer about a message; Refused when there is none.

        Answers are cached by the id as it is spelled, and so is that there is none.
        """
        if message_id not in self._cache:
            message = self.find(message_id)
            shown = None if message is None else message.listed(with_content=True)
            self._cache[message_id] = shown
        shown = self._cache[message_id]
        if shown is None:
            raise Refused(404, "message not found")
        return shown

    def hash_messages(self) -> None:
        """Hash what the phones have reported on; the cached answers go as well."""
        for message in self.history:
            message.hash()
        self.forget_answers()

    def forget_answers(self) -> None:
        """Let the cached answers run out, as they do after five minutes."""
        self._cache.clear()

    def cancel(self, message_id: str) -> dict[str, object]:
        """Ask the phone to cancel; Refused when the message is no longer pending."""
        try:
            message = self._cancellable(message_id)
        except Refused as refusal:
            fault = f"failed to cancel message: {refusal.message}"
            raise Refused(refusal.status, fault) from refusal
        message.state = State.CANCELLING
        self._cache.pop(message_id, None)
        if (phone := self.phone(message.phone_id)) is not None:
            phone.link.notify_cancelled(message_id)
        self.changed()
        return self.read(message_id)

    def _cancellable(self, message_id: str) -> ServerMessage:
        """Return a pending message; Refused for any other."""
        message = self.find(message_id)
        if message is None:
            raise Refused(404, "message not found")
        key = database_key(message_id)
        owners = [known for known in self._by_phone.values() if key in known]
        if len(owners) > 1:
            raise Refused(400, "multiple messages found")
        if message.state is not State.PENDING:
            raise Refused(409, "message is not pending")
        return message

    def pull(self, phone_id: str, *, newest_first: bool) -> list[ServerMessage]:
        """Return up to 100 messages for a phone in the order of the server."""
        direction = -1 if newest_first else 1

        def order(message: ServerMessage) -> tuple[int, int, int]:
            """Unscheduled first, then by priority, then by age."""
            schedule = message.input.schedule_at or 0
            return schedule, -message.input.priority, direction * message.number

        waiting: Iterable[ServerMessage] = self.open_messages(phone_id).values()
        return heapq.nsmallest(PULL_LIMIT, waiting, key=order)

    def report(self, phone_id: str, report: StateReport) -> None:
        """Take a phone's report about a message the server knows."""
        message = self._by_phone.get(phone_id, {}).get(database_key(report.id))
        if message is None or not _is_readable(report.offset):
            return
        self._cache[message.id] = message.apply(report)
        if message.state not in _OPEN:
            self.open_messages(phone_id).pop(report.id, None)
        self.changed()

    def forget(self, message_id: str) -> None:
        """Know a message no longer, as after a long time."""
        for known in self._by_phone.values():
            known.pop(database_key(message_id), None)
        self.messages.pop(message_id, None)
        self._cache.pop(message_id, None)

    def remove_phone(self, phone: VirtualPhone) -> None:
        """Forget a phone with its messages and its webhooks."""
        for message in self._by_phone.pop(phone.id, {}).values():
            if self.messages.get(message.id) is message:
                del self.messages[message.id]
        self.history = [item for item in self.history if item.phone_id != phone.id]
        self._open.pop(phone.id, None)
        for webhook_id in [
            key
            for key, hook in self.webhooks.items()
            if hook.get("deviceId") == phone.id
        ]:
            del self.webhooks[webhook_id]
