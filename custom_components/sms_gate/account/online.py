"""Notices when a phone stops responding: measured by a clock that nobody sets."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import math
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_at

# A timer that comes a little early would find nothing and be set again and again
_MARGIN: Final = 0.1


class OnlineTimer:
    """Calls when the next phone may have been without contact for too long."""

    def __init__(self, hass: HomeAssistant, on_due: Callable[[], None]) -> None:
        """Set up without a phone."""
        self._hass = hass
        self._on_due = on_due
        self._contacts: dict[str, float] = {}
        self._blind_until = -math.inf
        self._due = math.inf
        self._is_stopped = False
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def async_note_contact(self, phone: str, at: datetime | None = None) -> None:
        """Note that a phone made contact, now or earlier."""
        age = (datetime.now(UTC) - at).total_seconds() if at else 0.0
        moment = self._hass.loop.time() - max(age, 0.0)
        self._contacts[phone] = max(self._contacts.get(phone, -math.inf), moment)

    @callback
    def async_set_blind(self, seconds: float = math.inf) -> None:
        """Doubt for a while that a phone without contact is offline."""
        self._blind_until = self._hass.loop.time() + seconds

    @callback
    def async_limit_blind(self, seconds: float) -> None:
        """Doubt no longer than this from now on."""
        now = self._hass.loop.time()
        if self._blind_until > now:
            self._blind_until = min(self._blind_until, now + seconds)
            self._plan(self._blind_until)

    @callback
    def async_is_online(self, phone: str, timeout: timedelta) -> bool | None:
        """Return whether a phone made contact within a time; plan to look again."""
        if (contact := self._contacts.get(phone)) is None:
            return None
        now = self._hass.loop.time()
        if now < (due := contact + timeout.total_seconds()):
            self._plan(due)
            return True
        return None if now < self._blind_until else False

    def _plan(self, due: float) -> None:
        """Call at a time, unless that is planned for an earlier one."""
        if self._is_stopped or (self._cancel is not None and self._due <= due):
            return
        if self._cancel is not None:
            self._cancel()
        self._due = due
        self._cancel = async_call_at(self._hass, self._async_call, due + _MARGIN)

    @callback
    def _async_call(self, _now: datetime) -> None:
        self._cancel = None
        self._on_due()

    @callback
    def async_stop(self) -> None:
        """Call no more."""
        self._is_stopped = True
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
