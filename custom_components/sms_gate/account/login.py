"""Logging in: from what a person entered to an entry's data."""

from collections.abc import Mapping
from contextlib import suppress
import secrets
from typing import Any, Final
import unicodedata

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
    GatewayCertificateError,
    GatewayError,
    GatewayHostError,
    GatewayRedirectError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayTimeoutError,
    GatewayUnreachableError,
    NoNetworkError,
)
from ..gateway.models import Device

# What a server without its database says of its health
UNHEALTHY: Final = "fail"

# Where a private server's API is; some proxies cut the first part off
_PRIVATE_PATHS = ("/api/3rdparty/v1", "/3rdparty/v1")
# What the app shows for the same server
_APP_PATHS = ("/api/mobile/v1", "/mobile/v1")


class InvalidUrlError(ValueError):
    """This is not the address of a server or a phone."""


class HttpOnlyError(Exception):
    """The server was reached without TLS only; nobody agreed to that yet."""

    def __init__(self, url: str) -> None:
        """Keep the address that answers."""
        super().__init__("The server does not speak https")
        self.url = url


class ServerUnhealthyError(Exception):
    """The server refuses every login while its own database is down."""


LOGIN_ERRORS: Final = (
    GatewayError,
    HttpOnlyError,
    InvalidUrlError,
    ServerUnhealthyError,
)


def make_client(hass: HomeAssistant, data: Mapping[str, Any]) -> GatewayClient:
    """Return the client of an entry's data.

    Raises:
        NoNetworkError: Home Assistant cannot make connections at all.
    """
    try:
        session = async_get_clientsession(
            hass, verify_ssl=data.get(CONF_VERIFY_SSL, True)
        )
    except OSError as err:
        raise NoNetworkError(err.strerror) from err
    return GatewayClient(
        session,
        data[CONF_URL],
        data[CONF_USERNAME],
        data[CONF_PASSWORD],
        local=data[CONF_MODE] == Mode.LOCAL,
    )


def clean_entry(entered: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form's fields without what a keyboard or a clipboard adds round them.

    A phone's host may come as the app shows it, with ``http://`` and the port.

    Raises:
        InvalidUrlError: the host cannot be one.
    """
    cleaned: dict[str, Any] = {
        key: trim(value) if isinstance(value, str) else value
        for key, value in entered.items()
    }
    if CONF_HOST in cleaned:
        host, port = local_address(cleaned[CONF_HOST], cleaned.get(CONF_PORT))
        cleaned |= {CONF_HOST: host, CONF_PORT: port}
    return cleaned


def trim(text: str) -> str:
    """Return a text without blanks and invisible marks round it."""
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_blank(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf")


def _plain_address(text: str) -> str:
    """Return an address in ASCII digits, without marks, quotes and a full stop."""
    visible = "".join(char for char in text if not _is_blank(char) or char == " ")
    digits = "".join(str(unicodedata.decimal(char, char)) for char in visible)
    return unicodedata.normalize("NFKC", digits).strip(" \"'`<>«»“”‘’,;.")


async def async_log_in(
    hass: HomeAssistant, mode: Mode, entered: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Device, ...]]:
    """Return the entry's data and the phones, once the credentials were accepted.

    Raises:
        InvalidUrlError: the address cannot be one.
        HttpOnlyError: https was tried, but the server speaks http only.
        ServerUnhealthyError: the server refuses everyone for now.
        GatewayError: the gateway, or what answers in its place, refused.
    """
    urls = _candidates(mode, entered)
    try:
        return await _async_try(hass, mode, entered, urls)
    except GatewayAuthError:
        if mode is not Mode.LOCAL and await _async_is_unhealthy(hass, mode, urls):
            raise ServerUnhealthyError from None
        raise
    except GatewayCertificateError:
        raise
    except GatewayUnreachableError:
        if http := await _async_find_http(hass, urls):
            raise HttpOnlyError(http) from None
        raise


async def _async_try(
    hass: HomeAssistant, mode: Mode, entered: Mapping[str, Any], urls: tuple[str, ...]
) -> tuple[dict[str, Any], tuple[Device, ...]]:
    """Log in at the first address that is a gateway's."""
    refused: GatewayError = GatewayResponseError("No address to try")
    for url in urls:
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


async def _async_is_unhealthy(
    hass: HomeAssistant, mode: Mode, urls: tuple[str, ...]
) -> bool:
    """Return True if a server says that it is not well; asks without a login."""
    for url in urls:
        with suppress(GatewayError):
            return (await _anonymous(hass, mode, url).health()).status == UNHEALTHY
    return False


async def _async_find_http(hass: HomeAssistant, urls: tuple[str, ...]) -> str | None:
    """Return the address at which a server speaks http; asks without a login."""
    for url in urls:
        http = url.replace("https://", "http://", 1)
        if http == url:
            return None
        with suppress(GatewayError):
            await _anonymous(hass, Mode.PRIVATE, http).health()
            return private_base_url(http)
    return None


def _anonymous(hass: HomeAssistant, mode: Mode, url: str) -> GatewayClient:
    """Return a client that knows no login."""
    login = {CONF_USERNAME: "", CONF_PASSWORD: ""}
    return make_client(hass, {CONF_MODE: mode, CONF_URL: url, **login})


def _candidates(mode: Mode, entered: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses where the API may be, the likeliest first."""
    if mode is Mode.CLOUD:
        return (CLOUD_URL,)
    if mode is Mode.LOCAL:
        host, port = local_address(entered[CONF_HOST], entered.get(CONF_PORT))
        return (local_url(host, port),)
    base = private_base_url(entered[CONF_URL])
    return tuple(base + path for path in _PRIVATE_PATHS)


def local_address(host: str, port: int | None) -> tuple[str, int]:
    """Return a phone's host and port; one in the address wins over the form's.

    Raises:
        InvalidUrlError: it cannot be one.
    """
    text = _plain_address(host)
    if "://" not in text:
        is_ipv6 = text.count(":") > 1 and not text.startswith("[")
        text = f"http://[{text}]" if is_ipv6 else f"http://{text}"
    try:
        url = URL(text)
        named, given = url.host or "", url.explicit_port
    except (ValueError, IndexError) as err:
        raise InvalidUrlError from err
    odd = url.scheme != "http" or url.user or url.query_string or url.fragment
    if odd or not named or any(char in named for char in "/ @?#"):
        raise InvalidUrlError
    return named, int(given or port or DEFAULT_PORT)


def local_url(host: str, port: int) -> str:
    """Return the address of a phone's API."""
    try:
        return str(URL.build(scheme="http", host=host, port=port)).rstrip("/")
    except (ValueError, IndexError) as err:
        raise InvalidUrlError from err


def private_base_url(entered: str) -> str:
    """Return a server's address without the API's path, credentials or query.

    Raises:
        InvalidUrlError: it cannot be one.
    """
    text = _plain_address(entered)
    if "://" not in text:
        text = f"https://{text}"
    try:
        url = URL(text)
        path = url.path.rstrip("/")
        for known in (*_PRIVATE_PATHS, *_APP_PATHS):
            path = path.removesuffix(known)
        if url.scheme not in ("http", "https") or not url.host or " " in url.host:
            raise InvalidUrlError
        base = URL.build(
            scheme=url.scheme, host=url.host, port=url.explicit_port, path=path
        )
    except (ValueError, IndexError) as err:
        raise InvalidUrlError from err
    return str(base).rstrip("/")


def shown_address(mode: Mode, entered: Mapping[str, Any]) -> str:
    """Return the address of a gateway as an error names it, empty for an odd one."""
    try:
        url = URL(_candidates(mode, entered)[0])
    except InvalidUrlError, KeyError:
        return ""
    return url.authority if url.explicit_port else url.host_subcomponent or ""


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
        case HttpOnlyError():
            return "http_only"
        case ServerUnhealthyError():
            return "server_unhealthy"
        case GatewayAuthError():
            return "invalid_auth"
        case GatewayTimeoutError():
            return "timeout"
        case NoNetworkError():
            return "no_network"
        case GatewayHostError():
            return "host_not_found"
        case GatewayCertificateError():
            return "certificate"
        case GatewayRedirectError(location=location) if location.startswith("https:"):
            return "redirected"
        case GatewayRejectedError() | GatewayResponseError():
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
