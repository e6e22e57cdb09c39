"""How often the gateway is asked, and how often a phone should be heard of."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import CONF_MODE, DOMAIN, Mode
from .mode import Way

POLL_SECONDS: Final = 5.0
MAX_POLL_SECONDS: Final = 60.0
LOOK_INTERVAL: Final = timedelta(minutes=5)
CHECK_INTERVAL: Final = timedelta(minutes=50)
REFRESH_INTERVAL: Final = timedelta(minutes=10)
# A phone without pings checks in at its server about every 15 minutes
SERVER_RHYTHM: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What an account's mode and way in ask for.

    ``rhythm`` is the longest a phone that is well stays unheard of, ``refresh`` how
    often its data are fetched, None where the looks at its inbox see to that.
    """

    rhythm: timedelta
    refresh: timedelta | None
    is_watched: bool


def pace_of(entry: ConfigEntry, way: Way) -> Pace:
    """Return the pace of an account that receives this way."""
    if entry.data[CONF_MODE] != Mode.LOCAL:
        return Pace(rhythm=SERVER_RHYTHM, refresh=REFRESH_INTERVAL, is_watched=False)
    match way:
        case Way.WEBHOOK | Way.CLOUDHOOK:
            return Pace(rhythm=LOOK_INTERVAL * 2, refresh=None, is_watched=True)
        case Way.POLL:
            rhythm = timedelta(seconds=MAX_POLL_SECONDS)
        case Way.NONE:
            rhythm = REFRESH_INTERVAL
    return Pace(rhythm=rhythm, refresh=REFRESH_INTERVAL, is_watched=False)


def turn(hass: HomeAssistant, entry: ConfigEntry) -> int:
    """Return which of the accounts this is, so that each asks in its own second."""
    ids = [item.entry_id for item in hass.config_entries.async_entries(DOMAIN)]
    return ids.index(entry.entry_id) if entry.entry_id in ids else 0
