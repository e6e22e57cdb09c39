"""Phones, health, tokens and paths: where the two sides differ."""

from typing import Any

import aiohttp
import pytest

from virtual_gateway import VirtualGateway, VirtualSim

from .conftest import SERVER, Asker


async def test_server_lists_phones_with_starred_sims(
    gateway: VirtualGateway, ask: Asker
) -> None:
    bare = gateway.add_phone(name="Google/pixel", sims=())
    shown = {item["id"]: item for item in (await ask("GET", f"{SERVER}/devices")).json}
    first = shown[gateway.phones[0].id]
    assert first["simCards"] == [
        {
            "slotIndex": 0,
            "simNumber": 1,
            "phoneNumber": "*********0001",
            "carrierName": "****",
            "iccid": "***************0001",
        }
    ]
    assert set(first) == {
        "id",
        "name",
        "createdAt",
        "updatedAt",
        "lastSeen",
        "simCards",
    }
    assert all(
        first[key].endswith("Z") for key in ("createdAt", "updatedAt", "lastSeen")
    )
    assert "simCards" not in shown[bare.id]
    assert (await ask("DELETE", f"{SERVER}/devices/{bare.id}")).status == 204
    assert (await ask("DELETE", f"{SERVER}/devices/{bare.id}")).status == 204
    assert len((await ask("GET", f"{SERVER}/devices")).json) == 1


async def test_phone_shows_itself_whole_in_a_list(
    gateway: VirtualGateway, ask: Asker
) -> None:
    gateway.phones[0].sims += (VirtualSim(2, carrier="Mobily"),)
    [shown] = (await ask("GET", "/device")).json
    assert shown["id"] == gateway.phones[0].local_id
    assert len(shown["id"]) == 32
    assert shown["lastSeen"].endswith("+03:00")
    assert shown["simCards"][0]["phoneNumber"] == "+966500000001"
    assert shown["simCards"][1] == {
        "slotIndex": 1,
        "simNumber": 2,
        "carrierName": "Mobily",
    }
    assert (await ask("GET", "/devices")).status == 404


async def test_health_needs_no_login(gateway: VirtualGateway, ask: Asker) -> None:
    nobody = {"headers": {"Authorization": "Basic bm9ib2R5OjE="}}
    server = await ask("GET", f"{SERVER}/health", **nobody)
    assert (server.status, set(server.json["checks"])) == (200, {"db:ping"})
    assert (await ask("GET", "/health", **nobody)).json["status"] == "pass"
    gateway.server_healthy = False
    gateway.phones[0].battery = 5
    server, phone = await ask("GET", f"{SERVER}/health"), await ask("GET", "/health")
    assert (server.status, server.json["status"]) == (503, "fail")
    assert (phone.status, phone.json["status"]) == (500, "fail")


@pytest.mark.parametrize("base", [SERVER, ""], ids=["server", "phone"])
async def test_tokens(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any], base: str
) -> None:
    body = {"scopes": ["messages:send"], "ttl": 60}
    issued = await ask("POST", f"{base}/auth/token", body)
    assert issued.status == 201
    bearer = {"headers": {"Authorization": f"Bearer {issued.json['access_token']}"}}
    path = f"{base}/messages"
    assert (await ask("POST", path, text_message, **bearer)).status == 202
    assert (await ask("GET", path, **bearer)).status == 403
    renewal = {"headers": {"Authorization": f"Bearer {issued.json['refresh_token']}"}}
    renewed = await ask("POST", f"{base}/auth/token/refresh", **renewal)
    assert renewed.status == (201 if base else 200)
    assert (await ask("POST", f"{base}/auth/token/refresh", **renewal)).status == 401
    assert (await ask("DELETE", f"{base}/auth/token/{issued.json['id']}")).status == 204
    assert (await ask("POST", path, text_message, **bearer)).status == 401


async def test_tokens_may_be_off(gateway: VirtualGateway, ask: Asker) -> None:
    gateway.jwt_enabled = False
    body = {"scopes": ["messages:send"]}
    assert (await ask("POST", f"{SERVER}/auth/token", body)).status == 501
    assert (await ask("POST", f"{SERVER}/auth/token", {})).status == 400


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (("cloud",), (200, 404, 404)),
        (("private",), (404, 200, 404)),
        (("phone",), (404, 404, 200)),
        ((), (404, 404, 404)),
    ],
)
async def test_parts_can_be_off(
    paths: tuple[str, ...], expected: tuple[int, ...]
) -> None:
    login = {"Authorization": aiohttp.encode_basic_auth("user", "pass")}
    async with (
        VirtualGateway(paths=paths) as gateway,
        aiohttp.ClientSession(headers=login) as session,
    ):
        found = []
        for base in ("/3rdparty/v1", "/api/3rdparty/v1", ""):
            async with session.get(f"{gateway.url}{base}/messages") as response:
                found.append(response.status)
    assert tuple(found) == expected


async def test_unknown_paths(ask: Asker) -> None:
    server = await ask("GET", f"{SERVER}/nothing")
    assert (server.status, server.text) == (404, "Not Found")
    phone = await ask("GET", "/nothing")
    assert (phone.status, phone.text) == (404, "")
    assert (await ask("GET", f"{SERVER}/messages/")).status == 200
    with pytest.raises(ValueError, match="nonsense"):
        VirtualGateway(paths=("nonsense",))


async def test_log_of_the_phone(ask: Asker) -> None:
    reply = await ask("GET", "/logs")
    assert set(reply.json[0]) == {"id", "priority", "module", "message", "createdAt"}
    assert (await ask("GET", "/logs?from=2090-01-01T00:00:00Z")).json == []


async def test_a_gateway_without_a_phone_refuses_messages(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    await gateway.remove_phone(gateway.phones[0].id)
    assert (await ask("POST", f"{SERVER}/messages", text_message)).status == 400
    assert (await ask("GET", f"{SERVER}/devices")).json == []
    assert (await ask("GET", "/messages")).status == 404
