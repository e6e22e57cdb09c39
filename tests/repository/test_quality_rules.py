"""The rules of the quality scale notice what they are there for."""

from typing import Any

import pytest

from .quality import (
    bare_errors,
    kept_elsewhere,
    own_sessions,
    registered_in,
    scale_faults,
    setup_calls,
    untested,
    untyped_entries,
    without_icon,
    words_of,
)
from .source import INTEGRATION, code, load_yaml

SCALE = load_yaml(INTEGRATION / "quality_scale.yaml")["rules"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"brands": None}, "brands has no status"),
        ({"brands": "finished"}, "brands has no status"),
        ({"brands": {"comment": "x"}}, "brands has no status"),
        ({"brands": "exempt"}, "brands lacks a reason"),
        ({"brands": {"status": "exempt", "comment": ""}}, "brands lacks a reason"),
        ({"brands": {"status": "todo"}}, "brands lacks a reason"),
        ({"brands": {"status": "done", "note": "x"}}, "more than a status"),
        ({"branding": "done"}, "branding is unknown"),
    ],
)
def test_the_rule_for_the_scale_notices(change: dict[str, Any], fault: str) -> None:
    """One change to the file is one fault; so is a rule that is left out."""
    (found,) = scale_faults({**SCALE, **change})
    assert fault in found
    rest = {name: rule for name, rule in SCALE.items() if name != "brands"}
    assert scale_faults(rest) == ["brands is missing"]


TRANSLATED = "(translation_domain=D, translation_key='a')"


@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        (bare_errors, "raise HomeAssistantError", "raise ValueError"),
        (bare_errors, "raise ha.UpdateFailed", "raise err"),
        (bare_errors, "raise UpdateFailed('no')", f"raise UpdateFailed{TRANSLATED}"),
        (
            bare_errors,
            "raise (ConfigEntryNotReady if a else ConfigEntryError)(str(err))",
            f"raise (ConfigEntryNotReady if a else ConfigEntryError){TRANSLATED}",
        ),
        (
            bare_errors,
            "def f():\n  return ServiceValidationError(translation_key='a')",
            f"def f():\n  return ServiceValidationError{TRANSLATED}",
        ),
        (
            untyped_entries,
            "async def async_setup_entry(hass, entry: ConfigEntry): pass",
            "async def async_setup_entry(hass, entry: SmsGateConfigEntry): pass",
        ),
        (kept_elsewhere, "self._hass.data[DOMAIN] = 1", "self._hass.data[_KEY] = 1"),
        (kept_elsewhere, "hass.data.setdefault('a', {})", "self.data['a'] = hass"),
        (kept_elsewhere, "a = hass.data[f'{DOMAIN}_a']", "entry.runtime_data = 1"),
        (
            own_sessions,
            "session = aiohttp.ClientSession()",
            "session = async_get_clientsession(hass)",
        ),
    ],
)
def test_the_scales_rules_notice(rule: Any, wrong: str, right: str) -> None:
    """One made-up line is one fault; put right, it is none."""
    assert len(rule(code(a=wrong))) == 1
    assert rule(code(a=right)) == []


def test_the_rules_for_dialogs_icons_and_actions_notice() -> None:
    """An untested error, an entity without an icon, an action of one account."""
    texts = {"step": {"user": {}}, "error": {"no": ""}, "abort": {"gone": ""}}
    words = words_of(code(a="def f():\n  assert g('user') == {'base': 'no'}"))
    assert untested(texts, words) == ["abort gone"]
    icons = {"entity": {"sensor": {"a": {"default": "mdi:a"}}}}
    assert without_icon({("sensor", "a"), ("event", "a")}, icons) == ["event.a"]
    line = "async def async_setup_entry(h, e):\n  hass.services.async_register(DOMAIN)"
    tree = code(__init__=line, b="registry.async_register(DOMAIN)")
    assert registered_in(tree, "DOMAIN") == {"__init__"}
    assert setup_calls(tree, "async_setup_entry") == {"async_register"}
