"""What push brought stays; what is asked for goes with the gateway, and comes back."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from tests.support.common import SARA, Account, Rig
from tests.support.phones import (
    HOUR,
    MINUTE,
    delivered,
    let_pass,
    online,
    ping,
    shown,
    state_of,
)
from virtual_gateway import VirtualPhone
from virtual_gateway.faults import Fault


@pytest.fixture
async def second(rig: Rig) -> VirtualPhone:
    """A second phone, of which no webhook comes."""
    return rig.gateway.add_phone("Google/Pixel 9")


@pytest.fixture
async def frozen(
    rig: Rig, second: VirtualPhone, freezer: FrozenDateTimeFactory
) -> Account:
    """A private account with two phones, in frozen time; the first one pinged."""
    account = await rig.add_account()
    await ping(account)
    return account


def states(account: Account, phone: VirtualPhone) -> set[str]:
    """Return the states of a phone's entities, but "online", which is about this."""
    device_id = account.entry.runtime_data.account.phones.device_id(phone.id)
    registry = er.async_get(account.hass)
    found = er.async_entries_for_device(registry, device_id)
    states = [account.hass.states.get(it.entity_id) for it in found]
    return {
        it.state
        for it in states
        if it and not it.entity_id.startswith("event") and "online" not in it.entity_id
    }


async def test_a_gateway_that_is_away_takes_what_it_was_asked_for(
    hass: HomeAssistant,
    frozen: Account,
    second: VirtualPhone,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The phone that pushed shows what it said; the other one shows nothing."""
    assert "unavailable" not in states(frozen, second)
    frozen.gateway.faults["status"] = Fault(value=500, path="3rdparty")
    await let_pass(frozen, freezer, 11 * MINUTE)
    assert "unavailable" not in states(frozen, frozen.phone)
    assert shown(frozen, "battery").state == "87"
    assert states(frozen, second) == {"unavailable"}
    await let_pass(frozen, freezer, HOUR, step=5 * MINUTE)
    assert shown(frozen, "battery").state == "87"
    assert online(frozen) == "unknown"  # nobody can say, and nobody is blamed
    frozen.gateway.faults.clear()
    await let_pass(frozen, freezer, 11 * MINUTE)
    assert "unavailable" not in states(frozen, second)
    assert online(frozen, second) == online(frozen) == "on"


async def test_any_webhook_is_a_push(
    frozen: Account, second: VirtualPhone, freezer: FrozenDateTimeFactory
) -> None:
    """A message says as much as a ping that the phone finds its way here."""
    second.receive(SARA, "hello")
    await delivered(frozen, second)
    frozen.gateway.faults["status"] = Fault(value=500, path="3rdparty")
    await let_pass(frozen, freezer, 11 * MINUTE)
    assert "unavailable" not in states(frozen, second)


async def test_a_message_that_was_polled_is_no_push(
    rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """It was asked for: it goes with the phone's answers."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    account.phone.receive(SARA, "hello")
    await let_pass(account, freezer, MINUTE, step=10)
    assert state_of(account).last_contact
    account.gateway.faults["reset"] = Fault(path="^/")
    await let_pass(account, freezer, 11 * MINUTE)
    assert states(account, account.phone) == {"unavailable"}
    assert online(account) == "off"


async def test_a_phone_that_left_the_account_shows_nothing(
    frozen: Account, second: VirtualPhone, freezer: FrozenDateTimeFactory
) -> None:
    """Its device stays until a person removes it."""
    await frozen.gateway.remove_phone(second.id)
    await let_pass(frozen, freezer, 12 * MINUTE)
    assert states(frozen, second) == {"unavailable"}
    assert "unavailable" not in states(frozen, frozen.phone)
