"""Taking over entries of SMSGateHA, which used the same domain, and our own old ones."""

from collections.abc import Iterable, Iterator, Mapping
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
from homeassistant.core import HomeAssistant

from .account.issues import IssueKind, async_create_issue
from .account.login import InvalidUrlError, country_of, local_url, new_secret
from .account.phone_number import InvalidPhoneNumberError, parse
from .const import CONF_MODE, CONF_PHONE_NUMBER, DEFAULT_PORT, SUBENTRY_CONTACT, Mode

VERSION: Final = 2
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
    contacts = await hass.async_add_executor_job(
        _contacts, entry.options.get(_OLD_RECIPIENTS), country_of(hass, entry)
    )
    templates = entry.options.get(_OLD_TEMPLATES) or {}
    hass.config_entries.async_update_entry(
        entry, data=data, options={}, version=VERSION
    )
    for contact in contacts:
        hass.config_entries.async_add_subentry(entry, contact)
    if templates:
        _create_issue(hass, entry, templates)
    return True


def _contacts(old: object, country: str | None) -> list[ConfigSubentry]:
    """Return contacts for the old recipients. Runs in the executor."""
    found: dict[str, ConfigSubentry] = {}
    for name, raw in _named(old):
        try:
            number = parse(raw, country).value
        except InvalidPhoneNumberError:
            continue
        found[number] = ConfigSubentry(
            data=MappingProxyType({CONF_NAME: name, CONF_PHONE_NUMBER: number}),
            subentry_type=SUBENTRY_CONTACT,
            title=name,
            unique_id=number,
        )
    return list(found.values())


def _named(old: object) -> Iterator[tuple[str, str]]:
    """Read recipients as a list of numbers, of names with numbers, or as a mapping."""
    if isinstance(old, str):
        old = old.split(",")
    if isinstance(old, Mapping):
        yield from ((str(name), str(number)) for name, number in old.items())
    elif isinstance(old, Iterable):
        for item in old:
            yield from _named_item(item)


def _named_item(item: object) -> Iterator[tuple[str, str]]:
    """Read one recipient; a number without a name is its own name."""
    if not isinstance(item, Mapping):
        yield str(item).strip(), str(item)
        return
    fields: dict[str, Any] = dict(item)
    number = fields.get("phone_number") or fields.get("number") or fields.get("phone")
    if number:
        yield str(fields.get("name") or number).strip(), str(number)


def _create_issue(
    hass: HomeAssistant, entry: ConfigEntry, templates: Mapping[str, Any]
) -> None:
    """Keep the old templates where the user finds them, and say what to do."""
    lines = "\n".join(f"- {name}: {text}" for name, text in templates.items())
    async_create_issue(
        hass, entry, IssueKind.OLD_TEMPLATES, placeholders={"templates": lines}
    )
