"""What the tests of sending share."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from aiohttp import ClientTimeout
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from custom_components.sms_gate import handover
from custom_components.sms_gate.const import DOMAIN
from tests.common import Account
from tests.virtual_gateway import VirtualGateway

LANDLINE = "+966112345678"
SHORT_CODE = "5555"
TEXT = "The garage door is open"


def posts(gateway: VirtualGateway) -> list[dict[str, Any]]:
    """Return the bodies of all messages that were posted, in order."""
    return [
        request.body
        for request in gateway.requests
        if request.method == "POST"
        and request.path.endswith("/messages")
        and isinstance(request.body, dict)
    ]


def skips(gateway: VirtualGateway) -> list[bool]:
    """Return for each posted message whether the server's check was switched off."""
    return [
        request.query.get("skipPhoneValidation") == "true"
        for request in gateway.requests
        if request.method == "POST" and request.path.endswith("/messages")
    ]


def asked(gateway: VirtualGateway, method: str = "GET") -> list[str]:
    """Return the last part of the paths of requests about messages."""
    return [
        request.path.rpartition("/")[2]
        for request in gateway.requests
        if request.method == method and "/messages" in request.path
    ]


def on_the_phone(account: Account) -> Counter[str]:
    """Return how often each number got an SMS, from whichever phone."""
    return Counter(
        sms.phone_number for phone in account.gateway.phones for sms in phone.outbox
    )


def short_waits(
    monkeypatch: pytest.MonkeyPatch,
    account: Account | None = None,
    *,
    pauses: tuple[float, ...] = (0.01, 0.01),
    timeout: float | None = None,
) -> None:
    """Make the pauses between tries short, and the client's patience if asked."""
    monkeypatch.setattr(handover, "RETRY_PAUSES", pauses)
    if account is not None and timeout is not None:
        monkeypatch.setattr(
            account.entry.runtime_data.account.client,
            "_timeout",
            ClientTimeout(total=timeout),
        )


@contextmanager
def fails(key: str, **placeholders: str) -> Generator[None]:
    """Expect a failure with this translation key; placeholders that are given hold."""
    with _raised(HomeAssistantError, key, placeholders) as info:
        yield
    assert not isinstance(info.value, ServiceValidationError)


@contextmanager
def refuses(key: str, **placeholders: str) -> Generator[None]:
    """Expect an error about what the user entered."""
    with _raised(ServiceValidationError, key, placeholders):
        yield


@contextmanager
def _raised(
    kind: type[HomeAssistantError], key: str, placeholders: dict[str, str]
) -> Generator[pytest.ExceptionInfo[HomeAssistantError]]:
    """Expect one kind of error."""
    with pytest.raises(kind) as info:
        yield info
    assert info.value.translation_domain == DOMAIN
    assert info.value.translation_key == key, info.value
    given = info.value.translation_placeholders or {}
    assert {name: given.get(name) for name in placeholders} == placeholders
