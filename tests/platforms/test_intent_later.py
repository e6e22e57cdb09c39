"""Assist may come later than the account, or never."""

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from tests.platforms.test_intent import (
    HANDED_OVER,
    OFFERED,
    SENTENCE,
    is_registered,
    say,
)
from tests.support.common import Rig
from tests.support.sending import posts


async def test_conversations_that_come_later_are_listened_to(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Once, though the account was set up three times before."""
    account = await rig.add_account(options=OFFERED)
    for _ in range(2):
        assert await hass.config_entries.async_reload(account.entry.entry_id)
    assert "conversation" not in hass.config.components
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    await hass.async_block_till_done()
    assert (await say(hass, SENTENCE))[0] == HANDED_OVER
    assert len(posts(account.gateway)) == 1


async def test_an_account_that_left_before_conversations_came_is_not_heard(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Nothing stays behind."""
    account = await rig.add_account(options=OFFERED)
    assert is_registered(hass)
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    await hass.async_block_till_done()
    assert not is_registered(hass)
    assert (await say(hass, SENTENCE))[1] == "error"
    assert posts(account.gateway) == []
