"""The one conversion of the gateway's errors to Home Assistant's, translated."""

from collections.abc import Iterator
from contextlib import contextmanager
import re
from typing import Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..const import DOMAIN
from ..gateway.errors import (
    GatewayAuthError,
    GatewayBusyError,
    GatewayConnectionError,
    GatewayError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayTimeoutError,
    NoNetworkError,
)
from .context import Account
from .login_check import async_check_login, async_is_unhealthy

_NUMBER: Final = re.compile(r"\+?\d[\d ().-]{4,}\d")
# How a server's validator speaks of the fields of a request
_VALIDATOR: Final = "Field validation for"


def without_numbers(reason: str) -> str:
    """Return the gateway's words without phone numbers: errors end up in logs."""
    return _NUMBER.sub("…", reason)


def failure(key: str, **placeholders: str) -> HomeAssistantError:
    """Return a translated failure."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )


def mistake(key: str, **placeholders: str) -> ServiceValidationError:
    """Return a translated error about what the user entered."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )


def from_gateway(err: GatewayError) -> HomeAssistantError:
    """Return what an action's user sees of an error of the gateway."""
    match err:
        case GatewayBusyError(reason=reason):
            return failure("busy", reason=without_numbers(reason))
        case GatewayNotFoundError():
            return failure("not_found")
        case _:
            return _of_the_gateway(err)


def _of_the_gateway(err: GatewayError) -> HomeAssistantError:
    """Return what is true of an error, whatever the gateway was asked for."""
    match err:
        case GatewayAuthError():
            return failure("invalid_auth")
        case GatewayBusyError(reason=reason):
            return failure("gateway_busy", reason=without_numbers(reason))
        case GatewayNotFoundError():
            return failure("not_a_gateway")
        case GatewayRejectedError(reason=reason) if _VALIDATOR in reason:
            return failure("request_invalid")
        case GatewayRejectedError(reason=reason, status=status):
            return failure(
                "rejected", reason=without_numbers(reason) or f"HTTP {status}"
            )
        case GatewayTimeoutError():
            return failure("timeout")
        case NoNetworkError():
            return failure("no_network")
        case GatewayConnectionError():
            return failure("cannot_connect")
        case _:
            return failure("not_a_gateway")


@contextmanager
def gateway_errors(account: Account) -> Iterator[None]:
    """Convert what an action's request raises; a refused login is checked."""
    try:
        yield
    except GatewayError as err:
        if isinstance(err, GatewayAuthError):
            async_check_login(account)
        raise from_gateway(err) from err


async def async_unavailable(account: Account, err: Exception) -> HomeAssistantError:
    """Return why an account cannot be set up or refreshed."""
    if not isinstance(err, GatewayError):
        return failure("disk")
    if isinstance(err, GatewayAuthError) and await async_is_unhealthy(account):
        return failure("server_unhealthy")
    return _of_the_gateway(err)


def converted[E: HomeAssistantError](kind: type[E], shown: HomeAssistantError) -> E:
    """Return an error as one of another kind."""
    return kind(
        translation_domain=DOMAIN,
        translation_key=shown.translation_key,
        translation_placeholders=shown.translation_placeholders,
    )
