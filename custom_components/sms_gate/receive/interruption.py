"""Whether messages can be asked for, told in one line down and one line up."""

import logging

from ..account.context import Account
from ..account.coordinator import SmsGateCoordinator
from ..account.phone_monitor import PhoneMonitor
from ..const import CONF_MODE, Mode

_LOGGER = logging.getLogger(__name__)


class Interruption:
    """Follows the requests for messages; a gateway that is away is told by one part.

    The coordinator says so when nothing of the gateway answers. Only what fails while
    the gateway answers otherwise has lines of its own.
    """

    def __init__(
        self, account: Account, coordinator: SmsGateCoordinator, states: PhoneMonitor
    ) -> None:
        """Begin with the gateway there: the account has just been loaded."""
        self._title = account.entry.title
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        self._states = states
        self._coordinator = coordinator
        self._is_told = False
        self.is_on = False

    async def async_note(self, err: Exception | None) -> None:
        """Take over how a request ended; None is success."""
        had_been = self.is_on
        self.is_on = err is not None
        if err is None:
            await self._async_end(had_been=had_been)
        elif not had_been:
            await self._async_begin(err)

    async def _async_begin(self, err: Exception) -> None:
        """Tell it, if the gateway's state does not."""
        await self._coordinator.async_refresh()
        if self._coordinator.last_update_success:
            self._is_told = True
            _LOGGER.warning(
                "Receiver of %s is interrupted, will try again: %s",
                self._title,
                type(err).__name__,
            )

    async def _async_end(self, *, had_been: bool) -> None:
        """Tell it, and let the gateway's state be seen at once."""
        if self._is_local:
            self._states.async_heard()
        if self._is_told:
            self._is_told = False
            _LOGGER.info("Receiver of %s works again", self._title)
        is_asked = self._coordinator.update_interval is not None
        if not self._coordinator.last_update_success and (had_been or not is_asked):
            await self._coordinator.async_refresh()
