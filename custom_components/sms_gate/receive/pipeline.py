"""Where all events come in: what is new goes to the bus and to all parts of the account.

An event is recognised and fired in one turn of the loop, so nothing can come in between.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
import time
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.dt import utcnow

from ..account import activity, questions
from ..account.bus_event import SmsGateEvent
from ..account.context import Account
from ..account.last_known import Picture
from ..account.signals import (
    signal_again,
    signal_contact_event,
    signal_event,
    signal_kind,
    signal_line_test,
)
from ..const import DOMAIN
from ..gateway.events import INBOUND, OUTBOUND, EventKind, GatewayEvent
from .dedup import Memory, identity
from .media import MediaFolder

LATE_SECONDS: Final = 300
# A message of more parts does not exist
MAX_PARTS: Final = 255


class PipelineClosedError(Exception):
    """The account is being unloaded: the event was not fired, and has to come again."""


class Pipeline:
    """Processes events of one account from webhook, cloudhook and poll alike."""

    def __init__(
        self,
        account: Account,
        memory: Memory,
        is_line_test: Callable[[GatewayEvent], bool],
    ) -> None:
        """Take the account, the memory of what it received, and what is no message."""
        self._account = account
        self._memory = memory
        self._is_line_test = is_line_test
        self._media = MediaFolder(account.hass, account.entry)
        self.is_open = True

    async def async_process(
        self, *events: GatewayEvent, late: bool = False, whole: bool = False
    ) -> int:
        """Fire events unless they are known; return how many were new.

        When this returns, each has been fired, by this call or an earlier one, and is
        remembered. ``late`` marks what was fetched after the time it came, ``whole``
        what is true of a message with all its parts.

        Raises:
            PipelineClosedError: the account was unloaded before all were fired.
        """
        new = 0
        for event in events:
            outcome = event_identity(event)
            if event.kind in INBOUND and outcome in self._memory:
                self.async_repeat(event)
                continue
            prepared = await self._async_prepare(event)
            if prepared is not event:
                outcome = event_identity(prepared)
            # What was waited for may have taken longer than the account is loaded
            if not self.is_open:
                raise PipelineClosedError
            new += self._process_once(prepared, outcome, late=late, whole=whole)
            # Automations begin and the memory is written before anything is answered
            await asyncio.sleep(0)
        return new

    async def async_close(self) -> None:
        """Refuse what comes from now on, and let what was fired be written."""
        self.is_open = False
        self._memory.stop()
        for _ in range(2):
            await asyncio.sleep(0)

    def knows(self, event: GatewayEvent) -> bool:
        """Return True if an inbound event was received before."""
        return event.kind in INBOUND and event_identity(event) in self._memory

    @callback
    def async_repeat(self, event: GatewayEvent) -> None:
        """Dispatch an event that was fired before, to those who may have lost it."""
        if self._is_line_test(event):
            return
        entry_id = self._account.entry.entry_id
        signal = signal_again(entry_id)
        async_dispatcher_send(
            self._account.hass, signal, self._received(event, late=True)
        )

    @callback
    def skip(self, *events: GatewayEvent) -> None:
        """Remember new events without firing them."""
        for event in events:
            self._memory.add(event_identity(event), _came(event))

    async def _async_prepare(self, event: GatewayEvent) -> GatewayEvent:
        """Decrypt the recipient, and put attachments into files."""
        account = self._account
        if event.recipient is not None:
            clear = await account.cipher.async_decrypt(event.recipient)
            if clear != event.recipient:
                event = replace(event, recipient=clear)
        return await self._media.async_save(event)

    @callback
    def _process_once(
        self, event: GatewayEvent, outcome: bytes, *, late: bool, whole: bool
    ) -> bool:
        """Fire and remember without a pause in between."""
        if outcome in self._memory:
            return False
        if event.kind is EventKind.SMS_SENT:
            self._note_parts(event)
        if event.kind is EventKind.SMS_DELIVERED and not whole:
            part = identity(event.kind, event.message_id, event.recipient, _time(event))
            if part in self._memory:
                return False
            if not self._completes(event):
                self._memory.add(part)
                return True
        self._dispatch(event, late=late)
        self._memory.add(outcome, _came(event) if event.kind in INBOUND else 0)
        return True

    def _note_parts(self, event: GatewayEvent) -> None:
        """Remember how many parts a long message has; reports come for each of them."""
        count = min(event.parts_count or 0, MAX_PARTS)
        if count > 1:
            self._memory.add(_part(event, "long"))
            self._memory.add(_part(event, f"of {count}"))

    def _completes(self, event: GatewayEvent) -> bool:
        """Return True if this is the last part that is delivered; count it.

        Where the phone never told their number, the first report counts.
        """
        if _part(event, "long") not in self._memory:
            return True
        numbers = range(2, MAX_PARTS + 1)
        count = next(n for n in numbers if _part(event, f"of {n}") in self._memory)
        number = next(
            n for n in range(1, count + 1) if _part(event, str(n)) not in self._memory
        )
        if number < count:
            self._memory.add(_part(event, str(number)))
        return number >= count

    @callback
    def _dispatch(self, event: GatewayEvent, *, late: bool) -> None:
        """Send one frozen event to everyone who listens."""
        account = self._account
        entry_id = account.entry.entry_id
        received = self._received(event, late=late or self._is_late(event))
        if self._is_line_test(event):
            async_dispatcher_send(account.hass, signal_line_test(entry_id), received)
            return
        received = questions.async_process(account.hass, received)
        if event.kind in INBOUND:
            account.contacts.remember(event.sender)
            self._note_message(received)
            self._note_picture(received)
        account.hass.bus.async_fire(f"{DOMAIN}_{event.kind.key}", received.as_data())
        activity.async_show(account.hass, received)
        async_dispatcher_send(account.hass, signal_event(entry_id), received)
        async_dispatcher_send(account.hass, signal_kind(event.kind), received)
        if received.contact is not None:
            signal = signal_contact_event(entry_id, received.contact.id)
            async_dispatcher_send(account.hass, signal, received)

    def _received(self, event: GatewayEvent, *, late: bool) -> SmsGateEvent:
        account = self._account
        return SmsGateEvent(
            event=event,
            entry_id=account.entry.entry_id,
            device_id=account.phones.device_id(event.device_id),
            contact=account.contacts.find(event.peer),
            late=late,
        )

    def _note_message(self, received: SmsGateEvent) -> None:
        """Remember that a contact wrote, before anything asks."""
        event, text = received.event, received.event.message or received.event.body
        if received.contact is None or text is None:
            return
        came = event.timestamp if received.late and event.timestamp else utcnow()
        last_known = self._account.last_known
        last_known.async_note_message(received.contact.id, came, text)

    def _note_picture(self, received: SmsGateEvent) -> None:
        """Remember the last picture of an MMS, before anything asks for it."""
        event, now = received.event, utcnow()
        names = [
            item.media_content_id.rpartition("/")[2]
            for item in event.attachments or ()
            if item.is_picture and item.media_content_id
        ]
        if not names:
            return
        came = min(event.timestamp or now, now).astimezone(UTC)
        owners = [event.device_id, *([received.contact.id] if received.contact else [])]
        for owner in owners:
            self._account.last_known.async_keep_picture(
                owner, Picture(time=came, file=names[-1])
            )

    def _is_late(self, event: GatewayEvent) -> bool:
        """Return True if a message came before Home Assistant could receive it."""
        if event.timestamp is None:
            return False
        came = event.timestamp.timestamp()
        return came < self._memory.since or time.time() - came > LATE_SECONDS


def event_identity(event: GatewayEvent) -> bytes:
    """Return what makes an event the same one under another id.

    Retries, re-exports and doubled webhooks bring the same message with another
    event id, and an inbound message's id alone is a 32-bit hash of its content. An
    outgoing message reaches each state once per recipient, whoever reports it.
    """
    if event.kind in INBOUND:
        return identity(
            event.device_id, event.kind, event.content_id, event.sender, _time(event)
        )
    if event.kind in OUTBOUND:
        return identity(event.kind, event.message_id, event.recipient)
    return identity(event.device_id, event.kind, event.event_id)


def _time(event: GatewayEvent) -> str | None:
    """Return the event's time, the same in every offset."""
    return f"{event.timestamp.timestamp():.3f}" if event.timestamp else None


def _came(event: GatewayEvent) -> float:
    """Return when a message came, in Unix seconds; 0 where nobody knows."""
    return event.timestamp.timestamp() if event.timestamp else 0.0


def _part(event: GatewayEvent, what: str) -> bytes:
    """Return what stands for a fact about a long message to one recipient."""
    return identity("part", event.message_id, event.recipient, what)
