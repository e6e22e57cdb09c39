"""The account's options."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_COUNTRY
from homeassistant.helpers.selector import (
    BooleanSelector,
    CountrySelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .address import usable
from .const import (
    CONF_DEFAULT_SIM,
    CONF_RECORD_MESSAGE_TEXT,
    CONF_SIGNING_KEY,
    CONF_WEBHOOK_BASE_URL,
)
from .contact_flow import SIM_NUMBER

_SECRET: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)

SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_WEBHOOK_BASE_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        ),
        vol.Optional(CONF_SIGNING_KEY): _SECRET,
        vol.Optional(CONF_DEFAULT_SIM): SIM_NUMBER,
        vol.Optional(CONF_COUNTRY): CountrySelector(),
        vol.Optional(CONF_RECORD_MESSAGE_TEXT, default=False): BooleanSelector(),
    }
)


class SmsGateOptionsFlow(OptionsFlow):
    """How an account receives and sends."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show and take all options; the entry reloads by its listener."""
        errors: dict[str, str] = {}
        if user_input is not None:
            address = user_input.get(CONF_WEBHOOK_BASE_URL)
            if not address or usable(address):
                return self.async_create_entry(data=user_input)
            errors[CONF_WEBHOOK_BASE_URL] = "needs_https"
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                SCHEMA, user_input or self.config_entry.options
            ),
            errors=errors,
        )
