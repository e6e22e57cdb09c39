"""The account's settings: which fields exist, which are secret, what is refused."""

import json
import re
from typing import Any, Final

from virtual_gateway.errors import Refused

from .go_json import Number, Pairs, read_json
from .schema import (
    INT,
    PACKAGE,
    UNSET,
    Field,
    Flag,
    Part,
    Rule,
    Struct,
    Text,
    at_least,
    one_of,
)

_PERIODS: Final = ("Disabled", "PerMinute", "Per30Minutes", "PerHour", "PerDay")
_CLOCK: Final = re.compile(r"[0-9]{2}:[0-9]{2}")
_ONE: Final = (at_least(1),)


def _name(key: str) -> str:
    """Return the name errors give to a field."""
    names = {"cloud_url": "CloudURL"}
    return names.get(key) or "".join(word.capitalize() for word in key.split("_"))


def _number(key: str) -> Field:
    return Field(key=key, name=_name(key), kind=INT, rules=_ONE)


def _flag(key: str) -> Field:
    return Field(key=key, name=_name(key), kind=Flag())


def _text(key: str, *rules: Rule, kind: str = "string") -> Field:
    return Field(key=key, name=_name(key), kind=Text(kind), rules=rules)


def _group(key: str, struct: str, *fields: Field) -> Field:
    return Field(key=key, name=_name(key), kind=Part(Struct(struct, fields)))


_SETTINGS: Final = Struct(
    "DeviceSettings",
    (
        _group("encryption", "SettingsEncryption", _text("passphrase", UNSET)),
        _group(
            "messages",
            "SettingsMessages",
            _number("send_interval_min"),
            _number("send_interval_max"),
            _text("limit_period", one_of(*_PERIODS), kind=f"{PACKAGE}.LimitPeriod"),
            _number("limit_value"),
            _text(
                "sim_selection_mode",
                one_of("OSDefault", "RoundRobin", "Random"),
                kind=f"{PACKAGE}.SimSelectionMode",
            ),
            _number("log_lifetime_days"),
            _text(
                "processing_order",
                one_of("LIFO", "FIFO"),
                kind=f"{PACKAGE}.MessagesProcessingOrder",
            ),
            _flag("work_hours_enabled"),
            _text("work_hours_start"),
            _text("work_hours_end"),
        ),
        _group("ping", "SettingsPing", _number("interval_seconds")),
        _group("logs", "SettingsLogs", _number("lifetime_days")),
        _group(
            "webhooks",
            "SettingsWebhooks",
            _flag("internet_required"),
            _number("retry_count"),
            _text("signing_key", UNSET),
        ),
        _group(
            "gateway",
            "SettingsGateway",
            _text("cloud_url", UNSET),
            _text("private_token", UNSET),
            _text("notification_channel", one_of("AUTO", "SSE_ONLY")),
        ),
        _group("receiver", "SettingsReceiver", _flag("content_provider_enabled")),
    ),
)
_HIDDEN: Final = {"passphrase", "signing_key", "cloud_url", "private_token"}
_DROPPED: Final = {"processing_order"}
_KEYS: Final = {
    group.key: tuple(
        item.key
        for item in group.kind.struct.fields
        if item.key not in _HIDDEN | _DROPPED
    )
    for group in _SETTINGS.fields
    if isinstance(group.kind, Part)
}


def parse_settings(raw: bytes) -> dict[str, Any]:
    """Return settings that passed the server's checks; Refused otherwise."""
    try:
        values = _SETTINGS.parse(raw)
        if (messages := values["messages"]) is not None:
            _check_intervals(messages)
            _check_work_hours(messages)
    except Refused as refusal:
        raise Refused(400, f"Invalid settings format: {refusal.message}") from refusal
    body = _plain(read_json(raw))
    return _kept(body) if isinstance(body, dict) else {}


def _wrong(fault: str) -> Refused:
    return Refused(400, f"failed to validate: validation failed: {fault}")


def _check_intervals(messages: dict[str, Any]) -> None:
    """Refuse a longest pause shorter than the shortest."""
    low, high = messages["send_interval_min"], messages["send_interval_max"]
    if low is not None and high is not None and high < low:
        raise _wrong("sendIntervalMax must be greater than or equal to sendIntervalMin")


def _check_work_hours(messages: dict[str, Any]) -> None:
    """Refuse working hours without or with impossible times."""
    if not messages["work_hours_enabled"]:
        return
    times = {name: messages[f"work_hours_{name.lower()}"] for name in ("Start", "End")}
    for name, text in times.items():
        if text is None:
            raise _wrong(f"workHours{name} is required when work hours are enabled")
    for name, text in times.items():
        if not _CLOCK.fullmatch(text):
            shown = json.dumps(text)
            raise _wrong(f"workHours{name} must be in HH:mm format, got {shown}")
    for name, text in times.items():
        hour, minute = map(int, text.split(":"))
        if hour > 23 or minute > 59:
            shown = json.dumps(text)
            raise _wrong(f"workHours{name} {shown} contains invalid time values")


def _plain(value: Any) -> Any:
    """Return a JSON value with plain numbers and objects."""
    match value:
        case Number():
            return json.loads(value)
        case Pairs():
            return {key: _plain(item) for key, item in value}
        case list():
            return [_plain(item) for item in value]
        case _:
            return value


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    """Return the known fields of the known groups."""
    return {
        name: {key: values[name][key] for key in keys if key in values[name]}
        for name, keys in _KEYS.items()
        if values.get(name) is not None
    }


def merge(values: dict[str, Any], changes: dict[str, Any]) -> None:
    """Put changed fields over the kept ones."""
    for name, group in changes.items():
        values[name] = values.get(name, {}) | group
