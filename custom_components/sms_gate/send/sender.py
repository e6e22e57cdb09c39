"""From a draft to an answer: split, hand over, wait."""

import asyncio
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..account.contacts import Contact
from ..account.exceptions import failure, mistake, without_numbers
from ..const import CONF_ENCRYPTION_PASSPHRASE as PASSPHRASE, CONF_MODE, Mode
from ..gateway.message_status import failures
from ..gateway.models import InboxMessage, Message, MessageState
from ..runtime import SmsGateConfigEntry
from .draft import Draft, async_split


async def async_send(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    wanted: Draft,
    wait_for: MessageState | None = None,
    seconds: float = 0.0,
) -> tuple[Message, ...]:
    """Send a draft and return its messages, as far as they got.

    Raises:
        ServiceValidationError: the draft cannot be sent; nothing was.
        HomeAssistantError: a message was refused, its outcome is unknown, or, where
            ``wait_for`` asks for more than acceptance, the phone could not send it.
    """
    is_local = entry.data[CONF_MODE] == Mode.LOCAL
    if wanted.message.data and not is_local and entry.options.get(PASSPHRASE):
        raise mistake("encrypted_data")
    messages = await async_split(hass, entry, wanted)
    tracker = entry.runtime_data.tracker
    results = await asyncio.gather(
        *map(tracker.async_send, messages), return_exceptions=True
    )
    accepted = _accepted(results)
    if wait_for is None:
        return accepted
    reached = await asyncio.gather(
        *(tracker.async_wait(message, wait_for, seconds) for message in accepted)
    )
    if reasons := [reason for message in reached for reason in failures(message)]:
        raise failure("sending_failed", reason=without_numbers("; ".join(reasons)))
    return tuple(reached)


def _accepted(results: list[Message | BaseException]) -> tuple[Message, ...]:
    """Return all answers; where one of several failed, say that the others went."""
    accepted = [item for item in results if isinstance(item, Message)]
    errors = [item for item in results if isinstance(item, BaseException)]
    if not errors:
        return tuple(accepted)
    if not accepted or not isinstance(errors[0], HomeAssistantError):
        raise errors[0]
    raise failure(
        "partly_sent",
        sent=str(len(accepted)),
        total=str(len(results)),
        reason=str(errors[0]),
    ) from errors[0]


def answer(message: Message, *, content: bool = False) -> dict[str, Any]:
    """Return a message as the actions answer it."""
    shown: dict[str, Any] = {
        "message_id": message.id,
        "state": message.state,
        "device_id": message.device_id,
        "recipients": [
            {
                "phone_number": recipient.phone_number,
                "state": recipient.state,
                "error": recipient.error,
            }
            for recipient in message.recipients
        ],
    }
    if content:
        shown |= {"message": message.text, "data": message.data, "port": message.port}
    return shown


def answer_with_states(message: Message) -> dict[str, Any]:
    """Return a message with the time of each state."""
    states = {state: time.isoformat() for state, time in message.states.items()}
    return {**answer(message), "states": states}


def inbox_answer(message: InboxMessage, contact: Contact | None) -> dict[str, Any]:
    """Return a received message as the action answers it."""
    return {
        "id": message.id,
        "type": message.type,
        "sender": message.sender,
        "recipient": message.recipient,
        "contact": contact.name if contact else None,
        "sim_number": message.sim_number,
        "message": message.text,
        "timestamp": message.created_at.isoformat(),
    }
