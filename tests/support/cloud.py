"""Home Assistant Cloud, stood in for: no server of theirs is asked."""

from collections.abc import Awaitable, Callable, Generator
from enum import Enum
import sys
from types import ModuleType
from unittest.mock import AsyncMock, Mock, patch

from homeassistant import components
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import (
    async_dispatcher_connect,
    async_dispatcher_send,
)
import pytest

CLOUDHOOK = "https://hooks.nabu.casa/abc"
CONNECTION = "CLOUD_CONNECTION_STATE"


class Cloud:
    """Home Assistant Cloud, as much of it as ours asks for."""

    def __init__(
        self, hass: HomeAssistant, active: Mock, create: AsyncMock, delete: AsyncMock
    ) -> None:
        """Remember what to look at; nobody is logged in yet."""
        self._hass = hass
        self.active = active
        self.create = create
        self.delete = delete

    def log_in(self) -> None:
        """Let the cloud be there."""
        self._hass.config.components.add("cloud")

    def lead_here(self) -> None:
        """Let cloudhooks end in the webhook component over a real socket.

        The cloud itself hands them over without one, to the same handler.
        """

        async def create(hass: HomeAssistant, webhook_id: str) -> str:
            return f"{hass.config.internal_url}/api/webhook/{webhook_id}"

        self.create.side_effect = create

    def lose(self) -> None:
        """Let the cloud not be connected."""
        from homeassistant.components.cloud import CloudNotConnected

        self.create.side_effect = CloudNotConnected

    def connect(self) -> None:
        """Let the cloud get connected, and say so."""
        from homeassistant.components.cloud import CloudConnectionState

        self.create.side_effect = None
        connected = CloudConnectionState.CLOUD_CONNECTED
        async_dispatcher_send(self._hass, CONNECTION, connected)


def _stand_in(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put what the integration asks of the cloud in its place.

    The real module imports cameras and voices, whose libraries machines that test
    need not have. Names and arguments are its own.
    """

    class CloudNotAvailable(HomeAssistantError):  # noqa: N818
        pass

    class CloudNotConnected(CloudNotAvailable):
        pass

    def async_active_subscription(hass: HomeAssistant) -> bool:
        raise NotImplementedError

    async def async_get_or_create_cloudhook(
        hass: HomeAssistant, webhook_id: str
    ) -> str:
        raise NotImplementedError

    async def async_delete_cloudhook(hass: HomeAssistant, webhook_id: str) -> None:
        raise NotImplementedError

    def async_remote_ui_url(hass: HomeAssistant) -> str:
        raise CloudNotAvailable

    def async_remote_ui_urls(hass: HomeAssistant) -> list[str]:
        """Home Assistant 2026.11 asks for several."""
        raise CloudNotAvailable

    class CloudConnectionState(Enum):
        CLOUD_CONNECTED = "cloud_connected"
        CLOUD_DISCONNECTED = "cloud_disconnected"

    def async_listen_connection_change(
        hass: HomeAssistant,
        target: Callable[[CloudConnectionState], Awaitable[None] | None],
    ) -> Callable[[], None]:
        return async_dispatcher_connect(hass, CONNECTION, target)

    module = ModuleType(name)
    for item in (
        CloudConnectionState,
        async_listen_connection_change,
        CloudNotAvailable,
        CloudNotConnected,
        async_active_subscription,
        async_get_or_create_cloudhook,
        async_delete_cloudhook,
        async_remote_ui_url,
        async_remote_ui_urls,
    ):
        setattr(module, item.__name__, item)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(components, "cloud", module, raising=False)


@pytest.fixture
def cloud(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Generator[Cloud]:
    """The cloud's functions, as the integration calls them."""
    name = "homeassistant.components.cloud"
    if name not in sys.modules:
        _stand_in(name, monkeypatch)
    with (
        patch(f"{name}.async_active_subscription", autospec=True) as active,
        patch(f"{name}.async_get_or_create_cloudhook", autospec=True) as create,
        patch(f"{name}.async_delete_cloudhook", autospec=True) as delete,
    ):
        active.return_value = True
        create.return_value = CLOUDHOOK
        yield Cloud(hass, active, create, delete)
