"""Asks a phone in local mode for what it received, every five seconds."""

from datetime import datetime

from homeassistant.core import callback

from ..account.context import Account
from ..gateway.errors import GatewayError
from .catch_up import CatchUp
from .inbox import Inbox
from .interruption import Interruption
from .pace import MAX_POLL_SECONDS, POLL_SECONDS
from .timer import Timer


class Poller:
    """One light request each time; fewer while the phone is away."""

    def __init__(
        self,
        account: Account,
        reader: Inbox,
        catch_up: CatchUp,
        interruption: Interruption,
    ) -> None:
        """Take the account's parts; nothing is asked yet."""
        self._reader = reader
        self._catch_up = catch_up
        self._interruption = interruption
        self._timer = Timer(account, self._async_poll)
        self._pause = POLL_SECONDS

    @callback
    def start(self, seconds: float = POLL_SECONDS) -> None:
        """Ask after a pause, and then again and again."""
        self._timer.start(seconds)

    async def _async_poll(self, _now: datetime) -> None:
        """Fetch what is new; whatever went wrong, ask again."""
        try:
            await self._async_ask()
        finally:
            self._timer.start(self._pause)

    async def _async_ask(self) -> None:
        """Fetch what is new."""
        late = self._interruption.is_on or self._catch_up.is_due
        try:
            await self._reader.async_take_new(late=late)
        except (GatewayError, OSError) as err:
            await self._interruption.async_note(err)
            self._pause = min(self._pause * 2, MAX_POLL_SECONDS)
        else:
            await self._interruption.async_note(None)
            self._pause = POLL_SECONDS
            if self._catch_up.is_due:
                await self._catch_up.async_done()
