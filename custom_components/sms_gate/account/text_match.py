"""How the text of a message is compared with what a trigger or condition asks for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from homeassistant.helpers.template import is_template_string
import regex  # type: ignore[import-untyped]
import voluptuous as vol

from .text import fold, soften, words_after

CONF_MATCH: Final = "match"
CONF_TEXT: Final = "text"

_MAX_PATTERN: Final = 1000
_REGEX: Final = "regex"
_MATCHES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, wanted: wanted in text,
    "equals": lambda text, wanted: text == wanted,
    "starts_with": lambda text, wanted: text.startswith(wanted),
}

type _Pattern = regex.Pattern[str]


def _text(value: object) -> str:
    """Return a text; ``on`` or ``0042`` without quotes is none any more."""
    if not isinstance(value, str):
        raise vol.Invalid(
            "put it in quotes: YAML reads on, off, yes, no and digits as something else"
        )
    if value and not fold(value):
        raise vol.Invalid("there is nothing to see in it")
    return value


TEXT_FIELDS: Final[dict[vol.Marker, Any]] = {
    vol.Optional(CONF_TEXT): _text,
    vol.Optional(CONF_MATCH, default="contains"): vol.In([*_MATCHES, _REGEX]),
}


def matchable(options: dict[str, Any]) -> dict[str, Any]:
    """Refuse what could never match, when the automation is saved."""
    text = options.get(CONF_TEXT, "")
    if options[CONF_MATCH] != _REGEX:
        if is_template_string(text):
            raise vol.Invalid("a template is not rendered here", [CONF_TEXT])
        return options
    if len(text) > _MAX_PATTERN:
        raise vol.Invalid(f"longer than {_MAX_PATTERN} characters", [CONF_TEXT])
    try:
        _compiled(text)
    except (regex.error, RecursionError, OverflowError) as err:
        raise vol.Invalid(f"not a regular expression: {err}", [CONF_TEXT]) from err
    return options


def _compiled(text: str) -> _Pattern:
    return regex.compile(soften(text), regex.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMatch:
    """What is asked for, prepared once and not for every message."""

    text: str = field(repr=False)
    compare: Callable[[str, str], bool]
    pattern: _Pattern | None = field(repr=False)

    @classmethod
    def build(cls, options: Mapping[str, Any]) -> Self:
        """Prepare the options ``text`` and ``match``."""
        text, match = options.get(CONF_TEXT, ""), options.get(CONF_MATCH, "contains")
        is_regex = match == _REGEX
        return cls(
            text=fold(text),
            compare=_MATCHES["contains" if is_regex else match],
            pattern=_compiled(text) if is_regex else None,
        )

    def find(self, message: str, seconds: float) -> dict[str, Any] | None:
        """Return the groups and the rest of a message that fits, else None.

        Raises:
            TimeoutError: a regular expression needs longer.
        """
        if self.pattern is None:
            if self.text and not self.compare(fold(message), self.text):
                return None
            is_begin = self.compare is _MATCHES["starts_with"]
            rest = words_after(self.text, message) if is_begin else None
            return {"groups": [], "rest": rest}
        found = self.pattern.search(soften(message), concurrent=True, timeout=seconds)
        return None if found is None else {"groups": list(found.groups()), "rest": None}
