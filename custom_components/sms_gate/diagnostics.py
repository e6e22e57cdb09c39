"""What helps to find a fault, without numbers, texts, secrets or addresses."""

from dataclasses import asdict, replace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .account.phone_state import PhoneState
from .const import (
    CONF_DEFAULT_SIM,
    CONF_ENCRYPTION_PASSPHRASE,
    CONF_MODE,
    CONF_RECEIVE_MODE,
    CONF_RECORD_MESSAGE_TEXT,
    CONF_SIGNING_KEY,
    CONF_WEBHOOK_BASE_URL,
    DOMAIN,
    SUBENTRY_CONTACT,
)
from .gateway.client import GatewayClient
from .gateway.errors import GatewayError
from .runtime import SmsGateConfigEntry

_SET_OR_NOT = (
    CONF_DEFAULT_SIM,
    CONF_ENCRYPTION_PASSPHRASE,
    CONF_RECORD_MESSAGE_TEXT,
    CONF_SIGNING_KEY,
    CONF_WEBHOOK_BASE_URL,
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: SmsGateConfigEntry
) -> dict[str, Any]:
    """Describe an account by counts, booleans, versions and times."""
    data = entry.runtime_data
    phones = data.account.phones
    return {
        "mode": entry.data[CONF_MODE],
        "receive_mode": entry.options.get(CONF_RECEIVE_MODE),
        "options_set": {key: bool(entry.options.get(key)) for key in _SET_OR_NOT},
        "country": data.account.contacts.country,
        "contacts": len(entry.get_subentries_of_type(SUBENTRY_CONTACT)),
        "receives_by": data.receiving.mode,
        "last_poll": data.receiving.last_poll,
        "gateway_answers": data.coordinator.last_update_success,
        "messages_under_way": len(list(data.outbox)),
        "messages_pending": data.outbox.pending,
        "settings": await _async_settings(data.account.client),
        "phones": [_describe(data.account.phones[phone]) for phone in phones],
    }


async def _async_settings(client: GatewayClient) -> dict[str, Any] | None:
    """Return the settings of the phones; secrets are not read back."""
    try:
        return asdict(
            replace(await client.settings(), signing_key=None, passphrase=None)
        )
    except GatewayError:
        return None


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: SmsGateConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Describe a phone; other devices have nothing of their own."""
    data = entry.runtime_data
    identifiers = {item for domain, item in device.identifiers if domain == DOMAIN}
    phones = [phone for phone in data.account.phones if phone in identifiers]
    return {"phones": [_describe(data.account.phones[phone]) for phone in phones]}


def _describe(state: PhoneState) -> dict[str, Any]:
    """Describe a phone."""
    health = state.health
    return {
        "app_version": state.version,
        "online": state.online,
        "interval_seconds": state.expected_interval.total_seconds(),
        "last_push": state.last_push,
        "last_contact": state.last_contact,
        "last_ping": state.last_ping,
        "sim_cards": len(state.sim_cards),
        "status": health.status if health else None,
        "checks": {
            name: {"value": check.value, "status": check.status}
            for name, check in (health.checks.items() if health else ())
        },
    }
