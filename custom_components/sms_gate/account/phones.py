"""The phones of an account: which there are, and what is known of each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.dispatcher import (
    async_dispatcher_connect,
    async_dispatcher_send,
)

from ..const import CONF_MODE, DOMAIN, Mode
from ..gateway.events import EventKind
from ..gateway.models import Device, Health
from .bus_event import SmsGateEvent
from .last_known import LastKnown
from .online import OnlineTimer
from .phone_devices import PhoneDevices
from .phone_state import LineState, PhoneState
from .signals import signal_event, signal_line_test, signal_phone_back

_LOGGER = logging.getLogger(__name__)

# A phone without pings checks in at its server about every 15 minutes
SERVER_INTERVAL: Final = timedelta(minutes=15)
# In a burst, a phone's time is noted and shown once a second
MESSAGE_TIME: Final = timedelta(seconds=1)
# Other times are shown this often: each write is a row in the history
TIMES_SECONDS: Final = 300.0


class Phones(Mapping[str, PhoneState]):
    """The phones by the gateway's ids: those of its list, and those that pushed.

    ``present`` are those of the list. It is the data of the account's coordinator,
    whose listeners are called when something changes.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        last_known: LastKnown,
        local_interval: timedelta,
    ) -> None:
        """Begin with what was known before the account was loaded.

        ``local_interval`` is the longest that a phone in local mode goes without
        contact.
        """
        self._hass = hass
        self._entry = entry
        self._last_known = last_known
        self._is_local = entry.data[CONF_MODE] == Mode.LOCAL
        self._unknown = PhoneState(
            contact_interval=local_interval if self._is_local else SERVER_INTERVAL
        )
        self._devices = PhoneDevices(hass, entry)
        self._timer = OnlineTimer(hass, self._async_refresh)
        self._offline: dict[str, datetime] = {}
        self._listed: frozenset[str] = frozenset()
        self._on_change: Callable[[], None] = lambda: None
        self._other_times = Debouncer(
            hass,
            _LOGGER,
            cooldown=TIMES_SECONDS,
            immediate=True,
            function=self._async_changed,
        )
        self.present: dict[str, Device] = {}

    @callback
    def async_start(self, on_change: Callable[[], None]) -> None:
        """Follow what the phones push; ``on_change`` is called when it is new."""
        self._on_change = on_change
        for signal in (signal_event, signal_line_test):
            self._entry.async_on_unload(
                async_dispatcher_connect(
                    self._hass, signal(self._entry.entry_id), self._async_handle_event
                )
            )
        for unload in (
            self._timer.async_stop,
            self._other_times.async_shutdown,
        ):
            self._entry.async_on_unload(unload)

    @override
    def __getitem__(self, gateway_device_id: str) -> PhoneState:
        """Return what is known of a phone: of a stranger, nothing."""
        if gateway_device_id not in self._devices:
            return self._unknown
        return self._last_known.phones[gateway_device_id]

    @override
    def __contains__(self, gateway_device_id: object) -> bool:
        """Return True if this is a phone of the account."""
        return gateway_device_id in self._devices

    @override
    def __iter__(self) -> Iterator[str]:
        """Go through the gateway's ids of all phones."""
        return iter(self._devices)

    @override
    def __len__(self) -> int:
        """Return how many phones there are."""
        return len(self._devices)

    @property
    def account_device_id(self) -> str:
        """Return the id of the account's own device."""
        return self._devices.account_device_id

    def choose(self) -> str | None:
        """Return the phone to send with: the one the gateway saw last."""
        phones = self.present.values()
        return max(phones, key=_last_seen).id if phones else None

    def name(self, gateway_device_id: str) -> str:
        """Return what a person calls a phone."""
        return self._devices.name(gateway_device_id)

    @callback
    def device_id(self, gateway_device_id: str) -> str:
        """Return a phone's id in the device registry; a new phone gets one.

        What claims to be a phone and cannot be one gets the account's.
        """
        if gateway_device_id not in self._devices:
            if not self._devices.takes(gateway_device_id):
                return self.account_device_id
            self._register(gateway_device_id)
        return self._devices[gateway_device_id]

    def _register(self, gateway_device_id: str, name: str = "") -> None:
        is_new = gateway_device_id not in self._devices
        version = self._devices.async_register(gateway_device_id, name)
        if is_new:
            known = self._last_known.phones.get(gateway_device_id, self._unknown)
            self._last_known.phones[gateway_device_id] = replace(
                known,
                contact_interval=self._unknown.contact_interval,
                version=known.version or version,
            )
            if known.last_contact is not None:
                self._timer.async_note_contact(gateway_device_id, known.last_contact)
            self._on_change()

    @callback
    def async_forget(self, device: DeviceEntry) -> bool:
        """Forget a phone that a person wants to remove, unless it is still there."""
        owned = {item for domain, item in device.identifiers if domain == DOMAIN}
        if owned & {self._entry.entry_id, *self._entry.subentries, *self._listed}:
            return False
        for gateway_device_id in owned:
            self._devices.async_forget(gateway_device_id)
            self._last_known.phones.pop(gateway_device_id, None)
            self._last_known.pictures.pop(gateway_device_id, None)
            self.present.pop(gateway_device_id, None)
        self._last_known.async_save()
        return True

    @callback
    def async_handle_list(self, devices: Iterable[Device]) -> None:
        """Handle the gateway's list of phones.

        One that is empty all of a sudden takes no phone away: what is sent to a phone
        must not go to whichever the server draws.
        """
        # It may have been removed while the gateway was asked
        if self._hass.config_entries.async_get_entry(self._entry.entry_id) is None:
            return
        listed = {device.id: device for device in devices}
        self._listed = frozenset(listed)
        self.present = listed or self.present
        for device in listed.values():
            self._register(device.id, device.name)
            known = self[device.id]
            last_seen = device.last_seen
            if last_seen and (not known.device or known.device.last_seen != last_seen):
                self._timer.async_note_contact(device.id, last_seen)
                known = _contacted(known, last_seen)
            self._set(device.id, known.listed(device))

    @callback
    def async_handle_gateway(self, *, is_available: bool) -> None:
        """Note whether the gateway responds: without it a server's phone is unknown."""
        if not is_available and not self._is_local:
            self._timer.async_set_blind()
        else:
            # The phone could not reach its server either, and has to check in first
            seconds = self._unknown.offline_timeout.total_seconds()
            self._timer.async_limit_blind(seconds)
        self._async_refresh()

    @callback
    def async_handle_health(self, gateway_device_id: str, health: Health) -> None:
        """Handle what a local phone says of its health when it is asked."""
        state = self._with_contact(gateway_device_id)
        version = health.version or state.version
        self._set(gateway_device_id, replace(state, health=health, version=version))

    @callback
    def async_handle_response(self) -> None:
        """Note that the phone of local mode responded."""
        if (phone := self.choose()) is not None:
            self._set(phone, self._with_contact(phone))

    @callback
    def async_handle_push(
        self, gateway_device_id: str, version: str | None = None
    ) -> None:
        """Note that one of a phone's webhooks arrived, and its app's version."""
        known, now = self[gateway_device_id], datetime.now(UTC)
        version = version or known.version
        is_same = not known.unreported and version == known.version
        if not (is_same and _is_recent(known.last_push, now)):
            state = replace(known, last_push=now, unreported=0, version=version)
            self._set(gateway_device_id, state)

    @callback
    def async_handle_unreported(self, gateway_device_id: str) -> None:
        """Note that a message's outcome had to be asked for."""
        state = self[gateway_device_id]
        self._set(gateway_device_id, replace(state, unreported=state.unreported + 1))

    @callback
    def async_handle_line_test(self, gateway_device_id: str, line: LineState) -> None:
        """Handle what a test of a phone's line showed."""
        self._set(gateway_device_id, replace(self[gateway_device_id], line=line))

    @callback
    def _async_handle_event(self, received: SmsGateEvent) -> None:
        """Handle what a phone sent, whichever way it came."""
        event, phone = received.event, received.event.device_id
        if phone not in self._devices:
            return
        now = datetime.now(UTC)
        if event.kind is EventKind.SYSTEM_PING:
            state = self._with_contact(phone)
            self._set(phone, state.pinged(now, event.health))
        elif event.kind is EventKind.APP_STARTED and event.sim_cards:
            state = self._with_contact(phone)
            # It has no time, and may be older than the list, which is fetched instead
            if not state.lists_sims:
                state = state.with_sims(event.sim_cards)
            self._set(phone, state)
        elif self[phone].online and _is_recent(self[phone].last_contact, now):
            self._timer.async_note_contact(phone)
        else:
            self._set(phone, self._with_contact(phone), is_message=True)

    def _with_contact(self, gateway_device_id: str) -> PhoneState:
        self._timer.async_note_contact(gateway_device_id)
        return replace(self[gateway_device_id], last_contact=datetime.now(UTC))

    @callback
    def async_forget_sim(self, gateway_device_id: str, sim_number: int) -> None:
        """Forget a SIM that a person removed from its phone."""
        state = self[gateway_device_id]
        kept = state.known_sims - {sim_number}
        self._set(gateway_device_id, replace(state, known_sims=kept))

    @callback
    def _set(self, phone: str, state: PhoneState, *, is_message: bool = False) -> None:
        """Keep a state and show it; mere times are shown now and then."""
        if phone not in self._devices:
            return
        known = self[phone]
        # A server's clock, or our own before it was set, may be ahead
        last_contact = _earlier(state.last_contact, datetime.now(UTC))
        online = self._timer.async_is_online(phone, state.offline_timeout)
        state = replace(state, last_contact=last_contact, online=online)
        self._last_known.phones[phone] = state
        if state.version and state.version != known.version:
            self._devices.async_set_version(phone, state.version)
        if state.without_times() != known.without_times():
            # Without the version, a start after a kill withdraws newer webhooks
            is_new_version = state.version != known.version
            self._last_known.async_save(at_once=is_new_version)
            self._async_changed()
        elif is_message:
            self._async_changed()
        elif state != known:
            self._other_times.async_schedule_call()
        self._notice_offline(phone, state)

    @callback
    def _async_changed(self) -> None:
        self._on_change()

    @callback
    def _async_refresh(self) -> None:
        """Look again at which phones are online."""
        for phone in self:
            self._set(phone, self[phone])

    def _notice_offline(self, phone: str, state: PhoneState) -> None:
        """Log once when a phone goes offline and once when it is back."""
        if phone not in self.present:
            return
        is_noted = phone in self._offline
        if state.online is False and not is_noted and state.last_contact:
            self._offline[phone] = state.last_contact
            self._log(logging.WARNING, "has stopped responding")
        elif state.online and is_noted:
            since = self._offline.pop(phone)
            self._log(logging.INFO, "is back online")
            signal = signal_phone_back(self._entry.entry_id)
            async_dispatcher_send(self._hass, signal, since)

    def _log(self, level: int, what: str) -> None:
        """Log of a server's phone; a local one is the gateway and logged as that."""
        if not self._is_local:
            _LOGGER.log(level, "Phone of %s %s", self._entry.title, what)


def _contacted(state: PhoneState, at: datetime) -> PhoneState:
    """Return the state of a phone that made contact at a time, or later already."""
    last = state.last_contact
    return replace(state, last_contact=max(at, last) if last else at)


def _is_recent(time: datetime | None, now: datetime) -> bool:
    return time is not None and timedelta() <= now - time < MESSAGE_TIME


def _earlier(first: datetime | None, second: datetime) -> datetime | None:
    """Return the earlier of two times, None where the first is not known."""
    return None if first is None else min(first, second)


def _last_seen(device: Device) -> float:
    """Return when the gateway saw a phone, in Unix seconds."""
    return device.last_seen.timestamp() if device.last_seen else 0.0
