"""Which way messages come in, for every mode, option and address; and without one."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.cloud import CLOUDHOOK, Cloud, cloud
from tests.support.common import SARA, Account, Rig, collect
from tests.support.receiving import (
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

LOOPBACK = "http://127.0.0.1:8765"
HTTPS = "https://home.example"
CHECK = 50 * 60

__all__ = ["cloud"]


async def way_of(
    hass: HomeAssistant, account: Account, freezer: FrozenDateTimeFactory
) -> str:
    """Return the way by what can be seen of it from outside."""
    urls = hook_urls(account)
    await quiet(hass)  # a server is asked once whether it has an inbox
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
    subscription: str = "no cloud",
) -> list[object]:
    """Return the cases of one row."""
    return [
        pytest.param(
            mode,
            receive_mode,
            address,
            subscription,
            way,
            {issue} if issue else set(),
            id=f"{mode}-{receive_mode}-{address}-{subscription}",
        )
        for mode in modes
    ]


NO_WAY = "no_https_address"
BOTH = ("local", "private")
TABLE = [
    *row(MODES, "auto", HTTPS, HTTPS),
    *row(BOTH, "auto", HTTPS, HTTPS, subscription="cloud"),
    *row(BOTH, "auto", LOOPBACK, LOOPBACK),
    *row(MODES, "auto", NO_HTTPS, "cloudhook", subscription="cloud"),
    *row(("local",), "auto", NO_HTTPS, "poll"),
    *row(("local",), "auto", NO_HTTPS, "poll", subscription="expired"),
    *row(("private", "cloud"), "auto", NO_HTTPS, "none", NO_WAY),
    *row(("cloud",), "auto", NO_HTTPS, "none", NO_WAY, subscription="expired"),
    *row(BOTH, "webhook", HTTPS, HTTPS),
    *row(BOTH, "webhook", NO_HTTPS, "none", NO_WAY, subscription="cloud"),
    *row(BOTH, "cloudhook", HTTPS, "cloudhook", subscription="cloud"),
    *row(BOTH, "cloudhook", HTTPS, "none", NO_WAY),
    *row(("local",), "cloudhook", HTTPS, "none", NO_WAY, subscription="expired"),
    *row(("local",), "poll", HTTPS, "poll", subscription="cloud"),
    *row(("private",), "poll", HTTPS, "none", NO_WAY, subscription="cloud"),
    *row(MODES, "off", HTTPS, "none", subscription="cloud"),
    *row(("local",), "off", NO_HTTPS, "none"),
]


@pytest.mark.parametrize(
    ("mode", "receive_mode", "address", "has_cloud", "way", "issue"), TABLE
)
async def test_the_receive_mode(
    hass: HomeAssistant,
    rig: Rig,
    cloud: Cloud,
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
    if has_cloud != "no cloud":
        cloud.log_in()
        cloud.active.return_value = has_cloud == "cloud"
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
    hass: HomeAssistant, rig: Rig, cloud: Cloud
) -> None:
    """It is named by the account's own secret."""
    hass.config.internal_url = NO_HTTPS
    cloud.log_in()
    account = await rig.add_account()
    secret = account.entry.data["webhook_id"]
    cloud.create.assert_awaited_once_with(hass, secret)
    await hass.config_entries.async_remove(account.entry.entry_id)
    cloud.delete.assert_awaited_once_with(hass, secret)


@pytest.mark.parametrize("known", [True, False])
async def test_a_cloud_that_forgot_does_not_keep_the_account(
    hass: HomeAssistant, rig: Rig, cloud: Cloud, *, known: bool
) -> None:
    """Removing never fails because of the cloud."""
    from homeassistant.components.cloud import CloudNotAvailable

    hass.config.internal_url = NO_HTTPS
    cloud.log_in()
    account = await rig.add_account()
    cloud.delete.side_effect = CloudNotAvailable if known else ValueError
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert hass.config_entries.async_get_entry(account.entry.entry_id) is None


async def test_a_cloud_that_is_not_connected_yet_is_asked_again(
    hass: HomeAssistant,
    rig: Rig,
    cloud: Cloud,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The cloud connects after Home Assistant's start: within the hour it is used."""
    hass.config.internal_url = NO_HTTPS
    cloud.log_in()
    cloud.lose()
    account = await rig.add_account()
    assert hook_urls(account) == set()
    cloud.create.side_effect = None
    await pass_time(hass, freezer, CHECK)
    assert hook_urls(account) == {CLOUDHOOK}


async def test_registrations_stay_while_the_cloud_is_not_connected(
    hass: HomeAssistant, rig: Rig, cloud: Cloud
) -> None:
    """A restart without the cloud takes nothing from the phone's list."""
    hass.config.internal_url = NO_HTTPS
    cloud.log_in()
    account = await rig.add_account()
    assert hook_urls(account) == {CLOUDHOOK}
    cloud.lose()
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
