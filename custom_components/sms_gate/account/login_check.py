"""Whether a refused login is wrong, or the server that refused it is unhealthy.

A server without its database refuses everyone who did not log in within the hour.
"""

from typing import Final

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import callback

from ..const import CONF_MODE, Mode
from ..gateway.errors import GatewayError
from .context import Account

_UNHEALTHY: Final = "fail"


async def async_is_unhealthy(account: Account) -> bool:
    """Return True if a server says that it is unhealthy; a phone never does."""
    if account.entry.data[CONF_MODE] == Mode.LOCAL:
        return False
    try:
        health = await account.client.health()
    except GatewayError:
        return False
    return health.status == _UNHEALTHY


@callback
def async_check_login(account: Account) -> None:
    """Ask for a new login in the background, unless the server is unhealthy."""
    account.entry.async_create_task(
        account.hass, _async_check(account), "sms_gate check login"
    )


async def _async_check(account: Account) -> None:
    if not await async_is_unhealthy(account):
        account.entry.async_start_reauth(account.hass)


@callback
def async_end_reauth(account: Account) -> None:
    """Ask for a login no longer: the gateway accepts the one it refused."""
    hass = account.hass
    for flow in list(account.entry.async_get_active_flows(hass, {SOURCE_REAUTH})):
        hass.config_entries.flow.async_abort(flow["flow_id"])
