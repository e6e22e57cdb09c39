"""Polls what push does not bring: which phones there are, and how they are."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .const import CONF_MODE, DOMAIN, Mode
from .data import Account
from .errors import GatewayAuthError, GatewayError
from .exceptions import from_gateway
from .health import Health
from .models import Device
from .phone_states import PhoneStates

_LOGGER = logging.getLogger(__name__)

SICK: Final = "fail"


class SmsGateCoordinator(DataUpdateCoordinator[Mapping[str, Device]]):
    """The account's phones by the gateway's device id.

    It is also the one that says when the gateway cannot be reached, and when it can
    again: one line each.
    """

    config_entry: ConfigEntry

    def __init__(
        self, account: Account, states: PhoneStates, interval: timedelta | None
    ) -> None:
        """Poll slowly: what matters at once comes through webhooks."""
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
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL

    @override
    async def _async_update_data(self) -> Mapping[str, Device]:
        """Ask for the phones."""
        try:
            devices, health = await asyncio.gather(
                self._account.client.devices(), self._async_examine()
            )
        except GatewayAuthError as err:
            await self._async_trust_refusal()
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
        return {device.id: device for device in devices}

    async def _async_trust_refusal(self) -> None:
        """Do not believe a server whose database is down that the password is wrong.

        Such a server refuses everyone who did not log in within the hour.
        """
        if self._is_local:
            return
        try:
            health = await self._account.client.health()
        except GatewayError:
            return
        if health.status == SICK:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="server_sick",
            )

    async def _async_examine(self) -> Health | None:
        """Ask a local phone for its health; an old app may not tell."""
        if not self._is_local:
            return None
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
