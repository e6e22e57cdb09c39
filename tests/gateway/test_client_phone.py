"""The client and what only phones have: inbox, refresh, settings."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from custom_components.sms_gate.gateway.client import GatewayClient
from custom_components.sms_gate.gateway.errors import (
    GatewayRejectedError,
    GatewayServerError,
)
from custom_components.sms_gate.gateway.models import OutgoingMessage, Webhook
from custom_components.sms_gate.gateway.settings import Settings
from tests.support.common import SARA
from virtual_gateway import VirtualGateway

PRIVATE = "/api/3rdparty/v1"
TEXT = "Nobody may read this"
MESSAGE = OutgoingMessage(id="first", phone_numbers=(SARA,), text=TEXT)


@pytest.fixture
async def client(hass: HomeAssistant, gateway: VirtualGateway) -> GatewayClient:
    """A client of the private server."""
    return GatewayClient(
        async_get_clientsession(hass),
        gateway.url + PRIVATE,
        gateway.username,
        gateway.password,
    )


@pytest.fixture
async def local(hass: HomeAssistant, gateway: VirtualGateway) -> GatewayClient:
    """A client of the phone itself, its address with a slash too many."""
    return GatewayClient(
        async_get_clientsession(hass),
        f"{gateway.url}/",
        gateway.username,
        gateway.password,
        local=True,
    )


async def test_a_phones_lists_are_narrowed_by_time(
    local: GatewayClient, gateway: VirtualGateway
) -> None:
    """Phones read whole seconds or milliseconds only, and clocks have more."""
    gateway.phones[0].receive(SARA, TEXT)
    await local.send(MESSAGE)
    await gateway.settled()
    now = datetime.now(UTC).replace(microsecond=123456)
    hour = timedelta(hours=1)
    around: Any = {"start": now - hour, "end": now + hour}
    assert (await local.messages(**around))[1] == 1
    assert (await local.messages(start=now + hour, end=now + 2 * hour))[1] == 0
    assert (await local.inbox(**around))[1] == 1
    assert (await local.inbox(start=now - 2 * hour, end=now - hour))[1] == 0


async def test_the_phones_inbox_comes_in_pages(
    local: GatewayClient, gateway: VirtualGateway
) -> None:
    """The newest first, with the whole text and the total."""
    phone = gateway.phones[0]
    for number in range(3):
        phone.receive(SARA, f"{TEXT} {number}")
    await gateway.settled()
    page, total = await local.inbox(kind="SMS", limit=2)
    assert (len(page), total) == (2, 3)
    rest, total = await local.inbox(limit=2, offset=2)
    assert (len(rest), total) == (1, 3)
    found = [*page, *rest]
    assert {item.text for item in found} == {f"{TEXT} {n}" for n in range(3)}
    assert {item.sender for item in found} == {SARA}
    assert all(item.created_at.tzinfo for item in found)
    assert TEXT not in repr(found)
    assert SARA not in repr(found)


async def test_a_server_has_no_inbox(client: GatewayClient) -> None:
    """It answers 501, which is a failure of the server."""
    with pytest.raises(GatewayServerError):
        await client.inbox()


@pytest.mark.parametrize("batch", [False, True])
async def test_the_phone_is_asked_to_tell_again(
    client: GatewayClient, gateway: VirtualGateway, *, batch: bool
) -> None:
    """The server's answer is a plain text, and that is no error."""
    now = datetime.now(UTC)
    phone = gateway.phones[0]
    await client.refresh_inbox(
        now - timedelta(hours=1), now, device_id=phone.id, batch=batch
    )
    body = gateway.requests[-1].body
    assert isinstance(body, dict)
    assert body["deviceId"] == phone.id
    assert body["webhookDelivery"] == ("Batch" if batch else "Individual")
    await client.refresh_inbox(now - timedelta(hours=1), now)
    assert "deviceId" not in str(gateway.requests[-1].body)
    await gateway.settled()


async def test_a_phone_takes_a_key_and_a_server_does_not(
    local: GatewayClient, client: GatewayClient, gateway: VirtualGateway
) -> None:
    """Servers refuse to hand a secret on."""
    await local.set_signing_key("the key")
    assert gateway.phones[0].signing_key == "the key"
    with pytest.raises(GatewayRejectedError):
        await client.set_signing_key("other")
    assert gateway.phones[0].signing_key == "the key"


async def test_settings_are_read_and_changed(
    local: GatewayClient, client: GatewayClient
) -> None:
    """One at a time; the others stay as they are."""
    before = await local.settings()
    after = await local.update_settings(Settings(ping_interval=90))
    assert after == replace(before, ping_interval=90)
    assert await local.settings() == after
    assert (
        await client.update_settings(Settings(ping_interval=120))
    ).ping_interval == 120
    assert (await client.settings()).ping_interval == 120


async def test_an_inbox_can_be_asked_for_one_phone(
    local: GatewayClient, gateway: VirtualGateway
) -> None:
    """Servers with several phones need it; a phone knows its own id only."""
    gateway.phones[0].receive(SARA, TEXT)
    await gateway.settled()
    assert (await local.inbox(device_id=gateway.phones[0].local_id))[1] == 1
    with pytest.raises(GatewayRejectedError):
        await local.inbox(device_id="other")


@pytest.mark.parametrize("sort", ["created_at", "-created_at", None])
async def test_messages_are_asked_for_in_an_order(
    client: GatewayClient,
    gateway: VirtualGateway,
    sort: Literal["created_at", "-created_at"] | None,
) -> None:
    """Only where one is wanted: older gateways know none."""
    await client.messages(sort=sort, state="Sent", device_id=gateway.phones[0].id)
    query = gateway.requests[-1].query
    assert query.get("sort") == sort
    assert (query["state"], query["deviceId"]) == ("Sent", gateway.phones[0].id)
    assert (query["limit"], query["offset"]) == ("50", "0")


async def test_a_webhook_is_registered_for_one_phone(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """An older phone of the account is left in peace."""
    phone = gateway.phones[0]
    webhook = Webhook(
        id="one",
        url="https://ha.example/api/s",
        event="sms:received",
        device_id=phone.id,
    )
    await client.register_webhook(webhook)
    assert await client.webhooks() == (webhook,)
