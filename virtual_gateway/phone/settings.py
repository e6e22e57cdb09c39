"""The phone's settings: what may be read, what may be written, what stays secret."""

from collections.abc import Callable
from datetime import datetime
from random import Random
import re
from typing import TYPE_CHECKING, Final

from virtual_gateway.errors import Refused

if TYPE_CHECKING:
    from .phone import VirtualPhone

_PERIODS: Final = {
    "Disabled": 0,
    "PerMinute": 60,
    "Per30Minutes": 1800,
    "PerHour": 3600,
    "PerDay": 86400,
}
_CLOUD_URL: Final = "https://api.sms-gate.app/mobile/v1"
DEFAULT_RETRIES: Final = 15


def _whole(value: object) -> int | None:
    """Read a number as the app does: by way of text and fraction."""
    if value is None:
        return None
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError) as err:
        raise ValueError(f'"{value}" is no number') from err


def _positive(value: object) -> int | None:
    """Read a number; nothing that is not above zero counts."""
    number = _whole(value)
    return number if number is not None and number > 0 else None


def _at_least(low: int, default: int | None = None) -> Callable[[object], int | None]:
    """Return a reader of numbers from a bound on."""

    def read(value: object) -> int | None:
        """Read a number; ValueError below the bound."""
        number = _whole(value)
        if number is not None and number < low:
            raise ValueError(f"the value must be >= {low}")
        return default if number is None else number

    return read


def _choice(*allowed: str) -> Callable[[object], str]:
    """Return a reader of one of a few words; the first is the default."""

    def read(value: object) -> str:
        """Read a word; ValueError for any other."""
        if value is None:
            return allowed[0]
        if str(value) not in allowed:
            raise ValueError(f"no such value: {value}")
        return str(value)

    return read


def _flag(value: object) -> bool:
    """Read a truth value; nothing means true."""
    return True if value is None else str(value).lower() == "true"


_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def _clock(default: str) -> Callable[[object], str]:
    """Return a reader of times of the day."""

    def read(value: object) -> str:
        """Read a time as HH:mm; ValueError for anything else."""
        if value is None:
            return default
        if not _CLOCK.fullmatch(str(value)):
            raise ValueError(f"Invalid time format: {value}")
        return str(value)

    return read


def _unset_flag(value: object) -> bool:
    """Read a truth value; nothing means false."""
    return str(value).lower() == "true"


def _cloud_url(value: object) -> str:
    """Read the address of a server."""
    url = _CLOUD_URL if value is None else str(value)
    if not url.startswith("https://"):
        raise ValueError("url must start with https://")
    return url


_READERS: Final[dict[str, dict[str, Callable[[object], object]]]] = {
    "gateway": {
        "cloud_url": _cloud_url,
        "notification_channel": _choice("AUTO", "SSE_ONLY"),
    },
    "messages": {
        "send_interval_min": _whole,
        "send_interval_max": _whole,
        "limit_period": _choice(*_PERIODS),
        "limit_value": _at_least(0),
        "sim_selection_mode": _choice("OSDefault", "RoundRobin", "Random"),
        "log_lifetime_days": _at_least(1),
        "processing_order": _choice("LIFO", "FIFO"),
        "work_hours_enabled": _unset_flag,
        "work_hours_start": _clock("09:00"),
        "work_hours_end": _clock("19:00"),
    },
    "ping": {"interval_seconds": _positive},
    "logs": {"lifetime_days": _positive},
    "webhooks": {
        "internet_required": _flag,
        "retry_count": _at_least(1, DEFAULT_RETRIES),
    },
}
_WORK_HOURS: Final = ("work_hours_enabled", "work_hours_start", "work_hours_end")
_DEFAULTS: Final[dict[str, dict[str, object]]] = {
    "gateway": {"cloud_url": _CLOUD_URL, "notification_channel": "AUTO"},
    "messages": {
        "send_interval_min": 0,
        "limit_period": "Disabled",
        "limit_value": 0,
        "sim_selection_mode": "OSDefault",
        "processing_order": "LIFO",
        "work_hours_enabled": False,
        "work_hours_start": "09:00",
        "work_hours_end": "19:00",
    },
    "ping": {},
    "logs": {"lifetime_days": 30},
    "webhooks": {"internet_required": True, "retry_count": DEFAULT_RETRIES},
}


def _minutes(clock: str) -> int:
    """Return a time of the day in minutes."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


class PhoneSettings:
    """The settings of one phone."""

    def __init__(self, phone: VirtualPhone, random: Random) -> None:
        self._phone = phone
        self._random = random
        self.values = {name: dict(group) for name, group in _DEFAULTS.items()}

    def export(self) -> dict[str, object]:
        """Return what may be read; what is unset is left out, as are all secrets."""
        shown: dict[str, object] = {
            name: dict(group) for name, group in self.values.items()
        }
        if not self._phone.app.does("work_hours"):
            shown["messages"] = {
                key: value
                for key, value in self.values["messages"].items()
                if key not in _WORK_HOURS
            }
        if (interval := self._phone.ping_interval) is not None:
            shown["ping"] = {"interval_seconds": int(interval)}
        return shown

    def update(self, data: dict[str, object]) -> None:
        """Write settings; Refused with 400 for a value the app does not take."""
        for name, group in data.items():
            if name not in (*_READERS, "encryption"):
                continue
            if not isinstance(group, dict):
                raise Refused(400, f"Invalid request: {name} must be an object")
            for key, value in group.items():
                try:
                    self._set(name, str(key), value)
                except ValueError as err:
                    raise Refused(
                        400, f"Invalid request: {name} was not imported: {err}"
                    ) from err

    def _set(self, name: str, key: str, value: object) -> None:
        """Write one setting; unknown keys are passed over."""
        secret = None if value is None else str(value)
        match name, key:
            case "encryption", "passphrase":
                self._phone.passphrase = secret
            case "webhooks", "signing_key":
                self._phone.signing_key = secret or self._phone.new_signing_key()
            case "ping", "interval_seconds":
                self._phone.ping_interval = _positive(value)
            case "messages", _ if key in _WORK_HOURS and not self._phone.app.does(
                "work_hours"
            ):
                pass
            case "messages", "limit_period" if (
                value == "Per30Minutes" and not self._phone.app.does("half_hour_limit")
            ):
                raise ValueError(f"no such value: {value}")
            case _ if reader := _READERS.get(name, {}).get(key):
                self._store(name, key, reader(value))

    def _store(self, name: str, key: str, value: object) -> None:
        """Keep a value, or its default when there is none."""
        group = self.values[name]
        if value is None:
            value = _DEFAULTS[name].get(key)
        if value is None:
            group.pop(key, None)
        else:
            group[key] = value

    @property
    def newest_first(self) -> bool:
        """Tell whether the newest message is sent first, which is the default."""
        return self.values["messages"]["processing_order"] == "LIFO"

    @property
    def retries(self) -> int:
        """Return how often a webhook is posted again."""
        return int(str(self.values["webhooks"]["retry_count"]))

    def limit(self) -> tuple[int, int]:
        """Return a period in seconds and the number of messages in it; 0 for no limit."""
        group = self.values["messages"]
        period = _PERIODS[str(group["limit_period"])]
        return period, int(str(group["limit_value"])) if period else 0

    def work_hours_wait(self, now: datetime) -> float:
        """Return the seconds until messages may leave; 0 within the work hours."""
        group = self.values["messages"]
        if not group["work_hours_enabled"] or not self._phone.app.does("work_hours"):
            return 0.0
        start, end = (
            _minutes(str(group[f"work_hours_{name}"])) for name in ("start", "end")
        )
        minute = now.hour * 60 + now.minute
        inside = start <= minute < end
        if start > end:
            inside = minute >= start or minute < end
        if inside or start == end:
            return 0.0
        return float((start - minute) % (24 * 60) * 60 - now.second)

    def send_interval(self) -> float:
        """Return the pause between two messages in seconds."""
        group = self.values["messages"]
        low, high = group.get("send_interval_min", 0), group.get("send_interval_max")
        if not isinstance(low, int) or not isinstance(high, int) or low > high:
            return 0.001
        return float(self._random.randint(low, high))

    def choose_sim(self, numbers: list[int], row: int) -> int | None:
        """Return the SIM for a message that names none; nothing leaves it to the system."""
        match self.values["messages"]["sim_selection_mode"]:
            case "RoundRobin":
                return numbers[row % len(numbers)]
            case "Random":
                return self._random.choice(numbers)
            case _:
                return None
