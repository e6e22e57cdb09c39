"""The integration quality scale: its rules, and what of them a machine can check.

Source: home-assistant/core, script/hassfest/quality_scale.py, and the pages of the
rules at developers.home-assistant.io (docs/core/integration-quality-scale/rules).
"""

import ast
from collections.abc import Iterator
import re
from typing import Any

from .source import Tree, called, calls, keyword, where

TIERS = {
    "bronze": (
        "action-setup",
        "appropriate-polling",
        "brands",
        "common-modules",
        "config-flow",
        "config-flow-test-coverage",
        "dependency-transparency",
        "docs-actions",
        "docs-conditions",
        "docs-high-level-description",
        "docs-installation-instructions",
        "docs-removal-instructions",
        "docs-triggers",
        "entity-event-setup",
        "entity-unique-id",
        "has-entity-name",
        "runtime-data",
        "test-before-configure",
        "test-before-setup",
        "unique-config-entry",
    ),
    "silver": (
        "action-exceptions",
        "config-entry-unloading",
        "docs-configuration-parameters",
        "docs-installation-parameters",
        "entity-unavailable",
        "integration-owner",
        "log-when-unavailable",
        "parallel-updates",
        "reauthentication-flow",
        "test-coverage",
    ),
    "gold": (
        "devices",
        "diagnostics",
        "discovery",
        "discovery-update-info",
        "docs-data-update",
        "docs-examples",
        "docs-known-limitations",
        "docs-supported-devices",
        "docs-supported-functions",
        "docs-troubleshooting",
        "docs-use-cases",
        "dynamic-devices",
        "entity-category",
        "entity-device-class",
        "entity-disabled-by-default",
        "entity-translations",
        "exception-translations",
        "icon-translations",
        "reconfiguration-flow",
        "repair-issues",
        "stale-devices",
    ),
    "platinum": ("async-dependency", "inject-websession", "strict-typing"),
}
RULES = tuple(rule for rules in TIERS.values() for rule in rules)
# Shown to people: Home Assistant's own, and those of its helpers
TOLD = {
    "ConfigEntryAuthFailed",
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "HomeAssistantError",
    "PlatformNotReady",
    "ServiceValidationError",
    "UpdateFailed",
}
# What Home Assistant calls with an entry, and where that stands among the arguments
ENTRY_POINTS = {
    "async_setup_entry": 1,
    "async_unload_entry": 1,
    "async_remove_entry": 1,
    "async_migrate_entry": 1,
    "async_remove_config_entry_device": 1,
    "async_get_config_entry_diagnostics": 1,
    "async_get_device_diagnostics": 1,
}


def status_of(rule: object) -> str | None:
    """Return a rule's status, however it is written; None where it has none."""
    status = rule.get("status") if isinstance(rule, dict) else rule
    return status if isinstance(status, str) else None


def scale_faults(rules: dict[str, Any]) -> list[str]:
    """Return what hassfest would say of the file, were this a core integration."""
    faults = [f"{rule} is missing" for rule in RULES if rule not in rules]
    for name, rule in rules.items():
        status = status_of(rule)
        if name not in RULES:
            faults.append(f"{name} is unknown")
        if status not in {"done", "exempt", "todo"}:
            faults.append(f"{name} has no status")
        if isinstance(rule, dict) and set(rule) - {"status", "comment"}:
            faults.append(f"{name} has more than a status and a comment")
        comment = rule.get("comment") if isinstance(rule, dict) else None
        if status in {"exempt", "todo"} and not comment:
            faults.append(f"{name} lacks a reason")
    return faults


def _classes(node: ast.expr) -> set[str]:
    """Return the names of the errors an expression makes, of either branch."""
    return {it.id for it in ast.walk(node) if isinstance(it, ast.Name)} & TOLD


def bare_errors(tree: Tree) -> list[str]:
    """Return errors shown to people that have no translation."""
    faults = []
    for name, node in calls(tree):
        if _classes(node.func) and not (
            keyword(node, "translation_key") and keyword(node, "translation_domain")
        ):
            faults.append(f"{where(name, node)}: without translation")
    for name, module in tree.items():
        faults += [
            f"{where(name, node)}: without translation"
            for node in ast.walk(module)
            if isinstance(node, ast.Raise)
            and isinstance(node.exc, (ast.Name, ast.Attribute))
            and ast.unparse(node.exc).rpartition(".")[2] in TOLD
        ]
    return faults


def untyped_entries(tree: Tree) -> list[str]:
    """Return functions Home Assistant hands an entry whose type says nothing of us."""
    faults = []
    for name, module in tree.items():
        for node in module.body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name in ENTRY_POINTS:
                argument = node.args.args[ENTRY_POINTS[node.name]]
                typed = argument.annotation and ast.unparse(argument.annotation)
                if typed != "SmsGateConfigEntry":
                    faults.append(f"{where(name, node)}: {typed}")
    return faults


def _data_key(node: ast.AST) -> ast.expr | None:
    """Return the key where something reads or writes ``hass.data``."""
    match node:
        case ast.Subscript(value=data, slice=key):
            pass
        case ast.Call(func=ast.Attribute(value=data), args=[key, *_]):
            pass
        case _:
            return None
    return key if re.search(r"(^|[._])hass\.data$", ast.unparse(data)) else None


def kept_elsewhere(tree: Tree) -> list[str]:
    """Return what is kept in ``hass.data``: an account's parts belong to its entry.

    What no account owns may lie there, under a ``HassKey`` that has a type.
    """
    return [
        where(name, node)
        for name, module in tree.items()
        for node in ast.walk(module)
        if (key := _data_key(node)) is not None
        and (not isinstance(key, ast.Name) or key.id == "DOMAIN")
    ]


def own_sessions(tree: Tree) -> list[str]:
    """Return HTTP sessions that are made instead of taken from Home Assistant."""
    made = {"ClientSession", "async_create_clientsession", "TCPConnector"}
    return [where(name, node) for name, node in calls(tree) if called(node) in made]


def without_icon(entities: set[tuple[str, str]], icons: dict[str, Any]) -> list[str]:
    """Return the entities (platform, translation key) that icons.json leaves out."""
    known = {
        (domain, key) for domain, keyed in icons["entity"].items() for key in keyed
    }
    return [f"{domain}.{key}" for domain, key in sorted(entities - known)]


def flow_keys(texts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a dialog can show: its steps, errors and ends."""
    for kind in ("step", "error", "abort"):
        for key in texts.get(kind, {}):
            yield kind, key


def untested(texts: dict[str, Any], words: frozenset[str]) -> list[str]:
    """Return what a dialog can show and no test names."""
    return [f"{kind} {key}" for kind, key in flow_keys(texts) if key not in words]


def words_of(tree: Tree) -> frozenset[str]:
    """Return all texts that stand in modules."""
    return frozenset(
        node.value
        for module in tree.values()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def registered_in(tree: Tree, service_domain: str) -> set[str]:
    """Return the modules that register actions of a domain, by the name they use."""
    return {
        name
        for name, node in calls(tree)
        if called(node) == "async_register"
        and "services" in ast.unparse(node.func)
        and node.args
        and ast.unparse(node.args[0]) == service_domain
    }


def setup_calls(tree: Tree, function: str) -> set[str]:
    """Return what a function of ``__init__`` calls."""
    return {
        called(node)
        for outer in tree["__init__"].body
        if isinstance(outer, ast.AsyncFunctionDef) and outer.name == function
        for node in ast.walk(outer)
        if isinstance(node, ast.Call)
    }
