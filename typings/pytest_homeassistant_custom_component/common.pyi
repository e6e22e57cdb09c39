from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryDisabler,
    ConfigFlowResult,
    SubentryFlowResult,
    ConfigEntryState,
    ConfigSubentryDataWithId,
)
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
import voluptuous as vol

class MockConfigEntry(ConfigEntry[Any]):
    def __init__(
        self,
        *,
        data: Mapping[str, Any] | None = None,
        disabled_by: ConfigEntryDisabler | None = None,
        domain: str = "test",
        entry_id: str | None = None,
        minor_version: int = 1,
        options: Mapping[str, Any] | None = None,
        pref_disable_polling: bool | None = None,
        source: str = ...,
        state: ConfigEntryState | None = None,
        subentries_data: Iterable[ConfigSubentryDataWithId] | None = None,
        title: str = "Mock Title",
        unique_id: str | None = None,
        version: int = 1,
    ) -> None: ...
    def add_to_hass(self, hass: HomeAssistant) -> None: ...
    async def start_reauth_flow(
        self,
        hass: HomeAssistant,
        context: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
    ) -> ConfigFlowResult: ...
    async def start_reconfigure_flow(
        self: ConfigEntry[Any], hass: HomeAssistant
    ) -> ConfigFlowResult: ...
    async def start_subentry_reconfigure_flow(
        self, hass: HomeAssistant, subentry_id: str
    ) -> SubentryFlowResult: ...

def async_fire_time_changed(
    hass: HomeAssistant, datetime_: datetime | None = None, fire_all: bool = False
) -> None: ...
def async_mock_service(
    hass: HomeAssistant,
    domain: str,
    service: str,
    schema: vol.Schema | None = None,
    response: ServiceResponse = None,
    supports_response: SupportsResponse | None = None,
    raise_exception: Exception | None = None,
) -> list[ServiceCall]: ...
async def get_system_health_info(
    hass: HomeAssistant, domain: str
) -> dict[str, Any]: ...
