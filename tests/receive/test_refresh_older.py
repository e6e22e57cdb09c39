"""Servers before June 2026 know no refresh: they are asked for an export instead."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from custom_components.sms_gate.gateway.client import GatewayClient
from custom_components.sms_gate.gateway.errors import (
    GatewayError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayServerError,
)
from tests.support.common import SARA, Account, Rig, collect
from tests.support.receiving import asked, quiet, texts
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

EXPORT = "/messages/inbox/export"
OLD = ["placeholder", "no"]
type Age = Literal["placeholder", "no"]


@pytest.fixture
async def client(hass: HomeAssistant, gateway: VirtualGateway) -> GatewayClient:
    """A client of the private server."""
    return GatewayClient(
        async_get_clientsession(hass),
        f"{gateway.url}/api/3rdparty/v1",
        gateway.username,
        gateway.password,
    )


def exports(gateway: VirtualGateway) -> list[Any]:
    """Return the bodies of the requests for an export."""
    return [item.body for item in asked(gateway, "POST", EXPORT)]


async def refresh(client: GatewayClient, **more: Any) -> None:
    """Ask for the last hour."""
    now = datetime.now(UTC)
    await client.refresh_inbox(now - timedelta(hours=1), now, **more)


@pytest.mark.parametrize("age", OLD)
async def test_the_older_path_is_asked_once(
    client: GatewayClient, gateway: VirtualGateway, age: Age
) -> None:
    """With the same period and the same phone."""
    gateway.inbox_refresh = age
    phone = gateway.phones[0]
    await refresh(client, device_id=phone.id)
    (first,) = [item.body for item in asked(gateway, "POST", "/inbox/refresh")]
    (body,) = exports(gateway)
    assert body == first
    assert asked(gateway, "POST", EXPORT)[0].status == 202


@pytest.mark.parametrize("age", OLD)
async def test_every_phone_is_named(
    client: GatewayClient, gateway: VirtualGateway, age: Age
) -> None:
    """Those servers refuse a request for all of them."""
    gateway.inbox_refresh = age
    gateway.add_phone()
    await refresh(client)
    named = [body["deviceId"] for body in exports(gateway)]
    assert sorted(named) == sorted(phone.id for phone in gateway.phones)
    assert {item.status for item in asked(gateway, "POST", EXPORT)} == {202}


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, GatewayRejectedError), (500, GatewayServerError)],
)
async def test_another_failure_is_no_reason(
    client: GatewayClient,
    gateway: VirtualGateway,
    status: int,
    error: type[GatewayError],
) -> None:
    """A server that knows the refresh is not asked a second time."""
    gateway.faults["status"] = Fault(value=status, path="/inbox/refresh$")
    with pytest.raises(error):
        await refresh(client)
    assert exports(gateway) == []


async def test_a_server_that_knows_neither_says_so(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """Servers before 2025."""
    gateway.faults["status"] = Fault(value=404, path="/inbox/")
    with pytest.raises(GatewayNotFoundError):
        await refresh(client)


@pytest.mark.parametrize("age", OLD)
async def test_what_came_while_away_is_fetched_from_an_old_server(
    hass: HomeAssistant, rig: Rig, age: Age
) -> None:
    """Once, as from a new one."""
    rig.gateway.inbox_refresh = age
    account: Account = await rig.add_account()
    seen = collect(hass)
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    account.phone.receive(SARA, "missed", missed=True)
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await quiet(hass)
    await account.settled()
    assert exports(rig.gateway)
    assert texts(seen) == ["missed"]
