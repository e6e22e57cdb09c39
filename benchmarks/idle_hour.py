"""Counts what an account asks its gateway in an idle hour; asking.py runs it by pytest.

Home Assistant runs in frozen time, its requests go over real sockets. A phone of a
server checks in every quarter of an hour, as the app does; nothing is sent or received.
"""

from collections import Counter
import json

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import Rig
from tests.support.receiving import pass_time, quiet

HOUR = 3600
STEP = 5
CHECK_IN = 900


@pytest.mark.parametrize("mode", ["private", "local"])
async def test_an_idle_hour(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """Print the requests by what was asked; the first hour after the start is over."""
    await rig.add_account(mode=mode)
    for hour in range(2):
        rig.gateway.requests.clear()
        for second in range(0, HOUR, STEP):
            if second % CHECK_IN == 0:
                rig.gateway.phones[0].seen()
            await pass_time(hass, freezer, STEP - 0.1)
        await quiet(hass)
        asked = Counter(f"{item.method} {item.path}" for item in rig.gateway.requests)
        if hour:
            print("\n" + json.dumps({"mode": mode, "requests": asked}))
