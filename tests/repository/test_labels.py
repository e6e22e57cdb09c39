"""Errors name fields as the dialogs show them, in every language."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

import pytest

from custom_components.sms_gate import service_schemas

from .source import TRANSLATIONS, Tree, called, calls, code, load_json, modules, where

LANGUAGES = sorted(TRANSLATIONS.glob("*.json"))
ENGLISH = load_json(TRANSLATIONS / "en.json")
# What a text names, by where its name stands
NAMED = {
    "config.error.certificate": {"config.step.private.data.verify_ssl"},
    "exceptions.inbox_needs_local.message": {"services.refresh_inbox.name"},
    "exceptions.line_test_no_number.message": {
        "options.step.init.data.line_test_number"
    },
    "exceptions.mms_empty.message": {"services.send_message.name"},
    "exceptions.mms_without_report.message": {
        "services.send_mms.fields.wait_for.name",
        "selector.wait_for.options.sent",
    },
    "exceptions.not_found.message": {"services.get_message.fields.message_id.name"},
    "issues.old_templates.description": {"services.send_message.name"},
}
PROSE = {
    ("exceptions.parts_limit.message", "SMS parts per day"),
    ("issues.messages_not_kept.description", "Messages page"),
}
# The setting of Home Assistant's YAML file has no other name
IDS = {"allowlist_external_dirs"}
_LABELS = re.compile(
    r"(services\.\w+(\.fields\.\w+)?\.name"
    r"|(config|options|config_subentries\.\w+)\.step\.\w+\.data\.\w+"
    r"|selector\.(?!page\b)\w+\.options\.\w+)"
)
_ERRORS = re.compile(
    r"exceptions\.|issues\.\w+\.(title|description)|.*\.(error|abort)\."
)


def texts(content: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of a language with its path."""
    if isinstance(content, str):
        yield path, content
    else:
        for key, value in content.items():
            yield from texts(value, f"{path}.{key}" if path else key)


def errors(content: dict[str, Any]) -> dict[str, str]:
    """Return the texts of errors and issues."""
    return {path: text for path, text in texts(content) if _ERRORS.match(path)}


def named(content: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the labels of several words within the sentences of errors."""
    labels = {
        text for path, text in texts(content) if _LABELS.fullmatch(path) and " " in text
    }
    return {
        (path, label)
        for path, text in errors(content).items()
        for label in labels
        if re.search(rf"(?<![.?!:] )(?<!^)(?<!\n)\b{re.escape(label)}\b", text)
    }


def as_seen(text: str) -> str:
    """Return a text without isolates and case."""
    return re.sub("[\u2066-\u2069]", "", text).casefold()


def misnamed(content: dict[str, Any]) -> list[str]:
    """Return which texts do not have the names of what they are about."""
    by_path = dict(texts(content))
    return [
        f"{path}: {by_path[label]}"
        for path, labels in NAMED.items()
        for label in labels
        if as_seen(by_path[label]) not in as_seen(by_path[path])
    ]


def ids(content: dict[str, Any]) -> set[str]:
    """Return the ids that errors have in place of names."""
    fields = {
        field for action in ENGLISH["services"].values() for field in action["fields"]
    }
    abbreviated = {"ttl"}
    assert abbreviated < fields
    words = {
        word
        for text in errors(content).values()
        for word in re.findall(r"\w+", re.sub(r"\{\w+\}", "", text))
    }
    return {word for word in words if "_" in word or word in abbreviated} - IDS


def labels_in(tree: Tree) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield where code asks for a label, the field, and its action; None: unknown."""
    for name, node in calls(tree):
        if called(node) == "label" and node.args:
            _, field, *action = map(_constant, node.args)
            yield where(name, node), field, action[0] if action else "send_message"


def _constant(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.Attribute(value=ast.Name(id="schemas"), attr=name):
            value = getattr(service_schemas, name)
            assert isinstance(value, str)
            return value
    return None


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_an_error_names_what_a_dialog_shows(path: Path) -> None:
    """Word for word, so that a person finds it there; never by an id."""
    content = load_json(path)
    assert misnamed(content) == []
    assert ids(content) == set()


def test_every_name_in_an_error_is_compared() -> None:
    """A new text that names a field, an option or an action is one of those above."""
    by_path = dict(texts(ENGLISH))
    compared = {
        (path, by_path[label]) for path, labels in NAMED.items() for label in labels
    }
    assert named(ENGLISH) - compared == PROSE


def test_a_field_is_named_by_its_label() -> None:
    """Where an error has a field, its label is asked for, of an action that has it."""
    asked = list(labels_in(modules()))
    assert len(asked) > 15
    services = ENGLISH["services"]
    unknown = [it for it in asked if it[1] is None]
    assert [place.split(":")[0] for place, _, _ in unknown] == ["send.draft.py"]
    for place, field, action in asked:
        if field is not None:
            assert field in services[action]["fields"], place
    bare = [
        where(name, node)
        for name, node in calls(modules())
        if called(node) in {"mistake", "failure"}
        for keyword in node.keywords
        if keyword.arg == "field" and isinstance(keyword.value, ast.Constant)
    ]
    assert bare == []


def test_the_rules_notice() -> None:
    """A field's id, another name, a name that is new in a text, a field by its id."""
    text = {"message": "Change schedule_at or the Message ID before the ttl ends."}
    content = {**ENGLISH, "exceptions": {**ENGLISH["exceptions"], "not_found": text}}
    assert ids(content) == {"schedule_at", "ttl"}
    assert ("exceptions.not_found.message", "Message ID") in named(content)
    text["message"] = "Check it."
    assert misnamed(content) == ["exceptions.not_found.message: Message ID"]
    tree = code(
        a='label(hass, "tt", "ask")\nlabel(hass, schemas.ATTR_TTL)\nlabel(h, x)'
    )
    assert list(labels_in(tree)) == [
        ("a.py:1", "tt", "ask"),
        ("a.py:2", "ttl", "send_message"),
        ("a.py:3", None, "send_message"),
    ]
