"""Creates repair issues about phones before messages are lost, and deletes them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_interval

from ..const import CONF_MODE, Mode
from .context import Account
from .issues import IssueKind, async_create_issue, async_delete_all
from .phone_monitor import PhoneMonitor
from .phone_state import PhoneState
from .phones import release

INTERVAL: Final = timedelta(minutes=5)
OFFLINE: Final = timedelta(hours=6)
LOW_BATTERY: Final = 15
UNREPORTED_MESSAGES: Final = 3
# A phone that gets an event it does not know from a server drops the whole list;
# `sms:cancelled` came with 1.67.0 (the app's ``WebhooksUpdateWorker``)
EVENTS_SINCE: Final = (1, 67)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Something about a phone that a person should know.

    ``of_servers`` is set where it cannot be so, or is seen otherwise, in local mode.
    """

    kind: IssueKind
    applies: Callable[[PhoneState, datetime], bool]
    of_servers: bool = False
    of_webhooks: bool = False


def _is_offline(state: PhoneState, now: datetime) -> bool:
    return (
        state.online is False
        and state.last_contact is not None
        and now - state.last_contact > OFFLINE
    )


def _is_battery_low(state: PhoneState, now: datetime) -> bool:
    level = state.check("battery:level")
    return (
        level is not None
        and level <= LOW_BATTERY
        and state.check("battery:charging") == 0
    )


def _are_webhooks_missing(state: PhoneState, now: datetime) -> bool:
    return state.unreported >= UNREPORTED_MESSAGES or state.pings_stay_away(now)


def _is_app_too_old(state: PhoneState, now: datetime) -> bool:
    known = release(state.version or "")
    return bool(known) and known < EVENTS_SINCE


CONCERNS: Final = (
    Concern(kind=IssueKind.PHONE_OFFLINE, applies=_is_offline),
    Concern(kind=IssueKind.BATTERY_LOW, applies=_is_battery_low),
    Concern(
        kind=IssueKind.WEBHOOKS_MISSING,
        applies=_are_webhooks_missing,
        of_servers=True,
        of_webhooks=True,
    ),
    Concern(
        kind=IssueKind.APP_TOO_OLD,
        applies=_is_app_too_old,
        of_servers=True,
        of_webhooks=True,
    ),
)


class PhoneIssues:
    """Checks the phones of an account every few minutes."""

    def __init__(
        self,
        account: Account,
        states: PhoneMonitor,
        are_webhooks_active: Callable[[], bool],
    ) -> None:
        """Set up without checking yet."""
        self._account = account
        self._states = states
        self._are_webhooks_active = are_webhooks_active
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL

    @callback
    def start(self) -> None:
        """Check from now on."""
        self._account.entry.async_on_unload(
            async_track_time_interval(
                self._account.hass, self._async_check, INTERVAL, cancel_on_shutdown=True
            )
        )

    @callback
    def _async_check(self, _now: datetime) -> None:
        """Create the issues that apply, and delete those that no longer do."""
        now = datetime.now(UTC)
        entry = self._account.entry
        created = {
            self._create(concern.kind, phone)
            for phone in self._account.phones.present
            for concern in CONCERNS
            if self._applies(concern, self._states[phone], now)
        }
        async_delete_all(
            self._account.hass,
            entry,
            starting=(f"phone_{entry.entry_id}_",),
            keep=created,
        )

    def _applies(self, concern: Concern, state: PhoneState, now: datetime) -> bool:
        if concern.of_servers and self._is_local:
            return False
        if concern.of_webhooks and not self._are_webhooks_active():
            return False
        return concern.applies(state, now)

    def _create(self, kind: IssueKind, phone: str) -> str:
        return async_create_issue(
            self._account.hass,
            self._account.entry,
            kind,
            phone=phone,
            placeholders={"phone": self._account.phones.name(phone)},
        )
