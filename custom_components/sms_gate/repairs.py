"""Dialogs that mend what a repair issue tells of."""

from typing import Any, Final

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .account.issues import IssueKind
from .account.last_known import SIM_KEY
from .const import (
    CONF_DAILY_LIMIT,
    CONF_PARTS_PER_DAY,
    CONF_PARTS_PER_MONTH,
    CONF_RECEIVE_MODE,
    CONF_SIGNING_KEY,
    CONF_WEBHOOK_BASE_URL,
    DOMAIN,
    ReceiveMode,
)
from .options_flow import LIMIT, SECRET
from .receive.mode import usable
from .send.parts_limit import DEFAULT_PARTS_PER_DAY, DEFAULT_PARTS_PER_MONTH

KEY_SCHEMA: Final = vol.Schema({vol.Required(CONF_SIGNING_KEY): SECRET})
LIMIT_SCHEMA: Final = vol.Schema({vol.Required(CONF_DAILY_LIMIT): LIMIT})
PARTS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_PARTS_PER_DAY): LIMIT,
        vol.Required(CONF_PARTS_PER_MONTH): LIMIT,
    }
)
ADDRESS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_WEBHOOK_BASE_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        )
    }
)


class AccountFlow(RepairsFlow):
    """Mends one account; its listener reloads it with what was changed."""

    first_step: str

    def __init__(self, data: dict[str, Any]) -> None:
        """Remember what the issue is about."""
        self._about = data

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin, unless there is nothing to mend any more."""
        if self._entry is None:
            return self.async_abort(reason="account_removed")
        step = getattr(self, f"async_step_{self.first_step}")
        result: RepairsFlowResult = await step()
        return result

    @property
    def _entry(self) -> ConfigEntry | None:
        """The account."""
        entry_id = str(self._about.get("entry_id", ""))
        return self.hass.config_entries.async_get_entry(entry_id)

    def _finish(self, **options: Any) -> RepairsFlowResult:
        """Save the options; the account reloads."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="account_removed")
        self.hass.config_entries.async_update_entry(
            entry, options={**entry.options, **options}
        )
        return self.async_create_entry(data={})

    def _ask(
        self,
        step_id: str,
        schema: vol.Schema,
        user_input: dict[str, Any] | None = None,
        errors: dict[str, str] | None = None,
    ) -> RepairsFlowResult:
        """Show a form."""
        entry = self._entry
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={"account": entry.title if entry else ""},
        )


class SigningKeyFlow(AccountFlow):
    """Asks for the key that the phone signs with."""

    first_step = "key"

    async def async_step_key(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take the key."""
        if user_input is None:
            return self._ask("key", KEY_SCHEMA)
        if self._is_refused(user_input[CONF_SIGNING_KEY]):
            errors = {CONF_SIGNING_KEY: "wrong_key"}
            return self._ask("key", KEY_SCHEMA, errors=errors)
        return self._finish(**user_input)

    def _is_refused(self, key: str) -> bool:
        """Return True if the phone signs with another key, as far as is known."""
        entry = self._entry
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return False
        return entry.runtime_data.receiving.signatures.is_signed_with(key) is False


class LimitFlow(AccountFlow):
    """Asks how many messages a recipient may get in a day."""

    first_step = "limit"

    async def async_step_limit(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take the limit."""
        if user_input is not None:
            return self._finish(**user_input)
        return self._ask("limit", LIMIT_SCHEMA)


class PartsFlow(AccountFlow):
    """Asks how many SMS the account may send in a day and in a month."""

    first_step = "parts"

    async def async_step_parts(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Save the limits."""
        if user_input is not None:
            return self._finish(**user_input)
        options = self._entry.options if self._entry else {}
        shown = {
            CONF_PARTS_PER_DAY: DEFAULT_PARTS_PER_DAY,
            CONF_PARTS_PER_MONTH: DEFAULT_PARTS_PER_MONTH,
            **options,
        }
        return self._ask("parts", PARTS_SCHEMA, shown)


class AddressFlow(AccountFlow):
    """Asks for an address of Home Assistant that the phone can deliver to."""

    first_step = "address"

    async def async_step_address(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take the address."""
        errors = {}
        if user_input is not None:
            if usable(user_input[CONF_WEBHOOK_BASE_URL]):
                return self._finish(**user_input)
            errors[CONF_WEBHOOK_BASE_URL] = "needs_https"
        return self._ask("address", ADDRESS_SCHEMA, user_input, errors)


class UnreachedFlow(AddressFlow):
    """Offers what can be done where the phone's webhooks do not arrive."""

    first_step = "choose"

    async def async_step_choose(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Show the ways out."""
        entry = self._entry
        return self.async_show_menu(
            step_id="choose",
            menu_options=["poll", "retry", "address"],
            description_placeholders={"account": entry.title if entry else ""},
        )

    async def async_step_poll(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask the phone from now on, whatever its webhooks do."""
        return self._finish(**{CONF_RECEIVE_MODE: ReceiveMode.POLL.value})

    async def async_step_retry(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Give webhooks another chance."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="account_removed")
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})


class SimFlow(AccountFlow):
    """Forgets a SIM that was taken out on purpose."""

    first_step = "confirm"

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Remove its sensor, which is what is known of it."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders={
                    name: str(self._about.get(name))
                    for name in ("account", "phone", "number")
                },
            )
        if (entry := self._entry) is None:
            return self.async_abort(reason="account_removed")
        phone = str(self._about["gateway_device_id"])
        number = int(self._about["sim_number"])
        if entry.state is ConfigEntryState.LOADED:
            entry.runtime_data.account.phones.async_forget_sim(phone, number)
        registry = er.async_get(self.hass)
        unique_id = f"{phone}-{SIM_KEY}{number}"
        if entity_id := registry.async_get_entity_id("sensor", DOMAIN, unique_id):
            registry.async_remove(entity_id)
        return self.async_create_entry(data={})


FLOWS: Final[dict[IssueKind, type[AccountFlow]]] = {
    IssueKind.DAILY_LIMIT: LimitFlow,
    IssueKind.NO_HTTPS_ADDRESS: AddressFlow,
    IssueKind.PARTS_LIMIT: PartsFlow,
    IssueKind.SIM_GONE: SimFlow,
    IssueKind.WEBHOOK_REFUSED: AddressFlow,
    IssueKind.WEBHOOKS_DO_NOT_ARRIVE: UnreachedFlow,
    IssueKind.WRONG_SIGNING_KEY: SigningKeyFlow,
}


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any]
) -> RepairsFlow:
    """Return the dialog of an issue."""
    return FLOWS[IssueKind(data["about"])](data)
