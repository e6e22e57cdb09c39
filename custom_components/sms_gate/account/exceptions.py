"""The one map from the client's errors to Home Assistant's, in the user's language."""

from collections.abc import Iterator
from contextlib import contextmanager
import re
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
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
)

_NUMBER: Final = re.compile(r"\+?\d[\d ().-]{4,}\d")


def without_numbers(reason: str) -> str:
    """Return the gateway's words without phone numbers: errors end up in logs."""
    return _NUMBER.sub("…", reason)


@contextmanager
def gateway_errors(hass: HomeAssistant, entry: ConfigEntry) -> Iterator[None]:
    """Tell the user what the gateway refused; a wrong login starts a new one."""
    try:
        yield
    except GatewayError as err:
        if isinstance(err, GatewayAuthError):
            async_check_login(hass, entry)
        raise from_gateway(err) from err


@callback
def async_check_login(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Let the coordinator find out whether a login is really refused, and ask for one."""
    entry.async_create_task(
        hass, entry.runtime_data.coordinator.async_check_login(), "sms_gate check login"
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
            return failure("busy", reason=without_numbers(reason))
        case GatewayNotFoundError():
            return failure("not_found")
        case GatewayRejectedError(reason=reason, status=status):
            return failure(
                "rejected", reason=without_numbers(reason) or f"HTTP {status}"
            )
        case GatewayTimeoutError():
            return failure("timeout")
        case GatewayConnectionError():
            return failure("cannot_connect")
        case _:
            return failure("not_a_gateway")
