"""Polls an inbox."""

from datetime import timedelta
from typing import Final

from ..account.context import Account
from ..account.coordinator import SmsGateCoordinator
from .catch_up import CatchUp
from .inbox import Inbox
from .request_coordinator import RequestCoordinator

POLL_INTERVAL: Final = timedelta(seconds=5)


class InboxCoordinator(RequestCoordinator):
    """Polls an inbox: one light request each time for each phone."""

    def __init__(
        self,
        account: Account,
        gateway: SmsGateCoordinator,
        inbox: Inbox,
        catch_up: CatchUp,
    ) -> None:
        """Take what is read, and what may be missing in it."""
        super().__init__(
            account,
            gateway,
            name="inbox",
            method=self._async_poll,
            interval=POLL_INTERVAL,
        )
        self._inbox = inbox
        self._catch_up = catch_up

    async def _async_poll(self) -> None:
        """Fetch what is new."""
        await self._inbox.async_fetch(late=self.is_failing or self._catch_up.is_due)
        await self._catch_up.async_done()
