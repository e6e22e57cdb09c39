"""Keeps one way in open, and fetches what came while none was."""

from datetime import UTC, datetime, timedelta
import logging
import time
from typing import Any, Final

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.storage import Store

from .const import CONF_MODE, CONF_RECEIVE_MODE, DOMAIN, Mode, ReceiveMode
from .data import Account
from .errors import GatewayError, GatewayRejectedError
from .intake import Intake
from .reader import InboxReader
from .registration import Registration, async_unregister
from .way_in import Way, async_url, choose, tell, untell

_LOGGER = logging.getLogger(__name__)

STORAGE_VERSION: Final = 1
POLL_SECONDS: Final = 5.0
MAX_POLL_SECONDS: Final = 60.0
LOOK_INTERVAL: Final = timedelta(minutes=5)
# How long a webhook may be under way before a message counts as not brought by it
GRACE_SECONDS: Final = 30.0
CHECK_INTERVAL: Final = timedelta(minutes=50)
ALIVE_INTERVAL: Final = timedelta(minutes=5)
OVERLAP: Final = timedelta(minutes=10)


def storage(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where it is kept until when messages were received."""
    return Store(hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}.receiving")


class Receiving:
    """The way in of one account."""

    def __init__(
        self, account: Account, intake: Intake, registration: Registration
    ) -> None:
        """Take the account's parts."""
        self._account = account
        self._hass = account.hass
        self._entry = account.entry
        self._intake = intake
        self._registration = registration
        self._store = storage(account.hass, account.entry.entry_id)
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        self._reader = InboxReader(account, intake)
        self._cancel_poll: CALLBACK_TYPE | None = None
        self._cancel_retry: CALLBACK_TYPE | None = None
        self._pause = POLL_SECONDS
        self._failing = False
        self._behind: datetime | None = None
        self._missing: set[str | None] = set()
        self._is_stopped = False
        self.is_open = False
        self.way = Way.NONE
        self.last_poll: datetime | None = None

    async def async_start(self) -> None:
        """Open the way in, keep it open, and begin to fetch what came meanwhile.

        Raises:
            GatewayError: the gateway could not be asked.
        """
        self.way = choose(self._hass, self._entry)
        await self._async_open()
        await self._async_load()
        self._entry.async_on_unload(self._stop_polling)
        self._entry.async_on_unload(
            self._hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._async_address_changed
            )
        )
        self._every(CHECK_INTERVAL, self._async_check)
        self._every(ALIVE_INTERVAL, self._async_note_alive)
        # Before that, no automation is attached that could see a message
        self._entry.async_on_unload(async_at_started(self._hass, self._async_begin))

    @callback
    def _async_begin(self, _hass: HomeAssistant) -> None:
        """Take what comes from now on, and fetch what came before."""
        self.is_open = True
        if self.way is Way.POLL:
            self._poll_in(0 if self._behind else self._pause)
            return
        if self._is_local and self.way is not Way.NONE:
            self._every(LOOK_INTERVAL, self._async_look)
        if self._behind:
            self._entry.async_create_task(
                self._hass, self._async_catch_up(), "sms_gate catch up"
            )

    def _every(self, interval: timedelta, action: Any) -> None:
        """Do something again and again until the entry unloads."""
        self._entry.async_on_unload(
            async_track_time_interval(
                self._hass, action, interval, cancel_on_shutdown=True
            )
        )

    async def async_stop(self) -> None:
        """Remember until when everything was received."""
        if self._behind is None and not self._failing and self.way is not Way.NONE:
            await self._store.async_save({"alive": time.time()})

    async def _async_note_alive(self, _now: datetime) -> None:
        """Remember the same for the case of a crash."""
        await self.async_stop()

    async def _async_open(self) -> None:
        """Register webhooks where the way needs them, or tell what is missing."""
        url = await async_url(self._hass, self._entry, self.way)
        if url is not None:
            refused = await self._registration.async_ensure(url)
            if refused:
                tell(self._hass, self._entry, "webhook_refused")
                return
        elif self.way is Way.NONE and not self._is_off:
            tell(self._hass, self._entry, "no_https_address")
            return
        elif self.way is not Way.CLOUDHOOK:
            self._registration.active = False
            await async_unregister(self._account.client, self._entry.entry_id)
        untell(self._hass, self._entry)

    @property
    def _is_off(self) -> bool:
        """Tell whether the user wants to send only."""
        return self._entry.options.get(CONF_RECEIVE_MODE) == ReceiveMode.OFF

    @callback
    def _async_address_changed(self, _event: Event) -> None:
        """Follow Home Assistant's address."""
        if choose(self._hass, self._entry) is not self.way:
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)
            return
        self._entry.async_create_background_task(
            self._hass, self._async_check(None), "sms_gate check webhooks"
        )

    async def _async_check(self, _now: datetime | None) -> None:
        """Bring back registrations that someone deleted; fail once in the log."""
        if self.way not in (Way.WEBHOOK, Way.CLOUDHOOK):
            return
        try:
            await self._async_open()
        except GatewayError as err:
            self._note(err)
        else:
            self._note(None)

    def _note(self, err: Exception | None) -> None:
        """Log the way down and the way up, once each."""
        if err is not None and not self._failing:
            _LOGGER.warning(
                "Receiving of %s is interrupted, will try again: %s",
                self._entry.title,
                type(err).__name__,
            )
        elif err is None and self._failing:
            _LOGGER.info("Receiving of %s works again", self._entry.title)
        self._failing = err is not None

    async def _async_load(self) -> None:
        """Find out since when something may be missing; at first, nothing is."""
        stored = await self._store.async_load()
        if self.way is Way.NONE:
            return
        if stored is not None:
            self._behind = datetime.fromtimestamp(stored["alive"], UTC)
            self._reader.look_back_to(stored["alive"])
        elif self._is_local:
            await self._reader.async_skip_all()
        await self.async_stop()

    async def _async_catch_up(self, _now: datetime | None = None) -> None:
        """Fetch what came since everything was received; try again if that fails."""
        if self._behind is None:
            return
        try:
            if self._is_local:
                await self._reader.async_take_new(late=True)
            else:
                await self.async_ask_again(self._behind - OVERLAP)
        except GatewayRejectedError:
            _LOGGER.debug("The gateway does not know how to refresh an inbox")
        except (GatewayError, OSError) as err:
            self._note(err)
            self._cancel_retry = self._later(MAX_POLL_SECONDS, self._async_catch_up)
            return
        self._note(None)
        self._behind = None
        await self.async_stop()

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
        if self.way is Way.POLL:
            self._reader.look_back_to(since.timestamp())
            await self._reader.async_take_new(late=True)
            return
        await self._account.client.refresh_inbox(
            since,
            until or datetime.now(UTC),
            device_id=device_id,
            batch=self._registration.knows_batches,
        )

    def _poll_in(self, seconds: float) -> None:
        """Ask the phone after a pause."""
        self._cancel_poll = self._later(seconds, self._async_poll)

    def _later(self, seconds: float, action: Any) -> CALLBACK_TYPE | None:
        """Do something after a pause, unless the account was unloaded meanwhile."""
        if self._is_stopped:
            return None
        return async_call_later(self._hass, seconds, action)

    @callback
    def _stop_polling(self) -> None:
        self._is_stopped = True
        for cancel in (self._cancel_poll, self._cancel_retry):
            if cancel is not None:
                cancel()
        self._cancel_poll = self._cancel_retry = None

    async def _async_poll(self, _now: datetime) -> None:
        """Fetch what is new; ask less often while the phone is away."""
        self._cancel_poll = None
        try:
            await self._reader.async_take_new(late=bool(self._failing or self._behind))
        except (GatewayError, OSError) as err:
            self._note(err)
            self._pause = min(self._pause * 2, MAX_POLL_SECONDS)
        else:
            self.last_poll = datetime.now(UTC)
            self._note(None)
            self._pause = POLL_SECONDS
            self._behind = None
        self._poll_in(self._pause)

    async def _async_look(self, _now: datetime) -> None:
        """Check that webhooks bring what the phone received."""
        try:
            missing = await self._reader.async_unknown()
        except GatewayError as err:
            self._note(err)
            return
        self._note(None)
        self.last_poll = datetime.now(UTC)
        self._missing = {event.content_id for event in missing}
        if missing and self._cancel_poll is None:
            self._cancel_poll = self._later(GRACE_SECONDS, self._async_take_over)

    async def _async_take_over(self, _now: datetime) -> None:
        """Poll from now on, if webhooks still have not brought what is there."""
        self._cancel_poll = None
        try:
            unknown = await self._reader.async_unknown()
            missed = [item for item in unknown if item.content_id in self._missing]
            await self._intake.async_take(*missed, late=True)
        except (GatewayError, OSError) as err:
            self._note(err)
            return
        if missed:
            self.way = Way.POLL
            self._registration.active = False
            tell(self._hass, self._entry, "webhooks_do_not_arrive")
            self._poll_in(POLL_SECONDS)
