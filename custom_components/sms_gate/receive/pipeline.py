"""The one way in: what is new goes to the bus and to all parts of the account, once."""

import asyncio
from contextlib import suppress
from dataclasses import replace
import time
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_send

from ..account.bus_event import SmsGateEvent
from ..account.context import Account
from ..account.signals import signal_contact_event, signal_event, signal_kind
from ..const import DOMAIN
from ..gateway.events import INBOUND, OUTBOUND, EventKind, GatewayEvent
from .dedup import Seen, identity
from .media import async_save_attachments
from .parts import Parts

LATE_SECONDS: Final = 300


class Pipeline:
    """Takes events of one account from webhook, cloudhook and poll alike."""

    def __init__(self, account: Account, seen: Seen) -> None:
        """Take the account and the memory of what it received."""
        self._account = account
        self._seen = seen
        self._parts = Parts()
        self._order = asyncio.Lock()
        self._coming = 0
        self._is_behind = False
        # An SMS' time has whole seconds
        self._since = int(time.time())
        account.entry.async_on_unload(seen.async_close)

    async def async_process(
        self, *events: GatewayEvent, late: bool = False, whole: bool = False
    ) -> int:
        """Fire events unless they are known; return how many were new.

        When this returns, each has been fired, by this call or an earlier one, and is
        remembered. ``late`` marks what was fetched after the time it came, ``whole``
        what is true of a message with all its parts.

        Raises:
            OSError: they were fired but could not be remembered.
        """
        new = 0
        await self._async_settle()
        for event in events:
            if not self.knows(event):
                prepared = await self._async_prepare(event)
                new += self._take_once(prepared, late=late, whole=whole)
                # Automations begin on the loop's next turn, before a crash could tell
                # a remembered message from one that ran
                await asyncio.sleep(0)
            # One by one: a crash may repeat the event at hand, but no other
            await self._seen.async_commit()
        return new

    async def async_process_pushed(self, *events: GatewayEvent) -> None:
        """Fire what a webhook brought, unless it is known.

        A phone posts one event after the other. Then the answer need not wait for the
        file, since no event is fired before those that were answered are in it: a
        crash may repeat the last one, but no other. Where several come at once, or the
        file cannot be written, each is answered when it is remembered.

        Raises:
            OSError: they were fired but could not be remembered.
        """
        self._coming += 1
        try:
            async with self._order:
                await self._async_settle()
                if len(events) == self._coming == 1 and not self._seen.is_failing:
                    await self._async_take_alone(events[0])
                    return
            await self.async_process(*events)
        finally:
            self._coming -= 1

    async def _async_settle(self) -> None:
        """Wait for the identity of the event that was answered before."""
        if self._is_behind:
            self._is_behind = False
            with suppress(OSError):  # told, and kept until it can be written
                await self._seen.async_commit()

    async def _async_take_alone(self, event: GatewayEvent) -> None:
        """Fire one event, and let its identity be written meanwhile."""
        if self.knows(event):
            return
        self._take_once(await self._async_prepare(event), late=False, whole=False)
        self._is_behind = True
        # Automations begin on the loop's next turn, before a crash could tell a
        # remembered message from one that ran
        self._account.hass.loop.call_soon(self._seen.commit_soon)

    def knows(self, event: GatewayEvent) -> bool:
        """Return True if an inbound event was taken before."""
        return event.kind in INBOUND and _identity(event) in self._seen

    async def async_skip(self, *events: GatewayEvent) -> None:
        """Remember events without firing them."""
        for event in events:
            if not self.knows(event):
                self._seen.add(_identity(event))
        await self._seen.async_commit()

    async def _async_prepare(self, event: GatewayEvent) -> GatewayEvent:
        """Open what was sealed, and put attachments into files."""
        account = self._account
        if event.recipient is not None:
            clear = await account.cipher.async_decrypt(event.recipient)
            event = replace(event, recipient=clear)
        return await async_save_attachments(account.hass, event)

    @callback
    def _take_once(self, event: GatewayEvent, *, late: bool, whole: bool) -> bool:
        """Fire and remember without a pause in between."""
        outcome = _identity(event)
        if outcome in self._seen:
            return False
        if event.kind is EventKind.SMS_DELIVERED and not whole:
            part = identity(event.kind, event.message_id, event.recipient, _time(event))
            if part in self._seen:
                return False
            if not self._parts.completes(event):
                self._seen.add(part)
                return True
        else:
            self._parts.completes(event)
        self._dispatch(event, late=late)
        self._seen.add(outcome)
        return True

    @callback
    def _dispatch(self, event: GatewayEvent, *, late: bool) -> None:
        """Send one frozen event to everyone who listens."""
        account = self._account
        entry_id = account.entry.entry_id
        received = SmsGateEvent(
            event=event,
            entry_id=entry_id,
            device_id=account.phones.device_id(event.device_id),
            contact=account.contacts.find(event.peer),
            late=late or self._is_late(event),
        )
        if event.kind in INBOUND:
            account.contacts.remember(event.sender)
        account.hass.bus.async_fire(f"{DOMAIN}_{event.kind.key}", received.as_data())
        async_dispatcher_send(account.hass, signal_event(entry_id), received)
        async_dispatcher_send(account.hass, signal_kind(event.kind), received)
        if received.contact is not None:
            signal = signal_contact_event(entry_id, received.contact.id)
            async_dispatcher_send(account.hass, signal, received)

    def _is_late(self, event: GatewayEvent) -> bool:
        """Return True if a message came before Home Assistant could take it."""
        if event.timestamp is None:
            return False
        came = event.timestamp.timestamp()
        return came < self._since or time.time() - came > LATE_SECONDS


def _identity(event: GatewayEvent) -> bytes:
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
