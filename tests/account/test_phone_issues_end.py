"""Notes about phones end with the phone, with the account, and never go astray."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import SARA, Account, Rig, contact
from tests.support.phones import HOUR, MINUTE, delivered, issue_ids, let_pass, ping
from tests.support.receiving import asked, issues, quiet, told
from tests.support.sending import TEXT
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

LOOK = 6 * MINUTE


@pytest.fixture
async def worried(rig: Rig, freezer: FrozenDateTimeFactory) -> Account:
    """An account with two phones, the second of which has a low battery."""
    second = rig.gateway.add_phone("Google/Pixel 9")
    account = await rig.add_account()
    second.battery = 5
    await ping(account, second)
    await let_pass(account, freezer, LOOK)
    assert issues(rig.hass) == {"battery_low"}
    return account


async def test_all_notes_go_with_the_account(
    hass: HomeAssistant, worried: Account
) -> None:
    """Nothing is left of what was told."""
    await hass.config_entries.async_remove(worried.entry.entry_id)
    assert issues(hass) == set()


async def test_notes_of_another_account_stay(
    hass: HomeAssistant, rig: Rig, worried: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Each account takes back its own."""
    async with VirtualGateway(seed=7, username="other") as gateway:
        other = await rig.add_account(gateway=gateway, contacts=())
        other.phone.battery = 5
        await ping(other)
        await let_pass(other, freezer, LOOK)
        assert len(issue_ids(other, "battery_low")) == 2
        await hass.config_entries.async_remove(worried.entry.entry_id)
        (left,) = issue_ids(other, "battery_low")
        assert other.entry.entry_id in left
        await other.phone.stop()


async def test_a_phone_that_left_the_account_raises_nothing(
    hass: HomeAssistant, worried: Account, freezer: FrozenDateTimeFactory
) -> None:
    """What was told of it is taken back, and its silence is nobody's concern."""
    await worried.gateway.remove_phone(worried.gateway.phones[1].id)
    await let_pass(worried, freezer, 12 * MINUTE)
    await let_pass(worried, freezer, LOOK)
    assert issues(hass) == set()
    await let_pass(worried, freezer, 7 * HOUR, step=10 * MINUTE)
    assert issues(hass) == set()


async def test_a_phone_that_left_the_account_is_no_line_in_the_log(
    worried: Account, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """It was removed on purpose; that it is silent surprises nobody."""
    await worried.gateway.remove_phone(worried.gateway.phones[1].id)
    await let_pass(worried, freezer, 12 * MINUTE)
    caplog.clear()
    await let_pass(worried, freezer, 3 * HOUR, step=5 * MINUTE)
    assert told(caplog) == []


async def test_a_phone_that_left_while_the_account_was_not_loaded(
    hass: HomeAssistant, worried: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody would take the note back later."""
    entry_id = worried.entry.entry_id
    assert await hass.config_entries.async_unload(entry_id)
    await worried.gateway.remove_phone(worried.gateway.phones[1].id)
    assert await hass.config_entries.async_setup(entry_id)
    await quiet(hass)
    await let_pass(worried, freezer, 2 * LOOK)
    assert issues(hass) == set()


async def not_reported(
    account: Account, freezer: FrozenDateTimeFactory, count: int
) -> None:
    """Send messages whose outcome has to be asked for."""
    for number in range(count):
        await account.send(TEXT, SARA, message_id=f"{account.entry.title}-{number}")
        await let_pass(account, freezer, 6, step=1)
        await let_pass(account, freezer, 2 * MINUTE)


async def test_three_outcomes_in_a_row_that_had_to_be_asked_for(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """Two may be chance. One webhook that arrives takes it back."""
    account = await rig.add_account(contacts=(contact("Sara", SARA),))
    hooks = dict(account.gateway.account_webhooks)
    account.gateway.account_webhooks.clear()
    await not_reported(account, freezer, 2)
    await let_pass(account, freezer, LOOK)
    assert issues(hass) == set()
    await account.send(TEXT, SARA, message_id="the third")
    await let_pass(account, freezer, 6, step=1)
    await let_pass(account, freezer, 2 * MINUTE + LOOK)
    assert issues(hass) == {"webhooks_missing"}
    account.gateway.account_webhooks.update(hooks)
    account.phone.receive(SARA, "hello")
    await delivered(account)
    await let_pass(account, freezer, LOOK)
    assert issues(hass) == set()


async def test_webhooks_in_between_make_no_row(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """Some reports are lost on the way; others come."""
    account = await rig.add_account()
    hooks = dict(account.gateway.account_webhooks)
    for number in range(4):
        account.gateway.account_webhooks.clear()
        await account.send(TEXT, SARA, message_id=f"number {number}")
        await let_pass(account, freezer, 6, step=1)
        await let_pass(account, freezer, 2 * MINUTE)
        account.gateway.account_webhooks.update(hooks)
        if number % 2:
            await ping(account)
    await let_pass(account, freezer, LOOK)
    assert issues(hass) == set()


async def test_looks_at_a_message_that_nothing_happened_to_make_no_row(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """A recipient's phone that is off is no fault of webhooks."""
    account = await rig.add_account()
    account.phone.outcomes[SARA] = "sent"
    await account.send(TEXT, SARA, message_id="undelivered")
    await let_pass(account, freezer, 6, step=1)
    await delivered(account)
    rig.gateway.requests.clear()
    await let_pass(account, freezer, HOUR, step=5 * MINUTE)
    assert len(asked(rig.gateway, "GET", "/messages/undelivered")) >= 3
    assert issues(hass) == set()


async def test_a_server_that_is_away_for_long_is_no_silent_phone(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody can say how the phone is; the account itself tells of its server."""
    account = await rig.add_account()
    rig.gateway.faults["status"] = Fault(value=500, path="3rdparty")
    await let_pass(account, freezer, 8 * HOUR, step=5 * MINUTE)
    assert issues(hass) == set()


@pytest.mark.parametrize(
    ("mode", "receive_mode"), [("local", "auto"), ("local", "poll"), ("private", "off")]
)
async def test_nobody_is_told_of_webhooks_where_none_are_expected(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    mode: str,
    receive_mode: str,
) -> None:
    """A local phone's webhooks are watched otherwise; who only sends has none."""
    account = await rig.add_account(mode=mode, options={"receive_mode": receive_mode})
    account.phone.webhooks.clear()
    await not_reported(account, freezer, 4)
    await let_pass(account, freezer, LOOK)
    assert issues(hass) == set()
