"""Assist: "send a text to Sara saying ...", where an account's option allows it.

Only contacts can be written to, never a number: whoever is in the room can ask.
"""

from collections import deque
from typing import Any, Final, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv, intent
from homeassistant.setup import async_when_setup
from homeassistant.util.hass_dict import HassKey
import voluptuous as vol

from .account.contacts import Contact
from .account.exceptions import failure, mistake
from .assist.offer import Offer
from .assist.sentences import CONVERSATION, INTENT_SEND, SLOT_CONTACT, SLOT_MESSAGE
from .assist.speech import as_said, async_say
from .const import CONF_EXPOSE_TO_ASSIST, DOMAIN
from .runtime import SmsGateConfigEntry
from .send import router
from .send.draft import Draft

_OFFER: Final[HassKey[Offer]] = HassKey(f"{DOMAIN}_assist")
_MAX_UNCLEAR: Final = 8


async def async_setup_intents(hass: HomeAssistant) -> None:
    """Wait for Assist's conversations; Home Assistant calls this once."""
    async_when_setup(hass, CONVERSATION, _offer(hass).async_update)


async def async_offer(hass: HomeAssistant, entry: SmsGateConfigEntry) -> None:
    """Let Assist write to an account's contacts until it unloads, if it may."""
    if entry.options.get(CONF_EXPOSE_TO_ASSIST):
        offer = _offer(hass)
        entry.async_on_unload(lambda: offer.async_withdraw(entry.entry_id))
        await offer.async_add(entry.entry_id)


def _exposed(hass: HomeAssistant) -> list[SmsGateConfigEntry]:
    """Return the accounts whose contacts Assist may write to."""
    entries: list[SmsGateConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    return [entry for entry in entries if entry.options.get(CONF_EXPOSE_TO_ASSIST)]


def contact_names(hass: HomeAssistant) -> list[str]:
    """Return the names of all contacts that Assist may write to."""
    names = {
        contact.name
        for entry in _exposed(hass)
        for contact in entry.runtime_data.account.contacts
    }
    return sorted(names)


def _recipient(hass: HomeAssistant, name: str) -> tuple[SmsGateConfigEntry, Contact]:
    """Return the one contact of this name, and its account.

    Arabic writes "to" and "the" into a name as one: with "the" spelt again in full,
    what is left of such a word is the contact's name.
    """
    for spelling in (name, f"ا{name}") if name.startswith("ل") else (name,):
        found = [
            (entry, contact)
            for entry in _exposed(hass)
            for contact in entry.runtime_data.account.contacts.named(spelling)
        ]
        if len(found) > 1:
            raise mistake("assist_ambiguous_contact", contact=name)
        if found:
            return found[0]
    raise mistake("assist_unknown_contact", contact=name)


class SendMessage(intent.IntentHandler):
    """Sends an SMS to a contact and says what was accepted."""

    intent_type = INTENT_SEND
    description = (
        "Sends an SMS (text message) from the house's phone to one of the contacts. "
        "Call it only when the user asks to send a text, once for each contact. "
        "It costs money and cannot be undone. "
        "If the answer is that the outcome is unknown, never call it again: tell the "
        "user. A message that was accepted is not delivered yet."
    )

    def __init__(self) -> None:
        """Begin without messages of unknown outcome."""
        self._unclear: deque[int] = deque(maxlen=_MAX_UNCLEAR)

    @property
    @override
    def slot_schema(self) -> dict[Any, Any]:
        """Return the slots of the intent."""
        return {
            vol.Required(SLOT_CONTACT, description="Name of the contact"): cv.string,
            vol.Required(SLOT_MESSAGE, description="The text to send"): cv.string,
        }

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        """Send, and say how that went; what went wrong is spoken, not raised.

        A raised error would be logged, with the sentence, and not be spoken.
        """
        response = intent_obj.create_response()
        try:
            answer = await self._async_send(intent_obj)
        except HomeAssistantError as err:
            is_mistake = isinstance(err, ServiceValidationError)
            response.async_set_error(
                intent.IntentResponseErrorCode.NO_VALID_TARGETS
                if is_mistake
                else intent.IntentResponseErrorCode.FAILED_TO_HANDLE,
                await async_say(intent_obj.hass, intent_obj.language, err),
            )
        else:
            response.async_set_speech(
                await async_say(intent_obj.hass, intent_obj.language, answer)
            )
        return response

    async def _async_send(self, intent_obj: intent.Intent) -> HomeAssistantError:
        """Send once and return what to say.

        Of all texts in code, Home Assistant translates only those of errors.
        """
        slots = self.async_validate_slots(intent_obj.slots)
        name: str = slots[SLOT_CONTACT]["value"].strip()
        text = as_said(slots[SLOT_MESSAGE]["value"], intent_obj.text_input).strip()
        entry, contact = _recipient(intent_obj.hass, name)
        request = hash((intent_obj.context.id, contact.id, text))
        if request in self._unclear:
            # A language model that tries again would send twice
            raise failure("assist_outcome_unknown", contact=contact.name)
        draft = Draft(recipients=(contact,), text=text)
        sender = entry.runtime_data.sender
        try:
            await router.async_send(intent_obj.hass, draft, sender)
        except HomeAssistantError as err:
            if err.translation_key != "outcome_unknown":
                raise
            self._unclear.append(request)
            raise failure("assist_outcome_unknown", contact=contact.name) from err
        return failure("assist_handed_over", contact=contact.name, message=text)


@callback
def _offer(hass: HomeAssistant) -> Offer:
    """Return what is offered to Assist, for all accounts together."""
    return hass.data.setdefault(_OFFER, Offer(hass, SendMessage()))
