"""Polls what push does not bring: which phones there are."""

from collections.abc import Mapping
from datetime import timedelta
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .const import DOMAIN
from .data import Account
from .errors import GatewayAuthError, GatewayError
from .exceptions import from_gateway
from .models import Device

_LOGGER = logging.getLogger(__name__)

POLL_INTERVAL: Final = timedelta(minutes=10)


class SmsGateCoordinator(DataUpdateCoordinator[Mapping[str, Device]]):
    """The account's phones by the gateway's device id."""

    config_entry: ConfigEntry

    def __init__(self, account: Account) -> None:
        """Poll slowly: what matters at once comes through webhooks."""
        super().__init__(
            account.hass,
            _LOGGER,
            config_entry=account.entry,
            name=f"{DOMAIN} {account.entry.entry_id}",
            update_interval=POLL_INTERVAL,
            always_update=False,
        )
        self._account = account

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
        return {device.id: device for device in devices}
