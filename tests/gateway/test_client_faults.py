"""The client against a gateway that fails: every call, every fault, one error."""

from collections.abc import Awaitable, Callable

from aiohttp import ClientTimeout
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from custom_components.sms_gate.gateway.client import GatewayClient
from custom_components.sms_gate.gateway.errors import (
    GatewayAuthError,
    GatewayConflictError,
    GatewayConnectionError,
    GatewayError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayServerError,
    GatewayTimeoutError,
    GatewayUnavailableError,
    GatewayUnreachableError,
)
from custom_components.sms_gate.gateway.models import OutgoingMessage, Webhook
from tests.support.common import SARA
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

PRIVATE = "/api/3rdparty/v1"
TEXT = "Nobody may read this"
MESSAGE = OutgoingMessage(id="first", phone_numbers=(SARA,), text=TEXT)
HOOK = Webhook(id="hook", url="https://ha.example/api/secret", event="sms:received")

type Call = Callable[[GatewayClient], Awaitable[object]]

EVERY_CALL: dict[str, Call] = {
    "devices": lambda client: client.devices(),
    "send": lambda client: client.send(MESSAGE),
    "message": lambda client: client.message("first"),
    "messages": lambda client: client.messages(),
    "cancel": lambda client: client.cancel("first"),
    "webhooks": lambda client: client.webhooks(),
    "register": lambda client: client.register_webhook(HOOK),
    "delete": lambda client: client.delete_webhook("hook"),
}


@pytest.fixture
async def client(hass: HomeAssistant, gateway: VirtualGateway) -> GatewayClient:
    """A client of the private server."""
    return GatewayClient(
        async_get_clientsession(hass),
        gateway.url + PRIVATE,
        gateway.username,
        gateway.password,
    )


async def expect(client: GatewayClient, error: type[GatewayError]) -> None:
    """Make every call, each of which raises this error and none of its kinds."""
    for name, call in EVERY_CALL.items():
        with pytest.raises(GatewayError) as caught:
            await call(client)
        assert type(caught.value) is error, name


async def test_a_wrong_password_is_named(
    hass: HomeAssistant, gateway: VirtualGateway
) -> None:
    """Whatever is asked, a refused login is a refused login."""
    wrong = GatewayClient(
        async_get_clientsession(hass), gateway.url + PRIVATE, "user", "wrong"
    )
    await expect(wrong, GatewayAuthError)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param({"reset": Fault()}, GatewayConnectionError, id="reset"),
        pytest.param({"drop_response": Fault()}, GatewayConnectionError, id="dropped"),
        pytest.param({"status": Fault(value=500)}, GatewayServerError, id="500"),
        pytest.param({"status": Fault(value=502)}, GatewayServerError, id="502"),
        pytest.param({"status": Fault(value=503)}, GatewayUnavailableError, id="503"),
        pytest.param({"status": Fault(value=429)}, GatewayUnavailableError, id="429"),
        pytest.param({"status": Fault(value=400)}, GatewayRejectedError, id="400"),
        pytest.param({"status": Fault(value=403)}, GatewayAuthError, id="403"),
        pytest.param({"status": Fault(value=404)}, GatewayNotFoundError, id="404"),
        pytest.param({"status": Fault(value=409)}, GatewayConflictError, id="409"),
        pytest.param({"status": Fault(value=501)}, GatewayServerError, id="501"),
    ],
)
async def test_every_fault_has_its_error(
    client: GatewayClient,
    gateway: VirtualGateway,
    fault: dict[str, Fault],
    error: type[GatewayError],
) -> None:
    """All calls fail in the same way, with exactly the error of the fault."""
    gateway.faults.update(fault)
    await expect(client, error)


async def test_no_answer_in_time_is_a_timeout(
    hass: HomeAssistant, gateway: VirtualGateway
) -> None:
    """The total time counts, and aiohttp's TimeoutError is none of its own errors."""
    gateway.faults["delay"] = Fault(value=0.3)
    hasty = GatewayClient(
        async_get_clientsession(hass),
        gateway.url + PRIVATE,
        gateway.username,
        gateway.password,
        timeout=ClientTimeout(total=0.05),
    )
    await expect(hasty, GatewayTimeoutError)


async def test_nobody_listening_is_unreachable(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """Then it is certain that nothing was carried out."""
    await gateway.stop()
    await expect(client, GatewayUnreachableError)


@pytest.mark.parametrize("fault", ["drop_response", "reset"])
async def test_a_broken_connection_never_posts_twice(
    client: GatewayClient, gateway: VirtualGateway, fault: str
) -> None:
    """Only the caller may try again: the message may have been accepted."""
    await client.devices()  # a connection that is kept is the one aiohttp retries
    gateway.faults[fault] = Fault(limit=1)
    with pytest.raises(GatewayConnectionError):
        await client.send(MESSAGE)
    posted = [request for request in gateway.requests if request.method == "POST"]
    assert len(posted) == 1
    assert list(gateway.messages) == (["first"] if fault == "drop_response" else [])
    await gateway.settled()
