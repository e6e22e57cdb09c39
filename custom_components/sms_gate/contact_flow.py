"""Adding a contact to an account, and changing it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .account.login import country_of
from .account.phone_number import InvalidPhoneNumberError, parse
from .const import CONF_PHONE_NUMBER, CONF_SIM_NUMBER

SIM_NUMBER: Final = vol.All(
    NumberSelector(
        NumberSelectorConfig(min=1, max=3, step=1, mode=NumberSelectorMode.BOX)
    ),
    vol.Coerce(int),
)

SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_PHONE_NUMBER): TextSelector(
            TextSelectorConfig(type=TextSelectorType.TEL, autocomplete="off")
        ),
        vol.Optional(CONF_SIM_NUMBER): SIM_NUMBER,
    }
)


class ContactFlow(ConfigSubentryFlow):
    """A name for a number."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a contact."""
        return await self._async_step("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a contact."""
        return await self._async_step("reconfigure", user_input)

    async def _async_step(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Take a contact whose number can be sent to and is not taken yet."""
        errors: dict[str, str] = {}
        if user_input is not None and not user_input[CONF_NAME].strip():
            errors[CONF_NAME] = "name_missing"
        elif user_input is not None:
            try:
                data = await self._async_read(user_input)
            except InvalidPhoneNumberError as err:
                errors[CONF_PHONE_NUMBER] = err.key
            else:
                return self._async_finish(data)
        shown: Mapping[str, Any] | None = user_input
        if shown is None and self.source == SOURCE_RECONFIGURE:
            shown = self._get_reconfigure_subentry().data
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(SCHEMA, shown),
            errors=errors,
        )

    async def _async_read(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return the contact's data with its number as it will be sent to."""
        number = await self.hass.async_add_executor_job(
            parse,
            user_input[CONF_PHONE_NUMBER],
            country_of(self.hass, self._get_entry()),
        )
        data = {
            CONF_NAME: user_input[CONF_NAME].strip(),
            CONF_PHONE_NUMBER: number.value,
        }
        if sim_number := user_input.get(CONF_SIM_NUMBER):
            data[CONF_SIM_NUMBER] = sim_number
        return data

    def _async_finish(self, data: dict[str, Any]) -> SubentryFlowResult:
        """Save the contact; one number has one name."""
        entry = self._get_entry()
        changed = (
            self._get_reconfigure_subentry()
            if self.source == SOURCE_RECONFIGURE
            else None
        )
        for subentry in entry.subentries.values():
            if (
                subentry is not changed
                and subentry.unique_id == data[CONF_PHONE_NUMBER]
            ):
                return self.async_abort(reason="already_configured")
        if changed is None:
            return self.async_create_entry(
                title=data[CONF_NAME], data=data, unique_id=data[CONF_PHONE_NUMBER]
            )
        return self.async_update_and_abort(
            entry,
            changed,
            title=data[CONF_NAME],
            data=data,
            unique_id=data[CONF_PHONE_NUMBER],
        )
