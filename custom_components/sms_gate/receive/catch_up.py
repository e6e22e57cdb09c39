"""Fetches what came while nothing could come in."""

from datetime import UTC, datetime, timedelta
import logging
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..account.context import Account
from ..account.coordinator import SmsGateCoordinator
from ..account.phone_monitor import PhoneMonitor
from ..const import CONF_MODE, DOMAIN, Mode
from ..gateway.errors import GatewayRejectedError
from .inbox import Inbox
from .registration import Registration
from .request_coordinator import RequestCoordinator

_LOGGER = logging.getLogger(__name__)

STORAGE_VERSION: Final = 1
OVERLAP: Final = timedelta(minutes=10)
RETRY_INTERVAL: Final = timedelta(minutes=1)


def storage(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where it is kept until when messages were received."""
    return Store(hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}.receiving")


class CatchUp(RequestCoordinator):
    """Knows since when something may be missing, and lets a server's phones send it.

    A local phone is not asked to send: who reads its inbox fetches what is missing.
    """

    def __init__(
        self,
        account: Account,
        gateway: SmsGateCoordinator,
        monitor: PhoneMonitor,
        inbox: Inbox,
        registration: Registration,
    ) -> None:
        """Take the account's parts; nothing is missing yet."""
        super().__init__(
            account,
            gateway,
            monitor,
            name="catch-up",
            method=self._async_catch_up,
            interval=RETRY_INTERVAL,
        )
        self._client = account.client
        self._inbox = inbox
        self._registration = registration
        self._store = storage(account.hass, account.entry.entry_id)
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        self._behind: datetime | None = None

    @property
    def is_due(self) -> bool:
        """Return True if something may be missing."""
        return self._behind is not None

    async def async_load(self) -> None:
        """Find out since when something may be missing; at first, nothing is.

        Raises:
            GatewayError: the phone could not be asked.
        """
        stored = await self._store.async_load()
        if stored is not None:
            self._behind = datetime.fromtimestamp(stored["alive"], UTC)
            self._inbox.look_back_to(stored["alive"])
            return
        if self._is_local:
            await self._inbox.async_mark_all_known()
        await self.async_note_alive()

    async def async_note_alive(self) -> None:
        """Remember until when everything was received."""
        if self._behind is None:
            await self._store.async_save({"alive": time.time()})

    async def async_done(self) -> None:
        """Note that nothing is missing any more."""
        self.stop()
        if self._behind is not None:
            self._behind = None
            await self.async_note_alive()

    @callback
    def async_missed(
        self, since: datetime | None = None, *, wait: timedelta = timedelta()
    ) -> None:
        """Let phones send what came since then, or since everything was received."""
        if since is not None:
            self._behind = min(self._behind or since, since)
        if self._behind is not None:
            self.start(wait)

    async def _async_catch_up(self) -> None:
        """Let the phones send what is missing."""
        if (since := self._behind) is None:
            return
        try:
            await self.async_let_send(since - OVERLAP)
        except GatewayRejectedError:
            _LOGGER.debug("The gateway does not know how to refresh an inbox")
        if self._behind == since:
            await self.async_done()

    async def async_let_send(
        self,
        since: datetime,
        until: datetime | None = None,
        device_id: str | None = None,
    ) -> None:
        """Ask phones to send by webhook what they received; what is known is dropped.

        Raises:
            GatewayError: the gateway could not be asked.
        """
        await self._client.refresh_inbox(
            since,
            until or datetime.now(UTC),
            device_id=device_id,
            batch=self._registration.knows_batches,
        )
