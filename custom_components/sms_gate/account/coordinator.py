"""Polls what push does not bring: which phones there are, and how they are."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from ..const import CONF_MODE, DOMAIN, Mode
from ..gateway.errors import GatewayAuthError, GatewayError
from ..gateway.models import Device, Health
from .context import Account
from .exceptions import from_gateway
from .pace import Pace, turn
from .phone_monitor import PhoneMonitor

_LOGGER = logging.getLogger(__name__)

SICK: Final = "fail"


class SmsGateCoordinator(DataUpdateCoordinator[Mapping[str, Device]]):
    """The account's phones by the gateway's device id.

    It is also the one that says when the gateway cannot be reached, and when it can
    again: one line each.
    """

    config_entry: ConfigEntry

    def __init__(self, account: Account, states: PhoneMonitor, pace: Pace) -> None:
        """Poll slowly: what matters at once comes through webhooks."""
        own_second = timedelta(seconds=turn(account.hass, account.entry))
        super().__init__(
            account.hass,
            _LOGGER,
            config_entry=account.entry,
            name=account.entry.title,
            update_interval=pace.refresh and pace.refresh + own_second,
            always_update=False,
        )
        self._account = account
        self._states = states
        self._interval = pace.refresh
        self._is_watched = pace.is_watched
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL

    @override
    async def _async_update_data(self) -> Mapping[str, Device]:
        """Ask for the phones, and keep the account's own second from then on."""
        try:
            devices = await self._async_ask()
        except UpdateFailed, ConfigEntryAuthFailed:
            self._states.async_gateway(answers=False)
            raise
        self._states.async_gateway(answers=True)
        if self.data is not None and self.update_interval is not None:
            self.update_interval = self._interval
        return {device.id: device for device in devices}

    async def _async_ask(self) -> tuple[Device, ...]:
        """Ask for the phones, and a local one for its health."""
        try:
            devices, health = await asyncio.gather(
                self._account.client.devices(), self._async_health()
            )
        except GatewayAuthError as err:
            if await self.async_is_sick():
                raise UpdateFailed(
                    translation_domain=DOMAIN, translation_key="server_unhealthy"
                ) from err
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN,
                translation_key="invalid_auth",
            ) from err
        except GatewayError as err:
            raise _failed(err) from err
        self._account.phones.async_update(devices)
        for device in devices:
            self._states.async_polled(device)
            if health is not None:
                self._states.async_examined(device.id, health)
        return devices

    async def async_is_sick(self) -> bool:
        """Return True if a server says that it is not well.

        Without its database it refuses everyone who did not log in within the hour.
        """
        if self._is_local:
            return False
        try:
            health = await self._account.client.health()
        except GatewayError:
            return False
        return health.status == SICK

    async def async_check_login(self) -> None:
        """Ask for a new login, unless it is the server that is not well."""
        if not await self.async_is_sick():
            self.config_entry.async_start_reauth(self.hass)

    async def async_examine(self) -> None:
        """Ask a watched phone for its health, which is a request of its own."""
        phone = self._account.phones.choose()
        health = await self._async_ask_health()
        if phone is not None and health is not None:
            self._states.async_examined(phone, health)

    async def _async_health(self) -> Health | None:
        """Return a local phone's health, unless it is asked for apart."""
        if not self._is_local or (self._is_watched and self.data is not None):
            return None
        return await self._async_ask_health()

    async def _async_ask_health(self) -> Health | None:
        """Return a local phone's health; an old app may not tell."""
        try:
            return await self._account.client.health()
        except GatewayError:
            return None


def _failed(err: GatewayError) -> UpdateFailed:
    """Return what the coordinator tells of an error."""
    told = from_gateway(err)
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=told.translation_key,
        translation_placeholders=told.translation_placeholders,
    )
