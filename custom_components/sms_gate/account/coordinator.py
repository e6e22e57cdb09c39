"""Polls what push does not bring: which phones there are, and how they are."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.exceptions import ConfigEntryAuthFailed, HomeAssistantError
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from ..const import CONF_MODE, Mode
from ..gateway.errors import GatewayAuthError, GatewayError
from ..gateway.models import Device, Health
from .context import Account
from .exceptions import async_unavailable, converted
from .login_check import async_end_reauth
from .phone_monitor import PhoneMonitor

_LOGGER = logging.getLogger(__name__)

_REFUSED: Final = "invalid_auth"


class SmsGateCoordinator(DataUpdateCoordinator[Mapping[str, Device]]):
    """The account's phones by the gateway's device id.

    It is also the one that says when the gateway cannot be reached, and when it can
    again: one line each.
    """

    config_entry: ConfigEntry

    def __init__(
        self,
        account: Account,
        states: PhoneMonitor,
        interval: timedelta | None,
        *,
        fetches_health: bool,
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
        self._states = states
        self._fetches_health = fetches_health
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL

    @override
    async def _async_update_data(self) -> Mapping[str, Device]:
        """Fetch the phones."""
        try:
            devices = await self._async_fetch()
        except GatewayError as err:
            self._states.async_gateway(answers=False)
            raise await self._async_failed(err) from err
        self._states.async_gateway(answers=True)
        async_end_reauth(self._account)
        return {device.id: device for device in devices}

    async def _async_failed(self, err: GatewayError) -> HomeAssistantError:
        """Return what to raise; a refused login ends set-up, but not the polling."""
        shown = await async_unavailable(self._account, err)
        if isinstance(err, GatewayAuthError) and shown.translation_key == _REFUSED:
            if self.config_entry.state is ConfigEntryState.SETUP_IN_PROGRESS:
                return converted(ConfigEntryAuthFailed, shown)
            self.config_entry.async_start_reauth(self.hass)
        return converted(UpdateFailed, shown)

    async def _async_fetch(self) -> tuple[Device, ...]:
        """Fetch the phones, and a local one's health."""
        devices, health = await asyncio.gather(
            self._account.client.devices(), self._async_health()
        )
        self._account.log_skipped("phones", devices)
        self._account.phones.async_update(devices)
        for device in devices:
            self._states.async_polled(device)
            if health is not None:
                self._states.async_examined(device.id, health)
        return devices

    async def async_examine(self) -> None:
        """Ask a watched phone for its health, which is a request of its own."""
        phone = self._account.phones.choose()
        health = await self._async_ask_health()
        if phone is not None and health is not None:
            self._states.async_examined(phone, health)

    async def _async_health(self) -> Health | None:
        """Return a local phone's health, unless it is asked for apart."""
        if not self._is_local or (self.data is not None and not self._fetches_health):
            return None
        return await self._async_ask_health()

    async def _async_ask_health(self) -> Health | None:
        """Return a local phone's health; an old app may not tell."""
        try:
            return await self._account.client.health()
        except GatewayError:
            return None
