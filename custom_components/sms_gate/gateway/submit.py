"""Submitting a message to the gateway exactly once."""

import asyncio
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from .client import GatewayClient, is_path_segment
from .errors import (
    GatewayBusyError,
    GatewayConflictError,
    GatewayConnectionError,
    GatewayError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayUnavailableError,
    GatewayUnreachableError,
)
from .message_status import find_recipient
from .models import Message, MessageState, OutgoingMessage, Recipient

RETRY_PAUSES: Final = (1.0, 4.0)
# Whoever sends waits for the answer
MAX_PAUSE: Final = 10.0


async def submit(client: GatewayClient, message: OutgoingMessage) -> Message:
    """Send, and try again with the same id while it is unknown whether it arrived.

    Three tries within about 30 seconds. The gateway answers 409 to an id that it
    accepted before, so a second request never sends a second SMS.

    Raises:
        GatewayUnreachableError: no request arrived; nothing was sent.
        GatewayConnectionError, GatewayResponseError: it is unknown.
        GatewayError: the gateway refused; nothing was sent.
    """
    if not is_path_segment(message.id):
        raise GatewayRejectedError(HTTPStatus.BAD_REQUEST, "The id is not possible")
    uncertain: GatewayError | None = None
    last: GatewayError = GatewayUnreachableError("Not tried")
    for pause in (*RETRY_PAUSES, None):
        try:
            return await client.send(message)
        except GatewayConflictError as err:
            known = await _accepted(client, message, err)
            # After a try of this call, the id can only be known from that
            if uncertain is None and not is_same(known, message):
                raise
            return known
        except GatewayUnreachableError as err:
            last = err
        except (GatewayConnectionError, GatewayResponseError) as err:
            last = uncertain = _surest(uncertain, err)
        except GatewayError as err:
            return await _look_up(client, message, uncertain, err)
        if pause is not None:
            await asyncio.sleep(max(pause, min(last.retry_after or 0, MAX_PAUSE)))
    return await _look_up(client, message, uncertain, uncertain or last)


def _surest(known: GatewayError | None, err: GatewayError) -> GatewayError:
    """Return the error that says least about what became of the request."""
    is_refusal = isinstance(err, GatewayUnavailableError)
    return known if known is not None and is_refusal else err


async def _accepted(
    client: GatewayClient, message: OutgoingMessage, conflict: GatewayConflictError
) -> Message:
    """Return an accepted message's state, or its first one where that cannot be read.

    A phone answers 409 to more than a known id; then it does not know the message.
    """
    try:
        return await client.message(message.id)
    except GatewayNotFoundError:
        raise conflict from None
    except GatewayError:
        return unread(message)


def is_same(known: Message, message: OutgoingMessage) -> bool:
    """Return False if the id belongs to a message of other content or recipients."""
    if message.is_encrypted or known.is_encrypted:
        # Encrypted anew for each request, so nothing can be compared
        return True
    if len(known.recipients) != len(message.phone_numbers) or not all(
        find_recipient(known, number) for number in message.phone_numbers
    ):
        return False
    digest = sha256((message.text or "").encode(errors="replace")).hexdigest()
    return known.text in (None, message.text) and digest.startswith(
        known.content_hash or ""
    )


async def _look_up(
    client: GatewayClient,
    message: OutgoingMessage,
    uncertain: GatewayError | None,
    err: GatewayError,
) -> Message:
    """Raise an error, but only after asking whether an earlier try was accepted.

    A refusal (a full queue, say) of a later try says nothing about the earlier one.
    """
    if uncertain is None:
        raise err
    try:
        return await client.message(message.id)
    except GatewayNotFoundError:
        # A phone that was removed takes its messages along
        if isinstance(err, GatewayRejectedError):
            raise uncertain from err
        # Something in between refused every try, and the gateway saw none
        if isinstance(err, GatewayUnavailableError):
            raise GatewayBusyError(str(err), err.retry_after) from err
        raise err from None if err is uncertain else uncertain
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
