"""Repair issues: the kinds there are, their ids, creating and deleting them."""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN


class IssueKind(StrEnum):
    """What a person has to see to; the keys under ``issues`` in the translations."""

    BATTERY_LOW = "battery_low"
    CARD_NOT_LISTED = "card_not_listed"
    CLOUD_NOT_CONNECTED = "cloud_not_connected"
    CONTACT_NAMES = "contact_names"
    DAILY_LIMIT = "daily_limit"
    FILE_DAMAGED = "file_damaged"
    HELD_BY_LIMIT = "held_by_limit"
    HELD_BY_WORK_HOURS = "held_by_work_hours"
    LINE_NOT_ACCEPTED = "line_not_accepted"
    LINE_NOT_DELIVERED = "line_not_delivered"
    LINE_NOT_PUSHED = "line_not_pushed"
    LINE_NOT_RECEIVED = "line_not_received"
    LINE_NOT_SENT = "line_not_sent"
    LINE_WITHOUT_SIM = "line_without_sim"
    INBOX_ENCRYPTED = "inbox_encrypted"
    MEDIA_NOT_WRITABLE = "media_not_writable"
    MEMORY_DAMAGED = "memory_damaged"
    MEMORY_NOT_KEPT = "memory_not_kept"
    MESSAGES_NOT_KEPT = "messages_not_kept"
    MESSAGES_SET_ASIDE = "messages_set_aside"
    NO_HTTPS_ADDRESS = "no_https_address"
    OLD_RECIPIENTS = "old_recipients"
    OLD_TEMPLATES = "old_templates"
    PARTS_LIMIT = "parts_limit"
    PHONE_CLOCK_WRONG = "phone_clock_wrong"
    PHONE_OFFLINE = "phone_offline"
    SIM_GONE = "sim_gone"
    UNKNOWN_CONTACT = "unknown_contact"
    WEBHOOK_REFUSED = "webhook_refused"
    WEBHOOKS_DO_NOT_ARRIVE = "webhooks_do_not_arrive"
    WEBHOOKS_LEFT = "webhooks_left"
    WEBHOOKS_MISSING = "webhooks_missing"
    WEBHOOKS_WERE_MISSING = "webhooks_were_missing"
    WRONG_SIGNING_KEY = "wrong_signing_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traits:
    """How issues of one kind are.

    Kinds with one ``id_key`` replace each other. An id never changes: an issue that
    was ignored stays ignored.
    """

    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING
    is_fixable: bool = False
    is_persistent: bool = False
    id_key: str | None = None


_RECEIVING: Final = "receiving"
_OF_THE_LINE: Final = _Traits(severity=ir.IssueSeverity.ERROR)
_TRAITS: Final = {
    IssueKind.BATTERY_LOW: _Traits(),
    IssueKind.CARD_NOT_LISTED: _Traits(),
    IssueKind.CLOUD_NOT_CONNECTED: _Traits(id_key=_RECEIVING),
    IssueKind.CONTACT_NAMES: _Traits(),
    IssueKind.DAILY_LIMIT: _Traits(severity=ir.IssueSeverity.ERROR, is_fixable=True),
    IssueKind.FILE_DAMAGED: _Traits(),
    IssueKind.HELD_BY_LIMIT: _Traits(id_key="held"),
    IssueKind.HELD_BY_WORK_HOURS: _Traits(id_key="held"),
    IssueKind.LINE_NOT_ACCEPTED: _OF_THE_LINE,
    IssueKind.LINE_NOT_DELIVERED: _OF_THE_LINE,
    IssueKind.LINE_NOT_PUSHED: _OF_THE_LINE,
    IssueKind.LINE_NOT_RECEIVED: _OF_THE_LINE,
    IssueKind.LINE_NOT_SENT: _OF_THE_LINE,
    IssueKind.LINE_WITHOUT_SIM: _OF_THE_LINE,
    IssueKind.INBOX_ENCRYPTED: _Traits(),
    IssueKind.MEDIA_NOT_WRITABLE: _Traits(),
    IssueKind.MEMORY_DAMAGED: _Traits(),
    IssueKind.MEMORY_NOT_KEPT: _Traits(),
    IssueKind.MESSAGES_NOT_KEPT: _Traits(),
    IssueKind.MESSAGES_SET_ASIDE: _Traits(),
    IssueKind.NO_HTTPS_ADDRESS: _Traits(is_fixable=True, id_key=_RECEIVING),
    IssueKind.OLD_RECIPIENTS: _Traits(),
    IssueKind.OLD_TEMPLATES: _Traits(is_persistent=True),
    IssueKind.PARTS_LIMIT: _Traits(severity=ir.IssueSeverity.ERROR, is_fixable=True),
    IssueKind.PHONE_CLOCK_WRONG: _Traits(severity=ir.IssueSeverity.ERROR),
    IssueKind.PHONE_OFFLINE: _Traits(
        severity=ir.IssueSeverity.ERROR, id_key="phone_silent"
    ),
    IssueKind.SIM_GONE: _Traits(is_fixable=True),
    IssueKind.UNKNOWN_CONTACT: _Traits(),
    IssueKind.WEBHOOK_REFUSED: _Traits(is_fixable=True, id_key=_RECEIVING),
    IssueKind.WEBHOOKS_DO_NOT_ARRIVE: _Traits(is_fixable=True, id_key=_RECEIVING),
    IssueKind.WEBHOOKS_LEFT: _Traits(is_persistent=True),
    IssueKind.WEBHOOKS_MISSING: _Traits(id_key="webhooks_stay_away"),
    IssueKind.WEBHOOKS_WERE_MISSING: _Traits(is_persistent=True),
    IssueKind.WRONG_SIGNING_KEY: _Traits(
        severity=ir.IssueSeverity.ERROR, is_fixable=True
    ),
}


def is_fixable(kind: IssueKind) -> bool:
    """Return True if issues of this kind have a dialog in ``repairs``."""
    return _TRAITS[kind].is_fixable


def issue_id(
    entry: ConfigEntry | None,
    kind: IssueKind,
    *,
    phone: str | None = None,
    sim_number: int | None = None,
    subject: str | None = None,
) -> str:
    """Return the id of an issue of an account, of its phone, or of the phone's SIM.

    What is of no account has a ``subject``. ``phone`` is the gateway's id of it. Of
    both, the issue's id has a digest only.
    """
    key = _TRAITS[kind].id_key or kind.value
    if entry is None:
        return f"{key}_{_digest(subject or '')}"
    if phone is None:
        return f"{key}_{entry.entry_id}"
    digest = _digest(phone)
    if sim_number is None:
        return f"phone_{entry.entry_id}_{digest}_{key}"
    return f"sim_{entry.entry_id}_{digest}_{sim_number}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


@callback
def async_create_issue(
    hass: HomeAssistant,
    entry: ConfigEntry | None,
    kind: IssueKind,
    *,
    phone: str | None = None,
    sim_number: int | None = None,
    subject: str | None = None,
    placeholders: Mapping[str, str] | None = None,
    data: Mapping[str, Any] | None = None,
) -> str:
    """Create or update an issue; return its id.

    The account's title is always a placeholder. ``data`` is kept with an issue that has
    a dialog, or outlives a restart.
    """
    traits = _TRAITS[kind]
    created = issue_id(entry, kind, phone=phone, sim_number=sim_number, subject=subject)
    names = {**({"account": entry.title} if entry else {}), **(placeholders or {})}
    owner = {"entry_id": entry.entry_id} if entry else {}
    shown = {"about": kind.value, **owner, **names} if traits.is_fixable else {}
    has_data = traits.is_fixable or traits.is_persistent
    ir.async_create_issue(
        hass,
        DOMAIN,
        created,
        is_fixable=traits.is_fixable,
        is_persistent=traits.is_persistent,
        severity=traits.severity,
        translation_key=kind.value,
        translation_placeholders=names,
        data={**shown, **(data or {})} if has_data else None,
    )
    return created


@callback
def async_delete_issue(
    hass: HomeAssistant,
    entry: ConfigEntry | None,
    kind: IssueKind,
    *,
    phone: str | None = None,
    sim_number: int | None = None,
    subject: str | None = None,
) -> None:
    """Delete an issue, if it is there."""
    deleted = issue_id(entry, kind, phone=phone, sim_number=sim_number, subject=subject)
    ir.async_delete_issue(hass, DOMAIN, deleted)


@callback
def kept_data(
    hass: HomeAssistant, kind: IssueKind, *, with_ignored: bool = True
) -> dict[str, Mapping[str, Any]]:
    """Return what all issues of a kind keep, by their ids."""
    return {
        found: issue.data or {}
        for (domain, found), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
        and issue.translation_key == kind
        and (with_ignored or issue.dismissed_version is None)
    }


@callback
def async_delete_by_id(hass: HomeAssistant, deleted: str) -> None:
    """Delete an issue of an account that may be gone."""
    ir.async_delete_issue(hass, DOMAIN, deleted)


@callback
def async_delete_all(
    hass: HomeAssistant,
    entry: ConfigEntry,
    *,
    starting: tuple[str, ...] = ("",),
    keep: AbstractSet[str] = frozenset(),
) -> None:
    """Delete the issues of an account: all, or those whose ids start like this."""
    for domain, found in tuple(ir.async_get(hass).issues):
        if (
            domain == DOMAIN
            and entry.entry_id in found
            and found.startswith(starting)
            and found not in keep
        ):
            ir.async_delete_issue(hass, domain, found)
