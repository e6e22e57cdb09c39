"""quality_scale.yaml is whole, and what it says is so, where a machine can tell."""

import ast
from pathlib import Path
import re
import tomllib

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import Account

from .quality import (
    RULES,
    TIERS,
    bare_errors,
    kept_elsewhere,
    own_sessions,
    registered_in,
    scale_faults,
    setup_calls,
    status_of,
    untested,
    untyped_entries,
    without_icon,
    words_of,
)
from .source import (
    INTEGRATION,
    ROOT,
    TRANSLATIONS,
    load_json,
    load_yaml,
    modules,
    repository_files,
)

SCALE = load_yaml(INTEGRATION / "quality_scale.yaml")["rules"]
DONE = {rule for rule in RULES if status_of(SCALE.get(rule)) == "done"}
TODO = [rule for rule in RULES if status_of(SCALE.get(rule)) == "todo"]
ENGLISH = load_json(TRANSLATIONS / "en.json")
ICONS = load_json(INTEGRATION / "icons.json")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FLOWS = {
    "account": ENGLISH["config"],
    "options": ENGLISH["options"],
    "contact": ENGLISH["config_subentries"]["contact"],
    "signing key": ENGLISH["issues"]["wrong_signing_key"]["fix_flow"],
}
FLOW_TESTS = (
    "flows/test_*_flow*.py",
    "flows/test_form_errors.py",
    "receive/test_signing_key.py",
    "repository/test_dialogs.py",
)
# Where each rule on documentation is kept: a file and what stands in it.
# A rule that becomes done needs its place here.
DOCUMENTED = {
    "docs-high-level-description": ("README.md", "](https://sms-gate.app)"),
    "docs-installation-instructions": ("README.md", "## Installation"),
    "docs-removal-instructions": ("README.md", "## Removing the integration"),
    "docs-known-limitations": ("README.md", "## Known limitations"),
    "docs-supported-devices": ("README.md", "Android 5 or newer"),
    "docs-supported-functions": ("README.md", "## Supported functionality"),
    "docs-troubleshooting": ("README.md", "## Troubleshooting"),
    "docs-actions": ("docs/actions.md", "## `sms_gate.refresh_inbox`"),
    "docs-triggers": ("docs/triggers.md", "## `sms_gate.message_received`"),
    "docs-configuration-parameters": ("docs/setup.md", "| Create a new signing key |"),
    "docs-installation-parameters": ("docs/setup.md", "| Verify SSL certificate |"),
    "docs-data-update": ("README.md", "## Data updates"),
    "docs-examples": ("README.md", "## Examples"),
    "docs-use-cases": ("README.md", "### Use cases"),
}
CODE_RULES = {
    "exception-translations": bare_errors,
    "strict-typing": untyped_entries,
    "runtime-data": kept_elsewhere,
    "inject-websession": own_sessions,
}


def test_the_list_of_rules_is_the_scales() -> None:
    """54, of four tiers, as in the newest Home Assistant."""
    assert {tier: len(rules) for tier, rules in TIERS.items()} == {
        "bronze": 20,
        "silver": 10,
        "gold": 21,
        "platinum": 3,
    }
    assert len(set(RULES)) == 54


def test_every_rule_has_a_status_and_a_reason_where_it_is_not_done() -> None:
    """As hassfest wants it of a core integration."""
    assert scale_faults(SCALE) == []


def test_no_rule_is_left_to_do() -> None:
    """Platinum: all are done, or exempt."""
    assert TODO == []


@pytest.mark.parametrize("rule", CODE_RULES)
def test_the_code_keeps_the_scales_rule(rule: str) -> None:
    """No module breaks it."""
    assert rule in DONE
    assert CODE_RULES[rule](modules()) == []


def test_a_rule_on_documentation_is_kept_somewhere() -> None:
    """Each one that is done names its place, and the place is there."""
    assert {rule for rule in DONE if rule.startswith("docs-")} == set(DOCUMENTED)
    for file, words in DOCUMENTED.values():
        assert words in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("flow", FLOWS)
def test_every_step_error_and_end_of_a_dialog_is_tested(flow: str) -> None:
    """By its name: coverage alone does not say that it was looked at."""
    paths = [path for it in FLOW_TESTS for path in (ROOT / "tests").glob(it)]
    tree = {it.stem: ast.parse(it.read_text(encoding="utf-8")) for it in paths}
    assert len(tree) >= 7
    assert untested(FLOWS[flow], words_of(tree)) == []


def test_actions_are_registered_once_for_all_accounts() -> None:
    """In async_setup; an account registers no action of the domain."""
    assert registered_in(modules(), "DOMAIN") == {"services"}
    assert "async_setup_services" in setup_calls(modules(), "async_setup")
    assert "async_setup_services" not in setup_calls(modules(), "async_setup_entry")


async def test_actions_are_there_without_an_account(hass: HomeAssistant) -> None:
    """So that automations can be checked while the gateway is away."""
    assert await async_setup_component(hass, DOMAIN, {})
    actions = hass.services.async_services_for_domain(DOMAIN)
    assert set(actions) == set(load_yaml(INTEGRATION / "services.yaml"))


async def test_entities_are_what_the_scale_wants(
    hass: HomeAssistant, account: Account
) -> None:
    """Own ids, names below their device's, icons where no device class has one."""
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, account.entry.entry_id)
    assert len(entities) > 10
    assert [it.entity_id for it in entities if not it.has_entity_name] == []
    assert [it.entity_id for it in entities if not it.unique_id] == []
    assert [it.entity_id for it in entities if it.device_id is None] == []
    # A contact's notifier is named like its device, with Home Assistant's own icon
    plain = {
        (it.domain, it.translation_key)
        for it in entities
        if it.original_device_class is None and it.translation_key is not None
    }
    assert without_icon(plain, ICONS) == []
    nameless = {it.domain for it in entities if not it.original_name}
    assert nameless <= {"notify"}


async def test_devices_tell_what_they_are(
    hass: HomeAssistant, account: Account
) -> None:
    """The account is a service; a phone has its maker and model."""
    found = dr.async_entries_for_config_entry(
        dr.async_get(hass), account.entry.entry_id
    )
    (own,) = [it for it in found if (DOMAIN, account.entry.entry_id) in it.identifiers]
    assert own.entry_type is dr.DeviceEntryType.SERVICE
    (phone,) = [it for it in found if it.model]
    assert phone.manufacturer
    assert phone.entry_type is None
    assert phone.via_device_id == own.id


@pytest.mark.parametrize(
    ("rule", "module", "function"),
    [
        ("diagnostics", "diagnostics", "async_get_config_entry_diagnostics"),
        ("repair-issues", "repairs", "async_create_fix_flow"),
        ("config-entry-unloading", "__init__", "async_unload_entry"),
        ("config-flow", "config_flow", "async_step_user"),
        ("reauthentication-flow", "config_flow", "async_step_reauth"),
        ("reconfiguration-flow", "config_flow", "async_step_reconfigure"),
        ("test-before-setup", "__init__", "async_setup_entry"),
        ("common-modules", "account.coordinator", "_async_update_data"),
        ("common-modules", "entity", "async_added_to_hass"),
        ("dynamic-devices", "entity", "async_add_phone_entities"),
        ("stale-devices", "__init__", "async_remove_config_entry_device"),
    ],
)
def test_what_a_rule_asks_for_is_there(rule: str, module: str, function: str) -> None:
    """In the module where Home Assistant, or a reviewer, looks for it."""
    names = {
        node.name
        for node in ast.walk(modules()[module])
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert (function in names) or rule not in DONE


def test_types_are_checked_strictly_everywhere() -> None:
    """No part of the integration is let off."""
    mypy = PROJECT["tool"]["mypy"]
    assert mypy["strict"] is True
    assert f"custom_components.{DOMAIN}" in mypy["packages"]
    assert "ignore-without-code" in mypy["enable_error_code"]
    assert not {"disable_error_code", "exclude", "ignore_errors"} & set(mypy)
    names = [it["module"] for it in mypy.get("overrides", [])]
    assert [it for it in names if "sms_gate" in str(it)] == []


def test_coverage_is_asked_for() -> None:
    """More than 95 per cent of all modules, whenever all tests run."""
    asked = re.search(
        r"--cov-fail-under=(\d+)", (ROOT / "scripts" / "test").read_text()
    )
    assert asked is not None
    assert int(asked[1]) >= 95
    run = PROJECT["tool"]["coverage"]["run"]
    assert run["source"] == [f"custom_components/{DOMAIN}"]
    assert "omit" not in run
    excused = [
        path.name
        for path in repository_files()
        if path.suffix == ".py"
        and path.is_relative_to(INTEGRATION)
        and "pragma: no cover" in path.read_text(encoding="utf-8")
    ]
    assert excused == []


def test_a_place_of_the_documentation_is_in_the_repository() -> None:
    """Not only on this machine."""
    files: set[Path] = set(repository_files())
    assert {ROOT / file for file, _ in DOCUMENTED.values()} <= files
