"""Asking the gateway for messages whose reports do not come."""

from datetime import UTC, datetime
import logging
import time
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, callback
from homeassistant.helpers.event import async_call_later

from ..account.context import Account
from ..gateway.derived_events import events_from_states
from ..gateway.errors import GatewayError, GatewayNotFoundError
from ..gateway.message_status import absorb
from ..gateway.models import Message
from ..receive.pipeline import Pipeline, PipelineClosedError
from .outbox import Outbox
from .tracked_message import MAX_PAUSE, TrackedMessage

_LOGGER = logging.getLogger(__name__)

# From this many on, one list request replaces a request for each
LIST_FROM: Final = 4
PAGE: Final = 100
MAX_PAGES: Final = 5
MAX_SINGLE: Final = 20
# Those that are due within this time are asked for together
TOGETHER_SECONDS: Final = 1.0
# A request may still be on its way through a slow server
UNKNOWN_SECONDS: Final = 600
CLOCK_SECONDS: Final = 300


class StatusPoller:
    """Asks for due messages, at the time when the first of them is due."""

    def __init__(
        self,
        account: Account,
        outbox: Outbox,
        pipeline: Pipeline,
    ) -> None:
        """Connect what is under way with what its states become."""
        self._account = account
        self._outbox = outbox
        self._pipeline = pipeline
        self._job = HassJob(self._async_look, cancel_on_shutdown=True)
        self._planned: float | None = None
        self._cancel: CALLBACK_TYPE | None = None
        self._is_asking = False
        self._is_stopped = False

    @callback
    def async_start(self) -> None:
        """Plan requests until the account unloads."""
        self._outbox.async_listen(self._account.entry, self._async_plan)
        self._account.entry.async_on_unload(self._async_stop)
        self._async_plan_next()

    @callback
    def _async_stop(self) -> None:
        self._is_stopped = True
        self._async_unplan()

    @callback
    def _async_unplan(self) -> None:
        if self._cancel is not None:
            self._cancel()
        self._cancel = self._planned = None

    @callback
    def _async_plan_next(self) -> None:
        """Plan the request for the message that is due first."""
        if due := min((item.next_check for item in self._outbox), default=None):
            self._async_plan(due)

    @callback
    def _async_plan(self, due: float) -> None:
        """Plan a request for this time, unless one is planned before."""
        # At least now and then: the clock may have been set
        delay = min(max(due - time.time(), 0), MAX_PAUSE)
        at = self._account.hass.loop.time() + delay
        if self._is_stopped or (self._planned is not None and self._planned <= at):
            return
        self._async_unplan()
        self._planned = at
        self._cancel = async_call_later(self._account.hass, delay, self._job)

    async def _async_look(self, _now: datetime) -> None:
        """Ask for what is due, and plan what is due next."""
        self._cancel = self._planned = None
        if self._is_asking:
            return
        now = time.time() + TOGETHER_SECONDS
        self._is_asking = True
        try:
            await self.async_ask([it for it in self._outbox if it.next_check <= now])
        finally:
            self._is_asking = False
            self._async_plan_next()

    async def async_ask(self, due: list[TrackedMessage]) -> None:
        """Ask for these messages now; what cannot be asked is asked again later."""
        for tracked in due:
            tracked.checked(time.time())
        if len(due) >= LIST_FROM:
            due = await self._async_ask_list(due)
        for tracked in due[:MAX_SINGLE]:
            await self._async_ask_one(tracked)

    async def _async_ask_list(self, due: list[TrackedMessage]) -> list[TrackedMessage]:
        """Ask for many at once; return those that were not in the list."""
        waiting = {tracked.id: tracked for tracked in due}
        since = min(tracked.since for tracked in due) - CLOCK_SECONDS
        for page in range(MAX_PAGES):
            try:
                messages, _total = await self._account.client.messages(
                    start=datetime.fromtimestamp(since, UTC),
                    limit=PAGE,
                    offset=page * PAGE,
                )
            except GatewayError:
                return []
            for message in messages:
                if (tracked := waiting.pop(message.id, None)) is not None:
                    await self._async_process(tracked, message)
            if not waiting or len(messages) + messages.skipped < PAGE:
                break
        return list(waiting.values())

    async def _async_ask_one(self, tracked: TrackedMessage) -> None:
        """Ask for one message."""
        try:
            message = await self._account.client.message(tracked.id)
        except GatewayNotFoundError:
            tracked.lose()
            if time.time() - tracked.since > UNKNOWN_SECONDS:
                _LOGGER.warning(
                    "The gateway of %s does not know message %s; it may not be sent",
                    self._account.entry.title,
                    tracked.id,
                )
                self._outbox.async_give_up(tracked)
        except GatewayError:
            return
        else:
            await self._async_process(tracked, message)

    async def _async_process(self, tracked: TrackedMessage, answer: Message) -> None:
        """Dispatch the events that no webhook brought, then record the rest."""
        answer = await self._account.cipher.async_decrypt_message(answer)
        found = 0
        try:
            for event in events_from_states(
                tracked.message, absorb(tracked.message, answer)
            ):
                found += await self._pipeline.async_process(event, whole=True)
        except PipelineClosedError:
            return  # asked for again by those who load the account next
        if found:
            self._account.phones.async_handle_unreported(answer.device_id)
        self._outbox.async_merge(tracked, answer)
        if time.time() > tracked.until:
            self._outbox.async_give_up(tracked)
