"""Dialogs that mend what a repair issue tells of."""

from typing import Any, Final

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import CONF_SIGNING_KEY

SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_SIGNING_KEY): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
        )
    }
)


class SigningKeyFlow(RepairsFlow):
    """Asks for the key that the phone signs with."""

    def __init__(self, entry_id: str) -> None:
        """Remember the account."""
        self._entry_id = entry_id

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_key()

    async def async_step_key(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take the key; the account reloads with it."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None:
            return self.async_abort(reason="account_removed")
        if user_input is not None:
            self.hass.config_entries.async_update_entry(
                entry, options={**entry.options, **user_input}
            )
            return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="key",
            data_schema=SCHEMA,
            description_placeholders={"account": entry.title},
        )


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return the dialog of an issue."""
    return SigningKeyFlow(str((data or {}).get("entry_id", "")))
