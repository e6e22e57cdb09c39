"""The account's options."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
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

from .account.login import make_client, new_secret, trim
from .account.phone_number import InvalidPhoneNumberError, parse
from .const import (
    CONF_ADMINISTRATORS_ONLY,
    CONF_DAILY_LIMIT,
    CONF_DEFAULT_SIM,
    CONF_ENCRYPTION_PASSPHRASE,
    CONF_EXPOSE_TO_ASSIST,
    CONF_IS_DEFAULT_ACCOUNT,
    CONF_KEEP_MESSAGES_DAYS,
    CONF_LINE_TEST,
    CONF_LINE_TEST_NUMBER,
    CONF_MESSAGES_PAGE,
    CONF_MODE,
    CONF_PARTS_PER_DAY,
    CONF_PARTS_PER_MONTH,
    CONF_RECEIVE_MODE,
    CONF_RECORD_MESSAGE_TEXT,
    CONF_SIGNING_KEY,
    CONF_WEBHOOK_BASE_URL,
    DOMAIN,
    LineTestOption,
    MessagesPage,
    Mode,
    ReceiveMode,
)
from .contact_flow import SIM_NUMBER
from .gateway.errors import GatewayError
from .receive.cloudhook import has_cloud
from .receive.mode import usable
from .runtime import SmsGateConfigEntry
from .send.daily_limit import DEFAULT_DAILY_LIMIT
from .send.parts_limit import DEFAULT_PARTS_PER_DAY, DEFAULT_PARTS_PER_MONTH

CONF_NEW_SIGNING_KEY: Final = "new_signing_key"

SECRET: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)

LIMIT: Final = vol.All(
    NumberSelector(
        NumberSelectorConfig(min=0, max=100_000, step=1, mode=NumberSelectorMode.BOX)
    ),
    vol.Coerce(int),
)

DAYS: Final = vol.All(
    NumberSelector(
        NumberSelectorConfig(min=0, max=3650, step=1, mode=NumberSelectorMode.BOX)
    ),
    vol.Coerce(int),
)

FIELDS: Final = {
    vol.Optional(CONF_WEBHOOK_BASE_URL): TextSelector(
        TextSelectorConfig(type=TextSelectorType.URL)
    ),
    vol.Optional(CONF_SIGNING_KEY): SECRET,
    vol.Optional(CONF_DEFAULT_SIM): SIM_NUMBER,
    vol.Optional(CONF_COUNTRY): CountrySelector(),
    vol.Optional(CONF_ENCRYPTION_PASSPHRASE): SECRET,
    vol.Optional(CONF_DAILY_LIMIT, default=DEFAULT_DAILY_LIMIT): LIMIT,
    vol.Optional(CONF_PARTS_PER_DAY, default=DEFAULT_PARTS_PER_DAY): LIMIT,
    vol.Optional(CONF_PARTS_PER_MONTH, default=DEFAULT_PARTS_PER_MONTH): LIMIT,
    vol.Optional(CONF_LINE_TEST, default=LineTestOption.OFF.value): SelectSelector(
        SelectSelectorConfig(
            options=[option.value for option in LineTestOption],
            translation_key="line_test",
            mode=SelectSelectorMode.DROPDOWN,
        )
    ),
    vol.Optional(CONF_LINE_TEST_NUMBER): TextSelector(
        TextSelectorConfig(type=TextSelectorType.TEL, autocomplete="off")
    ),
    vol.Optional(CONF_RECORD_MESSAGE_TEXT, default=False): BooleanSelector(),
    vol.Optional(CONF_KEEP_MESSAGES_DAYS): DAYS,
    vol.Optional(
        CONF_MESSAGES_PAGE, default=MessagesPage.ADMINISTRATORS.value
    ): SelectSelector(
        SelectSelectorConfig(
            options=[page.value for page in MessagesPage],
            translation_key="messages_page",
            mode=SelectSelectorMode.DROPDOWN,
        )
    ),
    vol.Optional(CONF_EXPOSE_TO_ASSIST): BooleanSelector(),
    vol.Optional(CONF_IS_DEFAULT_ACCOUNT): BooleanSelector(),
    vol.Optional(CONF_ADMINISTRATORS_ONLY): BooleanSelector(),
}
LOCAL_FIELDS: Final = {
    vol.Optional(CONF_NEW_SIGNING_KEY, default=False): BooleanSelector()
}


class SmsGateOptionsFlow(OptionsFlow):
    """How an account receives and sends."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show all options and save them; the entry's listener applies them."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._async_check(user_input)
            if not errors:
                if user_input.get(CONF_IS_DEFAULT_ACCOUNT):
                    self._unset_other_defaults()
                return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                self._schema(), user_input or self.config_entry.options
            ),
            errors=errors,
        )

    def _unset_other_defaults(self) -> None:
        """Let no other account be the default one."""
        for entry in self.hass.config_entries.async_entries(DOMAIN):
            if entry.entry_id != self.config_entry.entry_id and entry.options.get(
                CONF_IS_DEFAULT_ACCOUNT
            ):
                self.hass.config_entries.async_update_entry(
                    entry, options={**entry.options, CONF_IS_DEFAULT_ACCOUNT: False}
                )

    @property
    def _reads_server(self) -> bool:
        """Return True if the account's server has an inbox, as far as is known."""
        entry: SmsGateConfigEntry = self.config_entry
        is_loaded = entry.state is ConfigEntryState.LOADED
        return is_loaded and entry.runtime_data.account.has_inbox

    def _schema(self) -> vol.Schema:
        """Return the fields that this account can use."""
        is_local = self.config_entry.data[CONF_MODE] == Mode.LOCAL
        usable_modes = {
            ReceiveMode.AUTO,
            ReceiveMode.WEBHOOK,
            *([ReceiveMode.CLOUDHOOK] if has_cloud(self.hass) else []),
            *([ReceiveMode.POLL] if is_local or self._reads_server else []),
            ReceiveMode.OFF,
            # What is chosen stays, also while Home Assistant Cloud is not connected
            self.config_entry.options.get(CONF_RECEIVE_MODE, ReceiveMode.AUTO),
        }
        receive_mode = SelectSelector(
            SelectSelectorConfig(
                options=[mode.value for mode in ReceiveMode if mode in usable_modes],
                translation_key=CONF_RECEIVE_MODE,
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
        return vol.Schema(
            {
                vol.Required(
                    CONF_RECEIVE_MODE, default=ReceiveMode.AUTO.value
                ): receive_mode,
                **FIELDS,
                **(LOCAL_FIELDS if is_local else {}),
            }
        )

    async def _async_check(self, options: dict[str, Any]) -> dict[str, str]:
        """Check the options and create a signing key if that was chosen."""
        for key, value in options.items():
            options[key] = trim(value) if isinstance(value, str) else value
        address = options.get(CONF_WEBHOOK_BASE_URL)
        if address and not usable(address):
            return {CONF_WEBHOOK_BASE_URL: "needs_https"}
        if errors := await self._async_check_line_test(options):
            return errors
        if options.pop(CONF_NEW_SIGNING_KEY, False):
            key = new_secret()
            try:
                await make_client(self.hass, self.config_entry.data).set_signing_key(
                    key
                )
            except GatewayError:
                return {"base": "cannot_connect"}
            options[CONF_SIGNING_KEY] = key
        return {}

    async def _async_check_line_test(self, options: dict[str, Any]) -> dict[str, str]:
        """Check the number to test with: a server shows none of its own."""
        is_local = self.config_entry.data[CONF_MODE] == Mode.LOCAL
        if number := options.get(CONF_LINE_TEST_NUMBER):
            country = options.get(CONF_COUNTRY) or self.hass.config.country
            try:
                parsed = await self.hass.async_add_executor_job(parse, number, country)
            except InvalidPhoneNumberError:
                return {CONF_LINE_TEST_NUMBER: "invalid_number"}
            options[CONF_LINE_TEST_NUMBER] = parsed.value
        elif options[CONF_LINE_TEST] != LineTestOption.OFF and not is_local:
            return {CONF_LINE_TEST_NUMBER: "number_missing"}
        return {}
