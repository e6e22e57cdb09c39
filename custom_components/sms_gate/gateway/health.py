"""The phone's own readings: battery, network, failed messages.

Source: https://docs.sms-gate.app/features/health/. Nothing of Home Assistant here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from .fields import mapping, number, optional_text, text


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One reading of the phone: its value and ``pass``, ``warn`` or ``fail``."""

    value: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The phone's state: app version and readings by the gateway's names."""

    status: str
    version: str | None
    checks: Mapping[str, HealthCheck]

    @classmethod
    def from_payload(cls, payload: object) -> Self:
        """Read ``health`` of a ping, or the body of the phone's ``GET /health``."""
        data = mapping(payload, "health")
        checks = mapping(data.get("checks") or {}, "checks")
        return cls(
            status=text(data, "status"),
            version=optional_text(data, "version"),
            checks={name: _check(check) for name, check in checks.items()},
        )


def _check(payload: object) -> HealthCheck:
    """Read one item of ``checks``."""
    data = mapping(payload, "checks")
    return HealthCheck(value=number(data, "observedValue"), status=text(data, "status"))
