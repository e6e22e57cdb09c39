"""Notices when the settings of the app hold messages back: work hours, and limits."""

from datetime import datetime, time as clock, timedelta
import time
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..account.context import Account
from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..account.signals import signal_pending
from ..gateway.errors import GatewayError
from ..gateway.settings import Settings
from .outbox import Outbox

FIRST_LOOK: Final = timedelta(minutes=1)
NEXT_LOOK: Final = timedelta(minutes=10)
# Source: the app's ``MessagesSettings``
_PERIODS: Final = {
    "PerMinute": timedelta(minutes=1),
    "Per30Minutes": timedelta(minutes=30),
    "PerHour": timedelta(hours=1),
    "PerDay": timedelta(days=1),
}


class HeldMessages:
    """Looks at the settings while messages wait, and never else."""

    def __init__(self, account: Account, outbox: Outbox) -> None:
        """Set up without looking yet."""
        self._account = account
        self._outbox = outbox
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> None:
        """Look until the account unloads."""
        hass, entry = self._account.hass, self._account.entry
        signal = signal_pending(entry.entry_id)
        entry.async_on_unload(
            async_dispatcher_connect(hass, signal, self._async_changed)
        )
        entry.async_on_unload(self._async_stop)
        self._async_changed()

    @callback
    def _async_stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    @callback
    def _async_changed(self) -> None:
        """Plan to look, or stop where nothing waits any more."""
        if not self._outbox.pending:
            self._async_stop()
            self._delete()
        elif self._cancel is None:
            self._plan(FIRST_LOOK)

    def _plan(self, wait: timedelta) -> None:
        self._cancel = async_call_later(self._account.hass, wait, self._async_look)

    async def _async_look(self, _now: datetime) -> None:
        """Create an issue where the settings explain what waits."""
        waiting = self._outbox.waiting(time.time() - FIRST_LOOK.total_seconds())
        try:
            settings = await self._account.client.settings() if waiting else Settings()
        except GatewayError:
            settings = Settings()
        found = _held_by(settings, dt_util.now())
        if waiting and found:
            kind, until = found
            async_create_issue(
                self._account.hass,
                self._account.entry,
                kind,
                placeholders={"count": str(waiting), "time": f"{until:%H:%M}"},
            )
        else:
            self._delete()
        self._cancel = None
        if self._outbox.pending:
            self._plan(NEXT_LOOK)

    def _delete(self) -> None:
        """Delete the issue; both kinds share an id."""
        hass, entry = self._account.hass, self._account.entry
        async_delete_issue(hass, entry, IssueKind.HELD_BY_LIMIT)


def _held_by(settings: Settings, now: datetime) -> tuple[IssueKind, datetime] | None:
    """Return what holds messages back, and until when."""
    if settings.work_hours_enabled and (begin := _next_work(settings, now)):
        return IssueKind.HELD_BY_WORK_HOURS, begin
    period = _PERIODS.get(settings.limit_period or "")
    if period is not None and settings.limit_value:
        return IssueKind.HELD_BY_LIMIT, now + period
    return None


def _next_work(settings: Settings, now: datetime) -> datetime | None:
    """Return when the work hours begin, None within them."""
    try:
        start = clock.fromisoformat(settings.work_hours_start or "")
        end = clock.fromisoformat(settings.work_hours_end or "")
    except ValueError:
        return None
    moment = now.time().replace(second=0, microsecond=0)
    is_inside = start <= moment < end
    if start > end:
        is_inside = moment >= start or moment < end
    if is_inside or start == end:
        return None
    begin = now.replace(hour=start.hour, minute=start.minute, second=0, microsecond=0)
    return begin if begin > now else begin + timedelta(days=1)
