"""What Home Assistant and the phone really have, behind what the browser shows."""

from typing import Any, Final

from harness.dialogs import entries
from harness.gateway import GatewayProcess
from harness.home import Home
from harness.websocket import ask

# The demo phone's own, which a line test texts
OWN_NUMBER: Final = "+966500000001"


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
    return {
        item["attributes"].get("friendly_name", entity_id): item
        for entity_id, item in (await home.states(domain)).items()
    }


async def sent(gateway: GatewayProcess) -> list[tuple[str, str, str]]:
    """Return number, text and state of each SMS that left the phone for others."""
    return [
        (item["phone_number"], item["text"], item["state"])
        for item in await gateway.outbox()
        if item["phone_number"] != OWN_NUMBER
    ]
