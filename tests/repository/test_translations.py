"""The translations' own shape, and that all languages say the same."""

from copy import deepcopy
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.generated.languages import LANGUAGES as LANGUAGE_CODES
import pytest
import voluptuous as vol

from .shapes import TRANSLATIONS as SHAPE, same_as, texts
from .source import TRANSLATIONS, load_json

LANGUAGES = sorted(TRANSLATIONS.glob("*.json"))
ENGLISH = load_json(TRANSLATIONS / "en.json")
ARABIC = load_json(TRANSLATIONS / "ar.json")
# Placeholders that stand for a plain number, which keeps its place
NUMBERS = ("position", "sent", "total", "maximum", "number")


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the English texts with one of them set; None deletes it."""
    result = deepcopy(ENGLISH)
    *parents, last = path.split("/")
    place = result
    for key in parents:
        place = place.setdefault(key, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return result


def complaint(translation: dict[str, Any]) -> str:
    """Return what the shape says against a translation."""
    with pytest.raises(vol.Invalid) as raised:
        SHAPE(translation)
    return str(raised.value)


def written(translation: dict[str, Any]) -> str:
    """Return a translation as its file is to be written."""
    return json.dumps(translation, indent=2, ensure_ascii=False) + "\n"


def layout(file: str) -> list[str]:
    """Return in what a language's file is laid out otherwise than the English one."""
    other = json.loads(file)
    left, right = texts(ENGLISH), texts(other)
    faults = [] if file == written(other) else ["other indentation or escapes"]
    if list(left) != list(right):
        faults.append("another order of keys")
    return faults + [
        f"{path}: other lines"
        for path in left.keys() & right.keys()
        if left[path].count("\n") != right[path].count("\n")
    ]


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda it: it.stem)
def test_a_language_has_the_shape_hassfest_wants(path: Path) -> None:
    """Known keys in lower case, and clean texts."""
    SHAPE(load_json(path))


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda it: it.stem)
def test_a_language_says_what_english_says(path: Path) -> None:
    """The same keys and placeholders."""
    assert same_as(ENGLISH, load_json(path)) == []


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda it: it.stem)
def test_the_title_of_an_issue_begins_with_the_news(path: Path) -> None:
    """On a phone it is cut, and the name of an account says nothing."""
    titles = [issue["title"] for issue in load_json(path)["issues"].values()]
    assert [
        it for it in titles if it.lstrip("\u2066\u2067\u2068").startswith("{")
    ] == []


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda it: it.stem)
def test_a_language_is_laid_out_as_english_is(path: Path) -> None:
    """The same order and line breaks, so that two languages can be compared."""
    assert layout(path.read_text(encoding="utf-8")) == []


def scrambled(key: str, text: str) -> list[str]:
    """Return what would change its place between Arabic letters.

    Names, addresses and signed numbers need an isolate; what Assist speaks is not seen.
    """
    if key.startswith("exceptions.assist_") or not re.search("[\u0600-\u06ff]", text):
        return []
    bare = re.sub("[\u2066-\u2068][^\u2069]*\u2069", "", text)
    return [
        it[0]
        for it in re.finditer(r"\{(\w+)\}|\w+(?:[.:]\w+)+|[-+]\d+", bare)
        if it[1] not in NUMBERS
    ]


@pytest.mark.parametrize(("key", "text"), texts(ARABIC).items(), ids=lambda it: it[:50])
def test_an_arabic_text_isolates_what_reads_from_left_to_right(
    key: str, text: str
) -> None:
    """Otherwise -128 reads 128-, and an address falls apart at its dots."""
    assert scrambled(key, text) == []


@pytest.mark.parametrize("word", ["{account}", "192.168.1.20", "-128", "a.example:80"])
def test_the_rule_for_isolates_notices(word: str) -> None:
    """A name, an address, a number; not once it is isolated."""
    assert scrambled("issues.x", f"هذا {word} هنا") == [word]
    assert scrambled("issues.x", f"هذا \u2068{word}\u2069 هنا") == []
    assert scrambled("issues.x", word) == []


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda it: it.stem)
def test_a_language_file_is_named_like_the_language(path: Path) -> None:
    """Home Assistant finds it only under its own name."""
    assert path.stem in LANGUAGE_CODES


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("config/title", "SMS Gate", "not a valid option"),
        ("config/step/cloud/titel", "Cloud", "not a valid option"),
        ("surplus", {}, "not a valid option"),
        ("config/step", None, "required key"),
        ("options/step", None, "required key"),
        ("config_subentries/contact/step", None, "required key"),
        ("config_subentries/contact/entry_type", None, "required key"),
        ("config_subentries/contact/initiate_flow/user", None, "required key"),
        ("config/step/cloud/data_description/usrname", "x", "of what is not there"),
        ("config/step/user/menu_option_descriptions/x", "x", "of what is not there"),
        ("services/send_message/name", None, "required key"),
        ("services/send_message/description", None, "required key"),
        ("services/send_message/fields/message/name", None, "required key"),
        ("triggers/message_received", {"name": "Message"}, "required key"),
        ("issues/no_https_address/title", None, "required key"),
        ("issues/old_templates/description", None, "either a description"),
        ("issues/old_templates/fix_flow", {"step": {}}, "either a description"),
        ("exceptions/busy", {}, "required key"),
        ("config/error/cannot_connect", "Not <b>now</b>", "HTML"),
        ("config/error/cannot_connect", "See https://a.example", "an address"),
        ("config/error/cannot_connect", "See www.a.example", "an address"),
        ("config/error/cannot_connect", "No. ", "a space"),
        ("config/error/cannot_connect", "\nNo.", "a space"),
        ("config/error/cannot_connect", "", "nothing"),
        ("config/error/cannot_connect", 5, "no text"),
        ("config/error/cannot_connect", "[%key:common::x%]", "a reference"),
        ("config/error/cannot_connect", "Not '{name}'", "a quoted placeholder"),
        ("config/error/cannot_connect", "Not {a name}", "is no name"),
        ("config/error/cannot_connect", "Not {name", "no partner"),
        ("config/error/Cannot_connect", "No.", "lower case"),
        ("entity/sensor/sent_", {"name": "Sent"}, "lower case"),
        ("entity/sensor/sent__all", {"name": "Sent"}, "lower case"),
        ("exceptions/not-found", {"message": "No."}, "has no -"),
        ("config_subentries/a-contact", {}, "has no -"),
        ("triggers/message-sent", {"name": "A", "description": "B"}, "has no -"),
        ("entity/sensor/sent/state", {"on": "{name} on"}, "no placeholders"),
        ("entity/sensor/sent/state", {"On": "On"}, "lower case"),
    ],
)
def test_the_shape_notices(path: str, value: object, fault: str) -> None:
    """One change to the English texts is one complaint."""
    assert fault in complaint(changed(path, value))


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("config/error/timeout", None, "config.error.timeout is missing"),
        ("config/error/more", "More", "config.error.more is surplus"),
        ("exceptions/rejected/message", "No.", ": other placeholders"),
        ("exceptions/rejected/message", "No: {reson}", ": other placeholders"),
        ("exceptions/timeout/message", "No: {reason}", ": other placeholders"),
    ],
    ids=["missing", "surplus", "placeholder lost", "misspelt", "placeholder added"],
)
def test_the_rule_for_languages_notices(path: str, value: object, fault: str) -> None:
    """One change to a language is one fault."""
    (found,) = same_as(ENGLISH, changed(path, value))
    assert found.endswith(fault)


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        (json.dumps(ENGLISH), "other indentation or escapes"),
        (written(ENGLISH).strip(), "other indentation or escapes"),
        (written(dict(reversed(ENGLISH.items()))), "another order of keys"),
        (written(changed("config/error/timeout", "No.\nNo.")), ": other lines"),
    ],
    ids=["one line", "no last line break", "other order", "line added"],
)
def test_the_rule_for_the_layout_notices(file: str, fault: str) -> None:
    """One change to the English file is one fault."""
    (found,) = layout(file)
    assert found.endswith(fault)
