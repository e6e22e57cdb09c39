"""Polls what push does not bring: which phones there are."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .const import CONF_MODE, DOMAIN, Mode
from .data import Account
from .errors import GatewayAuthError, GatewayError
from .exceptions import from_gateway
from .models import Device
from .phone_state import PhoneStates

_LOGGER = logging.getLogger(__name__)

POLL_INTERVAL: Final = timedelta(minutes=10)
SPREAD_SECONDS: Final = 60


class SmsGateCoordinator(DataUpdateCoordinator[Mapping[str, Device]]):
    """The account's phones by the gateway's device id."""

    config_entry: ConfigEntry

    def __init__(self, account: Account, states: PhoneStates) -> None:
        """Poll slowly: what matters at once comes through webhooks."""
        super().__init__(
            account.hass,
            _LOGGER,
            config_entry=account.entry,
            name=f"{DOMAIN} {account.entry.entry_id}",
            update_interval=_interval(account.entry),
            always_update=False,
        )
        self._account = account
        self._states = states
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL

    @override
    async def _async_update_data(self) -> Mapping[str, Device]:
        """Ask for the phones."""
        try:
            devices = await self._account.client.devices()
        except GatewayAuthError as err:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN, translation_key="invalid_auth"
            ) from err
        except GatewayError as err:
            told = from_gateway(err)
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=told.translation_key,
                translation_placeholders=told.translation_placeholders,
            ) from err
        self._account.phones.async_update(devices)
        for device in devices:
            self._states.async_polled(device)
        if self._is_local and devices:
            await self._async_examine(devices[0])
        return {device.id: device for device in devices}

    async def _async_examine(self, device: Device) -> None:
        """Ask a local phone for its health; an old app may not tell."""
        try:
            health = await self._account.client.health()
        except GatewayError:
            return
        self._states.async_examined(device.id, health)


def _interval(entry: ConfigEntry) -> timedelta:
    """Return the interval; several accounts do not ask in the same second."""
    spread = int.from_bytes(sha256(entry.entry_id.encode()).digest()[:2])
    return POLL_INTERVAL + timedelta(seconds=spread % SPREAD_SECONDS)
