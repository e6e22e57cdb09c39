"""Tests the lines of an account's phones once a week, at night."""

from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_point_in_time
from homeassistant.util import dt as dt_util

from ..account.context import Account
from ..account.coordinator import SmsGateCoordinator
from ..receive.request_coordinator import own_second
from .line_test import LineTester

_LOGGER = logging.getLogger(__name__)

HOUR: Final = 3
# The same night a week later, though the test took a while
_WEEK: Final = timedelta(days=6, hours=12)
_NIGHT: Final = timedelta(hours=12)


class WeeklyTest:
    """Plans the next test only; one by hand counts as well."""

    def __init__(
        self, account: Account, coordinator: SmsGateCoordinator, tester: LineTester
    ) -> None:
        """Set up without planning yet."""
        self._account = account
        self._coordinator = coordinator
        self._tester = tester
        self._job = HassJob(self._async_due, cancel_on_shutdown=True)
        self._tried: dict[str, datetime] = {}
        self._planned: datetime | None = None
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> None:
        """Plan tests until the account unloads."""
        entry = self._account.entry
        entry.async_on_unload(self._coordinator.async_add_listener(self._async_plan))
        entry.async_on_unload(self._async_stop)
        self._async_plan()

    @callback
    def _async_stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
        self._cancel = self._planned = None

    @callback
    def _async_plan(self) -> None:
        """Plan for the phone that is due first, unless something is planned before."""
        nights = [self._night(phone) for phone in self._account.phones.present]
        due = min(nights, default=None)
        if due is None or (self._planned is not None and self._planned <= due):
            return
        self._async_stop()
        self._planned = due
        self._cancel = async_track_point_in_time(self._account.hass, self._job, due)

    def _night(self, phone: str) -> datetime:
        """Return when to test a phone, each account in a minute of its own."""
        local = dt_util.as_local(self._due(phone))
        minute = own_second(self._account) % 60
        return dt_util.find_next_time_expression_time(local, [0], [minute], [HOUR])

    def _due(self, phone: str) -> datetime:
        """Return from when on a phone is due."""
        tested, tried = self._account.phones[phone].line.tested, self._tried.get(phone)
        times = [dt_util.utcnow()]
        if tested is not None:
            times.append(tested + _WEEK)
        if tried is not None:
            times.append(tried + _NIGHT)
        return max(times)

    @callback
    def _async_due(self, _now: datetime) -> None:
        entry = self._account.entry
        entry.async_create_background_task(
            self._account.hass, self._async_test(), f"line test of {entry.title}"
        )

    async def _async_test(self) -> None:
        """Test the phones that are due, one after the other, and plan again."""
        for phone in tuple(self._account.phones.present):
            if self._due(phone) > dt_util.utcnow():
                continue
            self._tried[phone] = dt_util.utcnow()
            try:
                await self._tester.async_test(phone)
            except HomeAssistantError as err:
                _LOGGER.warning(
                    "Cannot test the line of a phone of %s: %s",
                    self._account.entry.title,
                    err,
                )
        self._async_stop()
        self._async_plan()
