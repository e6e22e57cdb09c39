"""The actions, with the schemas they own."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .const import CONF_DEFAULT_SIM, DOMAIN, MAX_TEXT_LENGTH
from .data import SmsGateConfigEntry
from .exceptions import mistake
from .models import Message, OutgoingMessage
from .outgoing import Draft, async_split

SERVICE_SEND_MESSAGE: Final = "send_message"

ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"
ATTR_MESSAGE: Final = "message"
ATTR_RECIPIENTS: Final = "recipients"
ATTR_SIM_NUMBER: Final = "sim_number"

SEND_MESSAGE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Required(ATTR_MESSAGE): vol.All(
            cv.string, vol.Length(min=1, max=MAX_TEXT_LENGTH)
        ),
        vol.Required(ATTR_RECIPIENTS): vol.All(
            cv.ensure_list, [cv.string], vol.Length(min=1)
        ),
        vol.Optional(ATTR_SIM_NUMBER): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=3)
        ),
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, once for all accounts."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_SEND_MESSAGE,
        _async_send_message,
        schema=SEND_MESSAGE_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_send_message(call: ServiceCall) -> ServiceResponse:
    """Send a text to numbers and contacts."""
    entry = _entry_of(call)
    draft = Draft(
        message=OutgoingMessage(
            id="",
            phone_numbers=(),
            text=call.data[ATTR_MESSAGE],
            sim_number=call.data.get(ATTR_SIM_NUMBER)
            or entry.options.get(CONF_DEFAULT_SIM),
        ),
        recipients=tuple(call.data[ATTR_RECIPIENTS]),
    )
    return await _async_send(call.hass, entry, draft)


async def _async_send(
    hass: HomeAssistant, entry: SmsGateConfigEntry, draft: Draft
) -> ServiceResponse:
    """Send a draft and answer for all its messages."""
    data = entry.runtime_data
    messages = await async_split(hass, data.account.phone_book, draft)
    return {
        "messages": [
            message_answer(await data.tracker.async_send(message))
            for message in messages
        ]
    }


def message_answer(message: Message) -> dict[str, Any]:
    """Return a message as the actions answer it."""
    return {
        "message_id": message.id,
        "state": message.state,
        ATTR_DEVICE_ID: message.device_id,
        ATTR_RECIPIENTS: [
            {
                "phone_number": recipient.phone_number,
                "state": recipient.state,
                "error": recipient.error,
            }
            for recipient in message.recipients
        ],
    }


def _entry_of(call: ServiceCall) -> SmsGateConfigEntry:
    """Return the account an action is for; it must be named where there are several."""
    hass = call.hass
    if entry_id := call.data.get(ATTR_CONFIG_ENTRY_ID):
        entry = hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.domain != DOMAIN:
            raise mistake("unknown_account")
        if entry.state is not ConfigEntryState.LOADED:
            raise mistake("account_not_loaded", account=entry.title)
        return entry
    entries: list[SmsGateConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    if not entries:
        raise mistake("no_account")
    if len(entries) > 1:
        raise mistake("several_accounts")
    return entries[0]
