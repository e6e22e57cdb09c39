"""Bodies and queries as the server reads and checks them, in its own words.

A `Struct` reads an object: a value of the wrong type refuses the body as soon
as all of it was read, a time that is none at once. Then the rules of all fields
are checked, and all that fail are told together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from virtual_gateway.errors import Refused
from virtual_gateway.texts import whole_text

from .go_json import GoJsonError, Number, Pairs, read_json
from .go_time import GoTimeError, go_time

type Values = dict[str, Any]
type Check = Callable[[Any], bool]
PACKAGE = "smsgateway"


@dataclass
class Reading:
    """What was found wrong while a body is read: the first fault counts."""

    fault: str | None = None

    def note(self, kind: str, place: str, go_type: str) -> None:
        """Note a value of the wrong type."""
        if self.fault is None:
            self.fault = f"json: cannot unmarshal {kind} into Go {place} of {go_type}"


@dataclass(frozen=True)
class Place:
    """Where in a body a value stands."""

    struct: str
    path: str

    def __str__(self) -> str:
        """Return the place as errors name it."""
        return f"struct field {self.struct}.{self.path}"


class Kind(Protocol):
    """How one value is read; `name` is the type the server's errors tell."""

    @property
    def name(self) -> str:
        """Return the name of the type."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        """Return the value; nothing when its type is wrong."""


def _shape(value: Any) -> str:
    """Return what a JSON value is called in errors."""
    match value:
        case Number():
            return "number"
        case str():
            return "string"
        case bool():
            return "bool"
        case Pairs():
            return "object"
        case _:
            return "array"


@dataclass(frozen=True)
class Text:
    """A string."""

    name: str = "string"

    def read(self, value: Any, place: Place, reading: Reading) -> str | None:
        if isinstance(value, str) and not isinstance(value, Number):
            return whole_text(value)
        reading.note(_shape(value), str(place), f"type {self.name}")
        return None


@dataclass(frozen=True)
class Flag:
    """A truth value."""

    name: str = "bool"

    def read(self, value: Any, place: Place, reading: Reading) -> bool | None:
        if isinstance(value, bool):
            return value
        reading.note(_shape(value), str(place), f"type {self.name}")
        return None


@dataclass(frozen=True)
class Whole:
    """A whole number between the bounds of its type."""

    name: str
    low: int
    high: int

    def read(self, value: Any, place: Place, reading: Reading) -> int | None:
        if not isinstance(value, Number):
            reading.note(_shape(value), str(place), f"type {self.name}")
            return None
        digits = value.removeprefix("-")
        if digits.isdigit() and self.low <= int(value) <= self.high:
            return int(value)
        reading.note(f"number {value}", str(place), f"type {self.name}")
        return None


INT = Whole("int", -(2**63), 2**63 - 1)
UINT8 = Whole("uint8", 0, 2**8 - 1)
UINT16 = Whole("uint16", 0, 2**16 - 1)
UINT64 = Whole("uint64", 0, 2**64 - 1)


@dataclass(frozen=True)
class Time:
    """A time in milliseconds."""

    name: str = "time.Time"

    def read(self, value: Any, place: Place, reading: Reading) -> int:
        del place, reading
        if isinstance(value, Number) or not isinstance(value, str):
            raise GoTimeError("Time.UnmarshalJSON: input is not a JSON string")
        return go_time(value)


@dataclass(frozen=True)
class Items:
    """A list; null in it is the type's zero."""

    item: Text

    @property
    def name(self) -> str:
        """Return the type of the list."""
        return f"[]{self.item.name}"

    def read(self, value: Any, place: Place, reading: Reading) -> list[Any] | None:
        if isinstance(value, Pairs) or not isinstance(value, list):
            reading.note(_shape(value), str(place), f"type {self.name}")
            return None
        return [
            "" if item is None else self.item.read(item, place, reading)
            for item in value
        ]


@dataclass(frozen=True)
class Rule:
    """One check of a value, with the name the server's errors tell."""

    tag: str
    holds: Check


def at_least(bound: int) -> Rule:
    """Return the rule of a smallest number or a shortest length."""
    return Rule("min", lambda value: _size(value) >= bound)


def at_most(bound: int) -> Rule:
    """Return the rule of a greatest number or a longest length."""
    return Rule("max", lambda value: _size(value) <= bound)


def of_length(length: int) -> Rule:
    """Return the rule of a length."""
    return Rule("len", lambda value: len(value) == length)


def one_of(*allowed: str) -> Rule:
    """Return the rule of a few words."""
    return Rule("oneof", lambda value: value in allowed)


UNSET = Rule("isdefault", lambda value: value is None)


def _size(value: Any) -> int:
    return value if isinstance(value, int) else len(value)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: its name outside, its name in errors, its type and its rules.

    A field that is `optional` is checked as soon as it is there; one that is
    `plain` counts as absent when it is empty.
    """

    key: str
    name: str
    kind: Kind
    rules: tuple[Rule, ...] = ()
    required: bool = False
    plain: bool = False
    each: Field | None = None

    def faults(self, value: Any, where: str) -> Iterator[tuple[str, str, str]]:
        """Yield place, name and rule of what is wrong with a value."""
        absent = value is None or (self.plain and value in ("", 0))
        if absent:
            if self.required:
                yield where, self.name, "required"
            return
        for rule in self.rules:
            if not rule.holds(value):
                yield where, self.name, rule.tag
                return
        if self.each is not None:
            for index, item in enumerate(value):
                element = Field(
                    key="",
                    name=f"{self.name}[{index}]",
                    kind=self.each.kind,
                    rules=self.each.rules,
                    required=self.each.required,
                    plain=True,
                )
                yield from element.faults(item, f"{where}[{index}]")


@dataclass(frozen=True)
class Part:
    """An object inside an object."""

    struct: Struct

    @property
    def name(self) -> str:
        """Return the type of the object."""
        return f"{PACKAGE}.{self.struct.name}"

    def read(self, value: Any, place: Place, reading: Reading) -> Values | None:
        if not isinstance(value, Pairs):
            reading.note(_shape(value), str(place), f"type {self.name}")
            return None
        return self.struct.read(value, f"{place.path}.", reading)


@dataclass(frozen=True)
class Struct:
    """An object with known fields; others are passed over."""

    name: str
    fields: tuple[Field, ...]
    _by_key: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare the look-up, which does not mind the case of a key."""
        by_key = {item.key.lower(): item for item in self.fields}
        object.__setattr__(self, "_by_key", by_key)

    def read(self, pairs: Pairs, path: str, reading: Reading) -> Values:
        """Return the fields' values by key; absent ones are None."""
        values: Values = {item.key: None for item in self.fields}
        for key, value in pairs:
            item = self._by_key.get(key.lower())
            if item is None or value is None:
                if item is not None and not item.plain:
                    values[item.key] = None
                continue
            place = Place(self.name, f"{path}{item.key}")
            values[item.key] = item.kind.read(value, place, reading)
        return values

    def faults(self, values: Values, where: str) -> Iterator[tuple[str, str, str]]:
        """Yield place, name and rule of all that is wrong."""
        for item in self.fields:
            value, place = values[item.key], f"{where}.{item.name}"
            yield from item.faults(value, place)
            if isinstance(item.kind, Part) and value is not None:
                yield from item.kind.struct.faults(value, place)

    def parse(self, raw: bytes) -> Values:
        """Return the values of a body; Refused with 400 when something is wrong."""
        values = self.read_body(raw)
        self.check(values)
        return values

    def read_body(self, raw: bytes) -> Values:
        """Return the values of a body, not checked yet; Refused for wrong types."""
        reading = Reading()
        try:
            body = read_json(raw)
            if body is not None and not isinstance(body, Pairs):
                kind = f"type {PACKAGE}.{self.name}"
                reading.note(_shape(body), "value", kind)
                body = None
            values = self.read(body or Pairs(), "", reading)
        except (GoJsonError, GoTimeError) as err:
            raise Refused(400, f"failed to parse body: {err}") from err
        if reading.fault is not None:
            raise Refused(400, f"failed to parse body: {reading.fault}")
        return values

    def check(self, values: Values) -> None:
        """Refuse values that break a rule."""
        self.refuse(list(self.faults(values, self.name)))

    @staticmethod
    def refuse(faults: list[tuple[str, str, str]]) -> None:
        """Refuse when there are faults, all of them in one message."""
        told = [
            f"Key: '{where}' Error:Field validation for '{name}' failed on the '{tag}' tag"
            for where, name, tag in faults
        ]
        if told:
            raise Refused(400, "failed to validate: " + "\n".join(told))
