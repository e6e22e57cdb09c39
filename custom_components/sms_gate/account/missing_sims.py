"""A repair issue for each SIM that a phone no longer shows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_time_interval

from ..sim_sensor import sim_numbers
from .context import Account
from .issues import IssueKind, async_create_issue, async_delete_all
from .phone_issues import INTERVAL
from .phone_monitor import PhoneMonitor

# A phone that has just started does not see its SIMs yet
PATIENCE: Final = timedelta(minutes=30)


class MissingSims:
    """Compares the SIMs that phones show with those that have a sensor."""

    def __init__(self, account: Account, states: PhoneMonitor) -> None:
        """Take the account's parts; the sensors remember the SIMs."""
        self._account = account
        self._states = states
        self._since: dict[str, datetime] = {}

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
        """Raise what is so for a while, and take back what no longer is."""
        now = datetime.now(UTC)
        missing = dict(self._missing())
        self._since = {
            entity_id: self._since.get(entity_id, now) for entity_id in missing
        }
        raised = {
            self._raise(*sim, entity_id)
            for entity_id, sim in missing.items()
            if now - self._since[entity_id] >= PATIENCE
        }
        entry = self._account.entry
        async_delete_all(
            self._account.hass, entry, starting=(f"sim_{entry.entry_id}_",), keep=raised
        )

    def _missing(self) -> Iterator[tuple[str, tuple[str, int]]]:
        """Yield each SIM that has a sensor but is not shown: its phone and number."""
        entries = er.async_entries_for_config_entry(
            er.async_get(self._account.hass), self._account.entry.entry_id
        )
        for phone in self._account.phones.present:
            shown = {card.sim_number for card in self._states[phone].sim_cards}
            for number, entity_id in sim_numbers(entries, phone).items():
                if number not in shown:
                    yield entity_id, (phone, number)

    def _raise(self, phone: str, number: int, entity_id: str) -> str:
        """Create the issue of a SIM; return its id."""
        return async_create_issue(
            self._account.hass,
            self._account.entry,
            IssueKind.SIM_GONE,
            phone=phone,
            sim_number=number,
            placeholders={
                "phone": self._account.phones.name(phone),
                "number": str(number),
            },
            data={"entity_id": entity_id},
        )
