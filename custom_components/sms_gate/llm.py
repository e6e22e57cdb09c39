"""The intent as a tool of language models that use Assist."""

from typing import Final

from homeassistant.components.llm import LLMTools
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, intent
from homeassistant.helpers.llm import LLM_API_ASSIST, IntentTool, LLMContext
import voluptuous as vol

from .assist.sentences import INTENT_SEND, SLOT_CONTACT, SLOT_MESSAGE
from .const import DOMAIN
from .intent import contact_names

TOOL: Final = f"{DOMAIN}__send_message"


@callback
def async_get_tools(
    hass: HomeAssistant, llm_context: LLMContext, api_id: str
) -> LLMTools | None:
    """Return the tool while an account allows it.

    The model learns the contacts' names, so that it finds the one who is meant, and
    never a number. The tool's annotations stay at Home Assistant's most careful.
    """
    names = contact_names(hass)
    handler = next(
        (item for item in intent.async_get(hass) if item.intent_type == INTENT_SEND),
        None,
    )
    if api_id != LLM_API_ASSIST or handler is None or not names:
        return None
    tool = IntentTool(TOOL, handler, title="Send SMS", integration=DOMAIN)
    tool.parameters = vol.Schema(
        {
            vol.Required(SLOT_CONTACT, description="Whom to write to"): vol.In(names),
            vol.Required(SLOT_MESSAGE, description="The text to send"): cv.string,
        }
    )
    return LLMTools(tools=[tool])
