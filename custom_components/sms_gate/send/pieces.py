"""Submitting to all but those whose number a server refuses.

A server checks all numbers of a message or none, and does not say which of them it
refuses. What it refused is stored nowhere, so halves of it can be submitted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from uuid import NAMESPACE_OID, uuid4, uuid5

from homeassistant.exceptions import HomeAssistantError

from ..gateway.errors import GatewayRejectedError
from ..gateway.models import Message
from .draft import Draft
from .sender import Parcel

type Result = tuple[Parcel, Message | HomeAssistantError]
type OnPacked = Callable[[list[Parcel]], Awaitable[None]]


async def async_submit(
    draft: Draft, parcels: list[Parcel], on_packed: OnPacked | None
) -> list[Result]:
    """Submit all messages at once, and return how each ended, or each piece of it."""
    found = await asyncio.gather(
        *(_async_submit(draft, parcel, on_packed) for parcel in parcels),
        return_exceptions=True,
    )
    results: list[Result] = []
    for some in found:
        if isinstance(some, BaseException):
            raise some
        results += some
    return results


async def _async_submit(
    draft: Draft, parcel: Parcel, on_packed: OnPacked | None
) -> list[Result]:
    try:
        is_own_id = parcel.message.id == draft.message_id
        message = await parcel.sender.async_submit(parcel, is_own_id=is_own_id)
    except HomeAssistantError as err:
        is_whole = draft.strict or len(parcel.targets) == 1
        if is_whole or not _is_about_one_number(err):
            return [(parcel, err)]
    else:
        return [(parcel, message)]
    results: list[Result] = []
    for piece in _halves(parcel, draft.message_id):
        if on_packed is not None:
            await on_packed([piece])
        results += await _async_submit(draft, piece, on_packed)
    return results


def _is_about_one_number(err: HomeAssistantError) -> bool:
    cause = err.__cause__
    return isinstance(cause, GatewayRejectedError) and cause.is_about_one_number


def _halves(parcel: Parcel, own_id: str) -> Iterator[Parcel]:
    """Return both halves; the user's id is that of the first that is accepted."""
    middle = len(parcel.targets) // 2
    for part in (slice(middle), slice(middle, None)):
        numbers = parcel.message.phone_numbers[part]
        is_used = not own_id or parcel.sender.outbox.has_sent(own_id)
        message_id = own_id
        if is_used:
            derived = uuid5(NAMESPACE_OID, "\n".join((own_id, *numbers)))
            message_id = str(derived if own_id else uuid4())
        piece = replace(
            parcel,
            message=replace(parcel.message, id=message_id, phone_numbers=numbers),
            targets=parcel.targets[part],
            counted=parcel.counted[part],
        )
        piece.count()
        yield piece
