"""Fetches what came while nothing could come in."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
import logging
import time
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..account.context import Account
from ..account.coordinator import SmsGateCoordinator
from ..account.storage import OwnStore
from ..gateway.errors import GatewayRejectedError
from .dedup import Memory
from .inbox import Inbox
from .registration import Registration
from .request_coordinator import RequestCoordinator

_LOGGER = logging.getLogger(__name__)

OVERLAP: Final = timedelta(minutes=10)
RETRY_INTERVAL: Final = timedelta(minutes=1)


def storage(hass: HomeAssistant, entry: ConfigEntry) -> OwnStore:
    """Return where it is kept until when messages were received."""
    return OwnStore(hass, entry, "receiving")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What is stored, in Unix seconds: until when all was received, or since when not."""

    alive: float
    behind: float | None = None

    @classmethod
    def from_stored(cls, stored: Any) -> Self:
        """Read what was stored, by this version or an earlier one."""
        behind = stored.get("behind")
        return cls(alive=float(stored["alive"]), behind=behind and float(behind))


class CatchUp(RequestCoordinator):
    """Knows since when something may be missing, and lets a server's phones send it.

    Where there is an inbox, no phone is asked: who reads it fetches what is missing.
    """

    def __init__(
        self,
        account: Account,
        gateway: SmsGateCoordinator,
        inbox: Inbox,
        *,
        memory: Memory,
        registration: Registration,
    ) -> None:
        """Take the account's parts; nothing is missing yet."""
        super().__init__(
            account,
            gateway,
            name="catch-up",
            method=self._async_catch_up,
            interval=RETRY_INTERVAL,
        )
        self._client = account.client
        self._inbox = inbox
        self._memory = memory
        self._registration = registration
        self._store = storage(account.hass, account.entry)
        self._reads_inbox = account.has_inbox
        self._behind: datetime | None = None

    @property
    def is_due(self) -> bool:
        """Return True if something may be missing."""
        return self._behind is not None

    async def async_load(self) -> None:
        """Find out since when something may be missing; at first, nothing is.

        What was received last says so, since it survives a crash and no clock of our
        own can be wrong about it.

        Raises:
            GatewayError: the phone could not be asked.
        """
        kept = await self._store.async_read(_Kept.from_stored)
        was_lost, self._memory.is_new = self._memory.is_new, False
        if kept is None and not self._memory.newest:
            if self._reads_inbox:
                await self._inbox.async_mark_known()
            await self.async_note_alive()
            return
        alive = min(kept.behind or kept.alive, time.time()) if kept else time.time()
        since = self._since(alive)
        if kept is not None and was_lost:
            since = alive
            # What was received until then cannot be told from what was not
            if self._reads_inbox:
                self._inbox.look_back_to(since)
                await self._inbox.async_mark_known(until=since)
        self._behind = datetime.fromtimestamp(since, UTC)
        self._inbox.look_back_to(since)

    async def async_note_alive(self) -> None:
        """Remember until when everything was received."""
        behind = self._behind.timestamp() if self._behind else None
        kept = _Kept(alive=behind or time.time(), behind=behind)
        await self._store.async_save(asdict(kept))

    async def async_done(self) -> None:
        """Note that nothing is missing any more."""
        self.stop()
        if self._behind is not None:
            self._behind = None
            await self.async_note_alive()

    def _since(self, moment: float) -> float:
        """Return a time, or when the last message came: a clock may have been ahead."""
        return min(moment, self._memory.newest or moment)

    @callback
    def async_missed(
        self, since: datetime | None = None, *, wait: timedelta = timedelta()
    ) -> None:
        """Let phones send what came since then, or since everything was received."""
        if since is not None and (self._behind is None or since < self._behind):
            self._behind = datetime.fromtimestamp(self._since(since.timestamp()), UTC)
            self._entry.async_create_task(
                self.hass, self.async_note_alive(), "sms_gate note gap"
            )
        if self._behind is not None and not self._reads_inbox:
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
