"""The control API, its page, and the program on its own."""

import asyncio
import json
from pathlib import Path
import re
import sys
from typing import Any

import aiohttp
import pytest

from harness.gateway import basic_auth
import virtual_gateway
from virtual_gateway import VirtualGateway

from .conftest import NUMBER, SERVER, Asker

PAGE = Path(virtual_gateway.__file__).parent / "page"


async def test_receive_and_outbox(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    second = gateway.add_phone()
    reply = await ask("POST", "/control/receive", {"sender": "STC", "message": "مرحبا"})
    [message] = gateway.phones[0].inbox.messages.values()
    assert reply.json == {"message_id": message.message_id}
    body = {"sender": NUMBER, "message": "x", "phone": second.id, "sim_number": 1}
    assert (await ask("POST", "/control/receive", body)).status == 200
    assert len(second.inbox.messages) == 1
    device = {"deviceId": second.id}
    posted = await ask("POST", f"{SERVER}/messages", text_message | device)
    await gateway.settled()
    [sms] = (await ask("GET", "/control/outbox")).json["messages"]
    assert sms.pop("sent_at") <= sms.pop("delivered_at")
    assert sms == {
        "message_id": posted.json["id"],
        "phone_number": NUMBER,
        "text": "hello",
        "data": None,
        "port": None,
        "sim_number": 1,
        "state": "delivered",
        "parts": 1,
        "kind": "SMS",
        "subject": None,
        "attachments": [],
        "phone": second.id,
    }
    assert all("/control" not in request.path for request in gateway.requests)


async def test_receive_data_and_mms(gateway: VirtualGateway, ask: Asker) -> None:
    mms = {"sender": NUMBER, "subject": "Photo"}
    file = {"name": "a.png", "content_type": "image/png", "data": "aGk="}
    for path, body in (
        ("receive_data", {"sender": NUMBER, "data": "AAE="}),
        ("receive_mms", mms | {"size": 9}),
        ("receive_mms", mms | {"body": "Look", "attachments": [file]}),
    ):
        assert (await ask("POST", f"/control/{path}", body)).status == 200
    kinds = [message.type for message in gateway.phones[0].inbox.messages.values()]
    assert kinds == ["DATA_SMS", "MMS", "MMS_DOWNLOADED"]


async def test_faults(gateway: VirtualGateway, ask: Asker) -> None:
    body = {
        "drop_response": 0.2,
        "seed": 7,
        "delay": {"probability": 1, "value": 3, "limit": 1},
    }
    shown = (await ask("POST", "/control/faults", body)).json
    assert shown == {
        "drop_response": {"probability": 0.2, "seed": 7, "hits": 0},
        "delay": {"probability": 1.0, "seed": 7, "hits": 0, "limit": 1, "value": 3.0},
    }
    assert (await ask("GET", "/control/faults")).json == shown
    assert (await ask("POST", "/control/faults", {})).json == {}
    assert gateway.faults == {}


async def test_phones(gateway: VirtualGateway, ask: Asker) -> None:
    added = await ask(
        "POST", "/control/phones", {"name": "Google/pixel", "battery": 12}
    )
    phone = gateway.phones[1]
    assert (added.json, phone.name, phone.battery) == (
        {"id": phone.id},
        "Google/pixel",
        12,
    )
    body = {
        "online": False, "charging": True, "transport": "cellular", "signing_key": "k",
        "passphrase": None, "outcomes": {NUMBER: "failed"}, "ping_interval": 60, "utc_offset": 330,
        "sims": [{"number": 2, "phone_number": "+966500000002"}],
    }  # fmt: skip
    assert (await ask("PATCH", f"/control/phones/{phone.id}", body)).status == 200
    assert (phone.online, phone.signing_key, phone.sims[0].number) == (False, "k", 2)
    for action in ("ping", "restart"):
        assert (await ask("POST", f"/control/phones/{phone.id}/{action}")).status == 200
    assert (await ask("DELETE", f"/control/phones/{phone.id}")).status == 200
    assert len(gateway.phones) == 1
    assert (await ask("DELETE", f"/control/phones/{phone.id}")).status == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "receive", {"message": "x"}),
        ("POST", "receive", {"sender": "", "message": "x"}),
        ("POST", "receive", {"sender": "x", "message": 1}),
        ("POST", "receive", {"sender": "x", "message": "x", "sim_number": 2}),
        ("POST", "receive", []),
        ("POST", "receive_data", {"sender": "x", "data": "?"}),
        ("POST", "receive_mms", {"sender": "x", "size": -1}),
        ("POST", "receive_mms", {"sender": "x", "attachments": [1]}),
        ("POST", "faults", {"nonsense": 1}),
        ("POST", "faults", {"delay": 2}),
        ("POST", "faults", {"delay": {"often": 1}}),
        ("POST", "faults", {"delay": {"path": "("}}),
        ("POST", "faults", {"delay": 1, "seed": "x"}),
        ("POST", "phones", {"battery": 101}),
        ("POST", "phones", {"nonsense": 1}),
        ("POST", "phones", {"sims": [{"number": 9}]}),
    ],
)
async def test_wrong_input(
    gateway: VirtualGateway, ask: Asker, method: str, path: str, body: object
) -> None:
    reply = await ask(method, f"/control/{path}", body)
    assert reply.status == 400
    assert reply.message
    assert (len(gateway.phones), gateway.faults) == (1, {})


async def test_state_and_its_changes(
    gateway: VirtualGateway, ask: Asker, text_message: dict[str, Any]
) -> None:
    async with aiohttp.ClientSession() as session:  # noqa: SIM117
        async with session.get(f"{gateway.url}/control/events") as events:
            first = json.loads(
                (await events.content.readline()).removeprefix(b"data: ")
            )
            assert first["phones"][0]["timeline"] == []
            gateway.phones[0].receive(NUMBER, "<b>مرحبا</b>")
            await events.content.readline()
            line = (await events.content.readline()).removeprefix(b"data: ")
            [entry] = json.loads(line)["phones"][0]["timeline"]
    assert (entry["direction"], entry["text"]) == ("in", "<b>مرحبا</b>")
    await ask("POST", f"{SERVER}/messages", text_message)
    await gateway.settled()
    timeline = (await ask("GET", "/control/state")).json["phones"][0]["timeline"]
    assert [item["direction"] for item in timeline] == ["in", "out"]
    assert timeline[1]["state"] == "Delivered"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "text/html"),
        ("page.css", "text/css"),
        ("page.js", "text/javascript"),
        ("view.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ],
)
async def test_page_is_served(ask: Asker, name: str, kind: str) -> None:
    reply = await ask("GET", f"/control/{name}")
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith(kind)
    assert "default-src 'self'" in reply.headers["Content-Security-Policy"]
    assert "//" not in re.sub(
        r"http://www\.w3\.org/2000/svg|^\s*//.*$|\s// .*$",
        "",
        reply.text,
        flags=re.MULTILINE,
    )


def test_page_writes_texts_as_texts_only() -> None:
    code = "".join(path.read_text() for path in PAGE.glob("*.js"))
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
    ):
        assert way not in code
    html = (PAGE / "index.html").read_text()
    used = set(re.findall(r'\$\("([\w-]+)"\)', code))
    assert used <= set(re.findall(r'id="([\w-]+)"', html))


async def test_control_leads_to_the_page(ask: Asker) -> None:
    reply = await ask("GET", "/control", allow_redirects=False)
    assert reply.headers["Location"] == "/control/"


async def test_program_serves_until_it_is_stopped() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "virtual_gateway", "--port", "0", "--phones", "2",
        "--half-set-up", cwd=Path(virtual_gateway.__file__).parents[1], stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        url = line.split()[1]
        login = basic_auth("user", "pass")
        wrong = {"webhooks": {"internet_required": True, "retry_count": 1}}
        async with aiohttp.ClientSession(headers=login) as session:
            async with session.get(f"{url}/control/state") as reply:
                assert len((await reply.json())["phones"]) == 2
            async with session.get(f"{url}/3rdparty/v1/settings") as reply:
                assert await reply.json() == wrong
            async with session.get(f"{url}/settings") as reply:
                assert (await reply.json()).items() >= wrong.items()
    finally:
        process.terminate()
        assert await process.wait() == 0


async def test_program_says_what_is_wrong() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "virtual_gateway", "--speed", "0",
        cwd=Path(virtual_gateway.__file__).parents[1], stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, error = await process.communicate()
    assert process.returncode == 2
    assert b"--speed must be above 0" in error
