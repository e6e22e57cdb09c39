"""Actions, triggers and icons: their descriptions' shape, and that they agree."""

from copy import deepcopy
from typing import Any

import pytest
import voluptuous as vol

from .descriptions import (
    ICONS,
    SERVICES,
    TRIGGERS,
    sections_of,
    twice,
    unknown_icons,
    untranslated,
    without_options,
)
from .source import INTEGRATION, TRANSLATIONS, described_in, load_json

ENGLISH = load_json(TRANSLATIONS / "en.json")
ICON_FILE = load_json(INTEGRATION / "icons.json")
FILES = {
    "services": (described_in("services.yaml"), SERVICES),
    "triggers": (described_in("triggers.yaml"), TRIGGERS),
    # Conditions are described like triggers
    "conditions": (described_in("conditions.yaml"), TRIGGERS),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_description_has_the_shape_hassfest_wants(kind: str) -> None:
    """Known keys, known selectors, no null."""
    content, shape = FILES[kind]
    shape(content)


@pytest.mark.parametrize("kind", FILES)
def test_no_field_is_described_twice(kind: str) -> None:
    """Sections are for the eye: an action sees its fields without them."""
    assert twice(FILES[kind][0]) == []
    section = described({"fields": {"message": FIELD, "name": FIELD}})
    assert twice(section) == []
    section["name"]["fields"]["name"] = FIELD
    assert twice(section) == ["name.name"]


@pytest.mark.parametrize("kind", FILES)
def test_what_is_described_has_texts(kind: str) -> None:
    """Each action, trigger, field and section, and nothing more."""
    assert untranslated(FILES[kind][0], ENGLISH.get(kind, {})) == []


@pytest.mark.parametrize("kind", FILES)
def test_choices_have_texts(kind: str) -> None:
    """Each option of a select, and nothing more."""
    assert without_options(FILES[kind][0], ENGLISH.get("selector", {})) == []


@pytest.mark.parametrize("kind", ["trigger", "condition"])
def test_what_is_described_is_there(kind: str) -> None:
    """``trigger.py`` and ``triggers.yaml`` come together, conditions alike."""
    names = (f"{kind}.py", f"{kind}s.yaml")
    assert len({(INTEGRATION / name).exists() for name in names}) == 1


@pytest.mark.parametrize("kind", FILES)
def test_each_action_and_trigger_has_an_icon(kind: str) -> None:
    """The automation editor shows it."""
    assert set(ICON_FILE.get(kind, {})) == set(FILES[kind][0])


def test_icons_have_the_shape_hassfest_wants() -> None:
    """Only Material Design icons, and none twice for a state."""
    ICONS(ICON_FILE)


def test_icons_are_of_what_exists() -> None:
    """Entities, their states and attributes, actions, triggers."""
    assert unknown_icons(ICON_FILE, ENGLISH) == []
    for name, icons in ICON_FILE["services"].items():
        assert set(icons.get("sections", {})) <= sections_of(FILES["services"][0][name])


FIELD: dict[str, Any] = {"required": True, "example": "x", "selector": {"text": None}}


def described(field: object = FIELD, **more: object) -> dict[str, Any]:
    """Return a made-up description."""
    return {"name": {"fields": {"message": field}, **more}}


@pytest.mark.parametrize("shape", [SERVICES, TRIGGERS], ids=["services", "triggers"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"sms_gate.name": None}, id="the domain in the name"),
        pytest.param(described(response={"optional": True}), id="response"),
        pytest.param(described(name="Name"), id="a name"),
        pytest.param(described({**FIELD, "default": None}), id="null default"),
        pytest.param(described({**FIELD, "example": None}), id="null example"),
        pytest.param(described({**FIELD, "selector": {"txt": None}}), id="selector"),
        pytest.param(
            described({**FIELD, "selector": {"text": {"rows": 3}}}), id="selector's key"
        ),
        pytest.param(described({"required": True}), id="without selector"),
        pytest.param(described({**FIELD, "description": "x"}), id="a description"),
        pytest.param(described({**FIELD, "advanced": True}), id="an old key"),
        pytest.param(
            described(target={"device": {"integration": "sms_gate"}}),
            id="device filter",
        ),
    ],
)
def test_the_shape_notices(shape: vol.Schema, content: dict[str, Any]) -> None:
    """One wrong key is one complaint; without it there is none."""
    shape(described())
    with pytest.raises(vol.Invalid):
        shape(content)


def test_only_triggers_have_a_context_and_only_actions_a_filter() -> None:
    """What belongs to one kind is refused for the other."""
    context = described({**FIELD, "context": {"entity": "target"}})
    filtered = described({**FIELD, "filter": {"attribute": {"a": ["b"]}}})
    section = described({"fields": {"message": FIELD}})
    for right, wrong, contents in (
        (TRIGGERS, SERVICES, [context]),
        (SERVICES, TRIGGERS, [filtered, section]),
    ):
        for content in contents:
            right(content)
            with pytest.raises(vol.Invalid):
                wrong(content)


def test_the_rules_for_texts_notice() -> None:
    """A missing and a surplus text, at each depth."""
    content = described({"fields": {"message": FIELD}})
    texts: dict[str, Any] = {
        "name": {"fields": {"message": {}}, "sections": {"message": {}}}
    }
    assert untranslated(content, texts) == []
    assert untranslated(content, {}) == ["name: differs"]
    assert untranslated({}, texts) == ["name: differs"]
    assert untranslated(content, {"name": {}}) == [
        "name.message: differs",
        "name, section message: differs",
    ]
    select = {"select": {"translation_key": "wait", "options": ["a", "b"]}}
    choice = described({**FIELD, "selector": select})
    assert without_options(choice, {"wait": {"options": {"b": "", "c": ""}}}) == [
        "name.message: a",
        "name.message: c",
    ]


@pytest.mark.parametrize(
    "icons",
    [
        pytest.param({"entity": {"sensor": {"a": {"default": "hass:a"}}}}, id="hass"),
        pytest.param({"entity": {"sensor": {"a": {"default": "mdi:A"}}}}, id="capital"),
        pytest.param({"entity": {"sensor": {"a": {"state": {}}}}}, id="no default"),
        pytest.param(
            {
                "entity": {
                    "sensor": {"a": {"default": "mdi:a", "state": {"x": "mdi:a"}}}
                }
            },
            id="default again",
        ),
        pytest.param({"services": {"send": "mdi:a"}}, id="the old form"),
        pytest.param({"sensor": {}}, id="an unknown key"),
    ],
)
def test_the_shape_of_icons_notices(icons: dict[str, Any]) -> None:
    """One wrong icon is one complaint."""
    with pytest.raises(vol.Invalid):
        ICONS(icons)


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("services/sing", "services.sing"),
        ("triggers/message_sung", "triggers.message_sung"),
        ("entity/sensor/sung", "entity.sensor.sung"),
        ("entity/sensor/sent/state/sung", "entity.sensor.sent: state sung"),
        ("entity/sensor/sent/state_attributes/tune", "entity.sensor.sent.tune"),
        (
            "entity/event/message/state_attributes/event_type/state/sung",
            "entity.event.message.event_type: state sung",
        ),
    ],
)
def test_the_rule_for_icons_notices(path: str, fault: str) -> None:
    """One more icon of what is not there is one fault."""
    icons = deepcopy(ICON_FILE)
    *parents, last = path.split("/")
    place = icons
    for key in parents:
        place = place.setdefault(key, {})
    place[last] = {}
    assert unknown_icons(icons, ENGLISH) == [fault]
