"""Faults a test or a person can switch on, each with a probability and a seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
import re
from typing import Any, Final, TypeIs

from .errors import Refused

NAMES: Final = (
    "drop_response",
    "status",
    "delay",
    "reset",
    "duplicate_webhooks",
    "slow_webhooks",
    "webhook_down",
    "offline",
)


@dataclass
class Fault:
    """One fault: how often it strikes, at most how many times, and where."""

    probability: float = 1.0
    seed: int = 0
    limit: int | None = None
    value: float | None = None
    path: str | None = None
    hits: int = field(default=0, compare=False)
    _random: Random = field(init=False, repr=False, compare=False)
    _path: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare the dice and the expression."""
        self._random = Random(self.seed)
        self._path = re.compile(self.path) if self.path else None

    def strikes(self, path: str) -> bool:
        """Throw the dice for one request or posting."""
        if self.limit is not None and self.hits >= self.limit:
            return False
        if self._path is not None and not self._path.search(path):
            return False
        if self._random.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def as_dict(self) -> dict[str, object]:
        """Return the fault as the control API shows it."""
        shown: dict[str, object] = {
            "probability": self.probability,
            "seed": self.seed,
            "hits": self.hits,
        }
        optional = {"limit": self.limit, "value": self.value, "path": self.path}
        return shown | {key: item for key, item in optional.items() if item is not None}


def strikes(faults: Mapping[str, Fault], name: str, path: str = "") -> bool:
    """Tell whether the named fault is on and strikes now."""
    fault = faults.get(name)
    return fault is not None and fault.strikes(path)


def parse_faults(body: object) -> dict[str, Fault]:
    """Read what is posted to the control API; Refused with 400 when it is wrong."""
    if not isinstance(body, dict):
        raise Refused(400, "the body must be an object of faults")
    shared_seed = body.get("seed", 0)
    if not _is_int(shared_seed):
        raise Refused(400, "seed must be a whole number")
    return {
        name: _parse_fault(name, given, shared_seed)
        for name, given in body.items()
        if name != "seed"
    }


def _parse_fault(name: str, given: object, shared_seed: int) -> Fault:
    """Read one fault: a number is its probability, an object its fields."""
    if name not in NAMES:
        raise Refused(400, f"no such fault: {name}; there are {', '.join(NAMES)}")
    fields: dict[str, Any] = (
        given if isinstance(given, dict) else {"probability": given}
    )
    if unknown := set(fields) - {"probability", "seed", "limit", "value", "path"}:
        raise Refused(400, f"{name}: unknown field {min(unknown)}")
    limit = fields.get("limit")
    if limit is not None and not (_is_int(limit) and limit >= 0):
        raise Refused(400, f"{name}: limit must be a whole number")
    seed = fields.get("seed", shared_seed)
    if not _is_int(seed):
        raise Refused(400, f"{name}: seed must be a whole number")
    return Fault(
        probability=_probability(name, fields.get("probability", 1.0)),
        seed=seed,
        limit=limit,
        value=_value(name, fields.get("value")),
        path=_path(name, fields.get("path")),
    )


def _is_int(value: object) -> TypeIs[int]:
    """Tell whether a value is a whole number and no truth value."""
    return isinstance(value, int) and not isinstance(value, bool)


def _probability(name: str, value: object) -> float:
    """Read a probability between 0 and 1."""
    if isinstance(value, bool):
        return float(value)
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise Refused(400, f"{name}: probability must be between 0 and 1")
    return float(value)


def _value(name: str, value: object) -> float | None:
    """Read the optional value: a status or seconds, whichever the fault takes."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Refused(400, f"{name}: value must be a number")
    if name == "status" and not 200 <= value <= 599:
        raise Refused(400, "status: value must be a status between 200 and 599")
    return float(value)


def _path(name: str, value: object) -> str | None:
    """Read the optional regular expression."""
    if value is None:
        return None
    try:
        re.compile(str(value))
    except re.error as err:
        raise Refused(400, f"{name}: path is no regular expression") from err
    return str(value)
