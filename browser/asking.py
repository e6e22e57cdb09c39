"""What Home Assistant and the phone really have, behind what the browser shows."""

import asyncio
from collections.abc import Awaitable, Callable
import time
from typing import Any, Final

from aiohttp import ClientSession

from demo.gateway import GatewayProcess
from demo.home import Home, HomeError

PATIENCE_SECONDS: Final = 30.0


class NotSeenError(Exception):
    """Something else was seen than what should have been."""


async def until[T](
    look: Callable[[], Awaitable[T]], what: str, seconds: float = PATIENCE_SECONDS
) -> T:
    """Look until there is something, and return it."""
    end = time.monotonic() + seconds
    while not (found := await look()):
        if time.monotonic() > end:
            raise NotSeenError(f"not seen within {seconds:.0f} s: {what}")
        await asyncio.sleep(0.2)
    return found


def expect(seen: object, wanted: object, what: str) -> None:
    """Raise where two values differ."""
    if seen != wanted:
        raise NotSeenError(f"{what}: {seen!r} instead of {wanted!r}")


async def ask(home: Home, kind: str, **fields: object) -> Any:
    """Ask one question over the websocket, as the frontend does."""
    async with (
        ClientSession() as session,
        session.ws_connect(f"{home.url}/api/websocket", max_msg_size=0) as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": home.token})
        await socket.receive_json()
        await socket.send_json({"id": 1, "type": kind, **fields})
        answer = await socket.receive_json()
    if not answer.get("success"):
        raise HomeError(f"{kind}: {answer}")
    return answer["result"]


async def entries(home: Home) -> list[dict[str, Any]]:
    """Return the integration's accounts."""
    found: list[dict[str, Any]] = await home.get(
        "/api/config/config_entries/entry?domain=sms_gate"
    )
    return found


async def contacts(home: Home) -> dict[str, str]:
    """Return the names of the account's contacts by number."""
    (entry,) = await entries(home)
    found = await ask(
        home, "config_entries/subentries/list", entry_id=entry["entry_id"]
    )
    return {item["unique_id"]: item["title"] for item in found}


async def issues(home: Home) -> list[str]:
    """Return the keys of the integration's repair issues."""
    found = await ask(home, "repairs/list_issues")
    return [
        item["translation_key"]
        for item in found["issues"]
        if item["domain"] == "sms_gate"
    ]


async def states(home: Home, domain: str) -> dict[str, dict[str, Any]]:
    """Return the states of a domain by the friendly name."""
    found = await home.get("/api/states")
    return {
        item["attributes"].get("friendly_name", item["entity_id"]): item
        for item in found
        if item["entity_id"].partition(".")[0] == domain
    }


async def sent(gateway: GatewayProcess) -> list[tuple[str, str, str]]:
    """Return number, text and state of each SMS that left the phone."""
    found = await gateway.control("GET", "outbox")
    return [
        (item["phone_number"], item["text"], item["state"])
        for item in found["messages"]
    ]
