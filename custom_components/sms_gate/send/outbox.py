"""What was submitted from here and is under way, kept over reloads and restarts."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import (
    async_dispatcher_connect,
    async_dispatcher_send,
)
from homeassistant.util.hass_dict import HassKey

from ..account.bus_event import SmsGateEvent
from ..account.signals import (
    signal_event,
    signal_line_test,
    signal_outgoing,
    signal_pending,
    signal_progress,
)
from ..account.storage import readable
from ..const import DOMAIN
from ..gateway.events import INBOUND, EventKind, GatewayEvent
from ..gateway.message_status import STATE_OF, UNKNOWN, end, settled, without_added_plus
from ..gateway.models import Message, MessageState, OutgoingMessage
from ..gateway.submit import unread
from ..receive.dedup import identity
from .daily_limit import digests
from .ledger import Ledger
from .parts_limit import Limits
from .probe import Probes
from .tracked_message import TrackedMessage

MAX_TRACKED: Final = 20_000
# Still known for who waits, though nothing more is expected
MAX_OVER: Final = 1_000
MAX_IDS: Final = 2_000
# The first request for a state after a restart, and while somebody waits
SOON_SECONDS: Final = 3.0
# How long before the end of a wait the gateway is asked a last time
LAST_LOOK_SECONDS: Final = 2.0

_OUTBOXES: Final[HassKey[dict[str, Outbox]]] = HassKey(f"{DOMAIN}_outboxes")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedId:
    """What an id of a user's own was used for: at which phone, and for which message."""

    device_id: str
    fingerprint: str
    is_accepted: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "device_id": self.device_id,
            "fingerprint": self.fingerprint,
            "is_accepted": self.is_accepted,
        }


class Outbox:
    """An account's messages under way, and the ids that were used.

    What a kill must not lose is noted on the disk before the request leaves.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin empty."""
        self._hass = hass
        self._entry_id = entry.entry_id
        self._ledger = Ledger(hass, entry, self._as_dict)
        self._tracked: dict[str, TrackedMessage] = {}
        # Of these, those that the phone has not sent yet: asked for at every change
        self._unsent: dict[str, TrackedMessage] = {}
        self._over: OrderedDict[str, TrackedMessage] = OrderedDict()
        self._used: OrderedDict[str, UsedId] = OrderedDict()
        self._on_due: Callable[[float], None] | None = None
        self.limits = Limits()
        self.probes = Probes()

    async def async_load(self) -> None:
        """Go on with what was under way before a restart, or a kill."""
        await self._ledger.async_load(self._restore, self._replay)

    def _restore(self, stored: Mapping[str, Any]) -> None:
        self._restore_messages(stored.get("messages", ()))
        self._restore_ids(stored.get("ids", {}))
        self.limits.daily.load(stored.get("guard", {}))
        self.limits.parts.load(stored.get("parts", {}))
        self.probes.load(stored.get("probes", ()))

    def _restore_messages(self, items: Iterable[Mapping[str, Any]]) -> None:
        now = time.time()

        def restore(item: Mapping[str, Any]) -> TrackedMessage:
            return TrackedMessage.restore(item, now, SOON_SECONDS)

        for tracked in readable(items, restore):
            if tracked.until > now:
                self._follow(tracked)

    def _restore_ids(self, ids: Mapping[str, Any]) -> None:
        items = ids.items()
        self._used.update(readable(items, lambda item: (item[0], UsedId(**item[1]))))

    def _replay(self, record: Mapping[str, Any]) -> None:
        """Do again what was done after the last save."""
        messages = record.get("messages", ())
        self._restore_messages(messages)
        for item in messages:
            parts = int(item["parts"]) * len(item["recipients"])
            self.limits.parts.add(item["sim_number"], parts)
        self.limits.daily.count(record.get("counted", ()))
        self._restore_ids(record.get("ids", {}))
        if forgotten := record.get("forgotten"):
            self._drop(forgotten)
            self._used.pop(forgotten, None)

    @callback
    def async_listen(self, entry: ConfigEntry, on_due: Callable[[float], None]) -> None:
        """Record reports while the account is loaded; ``on_due`` plans a request."""
        self._on_due = on_due
        for signal in (signal_event, signal_line_test):
            entry.async_on_unload(
                async_dispatcher_connect(
                    self._hass, signal(self._entry_id), self._async_handle_event
                )
            )

    async def async_save(self) -> None:
        """Write what is under way."""
        await self._ledger.async_save()

    async def async_remove(self) -> None:
        """Forget everything."""
        await self._ledger.async_remove()

    def _as_dict(self) -> dict[str, Any]:
        return {
            "messages": [tracked.as_dict() for tracked in self._tracked.values()],
            "ids": {
                message_id: used.as_dict() for message_id, used in self._used.items()
            },
            "guard": self.limits.daily.as_dict(),
            "parts": self.limits.parts.as_dict(),
            "probes": self.probes.as_list(),
        }

    def __iter__(self) -> Iterator[TrackedMessage]:
        """Go through all messages under way."""
        return iter(tuple(self._tracked.values()))

    def get(self, message_id: str) -> TrackedMessage | None:
        """Return a message that is under way, or was until a while ago."""
        return self._tracked.get(message_id) or self._over.get(message_id)

    @property
    def pending(self) -> int:
        """How many messages the phone has not sent yet; a line test is none."""
        return len(self._unsent) - sum(map(self._unsent.__contains__, self.probes))

    def waiting(self, since: float) -> int:
        """Return how many messages should have been sent before a time."""
        return sum(tracked.due <= since for tracked in self._unsent.values())

    def has_sent(self, message_id: str) -> bool:
        """Return True if a message of this id was submitted from here."""
        return self.get(message_id) is not None or message_id in self._used

    def used(self, message_id: str) -> UsedId | None:
        """Return what an id was used for before."""
        return self._used.get(message_id)

    @callback
    def async_use(self, message: OutgoingMessage, *, is_accepted: bool = False) -> None:
        """Remember the phone and the content of an id of the user's own."""
        if (before := self._used.pop(message.id, None)) and before.is_accepted:
            self._async_tell_outgoing(message)
        self._used[message.id] = UsedId(
            device_id=message.device_id or "",
            fingerprint=fingerprint(message),
            is_accepted=is_accepted,
        )
        while len(self._used) > MAX_IDS:
            self._used.popitem(last=False)
        self._ledger.async_note({"ids": {message.id: self._used[message.id].as_dict()}})
        self._async_write()

    @callback
    def async_track(
        self,
        message: OutgoingMessage,
        pause: float,
        parts: int = 0,
        counted: Iterable[str] = (),
    ) -> TrackedMessage:
        """Follow a message before it is submitted: a report can outrun the answer."""
        if (known := self.get(message.id)) is not None:
            # A kill may have come before it was kept
            self._async_tell_outgoing(message)
            return known
        while len(self._tracked) >= MAX_TRACKED:
            self._drop(next(iter(self._tracked)))
        tracked = TrackedMessage.start(
            message, unread(message), time.time(), pause, parts
        )
        self._follow(tracked)
        self._ledger.async_note(
            {"messages": [tracked.as_dict()], "counted": digests(counted)}
        )
        self._plan(tracked)
        self._async_tell_outgoing(message)
        return tracked

    @callback
    def _async_tell_outgoing(self, message: OutgoingMessage) -> None:
        if message.id not in self.probes:
            signal = signal_outgoing(self._entry_id)
            async_dispatcher_send(self._hass, signal, message)

    @callback
    def async_forget(self, message_id: str, reason: str) -> None:
        """Follow a message no longer that did not leave."""
        if tracked := self._drop(message_id):
            self._async_tell(end(tracked.message, MessageState.FAILED, reason))
        self._used.pop(message_id, None)
        self._ledger.async_note({"forgotten": message_id})
        self._async_write()

    @callback
    def _async_tell(self, message: Message) -> None:
        async_dispatcher_send(self._hass, signal_progress(self._entry_id), message)

    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        """Record what the phone reports."""
        event = received.event
        state = STATE_OF.get(event.kind)
        tracked = self._tracked.get(event.message_id or "")
        if state is not None and tracked is not None:
            if event.kind is EventKind.SMS_SENT:
                self._correct_parts(tracked, event)
            tracked.advance(event.recipient, state, event.reason)
            self._async_changed(tracked)
        elif event.kind in INBOUND and (probe := self.probes.find(event)):
            probe.received.set()

    def _correct_parts(self, tracked: TrackedMessage, event: GatewayEvent) -> None:
        """Count as many parts, by the SIM, as the phone says."""
        parts = event.parts_count or tracked.parts
        sim_number = event.sim_number or tracked.sim_number
        if tracked.parts and (parts, sim_number) != (tracked.parts, tracked.sim_number):
            self.limits.parts.add(tracked.sim_number, -tracked.parts)
            self.limits.parts.add(sim_number, parts)

    @callback
    def async_accept(self, message: OutgoingMessage, answer: Message) -> Message:
        """Record an answer; what was given up before it arrived is followed again."""
        if self.get(message.id) is None:
            self.async_track(message, SOON_SECONDS)
        return self.async_known(answer)

    @callback
    def async_known(self, answer: Message) -> Message:
        """Return the gateway's answer, with the numbers a server hashed or changed."""
        tracked = self.get(answer.id)
        if tracked is None:
            return without_added_plus(answer)
        self.async_merge(tracked, answer)
        known = tracked.message
        return replace(
            answer, recipients=known.recipients, state=known.state, states=known.states
        )

    @callback
    def async_merge(self, tracked: TrackedMessage, answer: Message) -> None:
        """Record what the gateway answers when asked."""
        tracked.merge(answer)
        self._async_changed(tracked)

    @callback
    def async_give_up(self, tracked: TrackedMessage) -> None:
        """Follow a message no longer that the gateway does not know, or never ends."""
        self._drop(tracked.id)
        if tracked.is_lost:
            self._async_tell(end(tracked.message, UNKNOWN))
        self._async_write()

    def _async_changed(self, tracked: TrackedMessage) -> None:
        self._async_tell(tracked.message)
        if tracked.id in self._tracked:
            self._follow(tracked)
            if tracked.is_over:
                self._drop(tracked.id)
                self._over[tracked.id] = tracked
                while len(self._over) > MAX_OVER:
                    self._over.popitem(last=False)
        self._async_write()

    def _follow(self, tracked: TrackedMessage) -> None:
        self._tracked[tracked.id] = tracked
        if tracked.is_pending:
            self._unsent[tracked.id] = tracked
        else:
            self._unsent.pop(tracked.id, None)

    def _drop(self, message_id: str) -> TrackedMessage | None:
        self._unsent.pop(message_id, None)
        return self._tracked.pop(message_id, None)

    @callback
    def _async_write(self) -> None:
        self._ledger.async_save_later()
        async_dispatcher_send(self._hass, signal_pending(self._entry_id))

    def _plan(self, tracked: TrackedMessage) -> None:
        if self._on_due is not None:
            self._on_due(tracked.next_check)

    async def async_wait(
        self, message: Message, target: MessageState, seconds: float
    ) -> TrackedMessage | None:
        """Wait until every recipient got as far as the target, or failed.

        The gateway is asked during the wait: its webhooks may not arrive. Also a reload of
        the account does not end the wait. None for a message that is not followed.
        """
        tracked = self.get(message.id)
        if tracked is None:
            return None
        begin = time.monotonic()
        for look in (*_looks(seconds), seconds):
            left = begin + look - time.monotonic()
            if await _reached(tracked, target, left) or look == seconds:
                break
            tracked.hurry(time.time())
            self._plan(tracked)
        return tracked


async def _reached(
    tracked: TrackedMessage, target: MessageState, seconds: float
) -> bool:
    """Return True once a message got as far as the target, False after a time."""
    try:
        async with asyncio.timeout(seconds):
            while not settled(tracked.message, target):
                await tracked.changed.wait()
    except TimeoutError:
        return False
    return True


def _looks(seconds: float) -> Iterator[float]:
    """Return when to ask the gateway within a wait, seldomer and seldomer."""
    last = seconds - min(LAST_LOOK_SECONDS, seconds / 4)
    look = SOON_SECONDS
    while look < last:
        yield look
        look = 2 * look + SOON_SECONDS
    yield last


def fingerprint(message: OutgoingMessage) -> str:
    """Return what tells two messages of one id apart, from which nothing can be read."""
    numbers = sorted(message.phone_numbers)
    files = [item.data for item in message.attachments]
    parts = (message.text, message.data, str(message.port), *numbers, *files)
    return identity(*parts).hex()


async def async_get_outbox(hass: HomeAssistant, entry: ConfigEntry) -> Outbox:
    """Return an account's outbox, the same one after a reload."""
    outboxes = hass.data.setdefault(_OUTBOXES, {})
    if (outbox := outboxes.get(entry.entry_id)) is None:
        outbox = Outbox(hass, entry)
        await outbox.async_load()
        outboxes[entry.entry_id] = outbox
    return outbox


@callback
def sent_message(hass: HomeAssistant, message_id: str) -> Message | None:
    """Return what is known of a message of any account."""
    outboxes = hass.data.get(_OUTBOXES, {}).values()
    known = (outbox.get(message_id) for outbox in outboxes)
    return next((tracked.message for tracked in known if tracked), None)


async def async_remove_outbox(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Forget a removed account's messages."""
    outbox = hass.data.get(_OUTBOXES, {}).pop(entry.entry_id, None)
    await (outbox or Outbox(hass, entry)).async_remove()
