"""Trusts a local phone's webhooks, but checks that they bring what it received."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from homeassistant.core import callback

from ..account.context import Account
from ..account.coordinator import SmsGateCoordinator
from ..gateway.errors import GatewayError
from .inbox import Inbox
from .interruption import Interruption
from .pace import CHECK_INTERVAL, LOOK_INTERVAL
from .timer import Timer

# How long a webhook may be under way before a message counts as not brought by it
GRACE_SECONDS: Final = 30.0


def _is_due(asked: datetime, now: datetime) -> bool:
    """Return True if something else than the inbox is to be asked for."""
    return now - asked >= CHECK_INTERVAL


class Verifier:
    """A round every five minutes, of which each asks for one thing.

    Mostly that is a light look at the inbox; within each hour it is once the list of
    webhooks, once the phone and once its health. So an hour has twelve requests.
    """

    def __init__(
        self,
        account: Account,
        coordinator: SmsGateCoordinator,
        reader: Inbox,
        interruption: Interruption,
    ) -> None:
        """Take the account's parts; nothing is asked yet."""
        self._reader = reader
        self._interruption = interruption
        self._rounds = Timer(account, self._async_round)
        self._grace = Timer(account, self._async_take_over)
        self._asides: dict[str, Callable[[], Awaitable[None]]] = {
            "phone": coordinator.async_refresh,
            "health": coordinator.async_examine,
        }
        now = datetime.now(UTC)
        # Not one after the other, so that the inbox is never forgotten for long
        self._asked = {
            "webhooks": now,
            "health": now - LOOK_INTERVAL * 3,
            "phone": now - LOOK_INTERVAL,
        }
        self._missing: set[str | None] = set()
        self._give_way: Callable[[], None] | None = None

    @callback
    def start(
        self,
        seconds: float,
        check: Callable[[], Awaitable[None]],
        give_way: Callable[[], None],
    ) -> None:
        """Begin: ``check`` looks after the webhooks, ``give_way`` turns to polling."""
        self._asides["webhooks"] = check
        self._give_way = give_way
        self._rounds.start(LOOK_INTERVAL.total_seconds() + seconds)

    async def _async_round(self, now: datetime) -> None:
        """Ask for the one thing that is due; whatever went wrong, go on."""
        try:
            await self._async_ask(now)
        finally:
            self._rounds.start(LOOK_INTERVAL.total_seconds())

    async def _async_ask(self, now: datetime) -> None:
        """Ask for the one thing that is due."""
        due = next((name for name, at in self._asked.items() if _is_due(at, now)), None)
        if due is None:
            await self._async_look()
        else:
            self._asked[due] = now
            await self._asides[due]()

    async def _async_look(self) -> None:
        """Look for messages that no webhook brought."""
        try:
            # The phone was away, so its webhooks cannot have come yet
            if self._interruption.is_on:
                await self._reader.async_take_new(late=True)
            missing = await self._reader.async_unknown()
        except (GatewayError, OSError) as err:
            await self._interruption.async_note(err)
            return
        await self._interruption.async_note(None)
        self._missing = {event.content_id for event in missing}
        if missing:
            self._grace.start(GRACE_SECONDS)

    async def _async_take_over(self, _now: datetime) -> None:
        """Poll from now on, if webhooks still have not brought what is there."""
        try:
            unknown = await self._reader.async_unknown()
            missed = [item for item in unknown if item.content_id in self._missing]
            await self._reader.async_take(*missed, late=True)
        except (GatewayError, OSError) as err:
            await self._interruption.async_note(err)
            return
        if missed and self._give_way is not None:
            self._rounds.stop()
            self._give_way()
