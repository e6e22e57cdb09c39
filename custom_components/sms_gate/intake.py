"""The one way in: what is new goes to the bus and to all parts of the account, once."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send

from .const import DOMAIN
from .events import INBOUND, OUTBOUND, GatewayEvent
from .phone_numbers import PhoneBook
from .phones import Phones
from .received import ReceivedEvent
from .seen import Seen, identity
from .signals import signal_event


class Intake:
    """Takes events of one account from webhook, cloudhook and poll alike."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        phones: Phones,
        phone_book: PhoneBook,
        seen: Seen,
    ) -> None:
        """Take the account's parts."""
        self._hass = hass
        self._entry_id = entry_id
        self._phones = phones
        self._phone_book = phone_book
        self._seen = seen

    async def async_take(self, event: GatewayEvent) -> bool:
        """Fire an event unless it is known; return whether it was new.

        When this returns, the event has been fired, by this call or an earlier one,
        and is remembered.

        Raises:
            OSError: it was fired but could not be remembered.
        """
        key = _identity(event)
        new = key not in self._seen
        if new:
            self._dispatch(event)
            self._seen.add(key)
        await self._seen.async_commit()
        return new

    @callback
    def _dispatch(self, event: GatewayEvent) -> None:
        """Send one frozen event to everyone who listens."""
        received = ReceivedEvent(
            event=event,
            entry_id=self._entry_id,
            device_id=self._phones.device_id(event.device_id),
            contact=self._phone_book.find(event.peer),
        )
        self._hass.bus.async_fire(f"{DOMAIN}_{event.kind.key}", received.as_data())
        async_dispatcher_send(self._hass, signal_event(self._entry_id), received)


def _identity(event: GatewayEvent) -> bytes:
    """Return what makes an event the same one under another id.

    Retries, re-exports and doubled webhooks bring the same message with another
    event id, and a message id alone is a 32-bit hash of the content.
    """
    if event.kind not in INBOUND | OUTBOUND:
        return identity(event.device_id, event.kind, event.event_id)
    return identity(
        event.device_id,
        event.kind,
        event.message_id,
        event.sender,
        event.recipient if event.kind in OUTBOUND else None,
        f"{event.timestamp.timestamp():.3f}" if event.timestamp else None,
    )
