"""The SMS of a dialog: sent once, and followed while it gets further."""

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from uuid import uuid4

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..account.exceptions import failure
from ..account.signals import signal_progress
from ..gateway.models import Message, MessageState
from . import router
from .draft import Draft
from .labels import in_words
from .senders import sender_of

TIMEOUT: Final = 60.0
# The frontend misses a change while it still shows the one before
SHOWN_SECONDS: Final = 1.0


class Stage(StrEnum):
    """How far the SMS got; the keys of the dialog's texts."""

    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    FAILED = "failed"


_STAGES: Final[Mapping[str, Stage]] = {
    MessageState.PROCESSED: Stage.ACCEPTED,
    MessageState.SENT: Stage.SENT,
    MessageState.DELIVERED: Stage.DELIVERED,
}


class FirstSms:
    """One SMS. Its sending goes on though the dialog is closed or asks again."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, number: str, text: str
    ) -> None:
        """Send the SMS; ``reason`` says in words why it failed."""
        self.stage = Stage.SENDING
        self.reason = ""
        self.is_over = False
        self._hass = hass
        self._entry = entry
        self._changed = asyncio.Event()
        self._draft = Draft(
            recipients=(number,),
            text=text,
            message_id=str(uuid4()),
            wait_for=MessageState.DELIVERED,
            timeout=TIMEOUT,
        )
        hass.async_create_background_task(
            self._async_run(), f"first SMS of {entry.title}"
        )

    @property
    def is_failed(self) -> bool:
        """Return True if it is certain that nothing was sent."""
        return self.stage is Stage.FAILED

    async def async_wait(self) -> None:
        """Wait until the SMS gets further than now, a moment at least."""
        shown = self.stage
        await asyncio.sleep(SHOWN_SECONDS)
        while self.stage is shown and not self.is_over:
            await self._changed.wait()

    async def _async_run(self) -> None:
        unsubscribe = async_dispatcher_connect(
            self._hass, signal_progress(self._entry.entry_id), self._async_handle
        )
        try:
            await self._async_send()
        finally:
            unsubscribe()
            self.is_over = True
            self._wake()

    async def _async_send(self) -> None:
        # Stays where an error that nobody foresaw ends the task, which logs it
        error: HomeAssistantError | None = failure(
            "outcome_unknown", message_id=self._draft.message_id
        )
        try:
            sender = sender_of(self._hass, self._entry)
            outcome = await router.async_send(self._hass, self._draft, sender)
            [(_parcel, message)] = outcome.accepted
            self.stage, error = _stage(message), None
        except HomeAssistantError as err:
            error = err
        finally:
            if error is not None:
                self._fail(error)

    def _fail(self, err: HomeAssistantError) -> None:
        is_unknown = err.translation_key == "outcome_unknown"
        self.stage = Stage.UNKNOWN if is_unknown else Stage.FAILED
        self.reason = in_words(self._hass, err)

    @callback
    def _async_handle(self, message: Message) -> None:
        stage = _stage(message)
        # How it ended is said once the sending is over
        if message.id == self._draft.message_id and stage is not Stage.DELIVERED:
            self.stage = stage
            self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _stage(message: Message) -> Stage:
    """Return how far an accepted message got."""
    return _STAGES.get(message.recipients[0].state, Stage.ACCEPTED)
