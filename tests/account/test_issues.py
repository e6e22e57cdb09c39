"""The kinds of repair issues, their ids, and that removing an account deletes them."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.sms_gate.account.issues import (
    IssueKind,
    async_create_issue,
    async_delete_all,
    async_delete_issue,
    is_fixable,
    issue_id,
)
from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.repairs import FLOWS
from tests.repository.shapes import placeholders, texts
from tests.repository.source import TRANSLATIONS, imported, load_json, modules

ENGLISH = load_json(TRANSLATIONS / "en.json")["issues"]
PHONE = "PyDmBQZZXYmyxMwED8Fzy"
NAMES = {
    "phone": "Pixel 9",
    "file": "sms_gate.01HOME.tracker.damaged",
    "number": "2",
    "recipients": "- Sara: 0590",
    "templates": "- Hello: {name}",
    "minutes": "10",
    "name": "Sra",
    "count": "3",
    "url": "/sms_gate_frontend/newest/messages-card.js",
    "reason": "RESULT_ERROR_NO_SERVICE",
    "since": "2026-11-25 08:00",
    "time": "07:00",
    "near": "Sara",
    "contacts": "- Omar",
}
RECEIVING = {
    "cloud_not_connected",
    "no_https_address",
    "webhook_refused",
    "webhooks_do_not_arrive",
}
PHONES = {"battery_low", "phone_offline", "sim_gone", "webhooks_missing"}


@pytest.fixture
def entry() -> MockConfigEntry:
    """An account."""
    return MockConfigEntry(domain=DOMAIN, entry_id="01HOME", title="Home")


def found(hass: HomeAssistant) -> set[str]:
    """Return the ids of our issues."""
    return {it for domain, it in ir.async_get(hass).issues if domain == DOMAIN}


def create(hass: HomeAssistant, entry: MockConfigEntry, kind: IssueKind) -> str:
    """Create an issue of a kind."""
    if kind is IssueKind.UNKNOWN_CONTACT:
        return async_create_issue(hass, None, kind, subject="sra", placeholders=NAMES)
    return async_create_issue(
        hass,
        entry,
        kind,
        phone=PHONE if kind.value in PHONES else None,
        sim_number=2 if kind is IssueKind.SIM_GONE else None,
        placeholders=NAMES,
    )


def test_the_kinds_are_those_with_texts() -> None:
    """No text without a kind, no kind without a text."""
    assert {kind.value for kind in IssueKind} == set(ENGLISH)


@pytest.mark.parametrize("kind", IssueKind)
def test_a_kind_has_a_dialog_where_its_text_says_so(kind: IssueKind) -> None:
    """And only there."""
    assert is_fixable(kind) == ("fix_flow" in ENGLISH[kind]) == (kind in FLOWS)


@pytest.mark.parametrize("kind", IssueKind)
def test_a_text_gets_its_placeholders(
    hass: HomeAssistant, entry: MockConfigEntry, kind: IssueKind
) -> None:
    """A dialog's texts get theirs from the data, without the template's braces."""
    created = create(hass, entry, kind)
    issue = ir.async_get(hass).issues[DOMAIN, created]
    wanted = set().union(*map(placeholders, texts(ENGLISH[kind]).values()))
    assert wanted <= set(issue.translation_placeholders or ())
    if is_fixable(kind):
        assert wanted <= set(issue.data or ())


def test_nothing_else_creates_issues() -> None:
    """So that removing an account deletes them all."""
    users = {
        name
        for name, module in modules().items()
        if any("issue_registry" in full for full in imported(module))
    }
    assert users == {"account.issues"}


@pytest.mark.parametrize(
    ("kind", "about", "expected"),
    [
        *((kind, {}, "receiving_01HOME") for kind in sorted(RECEIVING)),
        ("daily_limit", {}, "daily_limit_01HOME"),
        ("old_templates", {}, "old_templates_01HOME"),
        ("wrong_signing_key", {}, "wrong_signing_key_01HOME"),
        ("battery_low", {"phone": PHONE}, "phone_01HOME_bc1e7268_battery_low"),
        ("phone_offline", {"phone": PHONE}, "phone_01HOME_bc1e7268_phone_silent"),
        (
            "webhooks_missing",
            {"phone": PHONE},
            "phone_01HOME_bc1e7268_webhooks_stay_away",
        ),
        ("sim_gone", {"phone": PHONE, "sim_number": 2}, "sim_01HOME_bc1e7268_2"),
    ],
)
def test_an_id_is_the_one_of_installed_versions(
    entry: MockConfigEntry, kind: str, about: dict[str, str], expected: str
) -> None:
    """An issue that somebody ignored stays ignored."""
    assert issue_id(entry, IssueKind(kind), **about) == expected  # type: ignore[arg-type]


def test_an_account_is_removed(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Its issues of every kind go; another account's stay."""
    other = MockConfigEntry(domain=DOMAIN, entry_id="01OFFICE", title="Office")
    unknown = IssueKind.UNKNOWN_CONTACT
    for kind in IssueKind:
        create(hass, entry, kind)
    kept = create(hass, other, IssueKind.BATTERY_LOW)
    async_delete_all(hass, entry)
    assert found(hass) == {kept, issue_id(None, unknown, subject="sra")}


def test_an_issue_is_deleted(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """It alone, and a second time without an error."""
    kept = create(hass, entry, IssueKind.DAILY_LIMIT)
    create(hass, entry, IssueKind.BATTERY_LOW)
    for _ in range(2):
        async_delete_issue(hass, entry, IssueKind.BATTERY_LOW, phone=PHONE)
        assert found(hass) == {kept}
