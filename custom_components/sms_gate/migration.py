"""Taking over entries of SMSGateHA, which used the same domain, and our own old ones."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import (
    CONF_HOST,
    CONF_NAME,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_URL,
    CONF_USERNAME,
    CONF_WEBHOOK_ID,
)
from homeassistant.core import HomeAssistant, callback

from .account.contacts import contacts_of
from .account.issues import IssueKind, async_create_issue, async_delete_issue
from .account.login import InvalidUrlError, country_of, local_url, new_secret
from .account.people import split
from .account.phone_number import (
    InvalidPhoneNumberError,
    Written,
    parse,
    reads_as_number,
)
from .account.text import fold
from .const import (
    CONF_MODE,
    CONF_PHONE_NUMBER,
    DEFAULT_PORT,
    DOMAIN,
    SUBENTRY_CONTACT,
    Mode,
)

VERSION: Final = 2
_LEFT_OUT: Final = "recipients_left_out"
_LINKS: Final = ("tel", "sms", "smsto")
_OLD_RECIPIENTS: Final = "recipients"
_OLD_TEMPLATES: Final = "templates"


async def async_migrate(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Bring an entry to the newest version; False where it comes from a newer one."""
    if entry.version > VERSION:
        return False
    if entry.version == 1:
        return await _async_take_over(hass, entry)
    return True


async def _async_take_over(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Make a local account of SMSGateHA's entry; its recipients become contacts."""
    port = int(entry.data.get(CONF_PORT, DEFAULT_PORT))
    try:
        url = local_url(entry.data[CONF_HOST], port)
    except InvalidUrlError, KeyError:
        return False
    data = {
        CONF_MODE: Mode.LOCAL.value,
        CONF_HOST: entry.data[CONF_HOST],
        CONF_PORT: port,
        CONF_URL: url,
        CONF_USERNAME: entry.data.get(CONF_USERNAME, ""),
        CONF_PASSWORD: entry.data.get(CONF_PASSWORD, ""),
        CONF_WEBHOOK_ID: new_secret(),
    }
    taken = {
        fold(contact.name)
        for other in hass.config_entries.async_entries(DOMAIN)
        for contact in contacts_of(other)
    }
    contacts, left_out = await hass.async_add_executor_job(
        _contacts, entry.options.get(_OLD_RECIPIENTS), country_of(hass, entry), taken
    )
    templates = entry.options.get(_OLD_TEMPLATES) or {}
    hass.config_entries.async_update_entry(
        entry,
        data=data | ({_LEFT_OUT: left_out} if left_out else {}),
        options={},
        version=VERSION,
    )
    for contact in contacts:
        hass.config_entries.async_add_subentry(entry, contact)
    if templates:
        _create_issue(hass, entry, templates)
    return True


@callback
def async_report_left_out(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Create an issue for the old recipients that are no contacts yet."""
    missed = entry.data.get(_LEFT_OUT, ())
    contacts = contacts_of(entry) if missed else []
    known = {it.phone_number for it in contacts} | {fold(it.name) for it in contacts}
    left_out = [
        f"- {raw}" if name == raw else f"- {name}: {raw}"
        for name, raw, missing in missed
        if missing not in known
    ]
    if left_out:
        async_create_issue(
            hass,
            entry,
            IssueKind.OLD_RECIPIENTS,
            placeholders={"recipients": "\n".join(left_out)},
        )
    else:
        async_delete_issue(hass, entry, IssueKind.OLD_RECIPIENTS)


def _contacts(
    old: object, country: str | None, taken: set[str]
) -> tuple[list[ConfigSubentry], list[tuple[str, str, str]]]:
    """Return contacts for the old recipients, and who cannot be one: what is missing.

    As in the dialog, each name and each number is there once. Runs in the executor.
    """
    found: dict[str, ConfigSubentry] = {}
    left_out: list[tuple[str, str, str]] = []
    for name, raw in _named(old, country):
        number = _number(raw, country)
        if not name and (number in found or raw == ""):
            continue
        title = name or number
        is_number = reads_as_number(name)
        if not number or number in found or is_number or fold(title) in {*taken, ""}:
            shown = name or str(raw)
            missing = fold(shown) if not number or number in found else number
            left_out.append((shown, str(raw), missing))
            continue
        taken.add(fold(title))
        found[number] = ConfigSubentry(
            data=MappingProxyType({CONF_NAME: title, CONF_PHONE_NUMBER: number}),
            subentry_type=SUBENTRY_CONTACT,
            title=title,
            unique_id=number,
        )
    return list(found.values()), left_out


def _number(raw: Written, country: str | None) -> str:
    """Return a number to send to, nothing if this is none or may be two."""
    try:
        return parse(raw, country).value
    except InvalidPhoneNumberError:
        return ""


def _named(old: object, country: str | None) -> Iterator[tuple[str, Written]]:
    """Yield the old recipients, each with its name, if it has one.

    They are a mapping of names to numbers, or a list of mappings, numbers and lines.
    """
    if isinstance(old, Mapping):
        yield from ((str(name).strip(), _one(raw)) for name, raw in old.items())
    else:
        yield from _named_item(old, country)


def _named_item(item: object, country: str | None) -> Iterator[tuple[str, Written]]:
    """Yield the recipients of one item of a list."""
    if isinstance(item, (list, tuple)):
        for part in item:
            yield from _named_item(part, country)
    elif isinstance(item, Mapping):
        keys = ("phone_number", "number", "phone")
        raw = next((item[key] for key in keys if item.get(key)), "")
        yield str(item.get("name") or "").strip(), _one(raw)
    elif isinstance(item, str):
        for line in item.splitlines():
            yield from _named_line(line, country)
    else:
        yield "", _one(item)


def _named_line(line: str, country: str | None) -> Iterator[tuple[str, Written]]:
    """Yield the recipients of a line: a name, a colon and a number, or numbers."""
    name, _, raw = line.partition(":")
    if reads_as_number(raw) and fold(name) not in _LINKS:
        yield name.strip(), raw.strip()
    else:
        yield from (("", part) for part in split(line, country, lambda _: False))


def _one(raw: object) -> Written:
    """Return a number as it was stored; several in one are none."""
    return raw if isinstance(raw, (str, int, float)) else str(raw or "")


def _create_issue(
    hass: HomeAssistant, entry: ConfigEntry, templates: Mapping[str, Any]
) -> None:
    """Keep the old templates where the user finds them, and say what to do."""
    lines = "\n".join(f"- {name}: {text}" for name, text in templates.items())
    async_create_issue(
        hass, entry, IssueKind.OLD_TEMPLATES, placeholders={"templates": lines}
    )
