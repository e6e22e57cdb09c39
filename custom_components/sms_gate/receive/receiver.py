"""How messages of an account come in: one strategy for each receive mode."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final, override

from homeassistant.const import CONF_WEBHOOK_ID, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.start import async_at_started

from ..account.context import Account
from ..account.coordinator import SmsGateCoordinator
from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..account.signals import signal_phone_back
from ..const import CONF_MODE, Mode, ReceiveMode
from .catch_up import CatchUp
from .cloudhook import async_listen_cloud
from .dedup import Memory
from .inbox import Inbox
from .inbox_coordinator import POLL_INTERVAL, InboxCoordinator
from .mode import async_webhook_url, option, resolve
from .pipeline import Pipeline
from .registration import Registration
from .request_coordinator import MAX_POLL_INTERVAL, RequestCoordinator, own_second
from .server_inbox import async_probe
from .signature_watch import SignatureWatch
from .verifier import CHECK_INTERVAL
from .view import WebhookHandler, async_open
from .webhook_ids import async_report_missing

REFRESH_INTERVAL: Final = timedelta(minutes=10)
# A phone learns of webhooks that came back before it is asked to send by them
REGISTERED_WAIT: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What each strategy is made of."""

    account: Account
    mode: ReceiveMode
    coordinator: SmsGateCoordinator
    memory: Memory
    pipeline: Pipeline
    registration: Registration


class Receiver(ABC):
    """What all strategies do.

    ``contact_interval`` is the longest that a local phone goes without contact, and
    ``update_interval`` how often the account's phones are asked for; None where the
    strategy itself sees to that.
    """

    contact_interval: ClassVar[timedelta] = REFRESH_INTERVAL
    update_interval: ClassVar[timedelta | None] = REFRESH_INTERVAL

    def __init__(self, parts: Parts) -> None:
        """Take the parts of an account; nothing is asked yet."""
        account = self._account = parts.account
        self._hass, self._entry = account.hass, account.entry
        self._coordinator = parts.coordinator
        self._pipeline = parts.pipeline
        self._registration = parts.registration
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        self._handler = WebhookHandler(account, parts.pipeline)
        self._inbox = Inbox(account, parts.pipeline)
        self._catch_up = CatchUp(
            account,
            parts.coordinator,
            self._inbox,
            memory=parts.memory,
            registration=parts.registration,
        )
        self.mode = parts.mode

    @property
    def signatures(self) -> SignatureWatch:
        """What becomes of the signatures of webhooks."""
        return self._handler.signatures

    @property
    def last_poll(self) -> datetime | None:
        """When the phone's inbox was read the last time."""
        return self._inbox.last_read

    async def async_start(self) -> None:
        """Set up how messages come in, and begin once automations can see them.

        Raises:
            GatewayError: the gateway could not be asked.
        """
        await self._async_prepare()
        for unsubscribe in (
            self._hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._async_address_changed
            ),
            async_listen_cloud(self._hass, self._async_resolve_again),
            async_at_started(self._hass, self._async_begin),
        ):
            self._entry.async_on_unload(unsubscribe)

    @abstractmethod
    async def _async_prepare(self) -> None:
        """Register or remove webhooks, and find out what may be missing."""

    @callback
    def _async_begin(self, _hass: HomeAssistant) -> None:
        """Accept webhooks, also of a mode that was left, and see what the server can."""
        secret = self._entry.data[CONF_WEBHOOK_ID]
        self._entry.async_on_unload(async_open(self._hass, secret, self._handler))
        async_probe(self._account)

    @callback
    def _async_address_changed(self, _event: Event) -> None:
        self._async_resolve_again()

    @callback
    def _async_resolve_again(self) -> None:
        """Load again where another mode is the right one now."""
        has_inbox = self._account.has_inbox
        if resolve(self._hass, self._entry, has_inbox=has_inbox) is not self.mode:
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    async def async_stop(self) -> None:
        """Refuse what comes from now on, and let what was fired be remembered."""
        await self._pipeline.async_close()

    @abstractmethod
    async def async_receive_again(
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

    def _create_issue(self, kind: IssueKind) -> None:
        async_create_issue(self._hass, self._entry, kind)

    def _delete_issue(self) -> None:
        """Delete the issue about receiving; those of its kinds share an id."""
        async_delete_issue(self._hass, self._entry, IssueKind.NO_HTTPS_ADDRESS)

    def _own_second(self) -> int:
        return own_second(self._account)


class NoReceiver(Receiver):
    """Receives nothing: the user wants to send only, or there is no way to receive."""

    @override
    async def _async_prepare(self) -> None:
        if option(self._entry) is ReceiveMode.OFF:
            await self._registration.async_remove()
            self._delete_issue()
        else:
            self._create_issue(IssueKind.NO_HTTPS_ADDRESS)

    @override
    async def async_receive_again(
        self,
        since: datetime,
        until: datetime | None = None,
        device_id: str | None = None,
    ) -> None:
        raise NotImplementedError


class PollReceiver(Receiver):
    """Polls the inbox of a phone, or those at a server."""

    contact_interval = MAX_POLL_INTERVAL

    def __init__(self, parts: Parts) -> None:
        """Prepare to poll."""
        super().__init__(parts)
        self._poller = InboxCoordinator(
            self._account,
            self._coordinator,
            self._inbox,
            self._catch_up,
        )

    @override
    async def _async_prepare(self) -> None:
        await self._registration.async_remove()
        self._delete_issue()
        await self._catch_up.async_load()

    @override
    @callback
    def _async_begin(self, _hass: HomeAssistant) -> None:
        super()._async_begin(_hass)
        first = timedelta() if self._catch_up.is_due else POLL_INTERVAL
        self._poller.start(
            first + timedelta(seconds=self._own_second()) % POLL_INTERVAL
        )

    @override
    async def async_stop(self) -> None:
        await super().async_stop()
        if not self._poller.is_failing:
            await self._catch_up.async_note_alive()

    @override
    async def async_receive_again(
        self,
        since: datetime,
        until: datetime | None = None,
        device_id: str | None = None,
    ) -> None:
        self._inbox.look_back_to(since.timestamp())
        await self._inbox.async_fetch(late=True)


class PushReceiver(Receiver):
    """Receives webhooks of a server's phones."""

    def __init__(self, parts: Parts) -> None:
        """Prepare to look after the webhooks."""
        super().__init__(parts)
        self._checks = RequestCoordinator(
            self._account,
            self._coordinator,
            name="webhooks",
            method=self._async_register,
            interval=CHECK_INTERVAL,
        )
        self._is_begun = False
        self._lost: datetime | None = None

    @override
    async def _async_prepare(self) -> None:
        # First: what comes between the two is neither known nor without a webhook
        await self._catch_up.async_load()
        await self._async_register()

    async def _async_register(self) -> None:
        """Bring the gateway's list of webhooks up to date, and what came without it."""
        url = await async_webhook_url(self._hass, self._entry, self.mode)
        if url is not None:
            if await self._registration.async_ensure(url):
                self._create_issue(IssueKind.WEBHOOK_REFUSED)
            else:
                self._delete_issue()
            self._note_gap()
        # The cloud connects a while after the start
        elif self._is_begun:
            self._create_issue(IssueKind.CLOUD_NOT_CONNECTED)

    @callback
    def _note_gap(self) -> None:
        """Say since when webhooks were missing, and fetch what came since."""
        wrong, missing = (
            self._registration.wrong_since,
            self._registration.missing_since,
        )
        if missing is not None and not self._account.has_inbox:
            async_report_missing(self._hass, self._entry, missing)
        if wrong is not None and not self._is_local:
            self._catch_up.async_missed(wrong, wait=REGISTERED_WAIT)

    @override
    @callback
    def _async_begin(self, _hass: HomeAssistant) -> None:
        super()._async_begin(_hass)
        self._is_begun = True
        self._begin()

    def _begin(self) -> None:
        """Fetch what is missing, and look after the webhooks from now on."""
        is_right = self._registration.wrong_since is None
        self._catch_up.async_missed(wait=timedelta() if is_right else REGISTERED_WAIT)
        self._checks.start(CHECK_INTERVAL + timedelta(seconds=self._own_second()))
        self._follow_server()

    def _follow_server(self) -> None:
        """Fetch what came while the server or a phone was away."""
        for unsubscribe in (
            self._coordinator.async_add_listener(self._async_gateway_changed),
            async_dispatcher_connect(
                self._hass,
                signal_phone_back(self._entry.entry_id),
                self._catch_up.async_missed,
            ),
        ):
            self._entry.async_on_unload(unsubscribe)

    @override
    @callback
    def _async_resolve_again(self) -> None:
        """Bring the webhooks up to date as well: the address may be another one."""
        super()._async_resolve_again()
        if self.mode is not ReceiveMode.POLL:
            self._async_refresh_webhooks()

    def _async_refresh_webhooks(self) -> None:
        self._entry.async_create_background_task(
            self._hass, self._checks.async_refresh(), "sms_gate check webhooks"
        )

    @callback
    def _async_gateway_changed(self) -> None:
        """Fetch what came while the server was away; register what phones know now."""
        if not self._coordinator.last_update_success:
            self._lost = self._lost or datetime.now(UTC)
        elif self._lost is not None:
            self._catch_up.async_missed(self._lost)
            self._lost = None
        if self._is_begun and not self._registration.is_current:
            self._async_refresh_webhooks()

    @property
    def _is_interrupted(self) -> bool:
        return False

    @override
    async def async_stop(self) -> None:
        await super().async_stop()
        if not self._is_interrupted:
            await self._catch_up.async_note_alive()

    @override
    async def async_receive_again(
        self,
        since: datetime,
        until: datetime | None = None,
        device_id: str | None = None,
    ) -> None:
        await self._catch_up.async_let_send(since, until, device_id)
