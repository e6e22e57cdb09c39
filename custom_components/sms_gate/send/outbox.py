"""The one way out: what was sent from here, from the hand-over to its last state."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
import logging
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import (
    async_dispatcher_connect,
    async_dispatcher_send,
)
from homeassistant.helpers.storage import Store

from ..account.bus_event import SmsGateEvent
from ..account.context import Account
from ..account.exceptions import failure, from_gateway
from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..account.login_check import async_check_login
from ..account.signals import signal_event, signal_pending
from ..const import DOMAIN
from ..gateway.errors import (
    GatewayAuthError,
    GatewayConnectionError,
    GatewayError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayUnreachableError,
)
from ..gateway.message_status import STATE_OF, settled
from ..gateway.models import Message, MessageState, OutgoingMessage
from ..gateway.submit import submit, unread
from .daily_limit import EXPEDITED_PRIORITY, DailyLimit
from .tracked_message import TrackedMessage

_LOGGER = logging.getLogger(__name__)

STORAGE_VERSION: Final = 1
SAVE_SECONDS: Final = 1.0
MAX_TRACKED: Final = 20_000
# Still known for who waits, though nothing more is expected
MAX_OVER: Final = 1_000
# The first look at the gateway where webhooks report, and where they do not
PUSHED_PAUSE: Final = 60.0
POLLED_PAUSE: Final = 3.0


def storage(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where an account's messages under way are kept."""
    return Store(hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}.tracker")


class Tracker:
    """Hands messages over and knows how far each of them got."""

    def __init__(
        self, account: Account, guard: DailyLimit, is_pushed: Callable[[], bool]
    ) -> None:
        """Take the account; ``is_pushed`` says whether webhooks report."""
        self._account = account
        self._hass = account.hass
        self._entry = account.entry
        self._guard = guard
        self._is_pushed = is_pushed
        self._store = storage(account.hass, account.entry.entry_id)
        self._tracked: dict[str, TrackedMessage] = {}
        self._over: OrderedDict[str, TrackedMessage] = OrderedDict()

    async def async_start(self) -> None:
        """Go on with what was under way, and listen to reports."""
        stored = await self._store.async_load() or {}
        self._guard.load(stored.get("guard", {}))
        now = time.time()
        for item in stored.get("messages", ()):
            if item["until"] > now:
                self._tracked[item["id"]] = TrackedMessage.restore(
                    item, now, POLLED_PAUSE
                )
        self._entry.async_on_unload(
            async_dispatcher_connect(
                self._hass, signal_event(self._entry.entry_id), self._async_handle_event
            )
        )

    async def async_stop(self) -> None:
        """Write down what is under way."""
        await self._store.async_save(self._as_dict())

    def _as_dict(self) -> dict[str, Any]:
        return {
            "messages": [tracked.as_dict() for tracked in self._tracked.values()],
            "guard": self._guard.as_dict(),
        }

    def __iter__(self) -> Iterator[TrackedMessage]:
        """Go through all messages under way."""
        return iter(tuple(self._tracked.values()))

    @property
    def pending(self) -> int:
        """How many messages the phone has not sent yet."""
        return sum(tracked.is_pending for tracked in self._tracked.values())

    async def async_send(self, message: OutgoingMessage) -> Message:
        """Hand a message to the gateway, once, and follow it from then on.

        Raises:
            HomeAssistantError: it was not taken, or, under its own key and with the
                message's id, it is unknown whether it was.
        """
        self._check_limit(message)
        # An id of the user's own, whose first try may have been taken
        is_repeated = message.id in self._tracked
        tracked = self._follow(message)
        try:
            answer = await self._async_hand_over(message)
        except (GatewayConnectionError, GatewayResponseError) as err:
            if isinstance(err, GatewayUnreachableError) and not is_repeated:
                self._forget(message.id)
                raise from_gateway(err) from err
            if isinstance(err.__cause__, GatewayAuthError):
                async_check_login(self._account)
            raise failure("outcome_unknown", message_id=message.id) from err
        except GatewayError as err:
            if not is_repeated:
                self._forget(message.id)
            if isinstance(err, GatewayAuthError):
                async_check_login(self._account)
            raise from_gateway(err) from err
        tracked.merge(await self._account.cipher.async_decrypt_message(answer))
        self._async_changed(tracked)
        return tracked.message

    async def _async_hand_over(self, message: OutgoingMessage) -> Message:
        """Hand over to one phone, chosen here.

        Ids are known per phone, not per account, and a server draws a phone for every
        request that names none: a repeated request could send twice.
        """
        account = self._account
        sealed = await account.cipher.async_encrypt(message)
        if message.device_id is not None:
            return await submit(account.client, sealed)
        chosen = account.phones.choose()
        try:
            return await submit(account.client, replace(sealed, device_id=chosen))
        except GatewayRejectedError as err:
            if chosen is None or await self._async_is_there(chosen):
                raise
            if (another := account.phones.choose()) is None:
                raise err from None
            return await submit(account.client, replace(sealed, device_id=another))

    async def _async_is_there(self, gateway_device_id: str) -> bool:
        """Ask whether a phone is still one of the account; without an answer it is."""
        account = self._account
        try:
            account.phones.async_update(await account.client.devices())
        except GatewayError:
            return True
        return gateway_device_id in account.phones.present

    def _check_limit(self, message: OutgoingMessage) -> None:
        """Refuse what an automation that runs wild would send."""
        if (message.priority or 0) >= EXPEDITED_PRIORITY:
            return
        if self._guard.allows(message.phone_numbers):
            if not self._guard.holds_back:
                async_delete_issue(self._hass, self._entry, IssueKind.DAILY_LIMIT)
            return
        async_create_issue(self._hass, self._entry, IssueKind.DAILY_LIMIT)
        raise failure("daily_limit")

    def _follow(self, message: OutgoingMessage) -> TrackedMessage:
        """Follow before the hand-over: the first report can outrun the answer."""
        pause = PUSHED_PAUSE if self._is_pushed() else POLLED_PAUSE
        if len(self._tracked) >= MAX_TRACKED:
            self._forget(next(iter(self._tracked)))
        tracked = TrackedMessage.start(message, unread(message), time.time(), pause)
        self._tracked[message.id] = tracked
        return tracked

    def _forget(self, message_id: str) -> None:
        """Follow a message no longer."""
        self._tracked.pop(message_id, None)
        self._async_write()

    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        """Take over what the phone reports."""
        event = received.event
        state = STATE_OF.get(event.kind)
        if (
            state is None
            or (tracked := self._tracked.get(event.message_id or "")) is None
        ):
            return
        tracked.advance(event.recipient, state, event.reason)
        self._async_changed(tracked)

    @callback
    def async_known(self, answer: Message) -> Message:
        """Return the gateway's answer, with the numbers a server has hashed."""
        if (tracked := self._tracked.get(answer.id)) is None:
            return answer
        self.async_merge(tracked, answer)
        return tracked.message

    @callback
    def async_merge(self, tracked: TrackedMessage, answer: Message) -> None:
        """Take over what the gateway says when asked."""
        tracked.merge(answer)
        self._async_changed(tracked)

    @callback
    def async_give_up(self, tracked: TrackedMessage) -> None:
        """Follow a message no longer that the gateway does not know, or never ends."""
        self._forget(tracked.id)

    def _async_changed(self, tracked: TrackedMessage) -> None:
        if tracked.is_over:
            self._tracked.pop(tracked.id, None)
            self._over[tracked.id] = tracked
            while len(self._over) > MAX_OVER:
                self._over.popitem(last=False)
        self._async_write()

    @callback
    def _async_write(self) -> None:
        self._store.async_delay_save(self._as_dict, SAVE_SECONDS)
        async_dispatcher_send(self._hass, signal_pending(self._entry.entry_id))

    async def async_wait(
        self, message: Message, target: MessageState, seconds: float
    ) -> Message:
        """Return how far a message got, at the latest after this time.

        It ends early when every recipient got as far as the target, or failed.
        """
        tracked = self._tracked.get(message.id) or self._over.get(message.id)
        if tracked is None:
            return message
        try:
            async with asyncio.timeout(seconds):
                while not settled(tracked.message, target):
                    await tracked.changed.wait()
        except TimeoutError:
            _LOGGER.debug("A message did not get as far as waited for")
        return tracked.message
