"""The settings of phones, of which every section can be changed from afar.

Shapes: the server's ``modules/settings`` and the app's ``*Settings.import``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from .fields import (
    as_object,
    object_field,
    opt_bool_field,
    opt_int_field,
    opt_str_field,
    or_none,
)


def _setting(
    section: str,
    key: str,
    read: Callable[[Mapping[str, Any], str], object],
    **options: Any,
) -> Any:
    """Return a field of the settings that is None where it is not set."""
    path = {"section": section, "key": key, "read": read}
    return field(default=None, metadata=path, **options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a phone, or of all phones of a server's account.

    None is left alone by a change. ``signing_key`` and ``passphrase`` are never read
    back, and servers refuse them. Intervals are in seconds, work hours are HH:MM.
    """

    ping_interval: int | None = _setting("ping", "interval_seconds", opt_int_field)
    internet_required: bool | None = _setting(
        "webhooks", "internet_required", opt_bool_field
    )
    retry_count: int | None = _setting("webhooks", "retry_count", opt_int_field)
    signing_key: str | None = _setting(
        "webhooks", "signing_key", opt_str_field, repr=False
    )
    passphrase: str | None = _setting(
        "encryption", "passphrase", opt_str_field, repr=False
    )
    send_interval_min: int | None = _setting(
        "messages", "send_interval_min", opt_int_field
    )
    send_interval_max: int | None = _setting(
        "messages", "send_interval_max", opt_int_field
    )
    limit_period: str | None = _setting("messages", "limit_period", opt_str_field)
    limit_value: int | None = _setting("messages", "limit_value", opt_int_field)
    work_hours_enabled: bool | None = _setting(
        "messages", "work_hours_enabled", opt_bool_field
    )
    work_hours_start: str | None = _setting(
        "messages", "work_hours_start", opt_str_field
    )
    work_hours_end: str | None = _setting("messages", "work_hours_end", opt_str_field)

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read the answer of ``GET`` or ``PATCH /settings``."""
        data = as_object(payload, "settings")
        return cls(
            **{
                item.name: or_none(
                    item.metadata["read"],
                    or_none(object_field, data, item.metadata["section"]) or {},
                    item.metadata["key"],
                )
                for item in fields(cls)
            }
        )

    def as_payload(self) -> dict[str, dict[str, Any]]:
        """Return the body of ``PATCH /settings``."""
        payload: dict[str, dict[str, Any]] = {}
        for item in fields(self):
            if (value := getattr(self, item.name)) is not None:
                section = payload.setdefault(item.metadata["section"], {})
                section[item.metadata["key"]] = value
        return payload
