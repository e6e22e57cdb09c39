"""The account's options."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_COUNTRY
from homeassistant.helpers.selector import (
    BooleanSelector,
    CountrySelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .address import usable
from .const import (
    CONF_DAILY_LIMIT,
    CONF_DEFAULT_SIM,
    CONF_ENCRYPTION_PASSPHRASE,
    CONF_RECEIVE_MODE,
    CONF_RECORD_MESSAGE_TEXT,
    CONF_SIGNING_KEY,
    CONF_WEBHOOK_BASE_URL,
    ReceiveMode,
)
from .contact_flow import SIM_NUMBER
from .guard import DEFAULT_DAILY_LIMIT

_SECRET: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)

_DAILY_LIMIT: Final = vol.All(
    NumberSelector(
        NumberSelectorConfig(min=0, max=100_000, step=1, mode=NumberSelectorMode.BOX)
    ),
    vol.Coerce(int),
)

SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_RECEIVE_MODE, default=ReceiveMode.AUTO.value): SelectSelector(
            SelectSelectorConfig(
                options=[mode.value for mode in ReceiveMode],
                translation_key=CONF_RECEIVE_MODE,
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
        vol.Optional(CONF_WEBHOOK_BASE_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        ),
        vol.Optional(CONF_SIGNING_KEY): _SECRET,
        vol.Optional(CONF_DEFAULT_SIM): SIM_NUMBER,
        vol.Optional(CONF_COUNTRY): CountrySelector(),
        vol.Optional(CONF_ENCRYPTION_PASSPHRASE): _SECRET,
        vol.Optional(CONF_DAILY_LIMIT, default=DEFAULT_DAILY_LIMIT): _DAILY_LIMIT,
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
