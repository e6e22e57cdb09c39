"""The client against the virtual gateway: what it asks, reads and raises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import logging
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from custom_components.sms_gate.gateway.client import GatewayClient
from custom_components.sms_gate.gateway.errors import (
    GatewayBusyError,
    GatewayConflictError,
    GatewayNotFoundError,
    GatewayRejectedError,
)
from custom_components.sms_gate.gateway.models import OutgoingMessage, Webhook
from tests.support.common import OMAR, SARA
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

PRIVATE = "/api/3rdparty/v1"
TEXT = "Nobody may read this"
MESSAGE = OutgoingMessage(id="first", phone_numbers=(SARA,), text=TEXT)
HOOK = Webhook(id="hook", url="https://ha.example/api/secret", event="sms:received")


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


async def test_the_server_lists_the_phones(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """All phones come, with what the server shows of their SIMs."""
    gateway.add_phone("Pixel")
    devices = await client.devices()
    assert [(device.id, device.name) for device in devices] == [
        (phone.id, phone.name) for phone in gateway.phones
    ]
    assert [card.sim_number for card in devices[0].sim_cards or ()] == [1]
    assert devices[0].last_seen is not None


async def test_the_phone_names_itself(
    local: GatewayClient, gateway: VirtualGateway
) -> None:
    """The phone's own path is another one, and its id too."""
    (device,) = await local.devices()
    assert device.id == gateway.phones[0].local_id
    assert [request.path for request in gateway.requests] == ["/device"]


@pytest.mark.parametrize("side", ["private", "phone"])
async def test_a_message_is_handed_over_and_followed(
    client: GatewayClient, local: GatewayClient, gateway: VirtualGateway, side: str
) -> None:
    """The gateway accepts what was given, and says how far it got."""
    asked = {"private": client, "phone": local}[side]
    accepted = await asked.send(replace(MESSAGE, sim_number=1, ttl=60))
    assert (accepted.id, accepted.state) == ("first", "Pending")
    assert gateway.requests[-1].body == {
        "id": "first",
        "phoneNumbers": [SARA],
        "withDeliveryReport": True,
        "textMessage": {"text": TEXT},
        "simNumber": 1,
        "ttl": 60,
    }
    assert gateway.requests[-1].query == {}
    await gateway.settled()
    message = await asked.message("first")
    assert message.state == "Delivered"
    assert [item.state for item in message.recipients] == ["Delivered"]
    assert message.states["Delivered"].tzinfo is not None
    assert [sms.text for sms in gateway.phones[0].outbox] == [TEXT]


async def test_a_short_code_goes_only_past_the_number_check(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """The flag goes into the query, and only when it is set."""
    short = OutgoingMessage(id="short", phone_numbers=("8080",), text=TEXT)
    with pytest.raises(GatewayRejectedError):
        await client.send(short)
    await client.send(replace(short, skip_phone_validation=True))
    assert gateway.requests[-1].query == {"skipPhoneValidation": "true"}


async def test_data_goes_out_as_data(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """Base64 and port arrive at the phone, and come back from the server."""
    message = OutgoingMessage(
        id="data", phone_numbers=(SARA,), data="SGVsbG8=", port=53739
    )
    accepted = await client.send(message)
    assert (accepted.data, accepted.port, accepted.text) == ("SGVsbG8=", 53739, None)
    await gateway.settled()
    assert [(sms.data, sms.port) for sms in gateway.phones[0].outbox] == [
        (b"Hello", 53739)
    ]


async def test_messages_come_in_pages(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """The newest first, the total from the header, texts only when asked for."""
    for number in range(3):
        await client.send(replace(MESSAGE, id=f"m{number}"))
    page, total = await client.messages(limit=2)
    assert ([item.id for item in page], total) == (["m2", "m1"], 3)
    assert [item.text for item in page] == [None, None]
    page, total = await client.messages(limit=2, offset=2, include_content=True)
    assert ([(item.id, item.text) for item in page], total) == ([("m0", TEXT)], 3)
    await gateway.settled()
    page, total = await client.messages(state="Failed")
    assert (page, total) == ((), 0)
    await gateway.settled()


async def test_messages_are_chosen_by_time_and_phone(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """Times with an offset and a phone's id narrow the list."""
    accepted = await client.send(MESSAGE)
    other = gateway.add_phone("Pixel")
    now = datetime.now(UTC)
    around: Any = {"start": now - timedelta(hours=1), "end": now + timedelta(hours=1)}
    assert (await client.messages(**around, device_id=accepted.device_id))[1] == 1
    assert (await client.messages(**around, device_id=other.id))[1] == 0
    assert (await client.messages(start=now + timedelta(hours=1)))[1] == 0
    assert (await client.messages(end=now - timedelta(hours=1)))[1] == 0
    await gateway.settled()


async def test_a_waiting_message_can_be_cancelled_once(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """What is being cancelled cannot be cancelled again."""
    gateway.faults["offline"] = Fault()
    await client.send(MESSAGE)
    assert (await client.cancel("first")).state == "Cancelling"
    with pytest.raises(GatewayConflictError) as caught:
        await client.cancel("first")
    assert caught.value.reason
    gateway.faults.clear()
    await gateway.settled()
    assert (await client.message("first")).state == "Cancelled"
    assert gateway.phones[0].outbox == []


async def test_webhooks_are_registered_replaced_and_removed(
    client: GatewayClient,
) -> None:
    """The same id replaces; removing what is not there is no error."""
    changed = replace(HOOK, url="https://other.example/hook")
    await client.register_webhook(HOOK)
    assert await client.webhooks() == (HOOK,)
    await client.register_webhook(changed)
    assert await client.webhooks() == (changed,)
    await client.delete_webhook("hook")
    await client.delete_webhook("hook")
    assert await client.webhooks() == ()


async def test_the_same_id_again_is_a_conflict(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """An id that the gateway knows sends nothing a second time."""
    await client.send(MESSAGE)
    with pytest.raises(GatewayConflictError):
        await client.send(MESSAGE)
    await gateway.settled()
    assert len(gateway.phones[0].outbox) == 1


async def test_a_full_queue_says_so(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """The gateway's words come along; without Retry-After there is no time."""
    gateway.queue_limit = 0
    with pytest.raises(GatewayBusyError) as caught:
        await client.send(MESSAGE)
    assert "too many pending messages" in caught.value.reason
    assert caught.value.retry_after is None
    assert gateway.messages == {}


async def test_ids_cannot_leave_their_place_in_the_path(
    client: GatewayClient, gateway: VirtualGateway
) -> None:
    """An id stays one segment, or nothing is asked at all."""
    for call in (client.message, client.cancel, client.delete_webhook):
        for odd in ("", ".", "..", "../webhooks", "a/b", "a\\b", "a\n", "\ud83d"):
            with pytest.raises(GatewayNotFoundError):
                await call(odd)
    assert gateway.requests == []
    for call in (client.message, client.cancel):
        with pytest.raises(GatewayNotFoundError):
            await call("webhooks?x=1#y %2e")
    assert [request.query for request in gateway.requests] == [{}, {}]
    assert gateway.requests[0].path == f"{PRIVATE}/messages/webhooks?x=1#y %2e"


async def test_nothing_private_is_in_an_error_or_in_the_log(
    client: GatewayClient, gateway: VirtualGateway, caplog: pytest.LogCaptureFixture
) -> None:
    """The gateway's words may name a number, so they stay out of what is printed."""
    caplog.set_level(logging.DEBUG)
    bad = OutgoingMessage(
        id="bad", phone_numbers=(OMAR,), text=TEXT, device_id="no such phone"
    )
    with pytest.raises(GatewayRejectedError) as caught:
        await client.send(bad)
    assert caught.value.status == 400
    assert caught.value.reason
    shown = f"{caught.value!s} {caught.value!r} {bad!r} {caplog.text}"
    for private in (caught.value.reason, OMAR, TEXT, client._headers["Authorization"]):
        assert private not in shown
