"""What the page on system health shows of the accounts."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .const import CONF_MODE, DOMAIN
from .runtime import SmsGateConfigEntry


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Register the report."""
    register.async_register_info(_async_report)


async def _async_report(hass: HomeAssistant) -> dict[str, Any]:
    """Report each loaded account in one line per fact."""
    entries: list[SmsGateConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    report: dict[str, Any] = {"accounts": len(entries)}
    for number, entry in enumerate(entries, start=1):
        data = entry.runtime_data
        pushes = [phone.last_push for phone in data.account.phones.values()]
        report |= {
            f"mode_{number}": entry.data[CONF_MODE],
            f"reachable_{number}": data.coordinator.last_update_success,
            f"receiving_{number}": data.receiving.mode.value,
            f"last_push_{number}": max(filter(None, pushes), default=None),
            f"last_poll_{number}": data.receiving.last_poll,
        }
    return report
