"""A virtual phone: what tests and the control page do with it."""

from collections import deque
from contextlib import suppress
import copy
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Literal, override

from virtual_gateway.clock import Timers
from virtual_gateway.errors import Refused
from virtual_gateway.faults import strikes
from virtual_gateway.ids import device_id_of, nano_id
from virtual_gateway.times import LegacyOffset, now_ms

from .app import NEWEST, App
from .health import health
from .inbox import Inbox
from .incoming import Incoming
from .link import CloudLink
from .message import PhoneMessage
from .payloads import BATCH_EVENTS, EVENTS_OF_STATE, outbound
from .radio import DEFAULT_FAILURE
from .receiving import Receiving
from .sender import Sender
from .settings import PhoneSettings
from .webhooks import Registration, Webhooks

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp

    from virtual_gateway.faults import Fault
    from virtual_gateway.gateway import VirtualGateway
    from virtual_gateway.records import SentSms, WebhookDelivery
    from virtual_gateway.server.account import Account
    from virtual_gateway.states import State

    from .sims import VirtualSim

type Outcome = Literal["failed", "sent", "delivered", "undelivered", "swallowed"]

UNKNOWN_NUMBER = "+966500000098"
_DAY_MS = 86_400_000
_TIMELINE = 400
_SHORTEST_PING = 0.2  # real seconds, or a fast phone would do nothing else


class VirtualPhone(Receiving):
    """One phone with its SIMs, its app and its line to the server."""

    def __init__(
        self, gateway: VirtualGateway, name: str, sims: tuple[VirtualSim, ...]
    ) -> None:
        self._gateway = gateway
        self.random = Random(gateway.random.random())
        self.id = nano_id(self.random)
        self.name = name
        self.sims = sims
        self.installed_ms = now_ms() - self.random.randrange(_DAY_MS, 300 * _DAY_MS)
        self.local_id = device_id_of(name, self.random.randrange(2**40))
        self.app_version = NEWEST
        self.release_id = 750
        self.battery: float = 87
        self.charging: bool | str = False
        self.transport = "wifi"
        self.cellular = "4g"
        self.country = "SA"
        self._utc_offset = timedelta(hours=3)
        self.legacy_offsets = False
        self.signing_key: str | None = gateway.signing_key or self.new_signing_key()
        self.passphrase: str | None = None
        self.outcomes: dict[str, Outcome] = {}
        self.fail_reason = DEFAULT_FAILURE
        self._set_apart: dict[str, bool] = {}
        self.outbox: list[SentSms] = []
        self.timeline: deque[PhoneMessage | Incoming] = deque(maxlen=_TIMELINE)
        self.logs: deque[tuple[int, str, str, str]] = deque(maxlen=1000)
        self.last_seen_ms = now_ms() // 1000 * 1000
        self.updated_ms = self.created_ms = now_ms()
        self._online = True
        self._ping_interval: float | None = None
        self._ping_series = 0
        self._mms = 0
        self._last_sms: dict[tuple[str, str | bytes, int | None], int] = {}
        self.timers = Timers(gateway.speed)
        self.settings = PhoneSettings(self, self.random)
        self.sender = Sender(self)
        self.inbox = Inbox(self)
        self.hooks = Webhooks(self)
        self.link = CloudLink(self)

    # The app, which does what its version does unless it is set apart from that

    @property
    def app(self) -> App:
        """Return what the app of this version does."""
        return App.of(self.app_version)

    def _ability(self, name: str, by_version: bool) -> bool:
        """Return how the app is set, or what its version does."""
        return self._set_apart.get(name, by_version)

    @property
    def refires_known(self) -> bool:
        """Return True if the app sends again what it sent before, as before 1.65.2."""
        return self._ability("refires_known", not self.app.does("passes_over_known"))

    @refires_known.setter
    def refires_known(self, value: bool) -> None:
        self._set_apart["refires_known"] = value

    @property
    def batch_support(self) -> bool:
        """Return True if the app knows batches of events."""
        return self._ability("batch_support", self.app.does("batches"))

    @batch_support.setter
    def batch_support(self, value: bool) -> None:
        self._set_apart["batch_support"] = value

    @property
    def attachment_support(self) -> bool:
        """Return True if the app lists and hands out the files of received MMS."""
        return self._ability("attachment_support", self.app.does("attachments"))

    @attachment_support.setter
    def attachment_support(self, value: bool) -> None:
        self._set_apart["attachment_support"] = value

    @property
    def legacy_payloads(self) -> bool:
        """Return True if events name the other side in phoneNumber only."""
        return self._ability("legacy_payloads", not self.app.does("own_number"))

    @legacy_payloads.setter
    def legacy_payloads(self, value: bool) -> None:
        self._set_apart["legacy_payloads"] = value

    def knows_event(self, event: object) -> bool:
        """Return True if the app knows a webhook event."""
        if str(event) in BATCH_EVENTS.values():
            return self.batch_support
        return self.app.knows(event)

    @property
    def utc_offset(self) -> timedelta:
        """Return the offset of the phone's times, as its Android writes it."""
        offset = self._utc_offset
        if not self.legacy_offsets:
            return offset
        return LegacyOffset(days=offset.days, seconds=offset.seconds)

    @utc_offset.setter
    def utc_offset(self, value: timedelta) -> None:
        self._utc_offset = value

    # What surrounds the phone

    @property
    def account(self) -> Account:
        """Return the account the phone belongs to."""
        return self._gateway.account

    @property
    def faults(self) -> Mapping[str, Fault]:
        """Return the faults in force."""
        return self._gateway.faults

    @property
    def send_seconds(self) -> float:
        """Return how long the network takes to take an SMS."""
        return self._gateway.send_seconds

    @property
    def deliver_seconds(self) -> float:
        """Return how long the network takes to deliver an SMS."""
        return self._gateway.deliver_seconds

    @property
    def webhook_timeout(self) -> float:
        """Return how long the phone waits for an answer, in real seconds."""
        return self._gateway.webhook_timeout

    @property
    def verify_certificates(self) -> bool:
        """Tell whether the phone checks https certificates."""
        return self._gateway.verify_certificates

    @property
    def webhooks(self) -> dict[str, Registration]:
        """Return the webhooks registered on the phone itself, by id."""
        return self.hooks.local

    @property
    def busy(self) -> bool:
        """Tell whether a message is under way or a webhook is queued."""
        return self.sender.busy or self.hooks.queue.busy or self.link.busy

    # Life

    def start(self, session: aiohttp.ClientSession) -> None:
        """Switch the phone on."""
        self.timers.start()
        self.hooks.queue.start(session)
        self.link.keep_in_touch()
        self._started()

    async def stop(self) -> None:
        """Switch the phone off."""
        self.timers.stop()
        await self.hooks.queue.stop()

    def restart(self) -> None:
        """Start the app again."""
        self.link.notify()
        self._started()

    def _started(self) -> None:
        """Do what the app does at its start."""
        self.log("INFO", "orchestrator", "the app started")
        cards = [sim.as_phone_json() for sim in self.sims]
        self.hooks.emit("app:started", {"simCards": cards})
        self.ping_interval = self._ping_interval

    def clear(self) -> None:
        """Forget messages, webhooks and everything that waits."""
        self.sender.clear()
        self.inbox.clear()
        self.hooks.queue.clear()
        self.link.clear()
        self.hooks.clear()
        for store in (self.outcomes, self._last_sms):
            store.clear()
        self.outbox.clear()
        self.timeline.clear()
        self.logs.clear()

    def new_signing_key(self) -> str:
        """Return a key as the app makes one at its first use."""
        return nano_id(self.random, 8)

    # Line

    @property
    def online(self) -> bool:
        """Tell whether the phone has a line to the internet."""
        return self._online

    @online.setter
    def online(self, value: bool) -> None:
        """Take the line away or give it back."""
        if value == self._online:
            return
        self._online = value
        if value:
            self.hooks.thaw()
            self.link.notify()
            self.hooks.queue.wake()
        else:
            self.hooks.freeze()
        self._gateway.changed()

    def reachable(self) -> bool:
        """Tell whether the line is up now."""
        return self._online and not strikes(self.faults, "offline", self.id)

    def seen(self) -> None:
        """Note that the server heard of the phone."""
        self.last_seen_ms = now_ms() // 1000 * 1000

    def seen_within(self, seconds: float) -> bool:
        """Tell whether the server heard of the phone in so many simulated seconds."""
        elapsed = (now_ms() - self.last_seen_ms) / 1000 * self.timers.speed
        return elapsed < seconds

    # Pings

    @property
    def ping_interval(self) -> float | None:
        """Return the seconds between pings; none when they are off."""
        return self._ping_interval

    @ping_interval.setter
    def ping_interval(self, seconds: float | None) -> None:
        """Set the interval; the first ping comes at once."""
        self._ping_interval = seconds
        self._ping_series += 1
        if seconds:
            series = self._ping_series
            self.timers.after(0, lambda: self._ping_again(series))

    def _ping_again(self, series: int) -> None:
        """Ping and come back, unless the interval was set anew."""
        if series != self._ping_series or not self._ping_interval:
            return
        self.ping()
        wait = max(self._ping_interval / self.timers.speed, _SHORTEST_PING)
        self.timers.after_real(wait, lambda: self._ping_again(series))

    def ping(self) -> None:
        """Tell of the phone's health, and fetch messages."""
        self.hooks.emit("system:ping", {"health": health(self)})
        self.link.notify()

    def fetch_settings(self) -> None:
        """Take over the account's settings, as the app does when it is notified."""
        with suppress(Refused):
            self.settings.update(copy.deepcopy(self.account.settings))

    # What happened

    def carry(
        self, number: str, sim_number: int, text: str | None, data: bytes | None
    ) -> None:
        """Deliver an SMS of this phone to the account's phone of that number."""
        sender = self.own_number(sim_number) or UNKNOWN_NUMBER
        for phone in (self, *self._gateway.phones):
            for sim in phone.sims:
                if sim.phone_number == number:
                    if data is None:
                        phone.receive(sender, text or "", sim.number)
                    else:
                        phone.receive_data(sender, data, sim.number)
                    return

    def state_changed(
        self,
        message: PhoneMessage,
        numbers: list[str],
        state: State,
        error: str | None,
    ) -> None:
        """Tell server and webhooks of a new state of some recipients."""
        if message.source == "Cloud":
            self.link.report(message)
        if (event := EVENTS_OF_STATE.get(state)) is not None:
            for number in numbers:
                payload = outbound(
                    state,
                    message.id,
                    number,
                    sender=self.own_number(message.sim_number),
                    sim_number=message.sim_number,
                    parts=message.parts,
                    error=error,
                    offset=self.utc_offset,
                )
                self.hooks.emit(event, payload)
        self._gateway.changed()

    @override
    def changed(self) -> None:
        """Let those who watch know that something changed."""
        self._gateway.changed()

    def note_outgoing(self, message: PhoneMessage) -> None:
        """Remember a message for the conversations."""
        self.timeline.append(message)
        self._gateway.changed()

    def note_incoming(self, message: Incoming) -> None:
        """Remember a received message for the conversations."""
        self.timeline.append(message)

    def note_delivery(self, delivery: WebhookDelivery) -> None:
        """Remember an attempt to post an event."""
        self._gateway.deliveries.note(delivery)
        outcome = delivery.error or f"status {delivery.status}"
        self.log("INFO", "webhooks", f"{delivery.event} posted: {outcome}")
        self._gateway.changed()

    def log(self, priority: str, module: str, text: str) -> None:
        """Add an entry to the phone's log."""
        self.logs.append((now_ms(), priority, module, text))
