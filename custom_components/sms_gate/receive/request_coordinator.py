"""Requests that are made again and again."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
import logging
from typing import Final, override

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from ..account.context import Account
from ..account.coordinator import SmsGateCoordinator
from ..account.exceptions import async_unavailable, converted
from ..const import CONF_MODE, DOMAIN, Mode
from ..gateway.errors import GatewayError

_LOGGER = logging.getLogger(__name__)

# How seldom a phone is asked at most that does not answer, and its server at its word
MAX_POLL_INTERVAL: Final = timedelta(minutes=1)
MAX_RETRY_AFTER: Final = timedelta(minutes=15)


class RequestCoordinator(DataUpdateCoordinator[None]):
    """Makes a request at intervals, with longer ones while it fails.

    It logs once when the request fails, and once when it works again; but where nothing
    of the gateway answers, that is what the account's coordinator logs.
    """

    def __init__(
        self,
        account: Account,
        gateway: SmsGateCoordinator,
        *,
        name: str,
        method: Callable[[], Awaitable[None]],
        interval: timedelta,
    ) -> None:
        """Prepare; nothing is asked yet."""
        super().__init__(
            account.hass,
            _LOGGER,
            config_entry=account.entry,
            name=f"{account.entry.title} {name}",
            update_method=method,
        )
        self._account = account
        self._entry = account.entry
        self._gateway = gateway
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        self._interval = interval
        self._failures = 0
        self._is_logged = False
        self._unsubscribe: CALLBACK_TYPE | None = None

    @property
    def is_failing(self) -> bool:
        """Return True if the last request failed."""
        return self._failures > 0

    @callback
    def start(self, first: timedelta) -> None:
        """Ask after a pause, and then at intervals."""
        self.stop()
        self.update_interval = first
        # Without a listener a coordinator does not ask
        self._unsubscribe = self.async_add_listener(lambda: None)
        if not first:
            self._entry.async_create_background_task(
                self.hass, self.async_refresh(), self.name, eager_start=False
            )

    @callback
    def stop(self) -> None:
        """Ask no more, until it is started again."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @override
    @callback
    def _schedule_refresh(self) -> None:
        """Ask again also where the user turned off polling for changes.

        That is about states. Messages would stay on the phone without a word.
        """
        entry, self.config_entry = self.config_entry, None
        try:
            super()._schedule_refresh()
        finally:
            self.config_entry = entry

    @override
    async def _async_update_data(self) -> None:
        """Make the request; a back-off ends with the first that works."""
        self.update_interval = self._interval
        try:
            await super()._async_update_data()
        except (GatewayError, OSError) as err:
            await self.async_failed()
            failed = await self.async_as_failure(err)
            failed.retry_after = self._pause_after(err)
            raise failed from err
        await self.async_worked()

    async def async_as_failure(self, err: Exception) -> UpdateFailed:
        """Return what the coordinator logs of an error."""
        return converted(UpdateFailed, await async_unavailable(self._account, err))

    def _pause_after(self, err: Exception) -> float:
        """Return the seconds until the next try: what the gateway asks for, or longer."""
        longest = max(self._interval, MAX_POLL_INTERVAL)
        pause: timedelta = min(self._interval * 2 ** min(self._failures, 10), longest)
        if not isinstance(err, GatewayError) or err.retry_after is None:
            return pause.total_seconds()
        asked = min(err.retry_after, MAX_RETRY_AFTER.total_seconds())
        return max(pause.total_seconds(), asked)

    async def async_failed(self) -> None:
        """Let the account's coordinator log a gateway that does not answer at all."""
        self._failures += 1
        if self._failures > 1:
            return
        await self._gateway.async_refresh()
        self._is_logged = self._gateway.last_update_success
        self.last_update_success = self._is_logged

    async def async_worked(self) -> None:
        """Let the account's coordinator see at once that the gateway answers again."""
        had_failed, self._failures = self.is_failing, 0
        # What was not logged as failing does not recover
        self.last_update_success = not self._is_logged
        self._is_logged = False
        if self._is_local:
            self._account.phones.async_handle_response()
        is_asked = self._gateway.update_interval is not None
        if not self._gateway.last_update_success and (had_failed or not is_asked):
            await self._gateway.async_refresh()


def own_second(account: Account) -> int:
    """Return which of the accounts this is, so that each asks in its own second."""
    entries = account.hass.config_entries.async_entries(DOMAIN)
    ids = [entry.entry_id for entry in entries]
    own = account.entry.entry_id
    return ids.index(own) if own in ids else 0
