"""What a contract scenario is made of: questions, and what phones do in between.

A text may hold `<<name>>`: the id of a phone (`phone1`), the login, a value
saved from an answer before, or a time (`now+60`, in seconds).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import re

type Json = dict[str, Json] | list[Json] | str | int | float | bool | None

_PLACEHOLDER = re.compile(r"<<([^>]+)>>")
_MOMENT = re.compile(r"now([+-]\d+)")


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question; a `raw` body is sent as it is, a `body` as JSON."""

    name: str
    method: str
    path: str
    body: object = None
    raw: str | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    auth: str | None = "basic"
    save: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A phone tells the server how a message stands."""

    message: str
    state: str
    recipients: tuple[tuple[str, str, str | None], ...]
    states: dict[str, str]
    phone: int = 1


type Step = Ask | Report


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Steps in order, on an account of their own with so many phones."""

    name: str
    steps: tuple[Step, ...]
    phones: int = 1
    sims: bool = True


@dataclass
class Names:
    """What placeholders stand for in one run."""

    values: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """Return a text with its placeholders replaced."""
        return _PLACEHOLDER.sub(lambda match: self._value(match[1]), text)

    def _value(self, name: str) -> str:
        if name not in self.values and (moment := _MOMENT.fullmatch(name)):
            at = datetime.now(UTC) + timedelta(seconds=int(moment[1]))
            self.values[name] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return self.values[name]

    def filled(self, value: object) -> object:
        """Return a JSON value with the placeholders of its texts replaced."""
        match value:
            case str():
                return self.fill(value)
            case list():
                return [self.filled(item) for item in value]
            case dict():
                return {key: self.filled(item) for key, item in value.items()}
            case _:
                return value
