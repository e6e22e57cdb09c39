"""Creates repair issues about phones before messages are lost, and deletes them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later

from ..const import CONF_MODE, Mode
from .context import Account
from .coordinator import SmsGateCoordinator
from .issues import IssueKind, async_create_issue, async_delete_all, issue_id
from .phone_state import PhoneState

OFFLINE: Final = timedelta(hours=6)
# A phone that has just started does not see its SIMs yet
SIM_MISSING: Final = timedelta(minutes=30)
LOW_BATTERY: Final = 15
UNREPORTED_MESSAGES: Final = 3
_ALREADY: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Something about a phone that a person should know.

    ``since`` returns from when on it applies, None where it does not. ``of_servers``
    is set where it cannot be so, or is seen otherwise, in local mode.
    """

    kind: IssueKind
    since: Callable[[PhoneState], datetime | None]
    of_servers: bool = False
    of_webhooks: bool = False


def _offline_since(state: PhoneState) -> datetime | None:
    if state.online is not False or state.last_contact is None:
        return None
    return state.last_contact + OFFLINE


def _battery_low_since(state: PhoneState) -> datetime | None:
    level = state.check("battery:level")
    is_low = level is not None and level <= LOW_BATTERY
    return _ALREADY if is_low and state.check("battery:charging") == 0 else None


def _webhooks_missing_since(state: PhoneState) -> datetime | None:
    if state.unreported >= UNREPORTED_MESSAGES:
        return _ALREADY
    return state.pings_missing_since


def _line_failed_by(kind: IssueKind) -> Callable[[PhoneState], datetime | None]:
    def since(state: PhoneState) -> datetime | None:
        return _ALREADY if state.line.failed is kind else None

    return since


CONCERNS: Final = (
    Concern(kind=IssueKind.PHONE_OFFLINE, since=_offline_since),
    Concern(kind=IssueKind.BATTERY_LOW, since=_battery_low_since),
    Concern(
        kind=IssueKind.WEBHOOKS_MISSING,
        since=_webhooks_missing_since,
        of_servers=True,
        of_webhooks=True,
    ),
    *(
        Concern(kind=kind, since=_line_failed_by(kind))
        for kind in IssueKind
        if kind.name.startswith("LINE_")
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """An issue of a phone, from a time on."""

    kind: IssueKind
    phone: str
    since: datetime
    sim_number: int | None = None


class PhoneIssues:
    """Checks an account's phones when one changes, and when an issue falls due."""

    def __init__(
        self,
        account: Account,
        coordinator: SmsGateCoordinator,
        are_webhooks_active: Callable[[], bool],
    ) -> None:
        """Set up without checking yet."""
        self._account = account
        self._coordinator = coordinator
        self._are_webhooks_active = are_webhooks_active
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        self._missing_since: dict[tuple[str, int], datetime] = {}
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> None:
        """Check from now on."""
        entry = self._account.entry
        entry.async_on_unload(self._coordinator.async_add_listener(self._async_check))
        entry.async_on_unload(self._async_stop)

    @callback
    def _async_check(self, _now: datetime | None = None) -> None:
        """Create the issues that apply, delete those that no longer do."""
        now = datetime.now(UTC)
        found = [*self._concerns(), *self._missing_sims(now)]
        due = [item for item in found if item.since <= now]
        self._delete_all_but({*due, *(it for it in found if it.sim_number)})
        for item in due:
            self._create(item)
        self._plan(min((it.since for it in found if it.since > now), default=None), now)

    def _concerns(self) -> Iterator[_Found]:
        phones = self._account.phones
        for phone in phones.present:
            for concern in CONCERNS:
                since = self._applies(concern) and concern.since(phones[phone])
                if since:
                    yield _Found(kind=concern.kind, phone=phone, since=since)

    def _applies(self, concern: Concern) -> bool:
        if concern.of_servers and self._is_local:
            return False
        return not concern.of_webhooks or self._are_webhooks_active()

    def _missing_sims(self, now: datetime) -> Iterator[_Found]:
        phones = self._account.phones
        missing = {
            (phone, number)
            for phone in phones.present
            for number in phones[phone].known_sims
            - {card.sim_number for card in phones[phone].sim_cards}
        }
        known = self._missing_since
        self._missing_since = {
            it: known.get(it, now + SIM_MISSING) for it in sorted(missing)
        }
        for (phone, number), since in self._missing_since.items():
            yield _Found(
                kind=IssueKind.SIM_GONE, phone=phone, since=since, sim_number=number
            )

    def _delete_all_but(self, kept: set[_Found]) -> None:
        """Delete the other issues; a SIM that was missing before a reload still is."""
        entry = self._account.entry
        async_delete_all(
            self._account.hass,
            entry,
            starting=(f"phone_{entry.entry_id}_", f"sim_{entry.entry_id}_"),
            keep={
                issue_id(entry, it.kind, phone=it.phone, sim_number=it.sim_number)
                for it in kept
            },
        )

    def _create(self, item: _Found) -> None:
        line = self._account.phones[item.phone].line
        async_create_issue(
            self._account.hass,
            self._account.entry,
            item.kind,
            phone=item.phone,
            sim_number=item.sim_number,
            placeholders={
                "phone": self._account.phones.name(item.phone),
                **({"number": str(item.sim_number)} if item.sim_number else {}),
                **({"reason": line.reason or "–"} if line.failed is item.kind else {}),
            },
            data={"gateway_device_id": item.phone, "sim_number": item.sim_number},
        )

    def _plan(self, due: datetime | None, now: datetime) -> None:
        """Check again when the next issue falls due."""
        self._async_stop()
        if due is not None:
            self._cancel = async_call_later(
                self._account.hass, due - now, self._async_check
            )

    @callback
    def _async_stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
