"""A phone that does not answer: asked less often, told once, and nothing is lost."""

import logging
import time

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import SARA, Account, Collected, Rig, collect
from tests.support.receiving import POLL, pass_time, polls, quiet, texts, told
from virtual_gateway.faults import Fault

DAY = 24 * 3600
LONGEST = 60

AWAY = [
    pytest.param("reset", None, id="resets"),
    pytest.param("drop_response", None, id="drops"),
    pytest.param("status", 500, id="fails"),
    pytest.param("status", 401, id="password changed"),
    pytest.param("status", 404, id="is another device"),
]


@pytest.fixture
async def phone_account(rig: Rig, freezer: FrozenDateTimeFactory) -> Account:
    """An account that asks its phone, in frozen time."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    rig.gateway.requests.clear()
    return account


@pytest.fixture
def seen(hass: HomeAssistant, phone_account: Account) -> Collected:
    """What comes on the bus."""
    return collect(hass)


@pytest.mark.parametrize(("fault", "value"), AWAY)
async def test_away_and_back_is_one_line_each_and_nothing_is_lost(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    value: float | None,
) -> None:
    """Asked after 5, 10, 20, 40 and then every 60 seconds, and at once every 5 again."""
    caplog.set_level(logging.INFO)
    gateway = phone_account.gateway
    phone_account.phone.receive(SARA, "before")
    await pass_time(hass, freezer, POLL)
    gateway.faults[fault] = Fault(value=value, path="^/inbox")
    phone_account.phone.receive(SARA, "meanwhile")
    caplog.clear()
    counts = []
    for pause in (POLL, 10, 20, 40, LONGEST, LONGEST):
        gateway.requests.clear()
        await pass_time(hass, freezer, pause - 2)  # coordinators keep whole seconds
        assert polls(gateway) == []
        await pass_time(hass, freezer, 2)
        # The client itself tries a second time where a connection was cut
        counts.append(len({item.at // 1 for item in polls(gateway)}))
    assert counts == [1] * 6
    assert told(caplog) == ["ERROR"]
    assert texts(seen) == ["before"]

    gateway.faults.clear()
    await pass_time(hass, freezer, LONGEST)
    assert texts(seen) == ["before", "meanwhile"]
    assert seen.data("sms_received")[1]["late"] is True
    assert told(caplog) == ["ERROR", "INFO"]
    phone_account.phone.receive(SARA, "after")
    await pass_time(hass, freezer, POLL)
    assert texts(seen)[2:] == ["after"]
    assert seen.data("sms_received")[2]["late"] is False
    assert told(caplog) == ["ERROR", "INFO"]
    assert SARA not in caplog.text


async def test_what_came_in_days_of_absence_fires(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A phone left at home, out of reach, while its owner is on a journey."""
    await pass_time(hass, freezer, POLL)
    phone_account.gateway.faults["reset"] = Fault(path="^/")
    for day in range(5):
        phone_account.phone.receive(SARA, f"day {day}")
        await pass_time(hass, freezer, DAY)
    phone_account.gateway.faults.clear()
    for _ in range(2):
        await pass_time(hass, freezer, LONGEST)
    assert texts(seen) == [f"day {day}" for day in range(5)]


async def test_what_came_in_days_of_absence_survives_a_restart(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Home Assistant was alive all the time, but it did not hear the phone."""
    await pass_time(hass, freezer, POLL)
    phone_account.gateway.faults["reset"] = Fault(path="^/")
    for day in range(5):
        phone_account.phone.receive(SARA, f"day {day}")
        await pass_time(hass, freezer, DAY)
    assert await hass.config_entries.async_unload(phone_account.entry.entry_id)
    phone_account.gateway.faults.clear()
    assert await hass.config_entries.async_setup(phone_account.entry.entry_id)
    await pass_time(hass, freezer, LONGEST)
    assert texts(seen) == [f"day {day}" for day in range(5)]


async def test_a_page_that_fails_in_the_middle_loses_and_doubles_nothing(
    hass: HomeAssistant,
    phone_account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The first page came, the second did not."""
    start = int(time.time())
    freezer.tick(100)
    for number in range(100):
        phone_account.phone.receive(SARA, f"{number}", at=start + number)

    class Second(Fault):
        """Strikes at the second request."""

        def strikes(self, path: str) -> bool:
            """Count the requests for the inbox."""
            self.hits += path == "/inbox"
            return self.hits == 2

    phone_account.gateway.faults["status"] = Second(value=500)
    for _ in range(3):
        await pass_time(hass, freezer, 2 * POLL)
    assert texts(seen) == [f"{number}" for number in range(100)]


async def test_after_unloading_nothing_is_asked(
    hass: HomeAssistant, phone_account: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Neither now nor later, also where the phone was away."""
    phone_account.gateway.faults["reset"] = Fault(path="^/inbox")
    await pass_time(hass, freezer, POLL)
    await hass.config_entries.async_unload(phone_account.entry.entry_id)
    phone_account.gateway.faults.clear()
    phone_account.gateway.requests.clear()
    for _ in range(3):
        await pass_time(hass, freezer, 300)
    assert phone_account.gateway.requests == []
    assert DOMAIN in hass.config.components


@pytest.mark.parametrize("chosen", ["auto", "poll"])
async def test_what_came_while_receiving_was_off_is_not_news(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, chosen: str
) -> None:
    """Who switches receiving on is not flooded with the last two days."""
    account = await rig.add_account(mode="local", options={"receive_mode": "off"})
    seen = collect(hass)
    for number in range(3):
        account.phone.receive(SARA, f"off {number}", at=time.time() - 3600)
    await pass_time(hass, freezer, 300)
    hass.config_entries.async_update_entry(
        account.entry, options={"receive_mode": chosen}
    )
    await quiet(hass)
    await pass_time(hass, freezer, POLL)
    assert seen.events == []
