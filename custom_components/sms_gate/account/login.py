"""Logging in: from what a person entered to an entry's data."""

from collections.abc import Mapping
import secrets
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_COUNTRY,
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from ..const import CLOUD_URL, CONF_MODE, DEFAULT_PORT, Mode
from ..gateway.client import GatewayClient
from ..gateway.errors import (
    GatewayAuthError,
    GatewayError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayTimeoutError,
)
from ..gateway.models import Device

# Where a private server's API is; some proxies cut the first part off
_PRIVATE_PATHS = ("/api/3rdparty/v1", "/3rdparty/v1")
# What the app shows for the same server
_APP_PATHS = ("/api/mobile/v1", "/mobile/v1")


class InvalidUrlError(ValueError):
    """This is no address of a server."""


def make_client(hass: HomeAssistant, data: Mapping[str, Any]) -> GatewayClient:
    """Return the client of an entry's data."""
    return GatewayClient(
        async_get_clientsession(hass, verify_ssl=data.get(CONF_VERIFY_SSL, True)),
        data[CONF_URL],
        data[CONF_USERNAME],
        data[CONF_PASSWORD],
        local=data[CONF_MODE] == Mode.LOCAL,
    )


async def async_log_in(
    hass: HomeAssistant, mode: Mode, entered: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Device, ...]]:
    """Return the entry's data and the phones, once the credentials were accepted.

    Raises:
        InvalidUrlError: the address cannot be one.
        GatewayError: the gateway, or what answers in its place, refused.
    """
    refused: GatewayError = GatewayResponseError("No address to try")
    for url in _candidates(mode, entered):
        data = {**entered, CONF_MODE: mode.value, CONF_URL: url}
        try:
            devices = await make_client(hass, data).devices()
        except (GatewayRejectedError, GatewayResponseError, GatewayAuthError) as err:
            if not isinstance(refused, GatewayAuthError):
                refused = err
            continue
        if mode is Mode.LOCAL and not devices:
            raise GatewayResponseError("A phone names itself")
        return data, devices
    raise refused


def _candidates(mode: Mode, entered: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses where the API may be, the likeliest first."""
    if mode is Mode.CLOUD:
        return (CLOUD_URL,)
    if mode is Mode.LOCAL:
        return (local_url(entered[CONF_HOST], entered.get(CONF_PORT, DEFAULT_PORT)),)
    base = private_base_url(entered[CONF_URL])
    return tuple(base + path for path in _PRIVATE_PATHS)


def local_url(host: str, port: int) -> str:
    """Return the phone's address."""
    try:
        url = URL.build(scheme="http", host=host.strip(), port=int(port))
        named = url.host or ""
    except (ValueError, IndexError) as err:
        raise InvalidUrlError from err
    if not named or any(char in named for char in "/ @?#"):
        raise InvalidUrlError
    return str(url).rstrip("/")


def private_base_url(entered: str) -> str:
    """Return a server's address without the API's path, credentials or query."""
    text = entered.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        url = URL(text)
        path = url.path.rstrip("/")
        for known in (*_PRIVATE_PATHS, *_APP_PATHS):
            path = path.removesuffix(known)
        if url.scheme not in ("http", "https") or not url.host:
            raise InvalidUrlError
        base = URL.build(
            scheme=url.scheme, host=url.host, port=url.explicit_port, path=path
        )
    except (ValueError, IndexError) as err:
        raise InvalidUrlError from err
    return str(base).rstrip("/")


def unique_id(data: Mapping[str, Any], devices: tuple[Device, ...]) -> str:
    """Return what an account is known by: the phone itself, or the login at a server."""
    if data[CONF_MODE] == Mode.LOCAL:
        return devices[0].id
    base = data[CONF_URL]
    for path in _PRIVATE_PATHS:
        base = base.removesuffix(path)
    return f"{base}#{data[CONF_USERNAME]}".casefold()


def error_key(err: Exception) -> str:
    """Return the config flow's error for what went wrong."""
    match err:
        case InvalidUrlError():
            return "invalid_url"
        case GatewayAuthError():
            return "invalid_auth"
        case GatewayTimeoutError():
            return "timeout"
        case GatewayNotFoundError() | GatewayRejectedError() | GatewayResponseError():
            return "not_a_gateway"
        case _:
            return "cannot_connect"


def new_secret() -> str:
    """Return what names an account in its webhook's address: 256 random bits."""
    return secrets.token_hex(32)


def country_of(hass: HomeAssistant, entry: ConfigEntry) -> str | None:
    """Return the country (ISO 3166) in which local forms of numbers are read."""
    country: str | None = entry.options.get(CONF_COUNTRY) or hass.config.country
    return country
