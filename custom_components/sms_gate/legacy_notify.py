"""``notify.<account>``: what ``alert``, Alarmo and many blueprints call."""

from typing import Any

from homeassistant.components.notify import (
    ATTR_DATA,
    ATTR_MESSAGE,
    ATTR_TARGET,
    ATTR_TITLE,
    DOMAIN as NOTIFY_DOMAIN,
)
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.util import slugify
import voluptuous as vol

from . import service_schemas as schemas
from .account.exceptions import mistake
from .const import SUBENTRY_CONTACT
from .runtime import SmsGateConfigEntry
from .send.draft import draft
from .send.sender import async_send


@callback
def async_register_notify(hass: HomeAssistant, entry: SmsGateConfigEntry) -> None:
    """Register the account's notify action until the entry unloads."""
    name = _free_name(hass, slugify(entry.title))

    async def async_notify(call: ServiceCall) -> None:
        """Send to the targets; a title becomes the first line."""
        try:
            data: dict[str, Any] = schemas.NOTIFY_DATA(call.data.get(ATTR_DATA) or {})
        except vol.Invalid as err:
            field = str(err.path[0]) if err.path else ATTR_DATA
            raise mistake("invalid_field", field=field) from None
        message, title = call.data[ATTR_MESSAGE], call.data.get(ATTR_TITLE)
        data[schemas.ATTR_MESSAGE] = f"{title}\n{message}" if title else message
        await async_send(
            hass,
            entry,
            draft(hass, entry, _targets(entry, call.data[ATTR_TARGET], data), data),
            schemas.WAIT_FOR[data[schemas.ATTR_WAIT_FOR]],
            data[schemas.ATTR_TIMEOUT].total_seconds(),
        )

    hass.services.async_register(
        NOTIFY_DOMAIN, name, async_notify, schema=schemas.NOTIFY
    )
    entry.async_on_unload(lambda: hass.services.async_remove(NOTIFY_DOMAIN, name))


def _targets(
    entry: SmsGateConfigEntry, targets: list[str | int], data: dict[str, Any]
) -> list[str | int]:
    """Return whom to send to.

    ``alert`` passes on ``data`` but no target. Without either, an account with one
    contact can only mean that one.
    """
    if found := targets or data.get(schemas.ATTR_RECIPIENTS, []):
        return list(found)
    contacts = entry.get_subentries_of_type(SUBENTRY_CONTACT)
    return [item.title for item in contacts] if len(contacts) == 1 else []


def _free_name(hass: HomeAssistant, wanted: str) -> str:
    """Return a name that no other account's action has."""
    name, number = wanted, 1
    while hass.services.has_service(NOTIFY_DOMAIN, name):
        number += 1
        name = f"{wanted}_{number}"
    return name
