"""Reading fields of a JSON object with the type checks of a strict server."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .errors import Refused
from .times import parse_server_time


def whole_text(value: str) -> str:
    """Return a text that can be written, with torn characters replaced."""
    if value.isascii():
        return value
    units = value.encode("utf-16", "surrogatepass")
    return units.decode("utf-16", "replace")


def bad(message: str) -> Refused:
    """Return the refusal of a request that is wrong in itself."""
    return Refused(400, message)


@dataclass(frozen=True)
class Fields:
    """An object of a body; null counts as absent, as it does in Go."""

    values: dict[str, Any]
    where: str = ""

    def _wrong(self, name: str, expected: str) -> Refused:
        """Return the refusal of a field that has another JSON type."""
        return bad(f"failed to parse body: {self.where}{name} must be {expected}")

    def text(self, name: str, longest: int | None = None) -> str | None:
        """Return a text of at most so many characters."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        if longest is not None and len(value) > longest:
            raise self.invalid(name, f"at most {longest} characters")
        return whole_text(value)

    def number(self, name: str, low: int, high: int, wide: int) -> int | None:
        """Return a whole number; beyond `wide` it does not fit the server's type."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > wide:
            raise self._wrong(name, "a whole number")
        if not low <= value <= high:
            raise self.invalid(name, f"between {low} and {high}")
        return value

    def flag(self, name: str) -> bool | None:
        """Return a truth value."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "a boolean")
        return value

    def time(self, name: str) -> int | None:
        """Return a time in milliseconds."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return parse_server_time(value)
        except ValueError as err:
            raise self._wrong(name, "a time") from err

    def texts(self, name: str) -> list[str] | None:
        """Return a list of texts."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(
            isinstance(item, str) for item in value
        ):
            raise self._wrong(name, "a list of strings")
        return value

    def part(self, name: str) -> Fields | None:
        """Return an object inside the object."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return Fields(value, f"{self.where}{name}.")

    def one_of(self, name: str, allowed: Iterable[str]) -> str | None:
        """Return a text that is one of a few."""
        value = self.text(name)
        if value is not None and value not in (choices := tuple(allowed)):
            raise self.invalid(name, f"one of {', '.join(choices)}")
        return value

    def invalid(self, name: str, expected: str) -> Refused:
        """Return the refusal of a field whose value is not allowed."""
        return bad(f"failed to validate: {self.where}{name} must be {expected}")
