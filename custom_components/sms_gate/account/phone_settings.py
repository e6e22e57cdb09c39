"""What of a phone's settings stands in the way, and how to put it right."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url
from yarl import URL

from ..gateway.client import GatewayClient
from ..gateway.errors import GatewayError
from ..gateway.settings import Settings
from .login import new_secret

PING_SECONDS: Final = 15 * 60
RETRIES: Final = 15
_FEW_RETRIES: Final = 10
_PATIENCE: Final = 5.0
_OWN_NETWORK: Final = (".local", ".lan", ".home", ".home.arpa", ".internal")


class Fix(StrEnum):
    """What can be put right; the keys of the dialog's fields."""

    PINGS = "pings"
    RETRIES = "webhook_retries"
    NO_INTERNET = "internet_required"
    SIGNING_KEY = "signing_key"
    PASSPHRASE = "encryption_passphrase"  # noqa: S105  # a name


async def async_fixes(
    hass: HomeAssistant, client: GatewayClient, *, is_local: bool
) -> list[Fix]:
    """Return what to put right; nothing where the gateway does not answer in time.

    Secrets are never read back: those of a phone are offered with the rest.
    """
    settings: Settings | None = None
    with suppress(GatewayError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            settings = await client.settings()
    if settings is None:
        return []
    interval, retries = settings.ping_interval, settings.retry_count
    found = {
        Fix.PINGS: interval is None or interval > PING_SECONDS,
        Fix.RETRIES: retries is not None and retries < _FEW_RETRIES,
        Fix.NO_INTERNET: settings.internet_required is True and _is_near(hass),
    }
    fixes = [fix for fix, is_wrong in found.items() if is_wrong]
    return [*fixes, *((Fix.SIGNING_KEY, Fix.PASSPHRASE) if fixes and is_local else ())]


async def async_put_right(client: GatewayClient, fixes: Collection[str]) -> Settings:
    """Change a phone's settings; return them with the secrets that were made.

    Raises:
        GatewayError: the gateway did not accept them.
    """
    changes = Settings(
        ping_interval=PING_SECONDS if Fix.PINGS in fixes else None,
        retry_count=RETRIES if Fix.RETRIES in fixes else None,
        internet_required=False if Fix.NO_INTERNET in fixes else None,
        signing_key=new_secret() if Fix.SIGNING_KEY in fixes else None,
        passphrase=new_secret() if Fix.PASSPHRASE in fixes else None,
    )
    if changes.as_payload():
        await client.update_settings(changes)
    return changes


def _is_near(hass: HomeAssistant) -> bool:
    """Return True if the phone delivers to an address in the own network."""
    try:
        address = get_url(hass, require_ssl=True, prefer_external=True)
    except NoURLAvailableError:
        address = hass.config.internal_url or ""
    host = URL(address).host or ""
    with suppress(ValueError):
        return ip_address(host).is_private
    return bool(host) and ("." not in host or host.endswith(_OWN_NETWORK))
