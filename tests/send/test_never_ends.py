"""What asks again and again goes on, also after an error that nobody foresaw."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.receive.inbox import Inbox
from custom_components.sms_gate.receive.registration import Registration
from tests.support.common import Account, Rig
from tests.support.receiving import LOOK, POLL, asked, pass_time, polls

CHECK = 50 * 60


async def broken(*_: object, **__: object) -> None:
    """Fail as no gateway can make it."""
    raise ZeroDivisionError


@pytest.fixture
async def account(rig: Rig, freezer: FrozenDateTimeFactory, mode: str) -> Account:
    """An account in frozen time; a mode with a dash polls."""
    name, _, way = mode.partition("-")
    options = {"receive_mode": way} if way else {}
    return await rig.add_account(mode=name, options=options)


@pytest.mark.parametrize(
    ("mode", "part", "pause"),
    [("local-poll", "_poller", POLL), ("local", "_verifier", LOOK)],
)
async def test_the_inbox_is_looked_at_again(
    hass: HomeAssistant,
    account: Account,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    pause: int,
) -> None:
    """Polls and looks alike."""
    asker = getattr(account.entry.runtime_data.receiving, part)
    with monkeypatch.context() as patched:
        patched.setattr(Inbox, "async_unknown", broken)
        await asker.async_refresh()
    assert isinstance(asker.last_exception, ZeroDivisionError)
    account.gateway.requests.clear()
    await pass_time(hass, freezer, pause)
    assert len(polls(account.gateway)) == 1


@pytest.mark.parametrize("mode", ["private"])
async def test_the_webhooks_are_looked_after_again(
    hass: HomeAssistant,
    account: Account,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within the next hour."""
    with monkeypatch.context() as patched:
        patched.setattr(Registration, "async_ensure", broken)
        await account.entry.runtime_data.receiving._checks.async_refresh()
    account.gateway.requests.clear()
    await pass_time(hass, freezer, CHECK)
    assert len(asked(account.gateway, "GET", "/webhooks")) == 1
