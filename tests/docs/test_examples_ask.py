"""The documentation's example of a question does what its page says."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from harness.until import until
from tests.support.common import SARA, Account
from tests.support.docs_examples import ACCOMPLICE, automation, outbox


@pytest.mark.parametrize(
    ("sender", "text", "closes"),
    [
        pytest.param(SARA, "1", True, id="one"),
        pytest.param(SARA, "Close", True, id="close"),
        pytest.param(SARA, "Close it.", True, id="close it"),
        pytest.param(SARA, "2", False, id="two"),
        pytest.param(SARA, "leave it open", False, id="leave it open"),
    ],
)
async def test_ask(
    hass: HomeAssistant, account: Account, sender: str, text: str, closes: bool
) -> None:
    """After ten minutes Sara is asked, and the garage is closed if she says so."""
    covers = async_mock_service(hass, "cover", "close_cover")
    await automation(hass, "ask")
    hass.states.async_set("cover.garage", "open")
    await account.gateway.settled()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=11))
    await until(lambda: outbox(account))
    account.phone.receive(sender, text)
    await account.settled()
    assert bool(covers) is closes
    assert ACCOMPLICE not in dict(outbox(account))
