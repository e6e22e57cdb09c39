"""One action planned for later, and never after its account was unloaded."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HassJob, callback
from homeassistant.helpers.event import async_call_later

from ..account.context import Account


class Timer:
    """Runs an action after a pause; the action may start it again."""

    def __init__(
        self, account: Account, action: Callable[[datetime], Awaitable[None]]
    ) -> None:
        """Remember what to do; nothing is planned yet."""
        self._hass = account.hass
        self._action = action
        self._cancel: CALLBACK_TYPE | None = None
        self._is_over = False
        account.entry.async_on_unload(self.stop)

    @callback
    def start(self, seconds: float) -> None:
        """Plan the action, unless it is planned or the account was unloaded."""
        if self._cancel is None and not self._is_over:
            job = HassJob(self._async_run, cancel_on_shutdown=True)
            self._cancel = async_call_later(self._hass, seconds, job)

    async def _async_run(self, now: datetime) -> None:
        self._cancel = None
        await self._action(now)

    @callback
    def stop(self) -> None:
        """Do nothing any more."""
        self._is_over = True
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
