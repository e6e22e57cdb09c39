"""Repair issues about phones: what a person should do before messages are lost."""

from collections.abc import Callable, Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval

from ..const import CONF_MODE, DOMAIN, Mode
from ..receive.registration import Registration
from .context import Account
from .phone_monitor import PhoneMonitor
from .phone_state import PhoneState
from .phones import release

INTERVAL: Final = timedelta(minutes=5)
SILENCE: Final = timedelta(hours=6)
LOW_BATTERY: Final = 15
UNREPORTED_TO_TELL: Final = 3
# A phone that gets an event it does not know from a server drops the whole list;
# `sms:cancelled` came with 1.67.0 (the app's ``WebhooksUpdateWorker``)
EVENTS_SINCE: Final = (1, 67)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Something about a phone that a person should know.

    ``of_servers`` is set where it cannot be so, or is seen otherwise, in local mode.
    """

    key: str
    is_so: Callable[[PhoneState, datetime], bool]
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING
    of_servers: bool = False
    of_webhooks: bool = False


def _is_silent(state: PhoneState, now: datetime) -> bool:
    """Return True if nothing was heard of a phone for long."""
    return (
        state.online is False
        and state.last_contact is not None
        and now - state.last_contact > SILENCE
    )


def _runs_empty(state: PhoneState, now: datetime) -> bool:
    """Return True if the battery is low and nothing charges it."""
    level = state.check("battery:level")
    return (
        level is not None
        and level <= LOW_BATTERY
        and state.check("battery:charging") == 0
    )


def _is_not_reporting(state: PhoneState, now: datetime) -> bool:
    """Return True if a phone is there but its webhooks do not arrive."""
    return state.unreported >= UNREPORTED_TO_TELL or state.pings_stay_away(now)


def _is_too_old(state: PhoneState, now: datetime) -> bool:
    """Return True if the app does not know all events it is asked for."""
    known = release(state.version or "")
    return bool(known) and known < EVENTS_SINCE


CONCERNS: Final = (
    Concern(key="phone_silent", is_so=_is_silent, severity=ir.IssueSeverity.ERROR),
    Concern(key="battery_low", is_so=_runs_empty),
    Concern(
        key="webhooks_stay_away",
        is_so=_is_not_reporting,
        of_servers=True,
        of_webhooks=True,
    ),
    Concern(
        key="app_too_old",
        is_so=_is_too_old,
        severity=ir.IssueSeverity.ERROR,
        of_servers=True,
        of_webhooks=True,
    ),
)


class Care:
    """Looks after the phones of an account every few minutes."""

    def __init__(
        self, account: Account, states: PhoneMonitor, registration: Registration
    ) -> None:
        """Take the account's parts."""
        self._account = account
        self._states = states
        self._registration = registration
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL

    @callback
    def start(self) -> None:
        """Begin to look."""
        self._account.entry.async_on_unload(
            async_track_time_interval(
                self._account.hass, self._async_look, INTERVAL, cancel_on_shutdown=True
            )
        )

    @callback
    def _async_look(self, _now: datetime) -> None:
        """Raise what is so, and take back what no longer is."""
        now = datetime.now(UTC)
        raised = {
            self._raise(concern, phone)
            for phone in self._account.phones.present
            for concern in CONCERNS
            if self._applies(concern, self._states[phone], now)
        }
        prefix = _prefix(self._account.entry)
        take_back(self._account.hass, prefix, raised)

    def _applies(self, concern: Concern, state: PhoneState, now: datetime) -> bool:
        """Return True if a concern is one of this phone now."""
        if concern.of_servers and self._is_local:
            return False
        if concern.of_webhooks and not self._registration.active:
            return False
        return concern.is_so(state, now)

    def _raise(self, concern: Concern, phone: str) -> str:
        """Raise an issue; return its id."""
        entry = self._account.entry
        issue_id = make_issue_id(_prefix(entry), phone, concern.key)
        ir.async_create_issue(
            self._account.hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=concern.severity,
            translation_key=concern.key,
            translation_placeholders={
                "account": entry.title,
                "phone": self._account.phones.name(phone),
            },
        )
        return issue_id


def _prefix(entry: ConfigEntry) -> str:
    """Return what the ids of an account's issues about phones start with."""
    return f"phone_{entry.entry_id}_"


def make_issue_id(prefix: str, phone: str, key: str) -> str:
    """Return the id of an issue; a phone's own id is nobody's business."""
    return f"{prefix}{sha256(phone.encode()).hexdigest()[:8]}_{key}"


@callback
def take_back(
    hass: HomeAssistant, prefix: str, kept: AbstractSet[str] = frozenset()
) -> None:
    """Take back the issues whose ids start like this, but for some."""
    for domain, issue_id in tuple(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.startswith(prefix) and issue_id not in kept:
            ir.async_delete_issue(hass, domain, issue_id)


@callback
def async_forget(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back all issues about the phones of an account."""
    take_back(hass, _prefix(entry))
