"""What hassfest lets services.yaml, triggers.yaml and icons.json look like."""

from collections.abc import Iterator
import re
from typing import Any

from homeassistant.helpers.selector import TargetSelector, validate_selector
import voluptuous as vol


def _not_null(value: object) -> object:
    if value is None:
        raise vol.Invalid("null is no value")
    return value


def _target(value: Any) -> Any:
    TargetSelector.CONFIG_SCHEMA(value)
    if "device" in (value or {}):
        raise vol.Invalid("a target has no device filter")
    return value


def _slug(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise vol.Invalid("no name of an action, trigger or field")
    return value


_FIELD = {
    vol.Optional("example"): _not_null,
    vol.Optional("default"): _not_null,
    vol.Optional("required"): bool,
    vol.Required("selector"): validate_selector,
}
_ACTION_FIELD = {
    **_FIELD,
    vol.Optional("filter"): {
        vol.Exclusive("attribute", "filter"): {str: [str]},
        vol.Exclusive("supported_features", "filter"): [str],
    },
}
_SECTION = {
    vol.Optional("collapsed"): bool,
    vol.Required("fields"): {_slug: _ACTION_FIELD},
}


def _field_or_section(value: Any) -> Any:
    """Check as what it is: errors of both at once say nothing."""
    is_section = isinstance(value, dict) and "fields" in value
    return vol.Schema(_SECTION if is_section else _ACTION_FIELD)(value)


SERVICES = vol.Schema(
    {
        _slug: vol.Any(
            None,
            {
                vol.Optional("target"): _target,
                vol.Optional("fields"): {_slug: _field_or_section},
            },
        )
    }
)


def _anchor(value: object) -> str:
    if not isinstance(value, str) or not value.startswith("."):
        raise vol.Invalid("no name")
    return value


TRIGGERS = vol.Schema(
    {
        vol.Remove(_anchor): object,
        _slug: vol.Any(
            None,
            {
                vol.Optional("target"): _target,
                vol.Optional("fields"): {
                    _slug: {**_FIELD, vol.Optional("context"): {str: object}}
                },
            },
        ),
    }
)


def _icon(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(
        r"mdi:[a-z0-9]+(-[a-z0-9]+)*", value
    ):
        raise vol.Invalid("only icons of Material Design: mdi:name")
    return value


def _new_icons(value: dict[str, Any]) -> dict[str, Any]:
    if value.get("default") in value.get("state", {}).values():
        raise vol.Invalid("a state has the default icon")
    return value


_STATES = {
    vol.Required("default"): _icon,
    vol.Optional("state"): {str: _icon},
    vol.Optional("range"): {vol.Coerce(float): _icon},
}
_STEPS = {vol.Required("step"): {str: {vol.Required("sections"): {str: _icon}}}}
ICONS = vol.Schema(
    {
        vol.Optional("config"): _STEPS,
        vol.Optional("options"): _STEPS,
        vol.Optional("issues"): {str: {vol.Required("fix_flow"): _STEPS}},
        vol.Optional("entity"): {
            str: {
                str: vol.All(
                    {
                        **_STATES,
                        vol.Optional("state_attributes"): {
                            str: vol.All(_STATES, _new_icons)
                        },
                    },
                    _new_icons,
                )
            }
        },
        vol.Optional("services"): {
            _slug: {
                vol.Required("service"): _icon,
                vol.Optional("sections"): {str: _icon},
            }
        },
        vol.Optional("triggers"): {_slug: {vol.Required("trigger"): _icon}},
        vol.Optional("conditions"): {_slug: {vol.Required("condition"): _icon}},
    }
)


def fields_of(description: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the fields of an action or trigger, those in sections as well."""
    for name, field in ((description or {}).get("fields") or {}).items():
        if "fields" in field:
            yield from fields_of(field)
        else:
            yield name, field


def sections_of(description: Any) -> set[str]:
    """Return the sections an action's fields stand in."""
    fields = (description or {}).get("fields") or {}
    return {name for name, field in fields.items() if "fields" in field}


def twice(described: dict[str, Any]) -> list[str]:
    """Return fields an action has twice, in different sections."""
    names = [
        f"{name}.{field}"
        for name, description in described.items()
        for field, _ in fields_of(description)
    ]
    return sorted({it for it in names if names.count(it) > 1})


def untranslated(described: dict[str, Any], english: dict[str, Any]) -> list[str]:
    """Return in what descriptions and texts of actions or triggers differ."""
    faults = [f"{name}: differs" for name in sorted(set(described) ^ set(english))]
    for name in sorted(set(described) & set(english)):
        fields = {field for field, _ in fields_of(described[name])}
        given = set(english[name].get("fields", {}))
        faults += [f"{name}.{field}: differs" for field in sorted(fields ^ given)]
        sections = set(english[name].get("sections", {}))
        differ = sections_of(described[name]) ^ sections
        faults += [f"{name}, section {it}: differs" for it in sorted(differ)]
    return faults


def without_options(described: dict[str, Any], selectors: dict[str, Any]) -> list[str]:
    """Return choices of select selectors that have no text, or are no more."""
    faults = []
    for name, description in described.items():
        for field, content in fields_of(description):
            select = content["selector"].get("select") or {}
            if key := select.get("translation_key"):
                texts = set(selectors.get(key, {}).get("options", {}))
                differ = set(select["options"]) ^ texts
                faults += [f"{name}.{field}: {it}" for it in sorted(differ)]
    return faults


def unknown_icons(icons: dict[str, Any], english: dict[str, Any]) -> list[str]:
    """Return icons of what is not there: entities, states, attributes, actions."""
    faults = [
        f"{kind}.{key}"
        for kind in ("services", "triggers", "conditions")
        for key in sorted(set(icons.get(kind, {})) - set(english.get(kind, {})))
    ]
    for domain, keyed in icons.get("entity", {}).items():
        for key, entity in keyed.items():
            path = f"entity.{domain}.{key}"
            texts = english.get("entity", {}).get(domain, {}).get(key)
            if texts is None:
                faults.append(path)
                continue
            attributes = texts.get("state_attributes", {})
            faults += [
                f"{path}: state {it}"
                for it in entity.get("state", {})
                if it not in texts.get("state", {}) and it not in {"on", "off"}
            ]
            for name, attribute in entity.get("state_attributes", {}).items():
                known = attributes.get(name, {}).get("state", {})
                extra = [it for it in attribute.get("state", {}) if it not in known]
                faults += [f"{path}.{name}: state {it}" for it in extra]
                if name not in attributes:
                    faults.append(f"{path}.{name}")
    return faults
