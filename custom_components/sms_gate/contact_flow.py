"""Adding a contact to an account, and changing it."""

import asyncio
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, override

from homeassistant.components.notify import ATTR_MESSAGE
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigSubentry,
    ConfigSubentryFlow,
    FlowType,
    SubentryFlowContext,
    SubentryFlowResult,
    UnknownEntry,
    UnknownSubEntry,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import AbortFlow
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
    InvalidPhoneNumberError,
    PhoneNumber,
    parse,
    reads_as_number,
    spellings,
)
from .account.text import fold
from .const import CONF_PHONE_NUMBER, CONF_SIM_NUMBER, DOMAIN, SUBENTRY_CONTACT
from .send.first_sms import FirstSms
from .send.labels import greeting
from .service_schemas import ATTR_VALIDATE_NUMBERS

SIM_NUMBER: Final = vol.All(
    NumberSelector(
        NumberSelectorConfig(min=1, max=3, step=1, mode=NumberSelectorMode.BOX)
    ),
    vol.Coerce(int),
)

_PERSON: Final = {
    vol.Required(CONF_NAME): TextSelector(),
    vol.Required(CONF_PHONE_NUMBER): TextSelector(
        TextSelectorConfig(type=TextSelectorType.TEL, autocomplete="off")
    ),
}
SCHEMA: Final = vol.Schema(
    {
        **_PERSON,
        vol.Optional(CONF_SIM_NUMBER): SIM_NUMBER,
        vol.Optional(ATTR_VALIDATE_NUMBERS, default=True): BooleanSelector(),
    }
)
FIRST_SMS: Final = "first_sms"
FIRST_SMS_SCHEMA: Final = vol.Schema(
    {
        **_PERSON,
        vol.Required(ATTR_MESSAGE): TextSelector(TextSelectorConfig(multiline=True)),
    }
)


async def async_offer_first_sms(
    hass: HomeAssistant, entry: ConfigEntry
) -> tuple[FlowType, str]:
    """Open the dialog that follows the set-up of an account."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_CONTACT),
        context=SubentryFlowContext(source=SOURCE_USER),
        data={FIRST_SMS: True},
    )
    return FlowType.CONFIG_SUBENTRIES_FLOW, result["flow_id"]


class ContactFlow(ConfigSubentryFlow):
    """A name for a number; the first one of an account may get an SMS at once."""

    _other = ""
    _entered: Mapping[str, Any] = MappingProxyType({})
    _number = ""
    _sms: FirstSms | None = None
    _waiting: asyncio.Task[None] | None = None
    _is_kept = False

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a contact."""
        if user_input is not None and FIRST_SMS in user_input:
            return await self.async_step_first_sms_offer()
        return await self._async_step("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a contact."""
        return await self._async_step("reconfigure", user_input)

    async def async_step_first_sms_offer(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Offer to send an SMS by an account that was just set up."""
        return self.async_show_menu(
            step_id="first_sms_offer", menu_options=[FIRST_SMS, "first_sms_later"]
        )

    async def async_step_first_sms(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask whom to write to, and what; again only where nothing was sent."""
        if self._sms is not None and self._sms.is_failed:
            self._sms = None
        return await self._async_step(FIRST_SMS, user_input)

    async def async_step_first_sms_later(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say how to write to somebody later."""
        return self.async_abort(reason="first_sms_later")

    async def async_step_first_sms_progress(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Send the SMS unless that is being done, and show how far it got."""
        if (sms := self._sms) is None:
            sms = self._sms = FirstSms(
                self.hass, self._get_entry(), self._number, self._entered[ATTR_MESSAGE]
            )
        if sms.is_over:
            return self.async_show_progress_done(
                next_step_id="first_sms_failed" if sms.is_failed else "first_sms_keep"
            )
        if self._waiting is None or self._waiting.done():
            self._waiting = self.hass.async_create_background_task(
                sms.async_wait(), "first SMS gets further"
            )
        return self.async_show_progress(
            step_id="first_sms_progress",
            progress_action=sms.stage,
            progress_task=self._waiting,
            description_placeholders=self._placeholders,
        )

    async def async_step_first_sms_failed(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say why nothing was sent."""
        return self.async_show_menu(
            step_id="first_sms_failed",
            menu_options=[FIRST_SMS, "first_sms_keep"],
            description_placeholders=self._placeholders,
        )

    async def async_step_first_sms_keep(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add the contact, and say how far the SMS got."""
        if self._is_known(self._get_entry()):
            return self.async_abort(reason="already_configured")
        self._is_kept = True
        self._use_free_name()
        return self.async_create_entry(
            **self._contact(),
            description=self._sms.stage if self._sms else None,
            description_placeholders=self._placeholders,
        )

    @callback
    @override
    def async_remove(self) -> None:
        """Add the contact of an SMS that is under way when the dialog is closed."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if (
            entry is None
            or self._sms is None
            or self._sms.is_failed
            or self._is_kept
            or self._is_known(entry)
        ):
            return
        self._use_free_name()
        contact = self._contact()
        subentry = ConfigSubentry(
            **{**contact, "data": MappingProxyType(contact["data"])},
            subentry_type=SUBENTRY_CONTACT,
        )
        self.hass.config_entries.async_add_subentry(entry, subentry)

    def _use_free_name(self) -> None:
        """Number a name that another contact was given while the SMS was under way."""
        name, count = self._entered[CONF_NAME].strip(), 1
        while self._name_errors(self._entered[CONF_NAME]):
            count += 1
            self._entered = {**self._entered, CONF_NAME: f"{name} {count}"}

    @override
    def _get_entry(self) -> ConfigEntry:
        """Return the account; end the dialog of one that was removed."""
        try:
            return super()._get_entry()
        except UnknownEntry:
            raise AbortFlow("account_removed") from None

    def _is_known(self, entry: ConfigEntry) -> bool:
        """Return True if the contact was added while its SMS was under way."""
        others = entry.get_subentries_of_type(SUBENTRY_CONTACT)
        return any(other.unique_id == self._number for other in others)

    @property
    def _placeholders(self) -> Mapping[str, str]:
        return {
            "name": self._entered[CONF_NAME].strip(),
            "reason": self._sms.reason if self._sms else "",
        }

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
                if self._sms is None:
                    self._entered, self._number = user_input, number.value
                return await self._async_finish(step_id)
        shown = dict(user_input or self._entered or await self._async_stored())
        if shown.get(ATTR_VALIDATE_NUMBERS):
            del shown[ATTR_VALIDATE_NUMBERS]
        if step_id == FIRST_SMS:
            shown = {ATTR_MESSAGE: greeting(self.hass), **shown}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                FIRST_SMS_SCHEMA if step_id == FIRST_SMS else SCHEMA, shown
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    @property
    def _changed(self) -> ConfigSubentry | None:
        """Return the contact that is changed, None for a new one."""
        if self.source != SOURCE_RECONFIGURE:
            return None
        try:
            return self._get_reconfigure_subentry()
        except UnknownSubEntry:
            raise AbortFlow("contact_removed") from None

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
        if reads_as_number(name):
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

    async def _async_finish(self, step_id: str) -> SubentryFlowResult:
        """Save the contact, or send the SMS that comes first."""
        if step_id == FIRST_SMS:
            return await self.async_step_first_sms_progress()
        contact = self._contact()
        if (changed := self._changed) is None:
            return self.async_create_entry(**contact)
        return self.async_update_and_abort(self._get_entry(), changed, **contact)

    def _contact(self) -> dict[str, Any]:
        """Return the contact with its number as it will be sent to."""
        title = self._entered[CONF_NAME].strip()
        data = {CONF_NAME: title, CONF_PHONE_NUMBER: self._number}
        if sim_number := self._entered.get(CONF_SIM_NUMBER):
            data[CONF_SIM_NUMBER] = sim_number
        return {"title": title, "data": data, "unique_id": self._number}


def _forms(contact: ConfigSubentry, country: str | None) -> frozenset[str]:
    """Return the forms of a contact's number. Blocks on first use."""
    return spellings(contact.data[CONF_PHONE_NUMBER], country)
