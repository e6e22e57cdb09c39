"""What an account keeps over a reload and, without texts and numbers, a restart.

Home Assistant would keep the state of an event entity with all its attributes: the
text and sender of the last message would be in a file, and in every backup.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .phone_state import PhoneState
from .storage import OwnStore, readable
from .text import MAX_COMPARED

SAVE_SECONDS: Final = 30.0
SIM_KEY: Final = "sim_"
# Messages of one contact, whose texts are kept in memory
MAX_WROTE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LastEvent:
    """The last event of an entity; its attributes are not kept over a restart."""

    time: datetime
    event_type: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWrote:
    """When a contact wrote; the text is not kept over a restart."""

    time: datetime
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """Which webhooks a gateway had by their ids, and when it was asked the last time."""

    gateway: str
    ids: frozenset[str]
    seen: datetime

    @classmethod
    def restore(cls, stored: Any) -> Self:
        """Read what was stored."""
        return cls(
            gateway=stored["gateway"],
            ids=frozenset(stored["ids"]),
            seen=datetime.fromisoformat(stored["seen"]).astimezone(UTC),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        ids, seen = sorted(self.ids), self.seen.isoformat()
        return {"gateway": self.gateway, "ids": ids, "seen": seen}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The last picture that a phone, or a contact, received; its file's name."""

    time: datetime
    file: str = field(repr=False)

    @classmethod
    def restore(cls, stored: Any) -> Self:
        """Read what was stored."""
        time = datetime.fromisoformat(stored["time"]).astimezone(UTC)
        return cls(time=time, file=str(stored["file"]))

    def as_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        return {"time": self.time.isoformat(), "file": self.file}


class LastKnown:
    """One account's phones, the last event of each entity, and who wrote lately.

    ``pictures`` are the last ones, by the ids of phones and contacts; ``totals`` those
    of the account's sensors, by their keys.

    ``inbox_probe`` is with what it was probed last whether the server has an inbox.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Set up without anything known."""
        self._store = OwnStore(hass, entry, "last_known")
        self._totals_store = OwnStore(hass, entry, "totals")
        self._is_saving = False
        self.totals: dict[str, int] = {}
        self.phones: dict[str, PhoneState] = {}
        self._events: dict[str, LastEvent] = {}
        self._wrote: dict[str, deque[LastWrote]] = {}
        self.pictures: dict[str, Picture] = {}
        self.has_inbox = False
        self.inbox_probe: tuple[str | None] | None = None
        self.registered: Registered | None = None

    async def async_load(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Read what was kept; what of it is damaged is left out."""
        self.totals = await self._totals_store.async_read(_totals) or {}
        stored = await self._store.async_read(dict[str, Any])
        if stored is None:
            self.phones = _with_sensors(hass, entry)
            return
        self.phones = dict(_phones(stored.get("phones")))
        self._events = dict(_events(stored.get("events")))
        for contact_id, event in _events(stored.get("wrote")):
            self._note(contact_id, LastWrote(time=event.time))
        self.pictures = dict(_pictures(stored.get("pictures")))
        self.has_inbox = stored.get("has_inbox") is True
        registered = filter(None, [stored.get("registered")])
        self.registered = next(readable(registered, Registered.restore), None)

    async def async_remove(self) -> None:
        """Forget everything, also in the file."""
        await self._store.async_remove()
        await self._totals_store.async_remove()

    def last_event(self, unique_id: str) -> LastEvent | None:
        """Return the last event of an entity."""
        return self._events.get(unique_id)

    @callback
    def async_keep_event(self, unique_id: str, event: LastEvent) -> None:
        """Keep the last event of an entity."""
        self._events[unique_id] = event
        self.async_save()

    def wrote(self, contact_id: str) -> Iterable[LastWrote]:
        """Return when a contact wrote lately."""
        return self._wrote.get(contact_id, ())

    @callback
    def async_note_message(self, contact_id: str, time: datetime, text: str) -> None:
        """Remember that a contact wrote."""
        self._note(contact_id, LastWrote(time=time, text=text[:MAX_COMPARED]))
        self.async_save()

    def _note(self, contact_id: str, last: LastWrote) -> None:
        self._wrote.setdefault(contact_id, deque(maxlen=MAX_WROTE)).append(last)

    @callback
    def async_keep_picture(self, owner: str, picture: Picture) -> None:
        """Keep the last picture of a phone or contact, unless a newer one is known."""
        known = self.pictures.get(owner)
        if known is None or known.time <= picture.time:
            self.pictures[owner] = picture
            self.async_save(at_once=True)

    @callback
    def async_save_totals(self) -> None:
        """Write the totals now: after a kill they must not fall behind what was shown."""
        self._totals_store.async_delay_save(lambda: dict(self.totals))

    @callback
    def async_save(self, *, at_once: bool = False) -> None:
        """Write the file, mostly some time later, or when Home Assistant stops."""
        if at_once or not self._is_saving:
            self._is_saving = True
            seconds = 0 if at_once else SAVE_SECONDS
            self._store.async_delay_save(self._as_dict, seconds)

    def _as_dict(self) -> dict[str, Any]:
        self._is_saving = False
        return {
            "phones": {phone: state.as_dict() for phone, state in self.phones.items()},
            "events": {
                unique_id: {"time": it.time.isoformat(), "event_type": it.event_type}
                for unique_id, it in self._events.items()
            },
            "wrote": {
                contact_id: {
                    "time": max(last.time for last in lasts).isoformat(),
                    "event_type": None,
                }
                for contact_id, lasts in self._wrote.items()
            },
            "pictures": {
                owner: picture.as_dict() for owner, picture in self.pictures.items()
            },
            "has_inbox": self.has_inbox,
            "registered": self.registered and self.registered.as_dict(),
        }


_LAST_KNOWN: HassKey[dict[str, LastKnown]] = HassKey(f"{DOMAIN}_last_known")


async def async_get_last_known(hass: HomeAssistant, entry: ConfigEntry) -> LastKnown:
    """Return what an account knew last: the same object after each reload."""
    accounts = hass.data.setdefault(_LAST_KNOWN, {})
    if entry.entry_id not in accounts:
        last_known = LastKnown(hass, entry)
        await last_known.async_load(hass, entry)
        accounts[entry.entry_id] = last_known
    return accounts[entry.entry_id]


@callback
def wrote(hass: HomeAssistant, entry_id: str, contact_id: str) -> Iterable[LastWrote]:
    """Return when a contact of an account wrote lately."""
    last_known = hass.data.get(_LAST_KNOWN, {}).get(entry_id)
    return last_known.wrote(contact_id) if last_known else ()


async def async_remove_last_known(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove what an account knew last."""
    accounts = hass.data.setdefault(_LAST_KNOWN, {})
    last_known = accounts.pop(entry.entry_id, None) or LastKnown(hass, entry)
    await last_known.async_remove()


def _totals(stored: Any) -> dict[str, int]:
    return {str(key): int(total) for key, total in stored.items()}


def _phones(stored: object) -> Iterator[tuple[str, PhoneState]]:
    """Read the phones, but for those that are damaged."""
    return readable(
        stored.items() if isinstance(stored, dict) else (),
        lambda item: (item[0], PhoneState.restore(item[1])),
    )


def _events(stored: object) -> Iterator[tuple[str, LastEvent]]:
    """Read the last events, but for those that are damaged."""
    return readable(
        stored.items() if isinstance(stored, dict) else (),
        lambda item: (item[0], _event(item[1])),
    )


def _pictures(stored: object) -> Iterator[tuple[str, Picture]]:
    """Read the last pictures, but for those that are damaged."""
    return readable(
        stored.items() if isinstance(stored, dict) else (),
        lambda item: (item[0], Picture.restore(item[1])),
    )


def _event(stored: Any) -> LastEvent:
    time = datetime.fromisoformat(stored["time"]).astimezone(UTC)
    return LastEvent(time=time, event_type=stored["event_type"])


def _with_sensors(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, PhoneState]:
    """Return phones with the SIMs that older versions made a sensor for."""
    known: dict[str, set[int]] = {}
    registry = er.async_get(hass)
    for item in er.async_entries_for_config_entry(registry, entry.entry_id):
        phone, found, number = item.unique_id.rpartition(f"-{SIM_KEY}")
        if found and number.isdecimal():
            known.setdefault(phone, set()).add(int(number))
    return {
        phone: PhoneState(contact_interval=timedelta(), known_sims=frozenset(numbers))
        for phone, numbers in known.items()
    }
