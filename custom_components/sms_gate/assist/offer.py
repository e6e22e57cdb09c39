"""Registers the intent and its sentences while an account offers them."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import intent
from homeassistant.helpers.script import ScriptRunResult

from .sentences import (
    CONVERSATION,
    INTENT_SEND,
    SLOT_CONTACT,
    SLOT_MESSAGE,
    async_listen,
)

_SLOTS: Final = (SLOT_CONTACT, SLOT_MESSAGE)


class Offer:
    """What is offered to Assist, for all accounts together."""

    def __init__(self, hass: HomeAssistant, handler: intent.IntentHandler) -> None:
        """Begin with nothing offered."""
        self._hass = hass
        self._handler = handler
        self._accounts: set[str] = set()
        self._lock = asyncio.Lock()
        self._remove: dict[str, Callable[[], None]] = {}

    async def async_add(self, entry_id: str) -> None:
        """Offer the intent for one more account."""
        self._accounts.add(entry_id)
        await self.async_update()

    async def async_withdraw(self, entry_id: str) -> None:
        """Offer it for one account less."""
        self._accounts.discard(entry_id)
        await self.async_update()

    async def async_update(self, *_: object) -> None:
        """Register what is wanted and possible, remove what is not wanted."""
        async with self._lock:
            if self._accounts:
                self._async_register()
                await self._async_listen()
            # Also where the last account went while the sentences were prepared
            while self._remove and not self._accounts:
                self._remove.popitem()[1]()

    @callback
    def _async_register(self) -> None:
        """Register the intent, once."""
        if INTENT_SEND not in self._remove:
            intent.async_register(self._hass, self._handler)
            self._remove[INTENT_SEND] = lambda: intent.async_remove(
                self._hass, INTENT_SEND
            )

    async def _async_listen(self) -> None:
        """Listen to the sentences, once, where there are conversations at all."""
        if CONVERSATION in self._remove or (
            CONVERSATION not in self._hass.config.components
        ):
            return
        if remove := await async_listen(self._hass, self._async_said):
            self._remove[CONVERSATION] = remove

    async def _async_said(
        self, run_variables: dict[str, Any], context: Context | None = None
    ) -> ScriptRunResult:
        """Handle the intent for a sentence, and let its answer be spoken."""
        said = run_variables["trigger"]
        heard = said["user_input"]
        response = await intent.async_handle(
            self._hass,
            CONVERSATION,
            INTENT_SEND,
            {slot: {"value": said["slots"][slot]} for slot in _SLOTS},
            said["sentence"],
            context or Context(**heard["context"]),
            heard["language"],
            assistant=CONVERSATION,
            device_id=said["device_id"],
            satellite_id=said["satellite_id"],
            conversation_agent_id=heard["agent_id"],
        )
        return ScriptRunResult(
            conversation_response=response.speech["plain"]["speech"],
            service_response=None,
            variables={},
        )
