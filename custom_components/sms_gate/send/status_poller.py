"""Asking the gateway for messages whose reports do not come."""

from datetime import UTC, datetime, timedelta
import time
from typing import Final

from homeassistant.helpers.event import async_track_time_interval

from ..account.context import Account
from ..account.phone_monitor import PhoneMonitor
from ..gateway.derived_events import events_from_states
from ..gateway.errors import GatewayError, GatewayNotFoundError
from ..gateway.message_status import absorb
from ..gateway.models import Message
from ..receive.pipeline import Pipeline
from .outbox import Tracker
from .tracked_message import TrackedMessage

TICK: Final = timedelta(seconds=3)
# From this many on, one list request takes the place of a request for each
LIST_FROM: Final = 4
PAGE: Final = 100
MAX_PAGES: Final = 5
MAX_SINGLE: Final = 20
# A request may still be on its way through a slow server
UNKNOWN_SECONDS: Final = 600
CLOCK_SECONDS: Final = 300


class StatusPoller:
    """Looks at due messages every three seconds; without any it asks nothing."""

    def __init__(
        self,
        account: Account,
        tracker: Tracker,
        pipeline: Pipeline,
        states: PhoneMonitor,
    ) -> None:
        """Take the account, what is under way, and the way in."""
        self._account = account
        self._tracker = tracker
        self._pipeline = pipeline
        self._states = states
        self._asking = False

    def start(self) -> None:
        """Begin to look."""
        self._account.entry.async_on_unload(
            async_track_time_interval(
                self._account.hass, self._async_look, TICK, cancel_on_shutdown=True
            )
        )

    async def _async_look(self, _now: datetime) -> None:
        """Ask for what is due."""
        now = time.time()
        due = [item for item in self._tracker if item.next_check <= now]
        if not due or self._asking:
            return
        self._asking = True
        try:
            await self.async_ask(due)
        finally:
            self._asking = False

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
            if not waiting or len(messages) < PAGE:
                break
        return list(waiting.values())

    async def _async_ask_one(self, tracked: TrackedMessage) -> None:
        """Ask for one message."""
        try:
            message = await self._account.client.message(tracked.id)
        except GatewayNotFoundError:
            if time.time() - tracked.since > UNKNOWN_SECONDS:
                self._tracker.async_give_up(tracked)
        except GatewayError:
            return
        else:
            await self._async_process(tracked, message)

    async def _async_process(self, tracked: TrackedMessage, answer: Message) -> None:
        """Let the pipeline tell what no webhook told, and take over the rest."""
        answer = await self._account.cipher.async_decrypt_message(answer)
        found = 0
        for event in events_from_states(
            tracked.message, absorb(tracked.message, answer)
        ):
            found += await self._pipeline.async_process(event, whole=True)
        if found:
            self._states.async_not_reported(answer.device_id)
        self._tracker.async_merge(tracked, answer)
        if time.time() > tracked.until:
            self._tracker.async_give_up(tracked)
