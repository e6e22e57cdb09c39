"""Trusts webhooks, but verifies by an inbox that they bring what phones received."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, callback
from homeassistant.helpers.event import async_call_later

from ..account.context import Account
from ..account.coordinator import SmsGateCoordinator
from ..gateway.errors import GatewayConnectionError, GatewayError
from .catch_up import CatchUp
from .inbox import Inbox
from .request_coordinator import RequestCoordinator

LOOK_INTERVAL: Final = timedelta(minutes=5)
CHECK_INTERVAL: Final = timedelta(minutes=50)
# How long a webhook may be under way before a message counts as not brought by it
GRACE_SECONDS: Final = 30.0


class Verifier(RequestCoordinator):
    """Asks for one thing every five minutes.

    Mostly that is a light look at the inbox; within each hour it is once the list of
    webhooks and, of a local phone, once the phone and once its health. So an hour has
    twelve requests. A server's phones are what the account's coordinator asks for.
    """

    def __init__(
        self,
        account: Account,
        gateway: SmsGateCoordinator,
        inbox: Inbox,
        catch_up: CatchUp,
        *,
        check: Callable[[], Awaitable[None]],
        fall_back: Callable[[], None],
    ) -> None:
        """``check`` looks after the webhooks, ``fall_back`` polls in their place."""
        super().__init__(
            account,
            gateway,
            name="verification",
            method=self._async_round,
            interval=LOOK_INTERVAL,
        )
        self._inbox = inbox
        self._catch_up = catch_up
        self._fall_back = fall_back
        now = datetime.now(UTC)
        self._asides: dict[str, Callable[[], Awaitable[None]]] = {"webhooks": check}
        self._asked = {"webhooks": now}
        if self._is_local:
            self._asides |= {
                "phone": gateway.async_refresh,
                "health": gateway.async_fetch_health,
            }
            # Not one after the other, so that the inbox is never forgotten for long
            self._asked |= {
                "health": now - LOOK_INTERVAL * 3,
                "phone": now - LOOK_INTERVAL,
            }
        self._missing: set[str | None] = set()
        self._cancel: CALLBACK_TYPE | None = None
        self._entry.async_on_unload(self._stop_grace)

    async def _async_round(self) -> None:
        """Ask for the one thing that is due."""
        now = datetime.now(UTC)
        due = (name for name, at in self._asked.items() if now - at >= CHECK_INTERVAL)
        if (name := next(due, None)) is None:
            await self._async_look()
        else:
            self._asked[name] = now
            await self._asides[name]()
            if not self._gateway.last_update_success:
                raise GatewayConnectionError(
                    "The account's coordinator was not answered"
                )

    async def _async_look(self) -> None:
        """Look for messages that no webhook brought."""
        # The phone was away, or Home Assistant: its webhooks cannot have come yet
        if self.is_failing or self._catch_up.is_due:
            await self._inbox.async_fetch(late=True)
            await self._catch_up.async_done()
            return
        missing = await self._inbox.async_unknown()
        self._missing = {event.content_id for event in missing}
        if missing and self._cancel is None:
            job = HassJob(self._async_end_grace, cancel_on_shutdown=True)
            self._cancel = async_call_later(self.hass, GRACE_SECONDS, job)

    @callback
    def _stop_grace(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    async def _async_end_grace(self, _now: datetime) -> None:
        """Poll from now on, if webhooks still have not brought what is there."""
        self._cancel = None
        try:
            unknown = await self._inbox.async_unknown()
            missed = [item for item in unknown if item.content_id in self._missing]
            await self._inbox.async_process(*missed, late=True)
        except (GatewayError, OSError) as err:
            await self.async_failed()
            self.async_set_update_error(await self.async_as_failure(err))
            return
        if missed:
            await self.async_shutdown()
            self._fall_back()
