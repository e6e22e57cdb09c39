"""Adding a contact to an account, and changing it."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .account.login import country_of
from .account.phone_number import (
    DIALLED,
    InvalidPhoneNumberError,
    PhoneNumber,
    parse,
    spellings,
    squeeze,
)
from .account.text import fold
from .const import CONF_PHONE_NUMBER, CONF_SIM_NUMBER, DOMAIN, SUBENTRY_CONTACT
from .service_schemas import ATTR_VALIDATE_NUMBERS

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
        vol.Optional(ATTR_VALIDATE_NUMBERS, default=True): BooleanSelector(),
    }
)


class ContactFlow(ConfigSubentryFlow):
    """A name for a number."""

    _other = ""

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
        """Save a contact that can be sent to and is mistaken for no other one."""
        errors: dict[str, str] = {}
        placeholders: Mapping[str, str] = {}
        if user_input is not None:
            try:
                number = await self._async_parse(user_input)
            except InvalidPhoneNumberError as err:
                errors[CONF_PHONE_NUMBER] = err.key
                placeholders = err.placeholders
            else:
                errors = await self._async_number_taken(number.value)
                placeholders = {"other": self._other}
            if name_errors := self._name_errors(user_input[CONF_NAME]):
                errors, placeholders = name_errors, {"other": self._other}
            if not errors:
                return self._async_finish(user_input, number.value)
        shown = dict(user_input or await self._async_stored())
        if shown.get(ATTR_VALIDATE_NUMBERS):
            del shown[ATTR_VALIDATE_NUMBERS]
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(SCHEMA, shown),
            errors=errors,
            description_placeholders=placeholders,
        )

    @property
    def _changed(self) -> ConfigSubentry | None:
        """Return the contact that is changed, None for a new one."""
        is_new = self.source != SOURCE_RECONFIGURE
        return None if is_new else self._get_reconfigure_subentry()

    async def _async_stored(self) -> dict[str, Any]:
        """Return the contact's data as the form shows them."""
        if (contact := self._changed) is None:
            return {}
        data = {**contact.data, CONF_NAME: contact.title}
        try:
            await self._async_parse(data)
        except InvalidPhoneNumberError:
            data[ATTR_VALIDATE_NUMBERS] = False
        return data

    async def _async_parse(self, data: Mapping[str, Any]) -> PhoneNumber:
        validate: bool = data.get(ATTR_VALIDATE_NUMBERS, True)
        return await self.hass.async_add_executor_job(
            partial(
                parse,
                data[CONF_PHONE_NUMBER],
                country_of(self.hass, self._get_entry()),
                validate=validate,
            )
        )

    def _name_errors(self, name: str) -> dict[str, str]:
        """Refuse a name that shows nothing, reads as a number, or is another's."""
        if not fold(name):
            return {CONF_NAME: "name_missing"}
        if DIALLED.fullmatch(squeeze(name)):
            return {CONF_NAME: "name_is_number"}
        for entry in self.hass.config_entries.async_entries(DOMAIN):
            for other in entry.get_subentries_of_type(SUBENTRY_CONTACT):
                if other is not self._changed and fold(other.title) == fold(name):
                    self._other = f"{other.title} ({entry.title})"
                    return {CONF_NAME: "name_taken"}
        return {}

    async def _async_number_taken(self, number: str) -> dict[str, str]:
        """Refuse a number that another contact of the account has, in any form."""
        entry = self._get_entry()
        country = country_of(self.hass, entry)
        others = [
            other
            for other in entry.get_subentries_of_type(SUBENTRY_CONTACT)
            if other is not self._changed
        ]

        def owner() -> str | None:
            has = (it for it in others if number in _forms(it, country))
            return next((it.title for it in has), None)

        if (title := await self.hass.async_add_executor_job(owner)) is None:
            return {}
        self._other = title
        return {CONF_PHONE_NUMBER: "number_taken"}

    def _async_finish(
        self, user_input: Mapping[str, Any], number: str
    ) -> SubentryFlowResult:
        """Save the contact with its number as it will be sent to."""
        title = user_input[CONF_NAME].strip()
        data = {CONF_NAME: title, CONF_PHONE_NUMBER: number}
        if sim_number := user_input.get(CONF_SIM_NUMBER):
            data[CONF_SIM_NUMBER] = sim_number
        if (contact := self._changed) is None:
            return self.async_create_entry(title=title, data=data, unique_id=number)
        return self.async_update_and_abort(
            self._get_entry(), contact, title=title, data=data, unique_id=number
        )


def _forms(contact: ConfigSubentry, country: str | None) -> frozenset[str]:
    """Return the forms of a contact's number. Blocks on first use."""
    return spellings(contact.data[CONF_PHONE_NUMBER], country)
