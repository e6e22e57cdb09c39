"""The states of an account's phones, and who is told when one changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import logging
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.dispatcher import (
    async_dispatcher_connect,
    async_dispatcher_send,
)
from homeassistant.helpers.event import async_track_time_interval

from ..const import CONF_MODE, Mode
from ..gateway.events import EventKind
from ..gateway.models import Device, Health, SimCard
from .bus_event import SmsGateEvent
from .context import Account
from .phone_state import PhoneState
from .signals import signal_event, signal_phone, signal_phone_back

_LOGGER = logging.getLogger(__name__)

TICK: Final = timedelta(minutes=1)
# A phone without pings checks in at its server about every 15 minutes
SERVER_RHYTHM: Final = timedelta(minutes=15)
# Mere times are shown this often: each write is a row in the history
TIMES_INTERVAL: Final = timedelta(minutes=5)


class PhoneMonitor:
    """The states of an account's phones; entities are told when one changes."""

    def __init__(self, account: Account, local_rhythm: timedelta) -> None:
        """Begin with nothing known but how often a phone should show a sign of life."""
        self._account = account
        self._hass = account.hass
        self._entry_id = account.entry.entry_id
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        rhythm = local_rhythm if self._is_local else SERVER_RHYTHM
        self._unknown = PhoneState(rhythm=rhythm)
        self._states: dict[str, PhoneState] = {}
        self._untold: set[str] = set()
        self._silent: dict[str, datetime] = {}
        self._blind_until = datetime.min.replace(tzinfo=UTC)
        self._told = datetime.now(UTC)

    @callback
    def async_start(self) -> None:
        """Listen to what the phones push, and notice when they fall silent."""
        entry = self._account.entry
        entry.async_on_unload(
            async_dispatcher_connect(
                self._hass, signal_event(self._entry_id), self._async_handle_event
            )
        )
        entry.async_on_unload(
            async_track_time_interval(
                self._hass, self._async_tick, TICK, cancel_on_shutdown=True
            )
        )

    def __getitem__(self, gateway_device_id: str) -> PhoneState:
        """Return what is known of a phone."""
        return self._states.get(gateway_device_id, self._unknown)

    @callback
    def async_polled(self, device: Device) -> None:
        """Record what the gateway's list says of a phone."""
        state = self[device.id]
        self._set(
            device.id,
            replace(
                state,
                device=device,
                sim_cards=_sim_cards(device, state),
                last_contact=_later(state.last_contact, device.last_seen),
            ),
        )

    @callback
    def async_gateway(self, *, answers: bool) -> None:
        """Note whether the gateway answers: without it a server's phone is unknown."""
        now = datetime.now(UTC)
        if not answers and not self._is_local:
            self._blind_until = datetime.max.replace(tzinfo=UTC)
        elif self._blind_until > now:
            # The phone could not reach its server either, and has to check in first
            self._blind_until = min(self._blind_until, now + self._unknown.patience)
        for gateway_device_id, state in tuple(self._states.items()):
            self._set(gateway_device_id, state)

    @callback
    def async_examined(self, gateway_device_id: str, health: Health) -> None:
        """Record the health that a local phone answered with."""
        state = replace(
            self[gateway_device_id],
            health=health,
            version=health.version,
            last_contact=datetime.now(UTC),
        )
        self._set(gateway_device_id, state)
        if health.version:
            self._account.phones.async_note_version(gateway_device_id, health.version)

    @callback
    def async_heard(self) -> None:
        """Note that the phone of local mode answered."""
        if (phone := self._account.phones.choose()) is not None:
            self._set(phone, replace(self[phone], last_contact=datetime.now(UTC)))

    @callback
    def async_pushed(self, gateway_device_id: str) -> None:
        """Note that one of a phone's webhooks arrived."""
        state = replace(
            self[gateway_device_id], last_push=datetime.now(UTC), unreported=0
        )
        self._set(gateway_device_id, state)

    @callback
    def async_not_reported(self, gateway_device_id: str) -> None:
        """Note that a message's outcome had to be asked for."""
        state = self[gateway_device_id]
        self._set(gateway_device_id, replace(state, unreported=state.unreported + 1))

    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        """Record what a phone reported, by webhook or by poll."""
        event, now = received.event, datetime.now(UTC)
        state = replace(self[event.device_id], last_contact=now)
        if event.kind is EventKind.SYSTEM_PING:
            state = state.pinged(now, event.health)
        if event.kind is EventKind.APP_STARTED and event.sim_cards:
            state = replace(state, sim_cards=event.sim_cards)
        self._set(event.device_id, state)

    @callback
    def _set(self, gateway_device_id: str, state: PhoneState) -> None:
        """Store a state; entities are updated, for mere times now and then."""
        if gateway_device_id not in self._account.phones:
            return
        now = datetime.now(UTC)
        # A server's clock, or our own before it was set, may be ahead
        state = replace(state, last_contact=_earlier(state.last_contact, now))
        online = state.is_online(now)
        state = replace(
            state,
            online=None if online is False and now < self._blind_until else online,
            version=state.version or self._account.phones.version(gateway_device_id),
        )
        known = self[gateway_device_id]
        self._states[gateway_device_id] = state
        if state.without_times() != known.without_times():
            self._tell(gateway_device_id)
        elif state != known:
            self._untold.add(gateway_device_id)
        self._notice_silence(gateway_device_id, state)

    def _notice_silence(self, gateway_device_id: str, state: PhoneState) -> None:
        """Tell that a phone falls silent, and that it is back."""
        if gateway_device_id not in self._account.phones.present:
            return
        is_known = gateway_device_id in self._silent
        if state.online is False and not is_known and state.last_contact:
            self._silent[gateway_device_id] = state.last_contact
            self._log(logging.WARNING, "has stopped responding")
        elif state.online and is_known:
            since = self._silent.pop(gateway_device_id)
            self._log(logging.INFO, "is back online")
            async_dispatcher_send(self._hass, signal_phone_back(self._entry_id), since)

    def _log(self, level: int, how: str) -> None:
        """Tell of a server's phone; a local one is the gateway, and told of as such."""
        if not self._is_local:
            _LOGGER.log(level, "A phone of %s %s", self._account.entry.title, how)

    @callback
    def _tell(self, gateway_device_id: str) -> None:
        """Let the phone's entities show what is known."""
        self._untold.discard(gateway_device_id)
        async_dispatcher_send(
            self._hass, signal_phone(self._entry_id, gateway_device_id)
        )

    @callback
    def _async_tick(self, now: datetime) -> None:
        """Notice phones that are silent for too long, and show new times."""
        for gateway_device_id, state in tuple(self._states.items()):
            self._set(gateway_device_id, state)
        if abs(now - self._told) >= TIMES_INTERVAL:
            self._told = now
            for gateway_device_id in tuple(self._untold):
                self._tell(gateway_device_id)


def _sim_cards(device: Device, state: PhoneState) -> tuple[SimCard, ...]:
    """Return a phone's SIMs; servers leave an empty list out, older ones any list."""
    if device.sim_cards is not None:
        return device.sim_cards
    had_some = state.device is not None and state.device.sim_cards
    return () if had_some else state.sim_cards


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the later of two times."""
    return max(filter(None, (first, second)), default=None)


def _earlier(first: datetime | None, second: datetime) -> datetime | None:
    """Return the earlier of two times, None where the first is not known."""
    return None if first is None else min(first, second)
