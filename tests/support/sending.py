"""What the tests of sending share."""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from aiohttp import ClientTimeout
from aiohttp.typedefs import Handler
from aiohttp.web import Request, StreamResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.gateway import submit
from harness.until import until
from tests.support.common import Account
from virtual_gateway import VirtualGateway

LANDLINE = "+966112345678"
SHORT_CODE = "5555"
TEXT = "The garage door is open"

type Info = pytest.ExceptionInfo[HomeAssistantError]


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


async def posted(gateway: VirtualGateway, count: int) -> None:
    """Wait until the gateway has done with so many posted messages."""
    await until(lambda: len(posts(gateway)) >= count, f"{count} posted messages")


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
    monkeypatch.setattr(submit, "RETRY_PAUSES", pauses)
    if account is not None and timeout is not None:
        monkeypatch.setattr(
            account.entry.runtime_data.account.client,
            "_timeout",
            ClientTimeout(total=timeout),
        )


def hold_up(
    monkeypatch: pytest.MonkeyPatch,
    gateway: VirtualGateway,
    seconds: float,
    when: Callable[[], str | None],
) -> None:
    """Hold requests about messages up ``before`` or ``after`` they are carried out.

    The gateway's own ``delay`` drops a request whose client has given up; a real
    server carries it out all the same.
    """
    web_server = gateway._web
    handle = web_server._handle

    async def held_up(request: Request, handler: Handler) -> StreamResponse:
        """Carry out a request, sooner or later."""
        await request.read()
        place = when() if "/messages" in request.path else None
        if place == "before":
            await asyncio.sleep(seconds)
        response = await handle(request, handler)
        if place == "after":
            await asyncio.sleep(seconds)
        return response

    monkeypatch.setattr(web_server, "_handle", held_up)


@contextmanager
def fails(key: str, **placeholders: str) -> Generator[Info]:
    """Expect a failure with this translation key; placeholders that are given hold."""
    with _raised(HomeAssistantError, key, placeholders) as info:
        yield info
    assert not isinstance(info.value, ServiceValidationError)


@contextmanager
def refuses(key: str, **placeholders: str) -> Generator[Info]:
    """Expect an error about what the user entered."""
    with _raised(ServiceValidationError, key, placeholders) as info:
        yield info


@contextmanager
def _raised(
    kind: type[HomeAssistantError], key: str, placeholders: dict[str, str]
) -> Generator[Info]:
    """Expect one kind of error."""
    with pytest.raises(kind) as info:
        yield info
    assert info.value.translation_domain == DOMAIN
    assert info.value.translation_key == key, info.value
    given = info.value.translation_placeholders or {}
    assert {name: given.get(name) for name in placeholders} == placeholders
