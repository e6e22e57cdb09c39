"""Which way messages come in, for every mode, option and address; and without one."""

from collections.abc import Awaitable, Callable, Generator
from enum import Enum
import sys
from types import ModuleType
from unittest.mock import AsyncMock, Mock, patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant import components
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest

from tests.common import SARA, Account, Rig, collect
from tests.receiving import (
    LOOK,
    NO_HTTPS,
    POLL,
    hook_urls,
    issues,
    pass_time,
    polls,
    quiet,
    texts,
)

CLOUDHOOK = "https://hooks.nabu.casa/abc"
LOOPBACK = "http://127.0.0.1:8765"
HTTPS = "https://home.example"
CHECK = 50 * 60
CONNECTION = "CLOUD_CONNECTION_STATE"


class Cloud:
    """Home Assistant Cloud, as much of it as ours asks for."""

    def __init__(self, hass: HomeAssistant, create: AsyncMock, delete: AsyncMock):
        """Remember what to look at."""
        self._hass = hass
        self.create = create
        self.delete = delete

    def log_in(self) -> None:
        """Let the cloud be there."""
        self._hass.config.components.add("cloud")


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
    ):
        setattr(module, item.__name__, item)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(components, "cloud", module, raising=False)


@pytest.fixture
def cloud(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> Generator[tuple[Cloud, Mock]]:
    """The cloud's functions; no server of theirs is asked."""
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
        yield Cloud(hass, create, delete), active


async def way_of(
    hass: HomeAssistant, account: Account, freezer: FrozenDateTimeFactory
) -> str:
    """Return the way by what can be seen of it from outside."""
    urls = hook_urls(account)
    account.gateway.requests.clear()
    await pass_time(hass, freezer, POLL)
    if polls(account.gateway):
        assert urls == set()
        return "poll"
    if not urls:
        return "none"
    (url,) = urls
    if url == CLOUDHOOK:
        return "cloudhook"
    assert url.endswith(account.webhook_path)
    return url.removesuffix(account.webhook_path)


MODES = ("local", "private", "cloud")


def row(
    modes: tuple[str, ...],
    receive_mode: str,
    address: str,
    way: str,
    issue: str | None = None,
    cloud: str = "no cloud",
) -> list[object]:
    """Return the cases of one row."""
    return [
        pytest.param(
            mode,
            receive_mode,
            address,
            cloud,
            way,
            {issue} if issue else set(),
            id=f"{mode}-{receive_mode}-{address}-{cloud}",
        )
        for mode in modes
    ]


NO_WAY = "no_https_address"
BOTH = ("local", "private")
TABLE = [
    *row(MODES, "auto", HTTPS, HTTPS),
    *row(BOTH, "auto", HTTPS, HTTPS, cloud="cloud"),
    *row(BOTH, "auto", LOOPBACK, LOOPBACK),
    *row(MODES, "auto", NO_HTTPS, "cloudhook", cloud="cloud"),
    *row(("local",), "auto", NO_HTTPS, "poll"),
    *row(("local",), "auto", NO_HTTPS, "poll", cloud="expired"),
    *row(("private", "cloud"), "auto", NO_HTTPS, "none", NO_WAY),
    *row(("cloud",), "auto", NO_HTTPS, "none", NO_WAY, cloud="expired"),
    *row(BOTH, "webhook", HTTPS, HTTPS),
    *row(BOTH, "webhook", NO_HTTPS, "none", NO_WAY, cloud="cloud"),
    *row(BOTH, "cloudhook", HTTPS, "cloudhook", cloud="cloud"),
    *row(BOTH, "cloudhook", HTTPS, "none", NO_WAY),
    *row(("local",), "cloudhook", HTTPS, "none", NO_WAY, cloud="expired"),
    *row(("local",), "poll", HTTPS, "poll", cloud="cloud"),
    *row(("private",), "poll", HTTPS, "none", NO_WAY, cloud="cloud"),
    *row(MODES, "off", HTTPS, "none", cloud="cloud"),
    *row(("local",), "off", NO_HTTPS, "none"),
]


@pytest.mark.parametrize(
    ("mode", "receive_mode", "address", "has_cloud", "way", "issue"), TABLE
)
async def test_the_way_in(
    hass: HomeAssistant,
    rig: Rig,
    cloud: tuple[Cloud, Mock],
    freezer: FrozenDateTimeFactory,
    mode: str,
    receive_mode: str,
    address: str,
    has_cloud: str,
    way: str,
    issue: set[str],
) -> None:
    """One way at a time, and where there is none the user is told, unless it is off."""
    hass.config.internal_url = address
    there, active = cloud
    if has_cloud != "no cloud":
        there.log_in()
        active.return_value = has_cloud == "cloud"
    account = await rig.add_account(mode=mode, options={"receive_mode": receive_mode})
    assert issues(hass) == issue
    assert await way_of(hass, account, freezer) == way
    await account.send("sending works", SARA)
    await hass.config_entries.async_remove(account.entry.entry_id)
    await quiet(hass)
    assert issues(hass) == set()
    assert hook_urls(account) == set()
    account.gateway.requests.clear()
    await pass_time(hass, freezer, LOOK)
    assert polls(account.gateway) == []


@pytest.mark.parametrize("mode", BOTH)
async def test_the_option_leads_elsewhere(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """A tunnel that only the user knows of."""
    account = await rig.add_account(
        mode=mode, options={"webhook_base_url": "https://tunnel.example:444/ha/"}
    )
    assert await way_of(hass, account, freezer) == "https://tunnel.example:444/ha"


@pytest.mark.parametrize("mode", BOTH)
async def test_switched_off_the_webhooks_go_and_on_they_come_back(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """What the user chooses takes effect by itself."""
    account = await rig.add_account(mode=mode)
    address = hass.config.internal_url
    for receive_mode, way in (("off", "none"), ("webhook", address)):
        hass.config_entries.async_update_entry(
            account.entry, options={"receive_mode": receive_mode}
        )
        await quiet(hass)
        assert await way_of(hass, account, freezer) == way
        assert issues(hass) == set()


@pytest.mark.parametrize("mode", BOTH)
async def test_without_its_address_the_next_way_is_taken_and_back(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    mode: str,
) -> None:
    """An address that goes, comes back, or moves, while everything runs."""
    address = hass.config.internal_url
    account = await rig.add_account(mode=mode)
    await hass.config.async_update(internal_url=NO_HTTPS)
    await quiet(hass)
    if mode == "local":
        assert await way_of(hass, account, freezer) == "poll"
    assert issues(hass) == (set() if mode == "local" else {NO_WAY})
    await hass.config.async_update(internal_url=address)
    await quiet(hass)
    assert await way_of(hass, account, freezer) == address
    assert issues(hass) == set()
    await hass.config.async_update(external_url=HTTPS)
    await quiet(hass)
    assert await way_of(hass, account, freezer) == HTTPS


async def test_the_cloudhook_is_made_once_and_goes_with_the_account(
    hass: HomeAssistant, rig: Rig, cloud: tuple[Cloud, Mock]
) -> None:
    """It is named by the account's own secret."""
    hass.config.internal_url = NO_HTTPS
    cloud[0].log_in()
    account = await rig.add_account()
    secret = account.entry.data["webhook_id"]
    cloud[0].create.assert_awaited_once_with(hass, secret)
    await hass.config_entries.async_remove(account.entry.entry_id)
    cloud[0].delete.assert_awaited_once_with(hass, secret)


@pytest.mark.parametrize("known", [True, False])
async def test_a_cloud_that_forgot_does_not_keep_the_account(
    hass: HomeAssistant, rig: Rig, cloud: tuple[Cloud, Mock], *, known: bool
) -> None:
    """Removing never fails because of the cloud."""
    from homeassistant.components.cloud import CloudNotAvailable

    hass.config.internal_url = NO_HTTPS
    cloud[0].log_in()
    account = await rig.add_account()
    cloud[0].delete.side_effect = CloudNotAvailable if known else ValueError
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert hass.config_entries.async_get_entry(account.entry.entry_id) is None


async def test_a_cloud_that_is_not_connected_yet_is_asked_again(
    hass: HomeAssistant,
    rig: Rig,
    cloud: tuple[Cloud, Mock],
    freezer: FrozenDateTimeFactory,
) -> None:
    """The cloud connects after Home Assistant's start: within the hour it is used."""
    from homeassistant.components.cloud import CloudNotConnected

    hass.config.internal_url = NO_HTTPS
    cloud[0].log_in()
    cloud[0].create.side_effect = CloudNotConnected
    account = await rig.add_account()
    assert hook_urls(account) == set()
    cloud[0].create.side_effect = None
    await pass_time(hass, freezer, CHECK)
    assert hook_urls(account) == {CLOUDHOOK}


async def test_registrations_stay_while_the_cloud_is_not_connected(
    hass: HomeAssistant, rig: Rig, cloud: tuple[Cloud, Mock]
) -> None:
    """A restart without the cloud takes nothing from the phone's list."""
    from homeassistant.components.cloud import CloudNotConnected

    hass.config.internal_url = NO_HTTPS
    cloud[0].log_in()
    account = await rig.add_account()
    assert hook_urls(account) == {CLOUDHOOK}
    cloud[0].create.side_effect = CloudNotConnected
    await hass.config_entries.async_reload(account.entry.entry_id)
    assert hook_urls(account) == {CLOUDHOOK}


@pytest.mark.parametrize("receive_mode", ["auto", "poll"])
async def test_each_local_way_brings_a_message(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, receive_mode: str
) -> None:
    """By webhook at once, by asking after five seconds."""
    account = await rig.add_account(
        mode="local", options={"receive_mode": receive_mode}
    )
    seen = collect(hass)
    account.phone.receive(SARA, "hello")
    while not texts(seen):
        await pass_time(hass, freezer, POLL)
    assert texts(seen) == ["hello"]
