"""The account's settings: which fields exist, which are secret, what is refused."""

import re
from typing import Any, Final

from virtual_gateway.errors import Refused
from virtual_gateway.json_body import Fields

_PERIODS: Final = ("Disabled", "PerMinute", "Per30Minutes", "PerHour", "PerDay")
_MODES: Final = ("OSDefault", "RoundRobin", "Random")
_MESSAGES: Final = (
    "send_interval_min",
    "send_interval_max",
    "limit_period",
    "limit_value",
    "sim_selection_mode",
    "log_lifetime_days",
    "work_hours_enabled",
    "work_hours_start",
    "work_hours_end",
)
_PUBLIC: Final[dict[str, tuple[str, ...]]] = {
    "encryption": (),
    "messages": _MESSAGES,
    "ping": ("interval_seconds",),
    "logs": ("lifetime_days",),
    "webhooks": ("internet_required", "retry_count"),
    "gateway": ("notification_channel",),
    "receiver": ("content_provider_enabled",),
}
_KEPT: Final = _PUBLIC | {
    "encryption": ("passphrase",),
    "webhooks": ("internet_required", "retry_count", "signing_key"),
}
_SECRETS: Final = {
    "encryption": ("passphrase",),
    "webhooks": ("signing_key",),
    "gateway": ("cloud_url", "private_token"),
}
_NUMBERS: Final = {
    "messages": (
        "send_interval_min",
        "send_interval_max",
        "limit_value",
        "log_lifetime_days",
    ),
    "ping": ("interval_seconds",),
    "logs": ("lifetime_days",),
    "webhooks": ("retry_count",),
}
_FLAGS: Final = {
    "messages": ("work_hours_enabled",),
    "webhooks": ("internet_required",),
    "receiver": ("content_provider_enabled",),
}
_WIDE: Final = 2**63 - 1
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def check_settings(body: dict[str, object]) -> dict[str, Any]:
    """Return settings that passed the server's checks; Refused otherwise."""
    try:
        for name in _PUBLIC:
            if (group := Fields(body).part(name)) is not None:
                _check_group(name, group)
    except Refused as refusal:
        raise Refused(400, f"Invalid settings format: {refusal.message}") from refusal
    return body


def _check_group(name: str, group: Fields) -> None:
    """Check one group of settings."""
    for key in _SECRETS.get(name, ()):
        if group.text(key) is not None:
            raise group.invalid(key, "unset on a server")
    for key in _NUMBERS.get(name, ()):
        group.number(key, 1, _WIDE, _WIDE)
    for key in _FLAGS.get(name, ()):
        group.flag(key)
    if name == "gateway":
        group.one_of("notification_channel", ("AUTO", "SSE_ONLY"))
    if name == "messages":
        group.one_of("limit_period", _PERIODS)
        group.one_of("sim_selection_mode", _MODES)
        group.one_of("processing_order", ("LIFO", "FIFO"))
        _check_intervals(group)
        _check_work_hours(group)


def _check_intervals(group: Fields) -> None:
    """Refuse a longest pause shorter than the shortest."""
    low, high = (
        group.values.get(key) for key in ("send_interval_min", "send_interval_max")
    )
    if low is not None and high is not None and high < low:
        raise group.invalid("send_interval_max", "at least send_interval_min")


def _check_work_hours(group: Fields) -> None:
    """Refuse working hours without or with impossible times."""
    if not group.flag("work_hours_enabled"):
        return
    for key in ("work_hours_start", "work_hours_end"):
        if not _CLOCK.fullmatch(group.text(key) or ""):
            raise group.invalid(key, "a time as HH:mm")


def _filtered(
    values: dict[str, Any], rules: dict[str, tuple[str, ...]]
) -> dict[str, object]:
    """Return the known fields of the known groups."""
    return {
        name: {key: values[name][key] for key in keys if key in values[name]}
        for name, keys in rules.items()
        if values.get(name) is not None
    }


def taken(values: dict[str, Any]) -> dict[str, object]:
    """Return what the server keeps of posted settings."""
    return _filtered(values, _KEPT)


def public(values: dict[str, Any]) -> dict[str, object]:
    """Return what the server shows of its settings."""
    return _filtered(values, _PUBLIC)


def merged(values: dict[str, Any], changes: dict[str, Any]) -> None:
    """Put changed fields over the kept ones."""
    for name, group in changes.items():
        values[name] = values.get(name, {}) | group
