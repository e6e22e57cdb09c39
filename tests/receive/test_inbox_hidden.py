"""Messages that neither the newest page nor the number of messages shows."""

import time

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import SARA, Account, Collected, Rig, collect
from tests.support.receiving import POLL, pass_time, polls, texts
from virtual_gateway.answers import answer
from virtual_gateway.phone import api_inbox

HOUR = 3600
HALF_AN_HOUR = 1800
LIGHT = 20


@pytest.fixture
async def account(rig: Rig, freezer: FrozenDateTimeFactory) -> Account:
    """An account that polls, in frozen time."""
    return await rig.add_account(mode="local", options={"receive_mode": "poll"})


@pytest.fixture
def seen(hass: HomeAssistant, account: Account) -> Collected:
    """What comes on the bus."""
    return collect(hass)


async def fill(account: Account, freezer: FrozenDateTimeFactory, count: int) -> None:
    """Let so many messages come in, and be fetched."""
    begin = int(time.time()) - count
    for number in range(count):
        account.phone.receive(SARA, f"{number}", at=begin + number)
    await pass_time(account.hass, freezer, POLL)


@pytest.mark.parametrize("deleted", [1, 3])
@pytest.mark.parametrize("count", [21, 60, 450])
async def test_a_late_message_in_the_place_of_a_deleted_one_fires(
    hass: HomeAssistant,
    account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    count: int,
    deleted: int,
) -> None:
    """The number of messages is the same, and the new one is below the first page."""
    await fill(account, freezer, count)
    inbox = account.phone.inbox.messages
    for oldest in list(inbox)[:deleted]:
        del inbox[oldest]
    for number in range(deleted):
        account.phone.receive(SARA, f"late {number}", at=time.time() - HOUR + number)
    await pass_time(hass, freezer, HALF_AN_HOUR)
    assert texts(seen)[count:] == [f"late {number}" for number in range(deleted)]
    account.gateway.requests.clear()
    await pass_time(hass, freezer, POLL)
    (request,) = polls(account.gateway)
    assert int(request.query["limit"]) == LIGHT


@pytest.mark.parametrize("count", [0, 19, 20, 21, 220, 221, 450])
async def test_without_a_number_of_messages_a_late_one_fires(
    hass: HomeAssistant,
    account: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
) -> None:
    """Something in between removes the header; then all pages are read."""
    monkeypatch.setattr(api_inbox, "answer", lambda shown, **_: answer(shown))
    await hass.config_entries.async_reload(account.entry.entry_id)
    await fill(account, freezer, count)
    assert texts(seen) == [f"{number}" for number in range(count)]
    account.phone.receive(SARA, "late", at=time.time() - HOUR)
    await pass_time(hass, freezer, POLL)
    assert texts(seen)[count:] == ["late"]
