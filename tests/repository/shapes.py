"""What hassfest lets a custom integration's translations look like."""

import re
from typing import Any

import voluptuous as vol

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_FORBIDDEN = {
    "HTML": re.compile(r"<[a-zA-Z/!][^>]*>"),
    "an address": re.compile(r"\w+://|\bwww\.", re.IGNORECASE),
    "a space at an end": re.compile(r"\A\s|\s\Z"),
    "a quoted placeholder": re.compile(r"'\{[^{}]*\}'"),
    "nothing": re.compile(r"\A\Z"),
    "a reference": re.compile(r"\[%key:"),
}


def placeholders(text: str) -> set[str]:
    """Return the names of a text's placeholders."""
    return set(_PLACEHOLDER.findall(text))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise vol.Invalid("no text")
    for name, pattern in _FORBIDDEN.items():
        if pattern.search(value):
            raise vol.Invalid(f"contains {name}")
    if any(not name.isidentifier() for name in placeholders(value)):
        raise vol.Invalid("a placeholder is no name")
    if re.search(r"[{}]", _PLACEHOLDER.sub("", value)):
        raise vol.Invalid("a brace has no partner")
    return value


def _state(value: object) -> str:
    text = _text(value)
    if placeholders(text):
        raise vol.Invalid("a state has no placeholders")
    return text


def _key(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(
        r"[a-z0-9]+([_-][a-z0-9]+)*", value
    ):
        raise vol.Invalid("a key is lower case: a-z, 0-9, single - and _ within")
    return value


def _slug(value: object) -> str:
    if "-" in _key(value):
        raise vol.Invalid("a key of this kind has no -")
    return str(value)


def _keyed(value: object) -> dict[Any, object]:
    return {_key: value}


def _slugged(value: object) -> dict[Any, object]:
    return {_slug: value}


def _described(step: dict[str, Any]) -> dict[str, Any]:
    """Check that only fields and choices that exist are described."""
    for part in (step, *step.get("sections", {}).values()):
        for names, of in (
            ("data_description", "data"),
            ("menu_option_descriptions", "menu_options"),
        ):
            if extra := set(part.get(names, ())) - set(part.get(of, ())):
                raise vol.Invalid(f"{names} of what is not there: {sorted(extra)}")
    return step


_OPTIONAL_TEXTS = {
    vol.Optional(name): _text for name in ("title", "description", "submit")
}
_DATA = {
    vol.Optional("data"): _keyed(_text),
    vol.Optional("data_description"): _keyed(_text),
}
_STEP = vol.All(
    {
        **_OPTIONAL_TEXTS,
        **_DATA,
        vol.Optional("menu_options"): _keyed(_text),
        vol.Optional("menu_option_descriptions"): _keyed(_text),
        vol.Optional("sections"): _keyed(
            {**_DATA, vol.Optional("name"): _text, vol.Optional("description"): _text}
        ),
    },
    _described,
)
FLOW: dict[Any, Any] = {
    vol.Required("step"): _keyed(_STEP),
    **{
        vol.Optional(name): _keyed(_text)
        for name in ("error", "abort", "progress", "create_entry")
    },
}
SUBENTRY = {
    **FLOW,
    vol.Required("entry_type"): _text,
    vol.Required("initiate_flow"): {
        vol.Required("user"): _text,
        vol.Optional("reconfigure"): _text,
    },
}
_STATES = {vol.Optional("name"): _text, vol.Optional("state"): _keyed(_state)}
_ENTITY = {
    **_STATES,
    vol.Optional("state_attributes"): _keyed(_STATES),
    vol.Optional("unit_of_measurement"): _text,
}
_DESCRIBED = {
    vol.Required("name"): _text,
    vol.Required("description"): _text,
    vol.Optional("fields"): _keyed(
        {
            vol.Required("name"): _text,
            vol.Optional("description"): _text,
            vol.Optional("example"): _text,
        }
    ),
    vol.Optional("sections"): _keyed(
        {vol.Required("name"): _text, vol.Optional("description"): _text}
    ),
}


def _one_way_out(issue: dict[str, Any]) -> dict[str, Any]:
    if ("description" in issue) == ("fix_flow" in issue):
        raise vol.Invalid("an issue has either a description or a fix_flow")
    return issue


_ISSUE = vol.All(
    {
        vol.Required("title"): _text,
        vol.Optional("description"): _text,
        vol.Optional("fix_flow"): FLOW,
    },
    _one_way_out,
)
TRANSLATIONS = vol.Schema(
    {
        vol.Optional("title"): _text,
        vol.Required("config"): {
            **FLOW,
            vol.Optional("flow_title"): _text,
            vol.Optional("initiate_flow"): {vol.Required("user"): _text},
        },
        vol.Optional("common"): _keyed(_text),
        vol.Optional("config_subentries"): _slugged(SUBENTRY),
        vol.Optional("options"): FLOW,
        vol.Optional("selector"): _slugged(
            {
                vol.Optional("options"): _keyed(_text),
                vol.Optional("fields"): _keyed(
                    {vol.Required("name"): _text, vol.Optional("description"): _text}
                ),
                vol.Optional("unit_of_measurement"): _keyed(_text),
            }
        ),
        vol.Optional("device"): _keyed({vol.Required("name"): _text}),
        vol.Optional("device_automation"): _keyed(_keyed(_text)),
        vol.Optional("entity"): _slugged(_keyed(_ENTITY)),
        vol.Optional("exceptions"): _slugged({vol.Required("message"): _text}),
        vol.Optional("issues"): _keyed(_ISSUE),
        vol.Optional("services"): _keyed(_DESCRIBED),
        vol.Optional("triggers"): _slugged(_DESCRIBED),
        vol.Optional("conditions"): _slugged(_DESCRIBED),
        vol.Optional("system_health"): {vol.Required("info"): _keyed(_text)},
    }
)


def texts(value: object, path: str = "") -> dict[str, str]:
    """Return all texts of a translation by their paths."""
    if isinstance(value, str):
        return {path: value}
    assert isinstance(value, dict)
    found: dict[str, str] = {}
    for key, item in value.items():
        found |= texts(item, f"{path}.{key}" if path else key)
    return found


def same_as(english: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return in what another language differs: keys, placeholders."""
    left, right = texts(english), texts(other)
    faults = [f"{path} is missing" for path in sorted(left.keys() - right.keys())]
    faults += [f"{path} is surplus" for path in sorted(right.keys() - left.keys())]
    return faults + [
        f"{path}: other placeholders"
        for path in sorted(left.keys() & right.keys())
        if placeholders(left[path]) != placeholders(right[path])
    ]
