"""What a person is told about a phone, and when it is taken back."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.sms_gate.account.phone_issues import CONCERNS as ALL
from custom_components.sms_gate.const import DOMAIN
from tests.support.common import Account, Rig
from tests.support.phones import (
    HOUR,
    MINUTE,
    WAYS,
    id_of,
    issue_ids,
    let_pass,
    ping,
    ping_for,
    state_of,
)
from tests.support.receiving import issues, lead_webhooks_here
from virtual_gateway.faults import Fault

LOOK = 6 * MINUTE
CONCERNS = {concern.kind.value for concern in ALL}


@pytest.fixture
async def frozen(rig: Rig, freezer: FrozenDateTimeFactory) -> Account:
    """A private account in frozen time."""
    return await rig.add_account()


async def add(rig: Rig, way: str) -> Account:
    """Set an account up that receives in one of the ways."""
    mode, receive_mode = WAYS[way]
    account = await rig.add_account(mode=mode, options={"receive_mode": receive_mode})
    if receive_mode == "poll":
        lead_webhooks_here(account)
    return account


def concerns(hass: HomeAssistant) -> set[Any]:
    """Return what is raised about phones."""
    return issues(hass) & CONCERNS


@pytest.mark.parametrize("way", list(WAYS))
async def test_a_phone_that_is_silent_for_six_hours(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, way: str
) -> None:
    """Not before, in every mode; it is deleted as soon as the phone is back online."""
    account = await add(rig, way)
    account.phone.online = False
    if account.entry.data["mode"] == "local":
        account.gateway.faults["reset"] = Fault(path="^/")
    await let_pass(account, freezer, 6 * HOUR - LOOK, step=10 * MINUTE)
    assert concerns(hass) == set()
    await let_pass(account, freezer, 2 * LOOK)
    assert concerns(hass) == {"phone_offline"}
    account.gateway.faults.clear()
    account.phone.online = True
    await let_pass(account, freezer, 3 * LOOK)
    assert concerns(hass) == set()


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize(
    ("battery", "charging", "is_low"),
    [
        pytest.param(16, False, False, id="enough"),
        pytest.param(15, False, True, id="low"),
        pytest.param(3, True, False, id="low but charging"),
        pytest.param(3, "usb", False, id="low but charging slowly"),
    ],
)
async def test_a_battery_that_runs_empty(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    way: str,
    battery: int,
    charging: bool | str,
    is_low: bool,
) -> None:
    """Only while nothing charges it; once the charger is in, the note goes."""
    account = await add(rig, way)
    account.phone.battery, account.phone.charging = battery, charging
    await ping(account)
    await let_pass(account, freezer, LOOK)
    assert concerns(hass) == ({"battery_low"} if is_low else set())
    account.phone.charging = True
    await ping(account)
    await let_pass(account, freezer, LOOK)
    assert concerns(hass) == set()


async def test_a_phone_that_tells_nothing_of_its_battery(
    hass: HomeAssistant, frozen: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Without a ping nothing is known, so nothing is said."""
    frozen.phone.battery = 1
    await let_pass(frozen, freezer, LOOK)
    assert concerns(hass) == set()


async def test_pings_that_stay_away_while_the_server_hears_of_the_phone(
    hass: HomeAssistant, frozen: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Told after two beats and the phone's own pace; the next ping takes it back."""
    await ping_for(frozen, freezer, 50 * MINUTE, every=10 * MINUTE)
    hooks = dict(frozen.gateway.account_webhooks)
    frozen.gateway.account_webhooks.clear()
    await let_pass(frozen, freezer, 28 * MINUTE, step=2 * MINUTE)
    assert concerns(hass) == set()
    await let_pass(frozen, freezer, 20 * MINUTE)
    # The webhooks were registered anew after 50 minutes at the latest, or never went
    assert state_of(frozen).online is True
    assert concerns(hass) == {"webhooks_missing"}
    frozen.gateway.account_webhooks.update(hooks)
    await ping(frozen)
    await let_pass(frozen, freezer, LOOK)
    assert concerns(hass) == set()


async def test_a_phone_that_is_away_is_not_told_to_be_there(
    hass: HomeAssistant, frozen: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Neither pings nor the server's word: that is silence, not a wrong address."""
    await ping_for(frozen, freezer, 40 * MINUTE, every=10 * MINUTE)
    frozen.phone.online = False
    await let_pass(frozen, freezer, 5 * HOUR, step=5 * MINUTE)
    assert concerns(hass) == set()


async def test_two_phones_of_an_account_have_notes_of_their_own(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """Named as a person calls them; neither of their ids is in the notes."""
    second = rig.gateway.add_phone("Google/Pixel 9")
    account = await rig.add_account(title="Home")
    for phone in rig.gateway.phones:
        phone.battery = 5
        await ping(account, phone)
    await let_pass(account, freezer, LOOK)
    found = [
        ir.async_get(hass).issues[DOMAIN, issue_id]
        for issue_id in issue_ids(account, "battery_low")
    ]
    assert [dict(issue.translation_placeholders or {}) for issue in found] == [
        {"account": "Home", "phone": "Samsung a16"},
        {"account": "Home", "phone": "Google Pixel 9"},
    ]
    for issue in found:
        assert not issue.is_fixable
        for phone in rig.gateway.phones:
            assert id_of(account, phone) not in str(issue)
    second.charging = True
    await ping(account, second)
    await let_pass(account, freezer, LOOK)
    assert len(issue_ids(account, "battery_low")) == 1
