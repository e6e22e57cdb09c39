"""Keeps one way in open."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started

from ..account.context import Account
from ..account.coordinator import SmsGateCoordinator
from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..account.phone_monitor import PhoneMonitor
from ..account.signals import signal_phone_back
from ..const import CONF_MODE, CONF_RECEIVE_MODE, Mode, ReceiveMode
from ..gateway.errors import GatewayError
from .catch_up import CatchUp
from .inbox import Inbox
from .interruption import Interruption
from .mode import Way, async_listen_cloud, async_url, choose
from .pace import CHECK_INTERVAL, POLL_SECONDS, pace_of, turn
from .pipeline import Pipeline
from .poller import Poller
from .registration import Registration, async_unregister
from .timer import Timer
from .verifier import Verifier

ALIVE_INTERVAL: Final = timedelta(minutes=5)
# A phone learns of webhooks that came back before it is asked to send by them
REGISTERED_SECONDS: Final = 60.0


class Receiver:
    """The way in of one account."""

    def __init__(
        self,
        account: Account,
        *,
        way: Way,
        coordinator: SmsGateCoordinator,
        states: PhoneMonitor,
        pipeline: Pipeline,
        registration: Registration,
    ) -> None:
        """Take the account's parts."""
        self._account = account
        self._hass = account.hass
        self._entry = account.entry
        self._coordinator = coordinator
        self._registration = registration
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        self._interruption = Interruption(account, coordinator, states)
        reading = Interruption(account, coordinator, states)
        self._reader = reader = Inbox(account, pipeline)
        self._catch_up = CatchUp(account, reader, registration, reading)
        self._poller = Poller(account, reader, self._catch_up, reading)
        self._watch = Verifier(account, coordinator, reader, reading)
        self._checks = Timer(account, self._async_check_again)
        self._checked = datetime.now(UTC)
        self._lost: datetime | None = None
        self.is_open = False
        self.way = way

    @property
    def last_poll(self) -> datetime | None:
        """When the phone's inbox was read the last time."""
        return self._reader.last_read

    async def async_start(self) -> None:
        """Open the way in, keep it open, and begin to fetch what came meanwhile.

        Raises:
            GatewayError: the gateway could not be asked.
        """
        await self._async_open()
        if self.way is not Way.NONE:
            await self._catch_up.async_load()
        self._follow_changes()
        # Before that, no automation is attached that could see a message
        self._entry.async_on_unload(async_at_started(self._hass, self._async_begin))

    def _follow_changes(self) -> None:
        """Notice when the way in should be another one, or was closed for a while."""
        for unsubscribe in (
            self._hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._async_address_changed
            ),
            async_listen_cloud(self._hass, self._async_look_anew),
            self._coordinator.async_add_listener(self._async_gateway_changed),
            async_dispatcher_connect(
                self._hass, signal_phone_back(self._entry.entry_id), self._async_missed
            ),
        ):
            self._entry.async_on_unload(unsubscribe)
        if not pace_of(self._entry, self.way).is_watched:
            own_second = turn(self._hass, self._entry)
            self._checks.start(CHECK_INTERVAL.total_seconds() + own_second)
        self._every(ALIVE_INTERVAL, self._async_note_alive)

    @callback
    def _async_begin(self, _hass: HomeAssistant) -> None:
        """Take what comes from now on, and fetch what came before."""
        self.is_open = True
        own_second = turn(self._hass, self._entry)
        if self.way is Way.POLL:
            first = 0 if self._catch_up.is_due else POLL_SECONDS
            self._poller.start(first + own_second % POLL_SECONDS)
            return
        if pace_of(self._entry, self.way).is_watched:
            self._watch.start(own_second, self._async_check, self._async_give_way)
        if self.way is not Way.NONE:
            self._catch_up.start()

    def _every(self, interval: timedelta, action: Any) -> None:
        """Do something again and again until the entry unloads."""
        self._entry.async_on_unload(
            async_track_time_interval(
                self._hass, action, interval, cancel_on_shutdown=True
            )
        )

    async def async_stop(self) -> None:
        """Remember until when everything was received."""
        await self._async_note_alive()

    async def _async_note_alive(self, _now: datetime | None = None) -> None:
        """Remember the same now and then, for the case of a crash."""
        if self.way is not Way.NONE:
            await self._catch_up.async_note_alive()

    async def _async_open(self) -> None:
        """Register webhooks where the way needs them, or tell what is missing."""
        url = await async_url(self._hass, self._entry, self.way)
        if url is not None:
            refused = await self._registration.async_ensure(url)
            if refused:
                self._create_issue(IssueKind.WEBHOOK_REFUSED)
                return
        elif self.way is Way.NONE and not self._is_off:
            self._create_issue(IssueKind.NO_HTTPS_ADDRESS)
            return
        elif self.way is Way.CLOUDHOOK:
            # The cloud connects a while after the start
            if self.is_open:
                self._create_issue(IssueKind.CLOUD_NOT_CONNECTED)
            return
        else:
            self._registration.active = False
            await async_unregister(self._account.client, self._entry.entry_id)
        # The kinds of receiving replace each other under one id
        async_delete_issue(self._hass, self._entry, IssueKind.NO_HTTPS_ADDRESS)

    @callback
    def _create_issue(self, kind: IssueKind) -> None:
        async_create_issue(self._hass, self._entry, kind)

    @property
    def _is_off(self) -> bool:
        """Return True if the user wants to send only."""
        return self._entry.options.get(CONF_RECEIVE_MODE) == ReceiveMode.OFF

    @callback
    def _async_address_changed(self, _event: Event) -> None:
        """Follow Home Assistant's address."""
        self._async_look_anew()

    @callback
    def _async_look_anew(self) -> None:
        """Choose the way again, or bring the registrations up to date."""
        if choose(self._hass, self._entry) is not self.way:
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)
            return
        self._entry.async_create_background_task(
            self._hass, self._async_check(), "sms_gate check webhooks"
        )

    async def _async_check_again(self, now: datetime) -> None:
        """Look after the registrations within each hour."""
        try:
            await self._async_check(now)
        finally:
            self._checks.start(CHECK_INTERVAL.total_seconds())

    async def _async_check(self, _now: datetime | None = None) -> None:
        """Bring back registrations that someone deleted."""
        if self.way not in (Way.WEBHOOK, Way.CLOUDHOOK):
            return
        try:
            await self._async_open()
        except GatewayError as err:
            await self._interruption.async_note(err)
            return
        await self._interruption.async_note(None)
        if self._registration.was_incomplete and not self._is_local:
            self._catch_up.start(self._checked, wait=REGISTERED_SECONDS)
        self._checked = datetime.now(UTC)

    @callback
    def _async_give_way(self) -> None:
        """Ask the phone from now on: its webhooks do not arrive."""
        self.way = Way.POLL
        self._registration.active = False
        self._create_issue(IssueKind.WEBHOOKS_DO_NOT_ARRIVE)
        self._coordinator.update_interval = pace_of(self._entry, Way.POLL).refresh
        self._poller.start()
        self._entry.async_create_background_task(
            self._hass, self._coordinator.async_refresh(), "sms_gate refresh"
        )

    @callback
    def _async_missed(self, since: datetime) -> None:
        """Fetch what a phone received while it was silent."""
        if self.way in (Way.WEBHOOK, Way.CLOUDHOOK) and not self._is_local:
            self._catch_up.start(since)

    @callback
    def _async_gateway_changed(self) -> None:
        """Fetch what came while the server could not be reached."""
        if not self._coordinator.last_update_success:
            self._lost = self._lost or datetime.now(UTC)
        elif self._lost is not None:
            self._async_missed(self._lost)
            self._lost = None

    async def async_ask_again(
        self,
        since: datetime,
        until: datetime | None = None,
        device_id: str | None = None,
    ) -> None:
        """Let messages of a period come in again; what is known is dropped.

        Raises:
            GatewayError: the gateway could not be asked.
            OSError: what was fired could not be remembered.
        """
        if self.way is Way.POLL:
            await self._catch_up.async_read_again(since)
        else:
            await self._catch_up.async_ask_again(since, until, device_id)
