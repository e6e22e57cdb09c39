"""Fetches what came while nothing could come in."""

from datetime import UTC, datetime, timedelta
import logging
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..account.context import Account
from ..const import CONF_MODE, DOMAIN, Mode
from ..gateway.errors import GatewayError, GatewayRejectedError
from .inbox import Inbox
from .interruption import Interruption
from .pace import MAX_POLL_SECONDS
from .registration import Registration
from .timer import Timer

_LOGGER = logging.getLogger(__name__)

STORAGE_VERSION: Final = 1
OVERLAP: Final = timedelta(minutes=10)


def storage(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where it is kept until when messages were received."""
    return Store(hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}.receiving")


class CatchUp:
    """Knows since when something may be missing, and gets it."""

    def __init__(
        self,
        account: Account,
        reader: Inbox,
        registration: Registration,
        interruption: Interruption,
    ) -> None:
        """Take the account's parts; nothing is missing yet."""
        self._account = account
        self._reader = reader
        self._registration = registration
        self._interruption = interruption
        self._store = storage(account.hass, account.entry.entry_id)
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        self._timer = Timer(account, self._async_try)
        self._behind: datetime | None = None
        self._under_way: datetime | None = None

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
            self._reader.look_back_to(stored["alive"])
        elif self._is_local:
            await self._reader.async_mark_all_known()
        await self.async_note_alive()

    async def async_note_alive(self) -> None:
        """Remember until when everything was received."""
        if self._behind is None and not self._interruption.is_on:
            await self._store.async_save({"alive": time.time()})

    @callback
    def start(self, since: datetime | None = None, *, wait: float = 0) -> None:
        """Fetch what came since then, or since everything was received."""
        if since is not None:
            self._behind = min(self._behind or since, since)
        if self._behind is None or self._behind == self._under_way:
            return
        if wait:
            self._timer.start(wait)
        else:
            self._account.entry.async_create_task(
                self._account.hass, self._async_try(), "sms_gate catch up"
            )

    async def async_done(self) -> None:
        """Take over that nothing is missing any more."""
        self._behind = None
        await self.async_note_alive()

    async def _async_try(self, _now: datetime | None = None) -> None:
        """Fetch what is missing; try again if that fails."""
        if (since := self._behind) is None:
            return
        self._under_way = since
        try:
            await self._async_fetch(since)
        except GatewayRejectedError:
            _LOGGER.debug("The gateway does not know how to refresh an inbox")
        except (GatewayError, OSError) as err:
            await self._interruption.async_note(err)
            self._timer.start(MAX_POLL_SECONDS)
            return
        finally:
            self._under_way = None
        await self._interruption.async_note(None)
        if self._behind == since:
            await self.async_done()

    async def _async_fetch(self, since: datetime) -> None:
        """Read a phone's inbox, or let a server ask the phone to send again."""
        if self._is_local:
            await self._reader.async_take_new(late=True)
        else:
            await self.async_ask_again(since - OVERLAP)

    async def async_ask_again(
        self,
        since: datetime,
        until: datetime | None = None,
        device_id: str | None = None,
    ) -> None:
        """Ask the phone to send by webhook what it received; what is known is dropped.

        Raises:
            GatewayError: the gateway could not be asked.
        """
        await self._account.client.refresh_inbox(
            since,
            until or datetime.now(UTC),
            device_id=device_id,
            batch=self._registration.knows_batches,
        )

    async def async_read_again(self, since: datetime) -> None:
        """Read the phone's inbox from a time on; what is known is dropped.

        Raises:
            GatewayError: the phone could not be asked.
            OSError: what was fired could not be remembered.
        """
        self._reader.look_back_to(since.timestamp())
        await self._reader.async_take_new(late=True)
