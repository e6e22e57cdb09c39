"""Handing a message to the gateway exactly once. Nothing of Home Assistant here."""

import asyncio
from typing import Final

from .client import GatewayClient
from .errors import (
    GatewayConflictError,
    GatewayConnectionError,
    GatewayError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayUnreachableError,
)
from .models import Message, MessageState, OutgoingMessage, Recipient

RETRY_PAUSES: Final = (1.0, 4.0)


async def submit(client: GatewayClient, message: OutgoingMessage) -> Message:
    """Send, and try again with the same id while it is unknown whether it arrived.

    Three tries within about 30 seconds. The gateway answers 409 to an id that it
    accepted before, so a second request never sends a second SMS.

    Raises:
        GatewayUnreachableError: no try came through; nothing was sent.
        GatewayConnectionError, GatewayResponseError: it is unknown.
        GatewayError: the gateway refused; nothing was sent.
    """
    uncertain: GatewayError | None = None
    unreachable = GatewayUnreachableError("Not tried")
    for pause in (*RETRY_PAUSES, None):
        try:
            return await client.send(message)
        except GatewayConflictError as err:
            return await _accepted(client, message, err)
        except GatewayUnreachableError as err:
            unreachable = err
        except (GatewayConnectionError, GatewayResponseError) as err:
            uncertain = err
        except GatewayError as err:
            return await _look_up(client, message, uncertain, err)
        if pause is not None:
            await asyncio.sleep(pause)
    return await _look_up(client, message, uncertain, uncertain or unreachable)


async def _accepted(
    client: GatewayClient, message: OutgoingMessage, conflict: GatewayConflictError
) -> Message:
    """Return an accepted message's state, or its first one where that cannot be read.

    A phone says 409 to more than a known id; then it does not know the message.
    """
    try:
        return await client.message(message.id)
    except GatewayNotFoundError:
        raise conflict from None
    except GatewayError:
        return unread(message)


async def _look_up(
    client: GatewayClient,
    message: OutgoingMessage,
    uncertain: GatewayError | None,
    err: GatewayError,
) -> Message:
    """Raise an error, but only after a look whether an earlier try was taken.

    A refusal (a full queue, say) of a later try says nothing about the earlier one.
    """
    if uncertain is None:
        raise err
    try:
        return await client.message(message.id)
    except GatewayNotFoundError:
        # A phone that was removed takes its messages with it
        if isinstance(err, GatewayRejectedError):
            raise uncertain from err
        raise err from uncertain
    except GatewayError as also:
        raise uncertain from also


def unread(message: OutgoingMessage) -> Message:
    """Return the message in the state that every accepted one begins with."""
    return Message(
        id=message.id,
        device_id=message.device_id or "",
        state=MessageState.PENDING,
        recipients=tuple(
            Recipient(phone_number=number, state=MessageState.PENDING)
            for number in message.phone_numbers
        ),
        is_encrypted=message.is_encrypted,
    )
