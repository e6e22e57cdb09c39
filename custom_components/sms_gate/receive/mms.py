"""Fetching the files of an MMS that the phone's inbox lists."""

from dataclasses import replace
from typing import Final

from ..gateway.client import GatewayClient
from ..gateway.errors import (
    GatewayAuthError,
    GatewayBusyError,
    GatewayConnectionError,
    GatewayRejectedError,
    GatewayResponseError,
)
from ..gateway.events import GatewayEvent
from ..gateway.models import Attachment
from .media import MAX_FILE_BYTES

# As much as one webhook may bring, a file's limit apart
MAX_MMS_BYTES: Final = 2 * MAX_FILE_BYTES
MAX_TRIES: Final = 3
_MAX_LOOKS: Final = 3
_PAGE: Final = 200


class MmsDownloader:
    """Adds to a polled MMS what a webhook would have brought with it.

    A phone that is away (no answer, a broken connection, 5xx) may be back in a
    moment, and firing without the files would lose them for ever: an MMS fires
    once. So the look at the inbox fails, nothing is taken, and the next one tries
    again. But later messages wait behind this one, so after three tries with a phone
    that listed its inbox right before, the MMS fires with what is there. What the
    phone refuses (an older app knows no such path, the file is gone) or what is too
    large would be the same at the next try: such a file is only described.
    """

    def __init__(self, client: GatewayClient) -> None:
        """Take the phone."""
        self._client = client
        self._tries: dict[str, int] = {}

    async def async_add(self, event: GatewayEvent) -> GatewayEvent:
        """Return the event with its attachments, as far as the phone gives them.

        Raises:
            GatewayError: the phone is away; it is worth another try.
        """
        key = event.inbox_id or ""
        tries = self._tries[key] = self._tries.get(key, 0) + 1
        files = await self._async_files(event, is_last=tries >= MAX_TRIES)
        del self._tries[key]
        return replace(event, attachments=files)

    async def _async_files(
        self, event: GatewayEvent, *, is_last: bool
    ) -> tuple[Attachment, ...]:
        """Read until the phone lists the same before and after.

        The app puts a message into its inbox first and writes its files then (its
        ``IncomingMessagesService.save``), so some may be missing or unfinished.
        """
        files: tuple[Attachment, ...] = ()
        listed: tuple[Attachment, ...] = ()
        try:
            listed = await self._async_list(event)
            for _ in range(_MAX_LOOKS):
                files = await self._async_read_all(event, listed, is_last=is_last)
                before, listed = listed, await self._async_list(event)
                if listed == before:
                    break
        except GatewayConnectionError, GatewayBusyError:
            if not is_last:
                raise
        return files or listed

    async def _async_list(self, event: GatewayEvent) -> tuple[Attachment, ...]:
        """Return what belongs to a message; nothing where the phone does not tell.

        The poll itself does not ask for it, or the phone would look through its
        folders for twenty messages every five seconds.
        """
        try:
            messages, _total = await self._client.inbox(
                start=event.timestamp,
                end=event.timestamp,
                kind="MMS_DOWNLOADED",
                limit=_PAGE,
                attachments=True,
            )
        except GatewayRejectedError, GatewayResponseError:
            return ()
        found = [item.attachments for item in messages if item.id == event.inbox_id]
        return (found[0] or ()) if found else ()

    async def _async_read_all(
        self, event: GatewayEvent, listed: tuple[Attachment, ...], *, is_last: bool
    ) -> tuple[Attachment, ...]:
        """Return the files with their content; at the last try, until one fails."""
        files: list[Attachment] = []
        room = MAX_MMS_BYTES
        for item in listed:
            try:
                content = await self._async_read(event, item, min(room, MAX_FILE_BYTES))
            except GatewayConnectionError, GatewayBusyError:
                if not is_last:
                    raise
                return (*files, *listed[len(files) :])
            room -= len(content or b"")
            files.append(replace(item, content=content))
        return tuple(files)

    async def _async_read(
        self, event: GatewayEvent, item: Attachment, limit: int
    ) -> bytes | None:
        """Return a file's content; None where it is too large or refused."""
        if event.inbox_id is None or (item.size or 0) > limit:
            return None
        try:
            return await self._client.attachment(
                event.inbox_id, item.part_id, limit=limit
            )
        except GatewayRejectedError, GatewayResponseError, GatewayAuthError:
            return None
