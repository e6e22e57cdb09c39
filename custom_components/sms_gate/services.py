"""The actions."""

from collections.abc import Callable, Coroutine
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
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from . import service_schemas as schemas
from .account.exceptions import failure, gateway_errors, mistake
from .const import CONF_MODE, DOMAIN, Mode, ReceiveMode
from .gateway.errors import (
    GatewayConflictError,
    GatewayNotFoundError,
    GatewayRejectedError,
)
from .runtime import SmsGateConfigEntry
from .send.draft import aware, draft, phone_of
from .send.sender import answer, answer_with_states, async_send, inbox_answer

type Handler = Callable[
    [HomeAssistant, SmsGateConfigEntry, dict[str, Any]],
    Coroutine[Any, Any, ServiceResponse],
]


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, once for all accounts."""
    for name, (handler, schema, response) in _ACTIONS.items():
        hass.services.async_register(
            DOMAIN, name, _for_account(handler), schema, supports_response=response
        )


def _for_account(
    handler: Handler,
) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    """Let a handler run with the account that an action is for."""

    async def async_handle(call: ServiceCall) -> ServiceResponse:
        entry = _entry_of(call.hass, call.data.get(schemas.ATTR_CONFIG_ENTRY_ID))
        return await handler(call.hass, entry, dict(call.data))

    return async_handle


def _entry_of(hass: HomeAssistant, entry_id: str | None) -> SmsGateConfigEntry:
    """Return the account; it must be named where there are several."""
    if entry_id is not None:
        entry: SmsGateConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.domain != DOMAIN:
            raise mistake("unknown_account", field=schemas.ATTR_CONFIG_ENTRY_ID)
        if entry.state is not ConfigEntryState.LOADED:
            raise mistake("account_not_loaded", account=entry.title)
        return entry
    entries: list[SmsGateConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    if not entries:
        raise mistake("no_account")
    if len(entries) > 1:
        raise mistake("several_accounts", field=schemas.ATTR_CONFIG_ENTRY_ID)
    return entries[0]


async def _async_send(
    hass: HomeAssistant, entry: SmsGateConfigEntry, data: dict[str, Any]
) -> ServiceResponse:
    """Send a text or data to numbers and contacts."""
    messages = await async_send(
        hass,
        entry,
        draft(hass, entry, data[schemas.ATTR_RECIPIENTS], data),
        schemas.WAIT_FOR[data[schemas.ATTR_WAIT_FOR]],
        data[schemas.ATTR_TIMEOUT].total_seconds(),
    )
    return {"messages": [answer(message) for message in messages]}


async def _async_get_message(
    hass: HomeAssistant, entry: SmsGateConfigEntry, data: dict[str, Any]
) -> ServiceResponse:
    """Return how far a message got."""
    runtime = entry.runtime_data
    with gateway_errors(entry.runtime_data.account):
        message = await runtime.account.client.message(data[schemas.ATTR_MESSAGE_ID])
    message = await runtime.account.cipher.async_decrypt_message(message)
    return answer_with_states(runtime.tracker.async_known(message))


async def _async_cancel_message(
    hass: HomeAssistant, entry: SmsGateConfigEntry, data: dict[str, Any]
) -> ServiceResponse:
    """Take a message back before the phone sends it."""
    runtime = entry.runtime_data
    with gateway_errors(entry.runtime_data.account):
        try:
            message = await runtime.account.client.cancel(data[schemas.ATTR_MESSAGE_ID])
        except GatewayNotFoundError:
            raise
        except (GatewayConflictError, GatewayRejectedError) as err:
            raise failure("not_pending") from err
    message = await runtime.account.cipher.async_decrypt_message(message)
    return answer_with_states(runtime.tracker.async_known(message))


async def _async_list_messages(
    hass: HomeAssistant, entry: SmsGateConfigEntry, data: dict[str, Any]
) -> ServiceResponse:
    """Return one page of messages, the newest first."""
    account = entry.runtime_data.account
    content = data[schemas.ATTR_INCLUDE_CONTENT]
    with gateway_errors(entry.runtime_data.account):
        messages, total = await account.client.messages(
            start=aware(data.get(schemas.ATTR_FROM)),
            end=aware(data.get(schemas.ATTR_TO)),
            state=data.get(schemas.ATTR_STATE),
            device_id=phone_of(hass, entry, data.get(ATTR_DEVICE_ID)),
            limit=data[schemas.ATTR_LIMIT],
            offset=data[schemas.ATTR_OFFSET],
            include_content=content,
        )
    opened = [await account.cipher.async_decrypt_message(item) for item in messages]
    return {
        "messages": [answer(item, content=content) for item in opened],
        "total": total,
    }


async def _async_list_inbox(
    hass: HomeAssistant, entry: SmsGateConfigEntry, data: dict[str, Any]
) -> ServiceResponse:
    """Return one page of what the phone received, the newest first."""
    if entry.data[CONF_MODE] != Mode.LOCAL:
        raise mistake("inbox_needs_local")
    account = entry.runtime_data.account
    with gateway_errors(entry.runtime_data.account):
        messages, total = await account.client.inbox(
            start=aware(data.get(schemas.ATTR_FROM)),
            end=aware(data.get(schemas.ATTR_TO)),
            kind=data.get(schemas.ATTR_TYPE),
            limit=data[schemas.ATTR_LIMIT],
            offset=data[schemas.ATTR_OFFSET],
        )
    shown: list[JsonValueType] = [
        inbox_answer(message, account.contacts.find(message.sender))
        for message in messages
    ]
    return {"messages": shown, "total": total}


async def _async_refresh_inbox(
    hass: HomeAssistant, entry: SmsGateConfigEntry, data: dict[str, Any]
) -> ServiceResponse:
    """Let the phone send again what it received; what is known does not fire twice."""
    now = dt_util.utcnow()
    since = aware(data[schemas.ATTR_SINCE]) or now
    until = aware(data.get(schemas.ATTR_UNTIL)) or now
    if since > until:
        raise mistake(
            "fields_conflict", first=schemas.ATTR_SINCE, second=schemas.ATTR_UNTIL
        )
    if entry.runtime_data.receiving.mode is ReceiveMode.OFF:
        raise mistake("receives_nothing")
    device_id = phone_of(hass, entry, data.get(ATTR_DEVICE_ID))
    with gateway_errors(entry.runtime_data.account):
        await entry.runtime_data.receiving.async_receive_again(since, until, device_id)
    return None


_ACTIONS: Final[dict[str, tuple[Handler, vol.Schema, SupportsResponse]]] = {
    "send_message": (_async_send, schemas.SEND_MESSAGE, SupportsResponse.OPTIONAL),
    "send_data_message": (
        _async_send,
        schemas.SEND_DATA_MESSAGE,
        SupportsResponse.OPTIONAL,
    ),
    "get_message": (_async_get_message, schemas.ONE_MESSAGE, SupportsResponse.ONLY),
    "list_messages": (
        _async_list_messages,
        schemas.LIST_MESSAGES,
        SupportsResponse.ONLY,
    ),
    "list_inbox": (_async_list_inbox, schemas.LIST_INBOX, SupportsResponse.ONLY),
    "refresh_inbox": (
        _async_refresh_inbox,
        schemas.REFRESH_INBOX,
        SupportsResponse.NONE,
    ),
    "cancel_message": (
        _async_cancel_message,
        schemas.ONE_MESSAGE,
        SupportsResponse.OPTIONAL,
    ),
}
