"""Polls what push does not bring: which phones there are, and how they are."""

import asyncio
from datetime import timedelta
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import callback
from homeassistant.exceptions import ConfigEntryAuthFailed, HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from ..const import CONF_MODE, Mode
from ..gateway.errors import GatewayAuthError, GatewayError, GatewayRejectedError
from ..gateway.events import EventKind
from ..gateway.models import Health
from .bus_event import SmsGateEvent
from .context import Account
from .exceptions import async_unavailable, converted
from .login_check import async_end_reauth
from .phones import Phones
from .signals import signal_kind

_LOGGER = logging.getLogger(__name__)

_REFUSED: Final = "invalid_auth"


class SmsGateCoordinator(DataUpdateCoordinator[Phones]):
    """The account's phones; listeners are called when one of them changes.

    What a phone pushes changes them as well, but resets no poll and hides no gateway
    that is away: ``last_update_success`` is the last poll's. This is also the one that
    logs when the gateway cannot be reached, and when it can again.
    """

    config_entry: ConfigEntry

    def __init__(
        self, account: Account, interval: timedelta | None, *, fetches_health: bool
    ) -> None:
        """Poll slowly: what matters at once comes through webhooks.

        Without an interval, receiving asks; without health, it asks for that as well.
        """
        super().__init__(
            account.hass,
            _LOGGER,
            config_entry=account.entry,
            name=account.entry.title,
            update_interval=interval,
            always_update=False,
        )
        self._account = account
        self._phones = account.phones
        self._fetches_health = fetches_health
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        account.phones.async_start(self.async_update_listeners)
        account.entry.async_on_unload(
            async_dispatcher_connect(
                account.hass,
                signal_kind(EventKind.APP_STARTED),
                self._async_handle_start,
            )
        )

    @callback
    def _async_handle_start(self, received: SmsGateEvent) -> None:
        """Fetch the SIMs of an app that started: they may have changed."""
        if received.entry_id == self.config_entry.entry_id:
            self.config_entry.async_create_background_task(
                self.hass, self.async_request_refresh(), "phones after a start"
            )

    @override
    async def _async_update_data(self) -> Phones:
        """Fetch the phones, and a local one's health."""
        try:
            devices, health = await asyncio.gather(
                self._account.client.devices(), self._async_health()
            )
        except GatewayError as err:
            self._phones.async_handle_gateway(is_available=False)
            raise await self._async_failed(err) from err
        self._account.log_skipped("phones", devices)
        self._phones.async_handle_list(devices)
        for device in devices:
            if health is not None:
                self._phones.async_handle_health(device.id, health)
        self._phones.async_handle_gateway(is_available=True)
        async_end_reauth(self._account)
        return self._phones

    async def _async_failed(self, err: GatewayError) -> HomeAssistantError:
        """Return what to raise; a refused login ends set-up, but not the polling."""
        shown = await async_unavailable(self._account, err)
        if isinstance(err, GatewayAuthError) and shown.translation_key == _REFUSED:
            if self.config_entry.state is ConfigEntryState.SETUP_IN_PROGRESS:
                return converted(ConfigEntryAuthFailed, shown)
            self.config_entry.async_start_reauth(self.hass)
        return converted(UpdateFailed, shown)

    async def async_fetch_health(self) -> None:
        """Fetch the health of a watched phone, which is a request of its own.

        Raises:
            GatewayConnectionError: the phone did not respond.
        """
        phone = self._phones.choose()
        health = await self._async_ask_health(GatewayRejectedError)
        if phone is not None and health is not None:
            self._phones.async_handle_health(phone, health)

    async def _async_health(self) -> Health | None:
        """Return a local phone's health, unless it is asked for apart."""
        if not self._is_local or (self._phones.present and not self._fetches_health):
            return None
        return await self._async_ask_health(GatewayError)

    async def _async_ask_health(self, ignored: type[GatewayError]) -> Health | None:
        """Return a local phone's health; an old app may have none."""
        try:
            return await self._account.client.health()
        except ignored:
            return None
