"""WebSocket commands of the Messages page and card.

States and events are no transport for texts: every user sees them, and the recorder
keeps them. Here a user must be an administrator, or the account's option let everyone.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
import sqlite3
from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .account.exceptions import mistake
from .const import (
    CONF_ADMINISTRATORS_ONLY,
    CONF_KEEP_MESSAGES_DAYS,
    CONF_MESSAGES_PAGE,
    DOMAIN,
    MessagesPage,
)
from .messages.database import Key
from .messages.shown import shown, writing_parts
from .messages.store import Change, MessageStore, stores
from .send import router
from .send.senders import sender_of
from .service_schemas import (
    ATTR_MESSAGE,
    ATTR_RECIPIENTS,
    ATTR_SCHEDULE_AT,
    ATTR_SIM_NUMBER,
    SEND_MESSAGE,
    as_draft,
)
from .services import async_check_user

# As much as a list shows of a text, and as many messages as one change names
EXCERPT: Final = 200
MAX_CHANGED: Final = 200
MAX_DAYS: Final = 3650
MAX_TEXT: Final = 65_535

type Message = dict[str, Any]
type Fields = dict[Any, Any]
type Handler = Callable[
    [HomeAssistant, ActiveConnection, Message], Coroutine[Any, Any, Any]
]

_ID: Final = vol.All(str, vol.Length(max=64))
_NUMBER: Final = vol.All(str, vol.Length(min=1, max=200))
_ROW: Final = vol.All(int, vol.Range(min=0, max=2**63 - 1))
_KEY: Final = vol.ExactSequence([vol.All(vol.Coerce(float)), _ROW])


def _limit(most: int, usual: int) -> Fields:
    number = vol.All(int, vol.Range(min=1, max=most))
    return {vol.Optional("limit", default=usual): number}


@callback
def async_setup_websocket_api(hass: HomeAssistant) -> None:
    """Register the commands, once for all accounts."""
    for name, (handler, fields) in _COMMANDS.items():
        command = f"{DOMAIN}/{name}"
        schema = websocket_api.BASE_COMMAND_MESSAGE_SCHEMA.extend(
            {vol.Required("type"): command, **fields}
        )
        websocket_api.async_register_command(
            hass, command, websocket_api.async_response(_answering(handler)), schema
        )


def _answering(handler: Handler) -> Handler:
    """Send what a handler returns, or that the file cannot be read."""

    @wraps(handler)
    async def answer(
        hass: HomeAssistant, connection: ActiveConnection, msg: Message
    ) -> None:
        try:
            result = await handler(hass, connection, msg)
        except sqlite3.Error, OSError:
            code = websocket_api.ERR_HOME_ASSISTANT_ERROR
            connection.send_error(msg["id"], code, "The messages cannot be read")
        except Unauthorized:
            raise
        except HomeAssistantError as err:
            _refuse(connection, msg, err)
        else:
            connection.send_result(msg["id"], result)

    return answer


def _refuse(
    connection: ActiveConnection, msg: Message, err: HomeAssistantError
) -> None:
    """Send an error; Home Assistant would log it, with whom a message was for."""
    connection.send_error(
        msg["id"],
        websocket_api.ERR_HOME_ASSISTANT_ERROR,
        str(err),
        translation_key=err.translation_key,
        translation_domain=err.translation_domain,
        translation_placeholders=err.translation_placeholders,
    )


def _may_read(connection: ActiveConnection, entry: ConfigEntry) -> bool:
    page = entry.options.get(CONF_MESSAGES_PAGE)
    return connection.user.is_admin or page == MessagesPage.EVERYONE


def _stores(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message
) -> list[MessageStore]:
    """Return the stores that a user may read: one, or all.

    Raises:
        Unauthorized: there is none.
    """
    chosen = msg.get(ATTR_CONFIG_ENTRY_ID)
    _accounts(hass, connection, chosen)
    return [
        store
        for store in stores(hass)
        if chosen in (None, store.entry.entry_id) and _may_read(connection, store.entry)
    ]


def _accounts(
    hass: HomeAssistant, connection: ActiveConnection, chosen: str | None = None
) -> list[ConfigEntry]:
    """Return the accounts that a user may read.

    Raises:
        Unauthorized: there is none.
    """
    entries = [
        entry
        for entry in hass.config_entries.async_entries(DOMAIN)
        if chosen in (None, entry.entry_id) and _may_read(connection, entry)
    ]
    if not entries and not connection.user.is_admin:
        raise Unauthorized
    return entries


async def _async_accounts(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message
) -> Message:
    """Return the accounts with what is needed to write from them."""
    kept = {store.entry.entry_id: store for store in stores(hass)}
    return {
        "accounts": [
            {
                ATTR_CONFIG_ENTRY_ID: entry.entry_id,
                "title": entry.title,
                # None until somebody has answered
                "days": entry.options.get(CONF_KEEP_MESSAGES_DAYS),
                "unread": kept[entry.entry_id].unread if entry.entry_id in kept else 0,
                "can_send": connection.user.is_admin
                or not entry.options.get(CONF_ADMINISTRATORS_ONLY),
                **writing_parts(entry),
            }
            for entry in _accounts(hass, connection)
        ]
    }


async def _async_conversations(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message
) -> Message:
    """Return conversations of all accounts, the newest first."""
    found: list[Message] = []
    for store in _stores(hass, connection, msg):
        rows = await store.async_conversations(msg["limit"], _before(msg))
        found += shown(store, rows, EXCERPT)
    found.sort(key=lambda it: (it["time"], it["id"]), reverse=True)
    return {"conversations": found[: msg["limit"]]}


async def _async_messages(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message
) -> Message:
    """Return a page of a conversation, the newest first."""
    key = msg["conversation"]
    for store in _stores(hass, connection, msg):
        key = await store.async_key(key)
        rows = await store.async_messages(key, msg["limit"], _before(msg))
        return {"conversation": key, "messages": shown(store, rows)}
    return {"conversation": key, "messages": []}


async def _async_search(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message
) -> Message:
    """Return the newest messages with a text."""
    found: list[Message] = []
    for store in _stores(hass, connection, msg):
        found += shown(store, await store.async_search(msg["query"], msg["limit"]))
    found.sort(key=lambda it: (it["time"], it["id"]), reverse=True)
    return {"messages": found[: msg["limit"]]}


async def _async_mark_read(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message
) -> None:
    """Mark a conversation as read up to a message."""
    for store in _stores(hass, connection, msg):
        await store.async_mark_read(msg["conversation"], msg["until"])


async def _async_delete(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message
) -> None:
    """Delete a message, a conversation, or all; never all by a slip."""
    if len(msg.keys() & {"message", "conversation", "all"}) != 1:
        raise vol.Invalid("Name a message, a conversation, or all")
    for store in _stores(hass, connection, msg):
        await store.async_delete(
            message=msg.get("message"), conversation=msg.get("conversation")
        )


async def _async_send(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message
) -> Message:
    """Send a message. Of an action, the recorder would keep text and number."""
    await async_check_user(hass, connection.context(msg))
    if not (entries := _accounts(hass, connection, msg[ATTR_CONFIG_ENTRY_ID])):
        raise mistake("no_account")
    fields = {key: msg[key] for key in msg.keys() & _SENT}
    data = SEND_MESSAGE({**fields, ATTR_RECIPIENTS: [msg["number"]]})
    draft = as_draft(data, data[ATTR_RECIPIENTS])
    outcome = await router.async_send(hass, draft, sender_of(hass, entries[0]))
    return {"message_id": outcome.accepted[0][1].id}


async def _async_keep(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message
) -> None:
    """Answer whether conversations are kept, as the option does."""
    if not connection.user.is_admin:
        raise Unauthorized
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.entry_id == msg[ATTR_CONFIG_ENTRY_ID]:
            options = {**entry.options, CONF_KEEP_MESSAGES_DAYS: msg["days"]}
            hass.config_entries.async_update_entry(entry, options=options)


async def _async_subscribe(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message
) -> None:
    """Send what changes: messages, or that all is to be read again."""
    subscribed = _stores(hass, connection, msg)

    def stop() -> None:
        for unsubscribe in unsubscribes:
            unsubscribe()

    unsubscribes = [
        store.async_listen(_forward(hass, connection, msg["id"], store))
        for store in subscribed
    ]
    connection.subscriptions[msg["id"]] = stop


def _forward(
    hass: HomeAssistant, connection: ActiveConnection, number: int, store: MessageStore
) -> Callable[[Change], None]:
    """Return what sends the changes of one account."""

    async def async_send(change: Change) -> None:
        # The rights may have been taken away since
        if not _may_read(connection, store.entry):
            return
        is_small = 0 < len(change.ids) <= MAX_CHANGED
        try:
            rows = await store.async_rows(change.ids) if is_small else []
        except sqlite3.Error, OSError:
            return
        changed = {
            ATTR_CONFIG_ENTRY_ID: store.entry.entry_id,
            "messages": shown(store, rows),
            "is_complete": is_small,
        }
        connection.send_message(websocket_api.event_message(number, changed))

    @callback
    def forward(change: Change) -> None:
        hass.async_create_background_task(async_send(change), f"{DOMAIN} subscription")

    return forward


def _before(msg: Message) -> Key | None:
    return tuple(msg["before"]) if "before" in msg else None


_ENTRY: Final[Fields] = {vol.Required(ATTR_CONFIG_ENTRY_ID): _ID}
_ANY_ENTRY: Final[Fields] = {vol.Optional(ATTR_CONFIG_ENTRY_ID): _ID}
_CONVERSATION: Final[Fields] = {**_ENTRY, vol.Required("conversation"): _NUMBER}
_SENT: Final = {ATTR_MESSAGE, ATTR_DEVICE_ID, ATTR_SIM_NUMBER, ATTR_SCHEDULE_AT}
_BEFORE: Final[Fields] = {vol.Optional("before"): _KEY}
_COMMANDS: Final[dict[str, tuple[Handler, Fields]]] = {
    "accounts/list": (_async_accounts, {}),
    "conversations/list": (
        _async_conversations,
        {**_ANY_ENTRY, **_BEFORE, **_limit(1000, 100)},
    ),
    "conversations/mark_read": (
        _async_mark_read,
        {**_CONVERSATION, vol.Required("until"): _ROW},
    ),
    "conversations/keep": (
        _async_keep,
        {
            **_ENTRY,
            vol.Required("days"): vol.All(int, vol.Range(min=0, max=MAX_DAYS)),
        },
    ),
    "messages/list": (
        _async_messages,
        {**_CONVERSATION, **_BEFORE, **_limit(200, 50)},
    ),
    "messages/search": (
        _async_search,
        {
            **_ANY_ENTRY,
            vol.Required("query"): vol.All(str, vol.Length(min=1, max=200)),
            **_limit(100, 50),
        },
    ),
    "messages/send": (
        _async_send,
        {
            **_ENTRY,
            vol.Required("number"): _NUMBER,
            vol.Required(ATTR_MESSAGE): vol.All(str, vol.Length(min=1, max=MAX_TEXT)),
            vol.Optional(ATTR_DEVICE_ID): _ID,
            vol.Optional(ATTR_SIM_NUMBER): vol.All(int, vol.Range(min=1, max=3)),
            vol.Optional(ATTR_SCHEDULE_AT): cv.datetime,
        },
    ),
    "messages/subscribe": (_async_subscribe, _ANY_ENTRY),
    "messages/delete": (
        _async_delete,
        {
            **_ENTRY,
            vol.Optional("message"): _ROW,
            vol.Optional("conversation"): _NUMBER,
            vol.Optional("all"): True,
        },
    ),
}
