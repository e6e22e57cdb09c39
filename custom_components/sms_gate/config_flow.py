"""Setting up an account, and changing it later."""

from collections.abc import Mapping
import logging
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
    CONF_WEBHOOK_ID,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers import device_registry as dr
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

from .account.login import (
    LOGIN_ERRORS,
    HttpOnlyError,
    async_log_in,
    clean_entry,
    error_key,
    make_client,
    new_secret,
    private_base_url,
    shown_address,
    unique_id,
)
from .account.phone_settings import Fix, async_fixes, async_put_right
from .const import (
    CONF_ENCRYPTION_PASSPHRASE,
    CONF_MODE,
    CONF_SIGNING_KEY,
    DEFAULT_PORT,
    DOMAIN,
    SUBENTRY_CONTACT,
    Mode,
)
from .contact_flow import ContactFlow, async_offer_first_sms
from .gateway.errors import GatewayError
from .gateway.models import Device
from .gateway.settings import Settings
from .options_flow import SmsGateOptionsFlow

_LOGGER = logging.getLogger(__name__)

_USERNAME: Final = TextSelector(TextSelectorConfig(autocomplete="username"))
_PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
_CREDENTIALS: Final = {
    vol.Required(CONF_USERNAME): _USERNAME,
    vol.Required(CONF_PASSWORD): _PASSWORD,
}
_PORT: Final = vol.All(
    NumberSelector(
        NumberSelectorConfig(min=1, max=65535, step=1, mode=NumberSelectorMode.BOX)
    ),
    vol.Coerce(int),
)

SCHEMAS: Final = {
    Mode.CLOUD: vol.Schema(_CREDENTIALS),
    Mode.PRIVATE: vol.Schema(
        {
            vol.Required(CONF_URL): TextSelector(
                TextSelectorConfig(type=TextSelectorType.URL)
            ),
            **_CREDENTIALS,
            vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
        }
    ),
    Mode.LOCAL: vol.Schema(
        {
            vol.Required(CONF_HOST): TextSelector(),
            vol.Required(CONF_PORT, default=DEFAULT_PORT): _PORT,
            **_CREDENTIALS,
        }
    ),
}
REAUTH_SCHEMA: Final = vol.Schema(_CREDENTIALS)


class SmsGateConfigFlow(ConfigFlow, domain=DOMAIN):
    """Ask where the gateway is and how to log in there."""

    VERSION = 2
    MINOR_VERSION = 1

    _entered: Mapping[str, Any]
    _devices: tuple[Device, ...] = ()
    _data: dict[str, Any]
    _fixes: list[Fix]
    _http_only: str | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the dialog of the account's options."""
        return SmsGateOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can be added to an account."""
        return {SUBENTRY_CONTACT: ContactFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the gateway is."""
        return self.async_show_menu(
            step_id="user", menu_options=[mode.value for mode in Mode]
        )

    async def async_step_cloud(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Log in to the public cloud."""
        return await self._async_step_log_in(Mode.CLOUD, user_input)

    async def async_step_private(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Log in to a private server."""
        return await self._async_step_log_in(Mode.PRIVATE, user_input)

    async def async_step_local(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Log in to a phone in the local network."""
        return await self._async_step_log_in(Mode.LOCAL, user_input)

    async def _async_step_log_in(
        self, mode: Mode, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Create the account once the gateway accepts the credentials."""
        errors: dict[str, str] = {}
        if user_input is not None:
            data, errors = await self._async_try(mode, user_input)
            if data is not None:
                return await self._async_finish(data)
            if self._http_only is not None and "://" not in user_input[CONF_URL]:
                return await self.async_step_confirm_http()
        shown = user_input
        if shown is None and self.source == SOURCE_RECONFIGURE:
            shown = _as_entered(self._get_reconfigure_entry().data)
        return self.async_show_form(
            step_id="reconfigure" if self.source == SOURCE_RECONFIGURE else mode,
            data_schema=self.add_suggested_values_to_schema(
                SCHEMAS[mode], _shown_again(shown, errors)
            ),
            errors=errors,
            description_placeholders={
                "address": self._http_only or shown_address(mode, user_input or {})
            },
        )

    async def async_step_confirm_http(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask before a password is sent to a server without encryption."""
        if user_input is not None:
            return await self._async_step_log_in(
                Mode.PRIVATE, {**self._entered, CONF_URL: self._http_only}
            )
        return self.async_show_form(
            step_id="confirm_http",
            data_schema=vol.Schema({}),
            description_placeholders={"address": self._http_only or ""},
        )

    async def _async_try(
        self, mode: Mode, entered: Mapping[str, Any]
    ) -> tuple[dict[str, Any] | None, dict[str, str]]:
        """Log in; return the entry's data, or the errors to show."""
        self._entered, self._http_only = entered, None
        try:
            data, devices = await async_log_in(self.hass, mode, clean_entry(entered))
        except LOGIN_ERRORS as err:
            self._http_only = err.url if isinstance(err, HttpOnlyError) else None
            return None, {"base": error_key(err)}
        except Exception:
            _LOGGER.exception("Unexpected error while logging in")
            return None, {"base": "unknown"}
        # A dialog that was left open in another tab must not stop this one
        known_as = unique_id(data, devices)
        await self.async_set_unique_id(known_as, raise_on_progress=False)
        self._devices = devices
        return data, {}

    def _abort_if_phone_configured(self) -> None:
        """Abort if another account has one of these phones: it is the same account."""
        own = self.context.get("entry_id")
        identifiers = {(DOMAIN, device.id) for device in self._devices}
        known = dr.async_get(self.hass).async_get_devices(identifiers=identifiers)
        if any(device.config_entry_id != own for device in known):
            raise AbortFlow("already_configured")

    async def _async_finish(self, data: dict[str, Any]) -> ConfigFlowResult:
        """Create the account, or change the one that is reconfigured."""
        if self.source == SOURCE_RECONFIGURE:
            entry = self._get_reconfigure_entry()
            if self.unique_id != entry.unique_id:
                self._abort_if_unique_id_configured()
                self._abort_if_phone_configured()
            return self._async_update(entry, data)
        self._abort_if_unique_id_configured()
        self._abort_if_phone_configured()
        self._data = {**data, CONF_WEBHOOK_ID: new_secret()}
        self._fixes = await async_fixes(
            self.hass,
            make_client(self.hass, data),
            is_local=data[CONF_MODE] == Mode.LOCAL,
        )
        if self._fixes:
            return await self.async_step_phone_settings()
        return self._async_create()

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Offer to send a first SMS by the account that was created."""
        entry = result["result"]
        if entry.state is ConfigEntryState.LOADED:
            result["next_flow"] = await async_offer_first_sms(self.hass, entry)
        return result

    async def async_step_phone_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer to put right what of the phone's settings stands in the way."""
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = [fix for fix in self._fixes if user_input.get(fix)]
            try:
                client = make_client(self.hass, self._data)
                changed = await async_put_right(client, chosen)
            except GatewayError:
                errors["base"] = "settings_refused"
            else:
                return self._async_create(changed)
        schema = {
            vol.Optional(fix.value, default=True): BooleanSelector()
            for fix in self._fixes
        }
        return self.async_show_form(
            step_id="phone_settings",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(schema), user_input
            ),
            errors=errors,
        )

    def _async_create(self, changed: Settings | None = None) -> ConfigFlowResult:
        """Create the account, with the secrets that the phone was given."""
        secrets = {
            CONF_SIGNING_KEY: changed and changed.signing_key,
            CONF_ENCRYPTION_PASSPHRASE: changed and changed.passphrase,
        }
        return self.async_create_entry(
            title=self._free_title(self._data),
            data=self._data,
            options={key: value for key, value in secrets.items() if value},
        )

    def _async_update(
        self, entry: ConfigEntry, data: dict[str, Any]
    ) -> ConfigFlowResult:
        """Change an account; its listener reloads it, if it ever loaded."""
        # The reload it starts takes the listener away
        is_followed = bool(entry.update_listeners)
        result = self.async_update_and_abort(
            entry, unique_id=self.unique_id, data_updates=data
        )
        if not is_followed:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result

    def _free_title(self, data: Mapping[str, Any]) -> str:
        """Return a title no other account has: it names the notify action."""
        taken = {entry.title for entry in self._async_current_entries()}
        if "SMS Gate" not in taken:
            return "SMS Gate"
        return f"SMS Gate {data.get(CONF_HOST) or data[CONF_USERNAME]}"

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change address or login of an account."""
        mode = Mode(self._get_reconfigure_entry().data[CONF_MODE])
        return await self._async_step_log_in(mode, user_input)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for new credentials after the gateway refused the old ones."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Log in anew at the same gateway."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            data, errors = await self._async_try(
                Mode(entry.data[CONF_MODE]), {**entry.data, **user_input}
            )
            if data is not None:
                self._abort_if_unique_id_mismatch(reason="wrong_account")
                return self._async_update(entry, data)
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=self.add_suggested_values_to_schema(
                REAUTH_SCHEMA,
                _shown_again(user_input, errors)
                or {CONF_USERNAME: entry.data[CONF_USERNAME]},
            ),
            errors=errors,
            description_placeholders={
                "account": entry.title,
                "address": shown_address(Mode(entry.data[CONF_MODE]), entry.data),
            },
        )


def _as_entered(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry's data as a person would enter them."""
    shown = {key: value for key, value in data.items() if key != CONF_PASSWORD}
    return {**shown, CONF_URL: private_base_url(data[CONF_URL])}


def _shown_again(
    entered: Mapping[str, Any] | None, errors: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return what to show again in a form: a password only if it may be right."""
    if entered is None:
        return None
    is_refused = "invalid_auth" in errors.values()
    return {
        key: value
        for key, value in entered.items()
        if not (is_refused and key == CONF_PASSWORD)
    }
