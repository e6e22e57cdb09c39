"""The actions."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import (
    Context,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
    valid_entity_id,
)
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from . import service_schemas as schemas
from .account.contacts import Contact, contact_of
from .account.context import Account
from .account.exceptions import failure, gateway_errors, mistake
from .account.phone_number import Written
from .account.questions import Answers
from .const import CONF_ADMINISTRATORS_ONLY, DOMAIN, ReceiveMode
from .gateway.encryption import DecryptionError
from .gateway.errors import (
    GatewayConflictError,
    GatewayNotFoundError,
    GatewayRejectedError,
)
from .gateway.models import InboxMessage
from .runtime import SmsGateConfigEntry
from .send import answers, router, senders
from .send.ask import Asking
from .send.draft import aware, check_message_id
from .send.labels import label
from .send.mms import async_attachments
from .send.sender import Sender

type Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, once for all accounts."""
    for name, (handler, schema, response) in _ACTIONS.items():
        hass.services.async_register(
            DOMAIN, name, _permitted(handler), schema, supports_response=response
        )


def _permitted(handler: Handler) -> Handler:
    """Let a handler run for users who may use the actions, and after a reload."""

    async def async_handle(call: ServiceCall) -> ServiceResponse:
        await async_check_user(call.hass, call.context)
        await senders.async_settled(call.hass)
        return await handler(call)

    return async_handle


async def async_check_user(hass: HomeAssistant, context: Context | None) -> None:
    """Check an action's user, if an account keeps actions to administrators.

    Automations that nobody started by hand have no user and may always act.

    Raises:
        Unauthorized: the user is no administrator.
    """
    if context is None or context.user_id is None:
        return
    if any(
        entry.options.get(CONF_ADMINISTRATORS_ONLY)
        for entry in hass.config_entries.async_entries(DOMAIN)
    ):
        user = await hass.auth.async_get_user(context.user_id)
        if user is None or not user.is_admin:
            raise Unauthorized(context=context)


def _chosen(call: ServiceCall) -> Sender | None:
    """Return the sender of the account or phone that an action names."""
    if (entry_id := call.data.get(ATTR_CONFIG_ENTRY_ID)) is not None:
        entry = async_get_config_entry(call.hass, DOMAIN, entry_id)
        return senders.sender_of(call.hass, entry)
    return senders.sender_of_device(call.hass, call.data.get(ATTR_DEVICE_ID))


def _entry(call: ServiceCall) -> SmsGateConfigEntry:
    """Return the account that an action names, else the default one."""
    sender = _chosen(call) or senders.default_sender(call.hass)
    entry: SmsGateConfigEntry = sender.account.entry
    return entry


def _entry_of_message(call: ServiceCall) -> SmsGateConfigEntry:
    """Return the account that an action names, else the one that sent the message."""
    message_id = call.data[schemas.ATTR_MESSAGE_ID]
    check_message_id(call.hass, message_id)
    sender = (
        _chosen(call)
        or senders.sender_of_message(call.hass, message_id)
        or senders.default_sender(call.hass)
    )
    entry: SmsGateConfigEntry = sender.account.entry
    return entry


def _recipients(call: ServiceCall) -> list[Written | Contact]:
    """Return whom an action writes to; an entity that is no contact's is unknown."""
    found = [_contact_or(call.hass, it) for it in call.data[schemas.ATTR_CONTACTS]]
    return [*found, *call.data[schemas.ATTR_RECIPIENTS]]


def _contact_or(hass: HomeAssistant, item: Written) -> Written | Contact:
    """Return the contact of an entity, or what else was written."""
    is_entity = isinstance(item, str) and valid_entity_id(item)
    contacts = contact_of(hass, str(item)) if is_entity else []
    return contacts[0][1] if contacts else item


async def _async_send(call: ServiceCall) -> ServiceResponse:
    """Send a text or data to numbers and contacts."""
    draft = schemas.as_draft(call.data, _recipients(call))
    outcome = await router.async_send(call.hass, draft, _chosen(call))
    return answers.outcome_answer(outcome)


async def _async_send_mms(call: ServiceCall) -> ServiceResponse:
    """Send an MMS with files."""
    words = (schemas.ATTR_SUBJECT, schemas.ATTR_MESSAGE)
    if not (call.data[schemas.ATTR_MEDIA] or all(map(call.data.get, words))):
        raise mistake("mms_empty")
    # The app learns from Android that an MMS was sent, and nothing later
    if call.data[schemas.ATTR_WAIT_FOR] == "delivered":
        raise mistake("mms_without_report")
    draft = schemas.as_draft(
        call.data,
        _recipients(call),
        await async_attachments(call.hass, call.data[schemas.ATTR_MEDIA]),
    )
    outcome = await router.async_send(call.hass, draft, _chosen(call))
    return answers.outcome_answer(outcome)


async def _async_ask(call: ServiceCall) -> ServiceResponse:
    """Ask a question by SMS, and return the answer."""
    hass, data = call.hass, call.data
    remind_after, timeout = data.get(schemas.ATTR_REMIND_AFTER), data["timeout"]
    if remind_after is not None and remind_after >= timeout:
        raise mistake(
            "reminder_too_late",
            first=label(hass, schemas.ATTR_REMIND_AFTER, "ask"),
            second=label(hass, schemas.ATTR_TIMEOUT, "ask"),
        )
    sentences: dict[str, list[str]] = {}
    for answer in data[schemas.ATTR_ANSWERS]:
        sentences.setdefault(answer[schemas.ATTR_ID], []).extend(
            answer[schemas.ATTR_SENTENCES]
        )
    asking = Asking(
        hass=hass,
        draft=schemas.as_question(data, _recipients(call)),
        answers=await hass.async_add_executor_job(Answers.build, sentences),
        chosen=_chosen(call),
        remind_after=remind_after and remind_after.total_seconds(),
        escalate_to=tuple(_contact_or(hass, it) for it in data["escalate_to"]),
    )
    return answers.question_answer(await asking.async_run(), asking.refused)


async def _async_get_message(call: ServiceCall) -> ServiceResponse:
    """Return how far a message got."""
    entry = _entry_of_message(call)
    runtime = entry.runtime_data
    with gateway_errors(entry.runtime_data.account):
        message = await runtime.account.client.message(
            call.data[schemas.ATTR_MESSAGE_ID]
        )
    message = await runtime.account.cipher.async_decrypt_message(message)
    return answers.answer_with_states(
        runtime.account, runtime.outbox.async_known(message)
    )


async def _async_cancel_message(call: ServiceCall) -> ServiceResponse:
    """Cancel a message before the phone sends it."""
    entry = _entry_of_message(call)
    runtime = entry.runtime_data
    with gateway_errors(entry.runtime_data.account):
        try:
            message = await runtime.account.client.cancel(
                call.data[schemas.ATTR_MESSAGE_ID]
            )
        except GatewayNotFoundError:
            raise
        except (GatewayConflictError, GatewayRejectedError) as err:
            raise failure("not_pending") from err
    message = await runtime.account.cipher.async_decrypt_message(message)
    return answers.answer_with_states(
        runtime.account, runtime.outbox.async_known(message)
    )


async def _async_list_messages(call: ServiceCall) -> ServiceResponse:
    """Return one page of messages, the newest first."""
    entry, data = _entry(call), call.data
    account = entry.runtime_data.account
    content = data[schemas.ATTR_INCLUDE_CONTENT]
    with gateway_errors(entry.runtime_data.account):
        messages, total = await account.client.messages(
            start=aware(data.get(schemas.ATTR_FROM)),
            end=aware(data.get(schemas.ATTR_TO)),
            state=data.get(schemas.ATTR_STATE),
            device_id=entry.runtime_data.sender.phone(data.get(ATTR_DEVICE_ID)),
            limit=data[schemas.ATTR_LIMIT],
            offset=data[schemas.ATTR_OFFSET],
            include_content=content,
        )
    opened = [await account.cipher.async_decrypt_message(item) for item in messages]
    known = map(entry.runtime_data.outbox.async_known, opened)
    return {
        "messages": [answers.answer(account, item, content=content) for item in known],
        "total": total,
    }


async def _async_list_inbox(call: ServiceCall) -> ServiceResponse:
    """Return one page of what the phones received, the newest first."""
    entry, data = _entry(call), call.data
    account = entry.runtime_data.account
    if not account.has_inbox:
        raise mistake("inbox_needs_local")
    with gateway_errors(entry.runtime_data.account):
        messages, total = await account.client.inbox(
            start=aware(data.get(schemas.ATTR_FROM)),
            end=aware(data.get(schemas.ATTR_TO)),
            kind=data.get(schemas.ATTR_TYPE),
            limit=data[schemas.ATTR_LIMIT],
            offset=data[schemas.ATTR_OFFSET],
        )
    if total is None:
        total = data[schemas.ATTR_OFFSET] + len(messages) + messages.skipped + 1
    shown: list[JsonValueType] = [
        answers.inbox_answer(account, await _async_open(account, message))
        for message in messages
    ]
    return {"messages": shown, "total": total}


async def _async_open(account: Account, message: InboxMessage) -> InboxMessage:
    """Return a received message in clear; one that cannot be opened as it is."""
    try:
        return await account.cipher.async_decrypt_inbox(message)
    except DecryptionError:
        return message


async def _async_refresh_inbox(call: ServiceCall) -> ServiceResponse:
    """Let the phone send again what it received; what is known does not fire twice."""
    entry, data = _entry(call), call.data
    now = dt_util.utcnow()
    since = aware(data[schemas.ATTR_SINCE]) or now
    until = aware(data.get(schemas.ATTR_UNTIL)) or now
    if since > until:
        raise mistake(
            "fields_conflict",
            first=label(call.hass, schemas.ATTR_SINCE, "refresh_inbox"),
            second=label(call.hass, schemas.ATTR_UNTIL, "refresh_inbox"),
        )
    if entry.runtime_data.receiving.mode is ReceiveMode.OFF:
        raise mistake("receives_nothing")
    device_id = entry.runtime_data.sender.phone(data.get(ATTR_DEVICE_ID))
    with gateway_errors(entry.runtime_data.account):
        await entry.runtime_data.receiving.async_receive_again(since, until, device_id)
    return None


async def _async_test_line(call: ServiceCall) -> ServiceResponse:
    """Let a phone text itself, and return after how many seconds each leg was done."""
    entry = _entry(call)
    phone = entry.runtime_data.sender.phone(call.data[ATTR_DEVICE_ID])
    timeout = call.data[schemas.ATTR_TIMEOUT].total_seconds()
    tester = entry.runtime_data.line_tester
    test = await tester.async_test(str(phone), timeout)
    return answers.line_answer(test)


_ACTIONS: Final[dict[str, tuple[Handler, vol.Schema, SupportsResponse]]] = {
    "send_message": (_async_send, schemas.SEND_MESSAGE, SupportsResponse.OPTIONAL),
    "send_data_message": (
        _async_send,
        schemas.SEND_DATA_MESSAGE,
        SupportsResponse.OPTIONAL,
    ),
    "send_mms": (_async_send_mms, schemas.SEND_MMS, SupportsResponse.OPTIONAL),
    "ask": (_async_ask, schemas.ASK, SupportsResponse.OPTIONAL),
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
    "test_line": (_async_test_line, schemas.TEST_LINE, SupportsResponse.OPTIONAL),
    "cancel_message": (
        _async_cancel_message,
        schemas.ONE_MESSAGE,
        SupportsResponse.OPTIONAL,
    ),
}
