"""A phone that joins the account while Home Assistant runs."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from tests.platforms.test_entities import device, phone_event
from tests.support.common import SARA, Account


async def test_a_new_phone_has_device_and_entity_with_its_first_message(
    hass: HomeAssistant, account: Account
) -> None:
    """No restart is needed; what comes next is shown."""
    phone = account.gateway.add_phone("Google/Pixel 9")
    phone.receive(SARA, "first")
    await account.settled()
    service = device(account, account.entry.entry_id)
    assert device(account, phone.id).via_device_id == service.id
    phone.receive(SARA, "second")
    await account.settled()
    assert phone_event(account, phone.id).attributes["message"] == "second"


async def test_the_first_message_of_a_new_phone_is_shown(
    hass: HomeAssistant, account: Account
) -> None:
    """The entity that the first message makes has that message."""
    phone = account.gateway.add_phone("Google/Pixel 9")
    phone.receive(SARA, "first")
    await account.settled()
    assert phone_event(account, phone.id).attributes["message"] == "first"


async def test_a_new_phone_appears_before_it_says_anything(
    hass: HomeAssistant, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    """The gateway's list is asked every few minutes."""
    phone = account.gateway.add_phone("Google/Pixel 9", sims=())
    account.gateway.requests.clear()
    freezer.tick(timedelta(minutes=13))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [item.path for item in account.gateway.requests if "/devices" in item.path]
    assert device(account, phone.id).name == "Google Pixel 9"
