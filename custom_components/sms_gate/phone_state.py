"""What is known of each phone, from push and poll together."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import (
    async_dispatcher_connect,
    async_dispatcher_send,
)
from homeassistant.helpers.event import async_track_time_interval

from .data import Account
from .events import EventKind
from .health import Health
from .models import Device, SimCard
from .received import ReceivedEvent
from .signals import signal_event, signal_phone

# A cloud phone without pings checks in about every 15 minutes
DEFAULT_RHYTHM: Final = timedelta(minutes=15)
TOLERANCE: Final = timedelta(minutes=2)
MISSED_BEATS: Final = 2
TICK: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneState:
    """One phone. Times are aware; what was never told is None."""

    device: Device | None = None
    health: Health | None = None
    version: str | None = None
    sim_cards: tuple[SimCard, ...] = field(default=(), repr=False)
    last_ping: datetime | None = None
    rhythm: timedelta = DEFAULT_RHYTHM
    last_push: datetime | None = None
    last_contact: datetime | None = None
    online: bool | None = None

    def check(self, name: str) -> int | None:
        """Return one of the phone's own readings."""
        if self.health is None or (found := self.health.checks.get(name)) is None:
            return None
        return found.value

    def is_online(self, now: datetime) -> bool | None:
        """Tell whether the phone was heard of within its own rhythm."""
        if self.last_contact is None:
            return None
        return now - self.last_contact <= self.rhythm * MISSED_BEATS + TOLERANCE


class PhoneStates:
    """The states of an account's phones; entities are told when one changes."""

    def __init__(self, account: Account) -> None:
        """Begin with nothing known."""
        self._account = account
        self._hass: HomeAssistant = account.hass
        self._states: dict[str, PhoneState] = {}
        self._untold: set[str] = set()

    @callback
    def async_start(self) -> None:
        """Listen to what the phones push, and notice when they fall silent."""
        entry = self._account.entry
        entry.async_on_unload(
            async_dispatcher_connect(
                self._hass, signal_event(entry.entry_id), self._async_handle_event
            )
        )
        entry.async_on_unload(
            async_track_time_interval(
                self._hass, self._async_tick, TICK, cancel_on_shutdown=True
            )
        )

    def __getitem__(self, gateway_device_id: str) -> PhoneState:
        """Return what is known of a phone."""
        return self._states.get(gateway_device_id, PhoneState())

    @callback
    def _set(self, gateway_device_id: str, state: PhoneState) -> None:
        """Take over a state; its entities are told, of mere times once a minute."""
        state = replace(
            state,
            online=state.is_online(datetime.now(UTC)),
            version=state.version or self._account.phones.version(gateway_device_id),
        )
        known = self[gateway_device_id]
        self._states[gateway_device_id] = state
        if _without_times(state) != _without_times(known):
            self._tell(gateway_device_id)
        elif state != known:
            self._untold.add(gateway_device_id)

    @callback
    def _tell(self, gateway_device_id: str) -> None:
        """Let the phone's entities show what is known."""
        self._untold.discard(gateway_device_id)
        async_dispatcher_send(
            self._hass, signal_phone(self._account.entry.entry_id, gateway_device_id)
        )

    @callback
    def async_polled(self, device: Device) -> None:
        """Take over what the gateway's list says of a phone."""
        state = self[device.id]
        self._set(
            device.id,
            replace(
                state,
                device=device,
                sim_cards=device.sim_cards or state.sim_cards,
                last_contact=_later(state.last_contact, device.last_seen),
            ),
        )

    @callback
    def async_examined(self, gateway_device_id: str, health: Health) -> None:
        """Take over what a local phone says of its health when asked."""
        now = datetime.now(UTC)
        state = replace(
            self[gateway_device_id],
            health=health,
            version=health.version,
            last_contact=now,
        )
        self._set(gateway_device_id, state)
        if health.version:
            self._account.phones.async_note_version(gateway_device_id, health.version)

    @callback
    def _async_handle_event(self, received: ReceivedEvent) -> None:
        """Take over what a phone pushed."""
        event, now = received.event, datetime.now(UTC)
        state = replace(self[event.device_id], last_push=now, last_contact=now)
        if event.kind is EventKind.SYSTEM_PING:
            rhythm = now - state.last_ping if state.last_ping else state.rhythm
            state = replace(state, last_ping=now, rhythm=min(rhythm, DEFAULT_RHYTHM))
            if event.health is not None:
                state = replace(
                    state, health=event.health, version=event.health.version
                )
        if event.kind is EventKind.APP_STARTED and event.sim_cards:
            state = replace(state, sim_cards=event.sim_cards)
        self._set(event.device_id, state)

    @callback
    def _async_tick(self, _now: datetime) -> None:
        """Notice phones that are silent for too long, and show new times."""
        for gateway_device_id, state in tuple(self._states.items()):
            self._set(gateway_device_id, state)
        for gateway_device_id in tuple(self._untold):
            self._tell(gateway_device_id)


def _without_times(state: PhoneState) -> PhoneState:
    """Return what is worth a write at once: a burst changes times only."""
    device = state.device and replace(state.device, last_seen=None)
    return replace(
        state, device=device, last_push=None, last_contact=None, last_ping=None
    )


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the later of two times."""
    return max(filter(None, (first, second)), default=None)
