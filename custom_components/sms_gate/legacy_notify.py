"""``notify.<account>``: what ``alert``, Alarmo and many blueprints call."""

from collections.abc import Mapping, Sequence
import logging
from typing import Any, Final, cast

from homeassistant.components.notify import (
    ATTR_DATA,
    ATTR_MESSAGE,
    ATTR_TARGET,
    ATTR_TITLE,
    DOMAIN as NOTIFY_DOMAIN,
)
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.service import async_set_service_schema
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import slugify
from homeassistant.util.hass_dict import HassKey
import voluptuous as vol

from . import service_schemas as schemas
from .account.contacts import Contact, contacts_of
from .account.exceptions import mistake
from .account.phone_number import Written
from .const import CONF_NOTIFY_SERVICE, DOMAIN
from .runtime import SmsGateConfigEntry
from .send import senders
from .send.draft import titled
from .send.router import async_send
from .services import async_check_user

_LOGGER = logging.getLogger(__name__)

# Other notifiers have them too, and write other words in them
_SHARED: Final = (schemas.ATTR_PRIORITY, schemas.ATTR_TIMEOUT, schemas.ATTR_TTL)

# Of the accounts' actions
_NAMES: Final[HassKey[dict[str, str]]] = HassKey(f"{DOMAIN}_notify")
_SELECTORS: Final[dict[str, dict[str, Any]]] = {
    ATTR_MESSAGE: {"text": {"multiline": True}},
    ATTR_TITLE: {"text": {}},
    ATTR_TARGET: {"text": {"multiple": True}},
    ATTR_DATA: {"object": {}},
}


@callback
def async_register_notify(hass: HomeAssistant, entry: SmsGateConfigEntry) -> None:
    """Register the account's notify action until the entry unloads for good.

    It stays while an account is reloaded or its set-up is tried again: what is sent
    then waits or fails with an error, where a missing action might go unnoticed.
    """
    names = hass.data.setdefault(_NAMES, {})
    if (name := names.get(entry.entry_id)) is None:
        name = names[entry.entry_id] = _service_name(hass, entry)
        _remove_with(hass, entry, name)

    async def async_notify(call: ServiceCall) -> None:
        """Send to the targets; a title becomes the first line."""
        await async_check_user(hass, call.context)
        await senders.async_settled(hass)
        data = _own_data(call.data.get(ATTR_DATA) or {})
        data[ATTR_MESSAGE] = titled(call.data.get(ATTR_TITLE), call.data[ATTR_MESSAGE])
        draft = schemas.as_draft(data, _targets(entry, call.data, data))
        await async_send(hass, draft, senders.sender_of(hass, entry))

    hass.services.async_register(
        NOTIFY_DOMAIN, name, async_notify, schema=schemas.NOTIFY
    )
    async_set_service_schema(hass, NOTIFY_DOMAIN, name, _description(hass, entry))


def _remove_with(hass: HomeAssistant, entry: ConfigEntry, name: str) -> None:
    """Remove the action once the entry is not loaded.

    A reload goes on in the same turn of the loop, and registers it again.
    """

    @callback
    def async_changed(_change: ConfigEntryChange, changed: ConfigEntry) -> None:
        if changed is entry and entry.state is ConfigEntryState.NOT_LOADED:
            stop()
            del hass.data[_NAMES][entry.entry_id]
            hass.services.async_remove(NOTIFY_DOMAIN, name)

    stop = async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, async_changed)


def _own_data(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked options of sending; those of other notifiers are ignored.

    One ``data`` is often for a group of notifiers, and a group hides an error.
    """
    own = {
        key: value
        for key, value in given.items()
        if key in schemas.NOTIFY_DATA_FIELDS and not _is_foreign(key, value)
    }
    if foreign := sorted(map(str, given.keys() - own.keys())):
        _LOGGER.debug("Ignored data of other notifiers: %s", ", ".join(foreign))
    try:
        data: dict[str, Any] = schemas.NOTIFY_DATA(own)
    except vol.Invalid as err:
        field = str(err.path[0]) if err.path else ATTR_DATA
        raise mistake("invalid_field", field=field) from None
    return data


def _is_foreign(key: str, value: object) -> bool:
    """Return True if a field of ours has a value that is usual for other notifiers."""
    if value is None:
        return key != schemas.ATTR_RECIPIENTS
    if key == schemas.ATTR_TTL and value in (0, "0"):
        return True
    if key not in _SHARED or not isinstance(value, str):
        return False
    try:
        schemas.NOTIFY_DATA({key: value})
    except vol.Invalid:
        return True
    return False


def _targets(
    entry: SmsGateConfigEntry, call: Mapping[str, Any], data: Mapping[str, Any]
) -> Sequence[Written | Contact]:
    """Return whom to send to.

    ``alert`` passes on ``data`` but no target. Without either, an account with one
    contact can only mean that one.
    """
    for given, key in ((call, ATTR_TARGET), (data, schemas.ATTR_RECIPIENTS)):
        if key in given:
            return cast(list[Written], given[key])
    contacts = contacts_of(entry)
    return contacts if len(contacts) == 1 else []


@callback
def _service_name(hass: HomeAssistant, entry: SmsGateConfigEntry) -> str:
    """Return the action's name: it stays when the account is renamed."""
    name: str = entry.data.get(CONF_NOTIFY_SERVICE) or slugify(entry.title) or DOMAIN
    others = {
        other.data.get(CONF_NOTIFY_SERVICE)
        for other in hass.config_entries.async_entries(DOMAIN)
        if other is not entry
    }
    free, number = name, 1
    while free in others or hass.services.has_service(NOTIFY_DOMAIN, free):
        number += 1
        free = f"{name}_{number}"
    if CONF_NOTIFY_SERVICE not in entry.data:
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, CONF_NOTIFY_SERVICE: free}
        )
    return free


def _description(hass: HomeAssistant, entry: SmsGateConfigEntry) -> dict[str, Any]:
    """Return how the editor shows the action, in Home Assistant's language."""
    texts = async_get_cached_translations(
        hass, hass.config.language, "services", DOMAIN
    ) | async_get_cached_translations(
        hass, hass.config.language, "services", NOTIFY_DOMAIN
    )
    ours = f"component.{DOMAIN}.services.send_message"
    theirs = f"component.{NOTIFY_DOMAIN}.services.notify.fields"
    return {
        "name": f"{texts.get(f'{ours}.name', '')} ({entry.title})",
        "description": texts.get(f"{ours}.description", ""),
        "fields": {
            field: {
                "name": texts.get(f"{theirs}.{field}.name", field),
                "description": texts.get(f"{theirs}.{field}.description", ""),
                "required": field == ATTR_MESSAGE,
                "selector": selector,
            }
            for field, selector in _SELECTORS.items()
        },
    }
