"""What one says to Assist to send a text, in the languages that are spoken here.

Home Assistant accepts sentences from an integration only as triggers. They match in
every language at once, and before an AI model is asked, so they hold only wordings
after which a text is to go out word for word.
"""

from collections.abc import Awaitable, Callable
import logging
from typing import Any, Final

from homeassistant.const import CONF_PLATFORM
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers.script import ScriptRunResult
from homeassistant.helpers.trigger import (
    async_initialize_triggers,
    async_validate_trigger_config,
)

from ..const import DOMAIN

_LOGGER = logging.getLogger(__name__)

type Action = Callable[[dict[str, Any]], Awaitable[ScriptRunResult]]

CONVERSATION: Final = "conversation"
INTENT_SEND: Final = "SmsGateSendMessage"
SLOT_CONTACT: Final = "contact"
SLOT_MESSAGE: Final = "message"

_SAYING: Final = "(saying|that says|with the text)"
_TEXT: Final = "(text [message]|sms)"
_SEND_AR: Final = "(أرسل|ارسل|ابعث|اكتب)"
_TEXT_AR: Final = "(رسالة|رساله) [نصية|نصيه]"
_TO_AR: Final = "(إلى |الى |ل)"
_SAYING_AR: Final = "(تقول [فيها]|نصها|مفادها|وقل (له|لها|لهم))"

SENTENCES: Final = (
    f"(send|write) [a|an] {_TEXT} to {{contact}} {_SAYING} {{message}}",
    f"(send|write) {{contact}} (a|an) {_TEXT} {_SAYING} {{message}}",
    "text {contact} saying {message}",
    f"{_SEND_AR} {_TEXT_AR} {_TO_AR}{{contact}} {_SAYING_AR} {{message}}",
    f"{_SEND_AR} {_TO_AR}{{contact}} {_TEXT_AR} {_SAYING_AR} {{message}}",
)


async def async_listen(hass: HomeAssistant, action: Action) -> CALLBACK_TYPE | None:
    """Run the action for each of the sentences; return what ends that."""
    trigger = {CONF_PLATFORM: CONVERSATION, "command": list(SENTENCES)}
    return await async_initialize_triggers(
        hass,
        await async_validate_trigger_config(hass, [trigger]),
        action,
        DOMAIN,
        DOMAIN,
        _LOGGER.log,
    )
