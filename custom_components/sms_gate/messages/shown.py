"""Messages and accounts as the page gets them."""

from collections.abc import Iterable
import json
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import ATTR_CONFIG_ENTRY_ID

from ..account.context import Account
from .database import Row
from .store import MessageStore

type Fields = dict[str, Any]


def _loaded(entry: ConfigEntry) -> Account | None:
    if entry.state is not ConfigEntryState.LOADED:
        return None
    account: Account = entry.runtime_data.account
    return account


def writing_parts(entry: ConfigEntry) -> Fields:
    """Return what an account can write from, and to whom."""
    account = _loaded(entry)
    if account is None:
        return {"phones": [], "contacts": []}
    return {
        "phones": [
            {
                "device_id": account.phones.device_id(phone),
                "gateway_device_id": phone,
                "name": account.phones.name(phone),
                "sims": [
                    {"sim_number": card.sim_number, "name": card.carrier_name}
                    for card in account.phones[phone].sim_cards
                ],
            }
            for phone in account.phones.present
        ],
        "contacts": [
            {"name": contact.name, "phone_number": contact.phone_number}
            for contact in account.contacts
        ],
    }


def shown(
    store: MessageStore, rows: Iterable[Row], longest: int | None = None
) -> list[Fields]:
    """Return messages as they are sent, with the name that their number has today."""
    account = _loaded(store.entry)
    return [_message(store.entry, account, row, longest) for row in rows]


def _message(
    entry: ConfigEntry, account: Account | None, row: Row, longest: int | None
) -> Fields:
    contact = account.contacts.find(row["shown"]) if account else None
    return {
        ATTR_CONFIG_ENTRY_ID: entry.entry_id,
        "id": row["id"],
        "conversation": row["key"],
        "number": row["shown"],
        "contact": contact.name if contact else None,
        "is_outgoing": bool(row["is_outgoing"]),
        "kind": row["kind"],
        "text": row["text"] and row["text"][:longest],
        "subject": row["subject"],
        "files": json.loads(row["files"]) if row["files"] else [],
        "state": row["state"],
        "error": row["error"],
        "time": row["time"],
        "states": json.loads(row["states"]),
        "message_id": row["message_id"],
        "gateway_device_id": row["phone"],
        "sim_number": row["sim"],
        "parts_count": row["parts"],
        "is_unread": bool(row["is_unread"]),
        **({"unread": row["unread"]} if "unread" in row else {}),
    }
