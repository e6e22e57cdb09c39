"""A repair issue for each SIM that a phone no longer shows."""

from datetime import UTC, datetime, timedelta
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval

from .care import INTERVAL, make_issue_id
from .const import DOMAIN
from .data import Account
from .phone_states import PhoneStates
from .sim_sensor import sim_numbers

# A phone that has just started does not see its SIMs yet
PATIENCE: Final = timedelta(minutes=30)


class MissingSims:
    """Compares the SIMs that phones show with those that have a sensor."""

    def __init__(self, account: Account, states: PhoneStates) -> None:
        """Take the account's parts; the sensors remember the SIMs."""
        self._account = account
        self._states = states
        self._missed: dict[str, datetime] = {}

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
        entries = er.async_entries_for_config_entry(
            er.async_get(self._account.hass), self._account.entry.entry_id
        )
        for phone in self._account.phones.present:
            shown = {card.sim_number for card in self._states[phone].sim_cards}
            for number, entity_id in sim_numbers(entries, phone).items():
                since = self._missed.setdefault(entity_id, now)
                if number in shown:
                    del self._missed[entity_id]
                    self._untell(phone, number)
                elif now - since >= PATIENCE:
                    self._tell(phone, number, entity_id)

    def _tell(self, phone: str, number: int, entity_id: str) -> None:
        """Raise the issue of a SIM."""
        entry = self._account.entry
        names = {
            "account": entry.title,
            "phone": self._account.phones.name(phone),
            "number": str(number),
        }
        ir.async_create_issue(
            self._account.hass,
            DOMAIN,
            make_issue_id(entry, phone, f"sim_{number}"),
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="sim_gone",
            translation_placeholders=names,
            data={
                "about": "sim_gone",
                "entry_id": entry.entry_id,
                "entity_id": entity_id,
                **names,
            },
        )

    def _untell(self, phone: str, number: int) -> None:
        """Take the issue of a SIM back."""
        issue_id = make_issue_id(self._account.entry, phone, f"sim_{number}")
        ir.async_delete_issue(self._account.hass, DOMAIN, issue_id)
