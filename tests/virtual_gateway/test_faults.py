"""Faults: each strikes as asked for, and never twice the same way by chance."""

from typing import Any

import aiohttp
import pytest

from virtual_gateway import Fault, VirtualGateway

from .conftest import NUMBER, SERVER, Asker, Receiver
from .test_webhooks import register

MESSAGES = f"{SERVER}/messages"


@pytest.mark.parametrize(
    ("name", "carried_out"), [("drop_response", True), ("reset", False)]
)
async def test_connection_ends_without_an_answer(
    gateway: VirtualGateway,
    ask: Asker,
    text_message: dict[str, Any],
    name: str,
    carried_out: bool,
) -> None:
    gateway.faults[name] = Fault(limit=1)
    with pytest.raises(aiohttp.ClientError):
        await ask("POST", MESSAGES, text_message)
    await gateway.settled()
    assert len(gateway.phones[0].outbox) == carried_out
    [request] = gateway.requests
    assert (request.method, request.path, request.status) == ("POST", MESSAGES, None)
    assert request.body == text_message
    assert (await ask("POST", MESSAGES, text_message)).status == 202


@pytest.mark.parametrize(("value", "status"), [(None, 500), (429, 429)])
async def test_status_without_carrying_out(
    gateway: VirtualGateway,
    ask: Asker,
    text_message: dict[str, Any],
    value: float | None,
    status: int,
) -> None:
    gateway.faults["status"] = Fault(limit=1, value=value, path="/messages$")
    assert (await ask("GET", f"{SERVER}/devices")).status == 200
    reply = await ask("POST", MESSAGES, text_message)
    assert reply.status == status
    assert reply.message
    assert gateway.messages == {}
    assert [item.status for item in gateway.requests] == [200, status]


async def test_delay_comes_before_carrying_out(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    gateway.faults["delay"] = Fault(value=30)
    timeout = aiohttp.ClientTimeout(total=0.1)
    with pytest.raises(TimeoutError):
        await ask("POST", MESSAGES, text_message, timeout=timeout)
    assert gateway.messages == {}


async def test_seed_decides_which_requests_are_hit(
    gateway: VirtualGateway, ask: Asker
) -> None:
    runs = []
    for seed in (7, 7, 8):
        gateway.faults["status"] = Fault(probability=0.5, seed=seed)
        runs.append([(await ask("GET", MESSAGES)).status for _ in range(30)])
    assert runs[0] == runs[1] != runs[2]
    assert 0 < runs[0].count(500) < 30


async def test_webhook_down_is_retried_like_a_network_error(
    gateway: VirtualGateway, ask: Asker, receiver: Receiver
) -> None:
    gateway.faults["webhook_down"] = Fault(limit=2, path="^/hook$")
    await register(ask, receiver)
    gateway.phones[0].receive(NUMBER, "x")
    await gateway.settled()
    assert [item.status for item in gateway.deliveries] == [None, None, 200]
    assert gateway.deliveries[0].error
    assert len(receiver.requests) == 1


async def test_offline_phone_neither_fetches_nor_delivers(
    gateway: VirtualGateway,
    ask: Asker,
    receiver: Receiver,
    text_message: dict[str, Any],
) -> None:
    await register(ask, receiver)
    gateway.faults["offline"] = Fault()
    posted = await ask("POST", MESSAGES, text_message)
    gateway.phones[0].receive(NUMBER, "x")
    with pytest.raises(TimeoutError):
        await gateway.settled(timeout=0.1)
    assert receiver.requests == []
    assert gateway.messages[posted.json["id"]].state == "Pending"
    gateway.faults.clear()
    await gateway.settled()
    assert len(receiver.events) == 1
    assert gateway.messages[posted.json["id"]].state == "Delivered"


async def test_reset_forgets_all_but_the_phones(
    gateway: VirtualGateway,
    ask: Asker,
    receiver: Receiver,
    text_message: dict[str, Any],
) -> None:
    phone = gateway.phones[0]
    await register(ask, receiver)
    await register(ask, receiver, base="")
    await ask("POST", MESSAGES, text_message)
    phone.receive(NUMBER, "x")
    gateway.faults["webhook_down"] = Fault()
    await gateway.reset()
    await gateway.settled()
    assert gateway.phones == [phone]
    stores = (
        gateway.messages, gateway.account_webhooks, gateway.faults, gateway.requests,
        gateway.deliveries, phone.webhooks, phone.outbox, phone.inbox.messages,
    )  # fmt: skip
    assert not any(stores)
    assert (await ask("POST", MESSAGES, text_message)).status == 202
    await gateway.settled()
    assert len(phone.outbox) == 1


async def test_same_seed_same_ids() -> None:
    ids = [VirtualGateway(seed=seed).phones[0].id for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]
    assert (
        VirtualGateway(username="other").phones[0].id != VirtualGateway().phones[0].id
    )
