"""Whose the webhooks in a gateway's list are: an account's, nobody's, or others'."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
import re
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL, CONF_USERNAME, CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.dt import as_local

from ..account.issues import (
    IssueKind,
    async_create_issue,
    async_delete_by_id,
    async_delete_issue,
    issue_id,
    kept_data,
)
from ..const import DOMAIN
from ..gateway.models import Webhook
from .mode import own_addresses
from .view import WEBHOOK_PATH

_OF_AN_ENTRY: Final = re.compile(r"ha[0-9a-f]{9}-")


def id_prefix(entry_id: str) -> str:
    """Return what all webhook ids of one entry start with.

    Ids may have 36 characters, and two Home Assistants at one account must not
    overwrite each other.
    """
    return f"ha{sha256(entry_id.encode()).hexdigest()[:9]}-"


def gateway_digest(entry: ConfigEntry) -> str:
    """Return which list of webhooks an entry has, without saying where."""
    login = f"{entry.data[CONF_URL]}#{entry.data[CONF_USERNAME]}"
    return sha256(login.encode()).hexdigest()[:16]


def ours(entry_id: str, webhooks: Iterable[Webhook]) -> dict[str, Webhook]:
    """Return the registrations of an entry by their ids."""
    prefix = id_prefix(entry_id)
    return {item.id: item for item in webhooks if item.id.startswith(prefix)}


@callback
def left_over(
    hass: HomeAssistant,
    entry: ConfigEntry,
    webhooks: Iterable[Webhook],
    *,
    is_first: bool,
) -> list[str]:
    """Return the ids of webhooks of accounts that were removed.

    By the ids that an issue keeps; the first time that an account looks also by their
    addresses, which are Home Assistant's own with a secret that no account has. Not
    each time: two houses can have the same address, and must not delete each other's.
    """
    entries = hass.config_entries.async_entries(DOMAIN)
    secrets = {it.data.get(CONF_WEBHOOK_ID) for it in entries}
    alive = tuple(id_prefix(it.entry_id) for it in entries)
    removed = tuple(map(_prefix, kept_data(hass, IssueKind.WEBHOOKS_LEFT).values()))
    bases = tuple(f"{url}{WEBHOOK_PATH}/" for url in own_addresses(hass, entry))
    return [
        item.id
        for item in webhooks
        if _OF_AN_ENTRY.match(item.id)
        and not item.id.startswith(alive)
        and (
            item.id.startswith(removed)
            or (
                is_first
                and item.url.startswith(bases)
                and item.url.rpartition("/")[2] not in secrets
            )
        )
    ]


@callback
def async_note_left(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Create an issue: a removed account's gateway may still have its webhooks."""
    data = {"entry_id": entry.entry_id, "gateway": gateway_digest(entry)}
    async_create_issue(hass, entry, IssueKind.WEBHOOKS_LEFT, data=data)


@callback
def async_note_removed(
    hass: HomeAssistant, entry: ConfigEntry, removed: Iterable[str]
) -> None:
    """Delete the issues of this gateway, and of those whose webhooks were found."""
    prefixes = {webhook_id.partition("-")[0] + "-" for webhook_id in removed}
    gateway = gateway_digest(entry)
    for found, data in kept_data(hass, IssueKind.WEBHOOKS_LEFT).items():
        if data.get("gateway") == gateway or _prefix(data) in prefixes:
            async_delete_by_id(hass, found)


@callback
def async_report_missing(
    hass: HomeAssistant, entry: ConfigEntry, since: datetime
) -> None:
    """Create an issue: webhooks were missing, since this time or an earlier report's."""
    kind = IssueKind.WEBHOOKS_WERE_MISSING
    known = kept_data(hass, kind, with_ignored=False).get(issue_id(entry, kind))
    if known:
        since = min(since, datetime.fromisoformat(str(known["since"])))
    # One that was ignored would stay so, but this is about other messages
    async_delete_issue(hass, entry, kind)
    async_create_issue(
        hass,
        entry,
        kind,
        placeholders={"since": as_local(since).strftime("%Y-%m-%d %H:%M")},
        data={"since": since.isoformat()},
    )


def _prefix(data: Mapping[str, Any]) -> str:
    return id_prefix(str(data.get("entry_id")))
