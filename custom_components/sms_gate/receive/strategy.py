"""Webhooks that are verified by an inbox, and which strategy an account has."""

from datetime import datetime, timedelta
from typing import ClassVar, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback

from ..account.issues import IssueKind
from ..const import CONF_MODE, Mode, ReceiveMode
from .inbox_coordinator import POLL_INTERVAL, InboxCoordinator
from .receiver import (
    REFRESH_INTERVAL,
    NoReceiver,
    Parts,
    PollReceiver,
    PushReceiver,
    Receiver,
)
from .verifier import LOOK_INTERVAL, Verifier


class VerifiedPushReceiver(PushReceiver):
    """Receives webhooks, and verifies them against the inbox of a local phone.

    Where webhooks do not arrive, the inbox is polled until the account loads again.
    """

    contact_interval = LOOK_INTERVAL * 2
    update_interval: ClassVar[timedelta | None] = None

    def __init__(self, parts: Parts) -> None:
        """Prepare to verify, and to poll instead."""
        super().__init__(parts)
        common = (
            self._account,
            self._coordinator,
            self._inbox,
            self._catch_up,
        )
        self._poller = InboxCoordinator(*common)
        self._verifier = Verifier(
            *common, check=self._async_register, fall_back=self._fall_back_to_polling
        )

    @override
    def _begin(self) -> None:
        pause = LOOK_INTERVAL + timedelta(seconds=self._own_second())
        self._verifier.start(timedelta() if self._catch_up.is_due else pause)

    @callback
    def _fall_back_to_polling(self) -> None:
        """Poll: the phone's webhooks do not arrive."""
        self.mode = ReceiveMode.POLL
        self._registration.active = False
        self._create_issue(IssueKind.WEBHOOKS_DO_NOT_ARRIVE)
        self._coordinator.update_interval = PollReceiver.update_interval
        self._poller.start(POLL_INTERVAL)
        self._coordinator.async_update_listeners()
        self._entry.async_create_background_task(
            self._hass, self._coordinator.async_refresh(), "sms_gate refresh"
        )

    @property
    @override
    def _is_interrupted(self) -> bool:
        return self._poller.is_failing or self._verifier.is_failing

    @override
    async def async_receive_again(
        self,
        since: datetime,
        until: datetime | None = None,
        device_id: str | None = None,
    ) -> None:
        if self.mode is not ReceiveMode.POLL:
            await super().async_receive_again(since, until, device_id)
        if self.mode is ReceiveMode.POLL or not self._is_local:
            self._inbox.look_back_to(since.timestamp())
            await self._inbox.async_fetch(late=True)


class VerifiedServerReceiver(VerifiedPushReceiver):
    """The same with the inboxes of a server's phones."""

    update_interval = REFRESH_INTERVAL

    @override
    def _begin(self) -> None:
        super()._begin()
        self._follow_server()


def strategy(
    entry: ConfigEntry, mode: ReceiveMode, *, has_inbox: bool
) -> type[Receiver]:
    """Return the strategy of an account's mode."""
    if mode is ReceiveMode.OFF:
        return NoReceiver
    if mode is ReceiveMode.POLL:
        return PollReceiver
    if not has_inbox:
        return PushReceiver
    is_local = entry.data[CONF_MODE] == Mode.LOCAL
    return VerifiedPushReceiver if is_local else VerifiedServerReceiver
