"""The one map from the client's errors to Home Assistant's, in the user's language."""

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .errors import (
    GatewayAuthError,
    GatewayBusyError,
    GatewayConnectionError,
    GatewayError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayTimeoutError,
)


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
    """Return what the user is told about an error of the gateway."""
    match err:
        case GatewayAuthError():
            return failure("invalid_auth")
        case GatewayBusyError(reason=reason):
            return failure("busy", reason=reason)
        case GatewayNotFoundError():
            return failure("not_found")
        case GatewayRejectedError(reason=reason, status=status):
            return failure("rejected", reason=reason or f"HTTP {status}")
        case GatewayTimeoutError():
            return failure("timeout")
        case GatewayConnectionError():
            return failure("cannot_connect")
        case _:
            return failure("not_a_gateway")
