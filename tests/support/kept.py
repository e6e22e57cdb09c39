"""What the tests of kept conversations share."""

from pathlib import Path
from typing import Any

from custom_components.sms_gate.messages.store import MessageStore
from harness.until import until
from tests.support.common import Account

KEEP = {"keep_messages_days": 30}


def kept_file(account: Account) -> Path:
    """Return the file that an account's messages are kept in."""
    name = f"sms_gate.{account.entry.entry_id}.messages"
    return Path(account.hass.config.path(".storage", name))


def store_of(account: Account) -> MessageStore:
    """Return what an account keeps."""
    store: MessageStore = account.entry.runtime_data.messages
    return store


async def conversations(account: Account) -> list[dict[str, Any]]:
    """Return the conversations of an account, once what is said is written."""
    store = store_of(account)
    await store.async_write()
    return await store.async_conversations(1000, None)


async def messages(account: Account, conversation: str) -> list[dict[str, Any]]:
    """Return a conversation, the oldest message first."""
    store = store_of(account)
    await store.async_write()
    return (await store.async_messages(conversation, 1000, None))[::-1]


async def texts(account: Account, conversation: str) -> list[str | None]:
    """Return what was said, the oldest first."""
    return [row["text"] for row in await messages(account, conversation)]


async def has_state(account: Account, conversation: str, state: str) -> None:
    """Wait until the last message of a conversation got so far."""

    async def got() -> bool:
        return bool((await messages(account, conversation))[-1]["state"] == state)

    await until(got, f"a message that is {state}")


def set_option(account: Account, **options: Any) -> None:
    """Change options, as the dialog does."""
    account.hass.config_entries.async_update_entry(
        account.entry, options={**account.entry.options, **options}
    )
