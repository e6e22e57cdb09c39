"""The one way in: what is new goes to the bus and to all parts of the account, once."""

from dataclasses import replace

from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_send

from .const import DOMAIN
from .data import Account
from .events import INBOUND, OUTBOUND, EventKind, GatewayEvent
from .parts import Parts
from .received import ReceivedEvent
from .seen import Seen, identity
from .signals import signal_event


class Intake:
    """Takes events of one account from webhook, cloudhook and poll alike."""

    def __init__(self, account: Account, seen: Seen) -> None:
        """Take the account and the memory of what it received."""
        self._account = account
        self._seen = seen
        self._parts = Parts()

    async def async_take(self, event: GatewayEvent) -> bool:
        """Fire an event unless it is known; return whether it was new.

        When this returns, the event has been fired, by this call or an earlier one,
        and is remembered.

        Raises:
            OSError: it was fired but could not be remembered.
        """
        if event.recipient is not None:
            event = replace(
                event, recipient=await self._account.sealing.async_open(event.recipient)
            )
        new = self._take_once(event)
        await self._seen.async_commit()
        return new

    @callback
    def _take_once(self, event: GatewayEvent) -> bool:
        """Fire and remember without a pause in between."""
        outcome = _identity(event)
        if outcome in self._seen:
            return False
        if event.kind is EventKind.SMS_DELIVERED:
            part = identity(event.kind, event.message_id, event.recipient, _time(event))
            if part in self._seen:
                return False
            if not self._parts.completes(event):
                self._seen.add(part)
                return True
        else:
            self._parts.completes(event)
        self._dispatch(event)
        self._seen.add(outcome)
        return True

    @callback
    def _dispatch(self, event: GatewayEvent) -> None:
        """Send one frozen event to everyone who listens."""
        account = self._account
        entry_id = account.entry.entry_id
        received = ReceivedEvent(
            event=event,
            entry_id=entry_id,
            device_id=account.phones.device_id(event.device_id),
            contact=account.phone_book.find(event.peer),
        )
        account.hass.bus.async_fire(f"{DOMAIN}_{event.kind.key}", received.as_data())
        async_dispatcher_send(account.hass, signal_event(entry_id), received)


def _identity(event: GatewayEvent) -> bytes:
    """Return what makes an event the same one under another id.

    Retries, re-exports and doubled webhooks bring the same message with another
    event id, and an inbound message's id alone is a 32-bit hash of its content. An
    outgoing message reaches each state once per recipient, whoever reports it.
    """
    if event.kind in INBOUND:
        return identity(
            event.device_id, event.kind, event.message_id, event.sender, _time(event)
        )
    if event.kind in OUTBOUND:
        return identity(event.kind, event.message_id, event.recipient)
    return identity(event.device_id, event.kind, event.event_id)


def _time(event: GatewayEvent) -> str | None:
    """Return the event's time, the same in every offset."""
    return f"{event.timestamp.timestamp():.3f}" if event.timestamp else None
