"""Every key the code uses has its text, and every text is used."""

import ast
import re
from typing import Any

import pytest

from .keys import (
    Reader,
    Use,
    flow_aborts,
    flow_errors,
    handed_on_bare,
    selectors_of_actions,
    uses,
)
from .shapes import placeholders, texts
from .source import INTEGRATION, TRANSLATIONS, code, load_json, load_yaml, modules

ENGLISH = load_json(TRANSLATIONS / "en.json")
FLOWS = {
    "config_flow": ENGLISH["config"],
    "contact_flow": ENGLISH["config_subentries"]["contact"],
    "options_flow": ENGLISH["options"],
}
READER = Reader(modules())
USES = (
    *uses(READER),
    *selectors_of_actions(load_yaml(INTEGRATION / "services.yaml")),
    *selectors_of_actions(load_yaml(INTEGRATION / "triggers.yaml")),
)
KINDS = ("exceptions", "device", "selector")
# The page asks for its texts itself
PAGE_TEXTS = ENGLISH["selector"]["page"]["options"]
SCRIPTS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((INTEGRATION / "frontend").glob("*.js"))
)


def used(all_uses: tuple[Use, ...], kind: str) -> set[str]:
    """Return the keys of one kind of translations."""
    return {key for use in all_uses if use.kind == kind for key in use.keys}


def without_text(all_uses: tuple[Use, ...], kind: str, defined: set[str]) -> list[str]:
    """Return the keys that are used but not defined."""
    return sorted(used(all_uses, kind) - defined)


def placeholder_faults(
    all_uses: tuple[Use, ...], kind: str, defined: dict[str, Any]
) -> list[str]:
    """Return placeholders that a text has and nobody fills in."""
    faults = []
    for use in all_uses:
        if use.kind != kind or use.given is None or "**" in use.given:
            continue
        for key in sorted(use.keys & set(defined)):
            wanted = set().union(*map(placeholders, texts(defined[key]).values()))
            if missing := wanted - use.given:
                faults.append(f"{use.place}: {key} lacks {sorted(missing)}")
    return faults


@pytest.mark.parametrize("kind", KINDS)
def test_a_used_key_has_a_text(kind: str) -> None:
    """Nobody is shown a bare key."""
    assert without_text(USES, kind, set(ENGLISH.get(kind, {}))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_is_used(kind: str) -> None:
    """No text is left behind by code that has gone."""
    page = {"page"} if kind == "selector" else set()
    assert sorted(set(ENGLISH.get(kind, {})) - used(USES, kind) - page) == []


def test_the_page_has_its_texts_and_no_others() -> None:
    """What is built of two parts begins like one that is there."""
    said = set(re.findall(r'say\(\s*"(\w+)"', SCRIPTS))
    built = set(re.findall(r"\.options\.(\w+_)\$\{|say\(`(\w+_)\$\{", SCRIPTS))
    begins = tuple(begin for pair in built for begin in pair if begin)
    assert said - PAGE_TEXTS.keys() == set()
    assert set(begins) == {"state_", "card_"}
    assert [
        key
        for key in PAGE_TEXTS
        if f'"{key}"' not in SCRIPTS and not key.startswith(begins)
    ] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_gets_its_placeholders(kind: str) -> None:
    """Nobody is shown a name in braces."""
    assert placeholder_faults(USES, kind, ENGLISH.get(kind, {})) == []


def test_an_error_with_anothers_key_has_its_placeholders() -> None:
    """The gateway's reason is shown, not ``{reason}``."""
    assert handed_on_bare(READER) == []


def test_the_rules_understand_all_keys_of_the_code() -> None:
    """Where this fails, teach ``keys.Reader`` where the key comes from."""
    assert used(USES, "exceptions") >= {"outcome_unknown", "unknown_contact", "busy"}
    for name in FLOWS:
        flow_errors(READER, name)
        flow_aborts(READER, name)
    assert READER.unknown == []
    assert {use.kind for use in USES} <= set(KINDS)


@pytest.mark.parametrize("name", FLOWS)
def test_a_dialog_has_texts_for_its_errors_and_ends(name: str) -> None:
    """The same keys in the code and in the translations."""
    section = FLOWS[name]
    assert flow_errors(READER, name) == set(section.get("error", {}))
    assert flow_aborts(READER, name) == set(section.get("abort", {}))


MADE_UP = """
KEYS = {1: "from_table"}
CONSTANT = "from_constant"

class Reason:
    MEMBER = "from_member"

class Refused(ValueError):
    def __init__(self, key):
        self.key = key

def failure(key, **placeholders):
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key,
        translation_placeholders=placeholders or None,
    )

def choose(err):
    return "returned"

def work(err):
    local = "from_variable"
    raise Refused("a" if err else "b")

def answer(err):
    DeviceInfo(translation_key="phone")
    SelectSelectorConfig(translation_key="mode")
    raise failure(EXPRESSION, name=1)
"""


@pytest.mark.parametrize(
    ("expression", "keys"),
    [
        ("'x'", {"x"}),
        ("'x' if err else 'y'", {"x", "y"}),
        ("err.key", {"a", "b"}),
        ("choose(err)", {"returned"}),
        ("KEYS[err]", {"from_table"}),
        ("CONSTANT", {"from_constant"}),
        ("Reason.MEMBER", {"from_member"}),
        ("err.translation_key", set()),
    ],
)
def test_the_reader_finds_a_key(expression: str, keys: set[str]) -> None:
    """However the code comes to it."""
    reader = Reader(code(a=MADE_UP.replace("EXPRESSION", expression)))
    all_uses = tuple(uses(reader))
    assert used(all_uses, "exceptions") == keys
    assert used(all_uses, "device") == {"phone"}
    assert used(all_uses, "selector") == {"mode"}
    assert reader.unknown == []


@pytest.mark.parametrize("expression", ["err['key']", "f'no_{err}'", "err.unheard"])
def test_the_reader_says_what_it_does_not_understand(expression: str) -> None:
    """A key that escaped would never be missed."""
    reader = Reader(code(a=MADE_UP.replace("EXPRESSION", expression)))
    tuple(uses(reader))
    shown = ast.unparse(ast.parse(expression))
    assert any(it.endswith(f": {shown}") for it in reader.unknown)


FLOW = """
def check(options) -> dict[str, str]:
    return {CONF_URL: "needs_https"}

class Flow:
    async def async_step_reconfigure(self):
        errors["base"] = "in_a_form"
        return None, {"base": "in_a_pair"}

    def finish(self):
        self._abort_if_unique_id_configured()
        self._abort_if_unique_id_mismatch(reason="wrong_account")
        if self.gone:
            return self.async_abort(reason="gone")
        return self.async_update_and_abort(entry)
"""


def test_the_reader_finds_a_dialogs_errors_and_ends() -> None:
    """However they get into the form."""
    reader = Reader(code(flow=FLOW))
    assert flow_errors(reader, "flow") == {"needs_https", "in_a_form", "in_a_pair"}
    assert flow_aborts(reader, "flow") == {
        "already_configured",
        "wrong_account",
        "gone",
        "reconfigure_successful",
    }


def test_the_rules_for_keys_notice() -> None:
    """A missing text, a missing placeholder."""
    all_uses = tuple(uses(Reader(code(a=MADE_UP.replace("EXPRESSION", "'x'")))))
    assert without_text(all_uses, "exceptions", set()) == ["x"]
    (fault,) = placeholder_faults(
        all_uses, "exceptions", {"x": {"message": "{name}, {other}"}}
    )
    assert fault.endswith("x lacks ['other']")


@pytest.mark.parametrize(
    "line",
    [
        "raise Later(translation_domain=D, translation_key=from_gateway(e).translation_key)",
        "def f(e):\n  key = e.translation_key\n  raise Later(translation_key=key)",
        "def f(e):\n  key = e.translation_key if e else 'a'\n  raise L(translation_key=key)",
    ],
)
def test_the_rule_for_anothers_key_notices(line: str) -> None:
    """Directly or by a variable."""
    assert len(handed_on_bare(Reader(code(a=line)))) == 1
    whole = line.replace(
        "translation_key)", "translation_key, translation_placeholders=p)"
    )
    whole = whole.replace("=key)", "=key, translation_placeholders=p)")
    assert handed_on_bare(Reader(code(a=whole))) == []
