"""The documentation is whole: links lead somewhere, and everything is named."""

from collections import Counter
from pathlib import Path
import re
from typing import Any

import pytest

from custom_components.sms_gate.account import bus_event
from custom_components.sms_gate.gateway.events import EVENTS_SINCE, INBOUND, EventKind

from .descriptions import fields_of
from .pages import (
    ARABIC as ARABIC_PAGES,
    DASHBOARD,
    EXAMPLES,
    PICTURES,
    anchors,
    broken,
    examples,
    headings,
    in_english,
    links,
    pages,
    places,
    prose,
    section,
)
from .shapes import texts
from .source import ROOT, TRANSLATIONS, described_in, load_json

ENGLISH = load_json(TRANSLATIONS / "en.json")
ARABIC = load_json(TRANSLATIONS / "ar.json")
MS = re.MULTILINE | re.DOTALL
README = {"en": ROOT / "README.md", "ar": ROOT / "README.ar.md"}
SETUP = {"en": ROOT / "docs" / "setup.md", "ar": ARABIC_PAGES / "setup.md"}
IN_ARABIC = [README["ar"], *sorted(ARABIC_PAGES.glob("*.md"))]
ACTIONS = described_in("services.yaml")
EVENT_FIELDS = {
    "config_entry_id",
    "device_id",
    "gateway_device_id",
    "event_id",
    "message_id",
    "sender",
    "recipient",
    "contact",
    "sim_number",
    "timestamp",
}


def read(path: Path | str) -> str:
    """Return a page's text; a name alone is one of the folder's."""
    path = ROOT / "docs" / path if isinstance(path, str) else path
    return path.read_text(encoding="utf-8")


def scrambled(text: str) -> list[str]:
    """Return the code whose marks would change sides between Arabic letters."""
    bare = re.sub("\u2068`[^`]+`\u2069", "", re.sub(r"^```.*?^```", "", text, flags=MS))
    code = re.findall(r"`([^`]+)`", bare)
    return [it for it in code if not re.fullmatch(r"\w(.*\w)?|\+", it, re.ASCII)]


@pytest.mark.parametrize("path", IN_ARABIC, ids=lambda it: it.name)
def test_code_on_an_arabic_page_is_isolated(path: Path) -> None:
    """Otherwise the dot of .storage and the star of MyBank* are on the wrong side."""
    assert scrambled(read(path)) == []


@pytest.mark.parametrize("word", [".storage", "MyBank*", "https://", "#2", "-128"])
def test_the_rule_for_isolated_code_notices(word: str) -> None:
    """A mark at either end; a name or a number needs nothing."""
    assert scrambled(f"في `{word}` هنا") == [word]
    assert scrambled(f"في \u2068`{word}`\u2069 هنا و`a.b` و`+`") == []


def missing(words: set[str], text: str) -> set[str]:
    """Return the words that a text does not have as code."""
    return {word for word in words if f"`{word}`" not in text}


def own_fields(kind: EventKind) -> set[str]:
    """Return the data that only events of this kind have."""
    more = {"late"} if kind in INBOUND else set()
    if kind is EventKind.SMS_RECEIVED:
        more.add("answers_question")
    if kind is EventKind.SMS_DATA_RECEIVED:
        more.add("truncated")
    return set(bus_event._DETAILS.get(kind, {})) | more


@pytest.mark.parametrize("page", pages(), ids=lambda it: it.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file of the repository, and to a heading in it."""
    assert broken(page, read(page)) == []


def test_the_issue_forms_lead_to_files_that_are_there() -> None:
    """A heading of the README that is renamed would leave them behind."""
    forms = (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")
    own = r"github\.com/[\w-]+/sms_gate/blob/main/([\w/.-]+?\.md)"
    found = {it for form in forms for it in re.findall(own, read(form))}
    assert found == {"docs/troubleshooting.md"}
    assert all((ROOT / it).is_file() for it in found)


def test_there_are_pages_and_links() -> None:
    """The test above looks at something."""
    names = {page.name for page in pages()}
    assert {"README.md", "README.ar.md", "CONTRIBUTING.md", "actions.md"} <= names
    assert len(links(read(README["en"]))) > 60


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[a](docs/actions.md#sms_gatesend_message)", []),
        ("[![b](docs/no.png)](https://a.example)", ["docs/no.png"]),
        ("[a](docs/no.md) and [b](#installation)", ["docs/no.md"]),
        ("[a](#no-such-heading)", ["#no-such-heading"]),
        ("[a](docs/actions.md#no)", ["docs/actions.md#no"]),
        ("[a](../../etc/hosts)", ["../../etc/hosts"]),
        ("```yaml\n[a](docs/no.md)\n```", []),
        ("![a](docs/pictures/no.png)", ["docs/pictures/no.png"] * 2),
    ],
)
def test_the_rule_for_links_notices(text: str, wrong: list[str]) -> None:
    """Files, headings of this page and of others, pictures; not what is code."""
    assert broken(README["en"], text) == wrong


def test_headings_make_github_s_anchors() -> None:
    """Signs go, spaces become hyphens, equal ones are numbered."""
    text = "# What's `a_b.c` worth?\n## Twice\n## Twice\n```sh\n# no heading\n```\n"
    assert anchors(text) == {"whats-a_bc-worth", "twice", "twice-1"}


def test_every_picture_is_shown_somewhere() -> None:
    """A picture that nobody sees would grow old."""
    shown = {
        (page.parent / link).resolve() for page in pages() for link in links(read(page))
    }
    assert set(PICTURES.rglob("*.png")) == {
        path for path in shown if path.is_relative_to(PICTURES)
    }


def test_every_block_of_yaml_is_an_example_that_runs() -> None:
    """Word for word; tests/test_docs_examples*.py runs the files."""
    shown = Counter[str]()
    for page in pages():
        if page == DASHBOARD:
            continue
        for name, block in examples(read(page)):
            assert name, f"{page.name} has YAML that is no example:\n{block}"
            assert block == read(EXAMPLES / name), f"{name} in {page.name}"
            shown[name] += 1
    assert set(shown) == {path.name for path in EXAMPLES.glob("*")}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<!-- docs/examples/a.yaml -->\n```yaml\nb: 1\n```\n", [("a.yaml", "b: 1\n")]),
        ("Text\n```yaml\nb: 1\n```\n", [("", "b: 1\n")]),
        ("```sh\nls\n```\n", []),
    ],
)
def test_the_rule_for_examples_notices(text: str, found: list[Any]) -> None:
    """YAML without a file above it has no name."""
    assert list(examples(text)) == found


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_is_described_with_all_its_fields(name: str) -> None:
    """Below a heading of its own, with an example."""
    text = section(read("actions.md"), f"sms_gate.{name}")
    assert missing({field for field, _ in fields_of(ACTIONS[name])}, text) == set()
    assert any(f"sms_gate.{name}" in block for _, block in examples(text))
    assert f"docs/actions.md#sms_gate{name}" in read(README["en"])


@pytest.mark.parametrize(
    ("kind", "name", "fields"),
    [
        (kind, name, described["fields"])
        for kind in ("triggers", "conditions")
        for name, described in described_in(f"{kind}.yaml").items()
    ],
)
def test_every_trigger_and_condition_is_described_with_all_its_options(
    kind: str, name: str, fields: dict[str, Any]
) -> None:
    """With an example, and by the name it has in the editor."""
    page = read(f"{kind}.md")
    text = section(page, f"sms_gate.{name}")
    assert missing(set(fields), text) == set()
    matches = fields.get("match", {}).get("selector", {}).get("select", {})
    assert missing(set(matches.get("options", [])), text) == set()
    assert any(f"sms_gate.{name}" in block for _, block in examples(text))
    assert ENGLISH[kind][name]["name"] in page
    assert f"`sms_gate.{name}`" in read(README["en"])


@pytest.mark.parametrize("kind", EventKind, ids=lambda it: it.key)
def test_every_event_is_described_with_all_its_data(kind: EventKind) -> None:
    """With an example; what all events have stands in one place."""
    page = read("events.md")
    text = section(page, f"sms_gate_{kind.key}")
    assert missing(own_fields(kind), text) == set()
    assert any(f"sms_gate_{kind.key}" in block for _, block in examples(text))
    assert missing(EVENT_FIELDS, section(page, "What all events have")) == set()


@pytest.mark.parametrize("page", ["receiving.md", "ar/receiving.md"])
def test_the_table_of_app_versions_is_the_codes(page: str) -> None:
    """Each event that not every app knows, with the first version that does."""
    rows = re.findall(r"^\| `sms_gate_(\w+)` \| ([\d.]+) \|$", read(page), re.MULTILINE)
    assert dict(rows) == {
        kind.key: ".".join(map(str, EVENTS_SINCE[kind]))
        for kind in EventKind
        if kind in EVENTS_SINCE
    }


def test_a_field_that_is_not_described_is_noticed() -> None:
    """By its name as code; a word of a sentence is not enough."""
    text = section("## `a.b`\nThe `message` goes to a number.\n## c\n`number`", "a.b")
    assert missing({"message", "number"}, text) == {"number"}
    assert section("# Other", "a.b") == ""


@pytest.mark.parametrize(
    ("language", "words"), [("en", ENGLISH), ("ar", ARABIC)], ids=["en", "ar"]
)
def test_every_field_of_a_dialog_is_described(
    language: str, words: dict[str, Any]
) -> None:
    """By the name a person sees: options, setting up, contacts."""
    page = read(SETUP[language])
    steps = words["config"]["step"]
    options = words["options"]["step"]["init"]["data"].values()
    assert [name for name in options if f"\n| {name} |" not in page] == []
    shown = {
        *(
            name
            for mode in ("private", "local")
            for name in steps[mode]["data"].values()
        ),
        *steps["user"]["menu_options"].values(),
        words["config_subentries"]["contact"]["initiate_flow"]["user"],
        words["config_subentries"]["contact"]["step"]["user"]["data"]["sim_number"],
    }
    short = {name.split(" on the ")[0] for name in shown}
    assert {name for name in short if name not in page} == set()


def test_every_entity_is_described() -> None:
    """By its name in the interface, and every type of the event entity."""
    page = read("entities.md")
    names = {
        item["name"].replace("{number}", "1")
        for platform in ENGLISH["entity"].values()
        for item in platform.values()
    }
    assert {name for name in names if name not in page} == set()
    types = ENGLISH["entity"]["event"]["message"]["state_attributes"]["event_type"]
    assert missing(set(types["state"]), page) == set()
    assert {name for name in types["state"].values() if name not in page} == set()


def quotes(page: str, title: str) -> list[str]:
    """Return what the first cells of a table below a heading quote."""
    rows = re.findall(r"^\| ([^`|]+?) \| ", section(page, title), re.MULTILINE)
    return [row.strip('"«» .') for row in rows[1:]]


def quoted(quote: str, known: list[str]) -> list[str]:
    """Return the texts that begin with a quote, dots standing for anything."""
    begin = re.compile(".+?".join(map(re.escape, quote.split("…"))))
    return [it for it in known if begin.match(it)]


@pytest.mark.parametrize(
    ("page", "title", "part"),
    [
        ("troubleshooting.md", "What the errors mean", "exceptions"),
        ("troubleshooting.md", "Setup fails", "config"),
        ("ar/troubleshooting.md", "معنى الأخطاء", "exceptions"),
        ("ar/troubleshooting.md", "فشل الإعداد", "config"),
    ],
    ids=["errors", "set-up", "errors in Arabic", "set-up in Arabic"],
)
def test_every_error_a_page_quotes_is_a_real_one(
    page: str, title: str, part: str
) -> None:
    """As Home Assistant shows it, from its beginning."""
    language = ARABIC if page.startswith("ar/") else ENGLISH
    known = [re.sub("[\u2066-\u2069]", "", it) for it in texts(language[part]).values()]
    found = quotes(read(page), title)
    assert len(found) >= 9
    assert [quote for quote in found if not quoted(quote, known)] == []
    assert quoted("No error says this", known) == []


@pytest.mark.parametrize("key", ENGLISH["issues"])
def test_every_repair_issue_is_described(key: str) -> None:
    """By its key, and by its title as it is shown, names apart."""
    (row,) = (
        line for line in read("troubleshooting.md").splitlines() if f"`{key}`" in line
    )
    title = re.sub(r"\{\w+\}", "…", ENGLISH["issues"][key]["title"])
    assert f'"{title}"' in row


def test_every_page_is_linked_from_the_readme() -> None:
    """And both languages lead to each other."""
    linked = set(links(read(README["en"])))
    folder = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert folder - linked == set()
    assert README["ar"].name in linked
    assert README["en"].name in links(read(README["ar"]))


@pytest.mark.parametrize("page", IN_ARABIC, ids=lambda it: it.name)
def test_an_arabic_page_is_arabic(page: Path) -> None:
    """It reads from right to left, and its digits are those of the interface."""
    text = prose(read(page))
    assert '<div dir="rtl">' in text
    assert re.search("[٠-٩۰-۹]", text) is None
    assert len(re.findall(r"[\u0600-\u06ff]", text)) > 1000


@pytest.mark.parametrize("page", IN_ARABIC, ids=lambda it: it.name)
def test_an_arabic_page_keeps_step_with_the_english_one(page: Path) -> None:
    """The same headings, examples, pictures and links, whatever the words are."""
    text, english = read(page), read(in_english(page))
    assert in_english(page) != page
    assert headings(text) == headings(english)
    assert list(examples(text)) == list(examples(english))
    ours, theirs = places(page, text), places(in_english(page), english)
    assert (ours - theirs, theirs - ours) == ({}, {})


def test_what_a_house_owner_needs_is_there_in_arabic() -> None:
    """The six pages; the rest is for people who read English."""
    names = {page.stem for page in IN_ARABIC[1:]}
    assert {"setup", "sending", "receiving", "automations"} <= names
    assert {"troubleshooting", "security"} <= names


def test_a_page_that_falls_behind_is_noticed() -> None:
    """A link to another heading, or to another page, is another place."""
    page = ARABIC_PAGES / "sending.md"
    one, other = (f"[x](troubleshooting.md#{it})" for it in ("الأذونات", "التشخيصات"))
    english = places(
        ROOT / "docs" / "sending.md", "[x](troubleshooting.md#permissions)"
    )
    assert places(page, one) == english
    assert places(page, other) != english
    assert places(page, "[x](setup.md)") != english
