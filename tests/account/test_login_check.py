"""When a refused login is asked for: not for an unhealthy server, nor for a proxy."""

from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.support.common import SARA, Account, Rig
from tests.support.phones import MINUTE, let_pass
from tests.support.receiving import quiet
from tests.support.sending import TEXT, on_the_phone, short_waits
from virtual_gateway import web as virtual_web
from virtual_gateway.faults import Fault

SERVERS = ["private", "cloud"]


def logins_asked(hass: HomeAssistant) -> list[str]:
    """Return what the open flows ask for."""
    return [
        flow["context"]["source"] for flow in hass.config_entries.flow.async_progress()
    ]


@pytest.mark.parametrize("mode", SERVERS)
@pytest.mark.parametrize("login_cached", [False, True], ids=["401", "500"])
async def test_set_up_is_tried_again_until_the_server_is_healthy(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    mode: str,
    login_cached: bool,
) -> None:
    """Nobody is asked for a password that is right."""
    rig.gateway.server_healthy = False
    rig.gateway.login_cached = login_cached
    account = await rig.add_account(mode=mode, state=ConfigEntryState.SETUP_RETRY)
    if not login_cached:
        assert account.entry.error_reason_translation_key == "server_unhealthy"
    assert logins_asked(hass) == []
    rig.gateway.server_healthy = True
    await let_pass(account, freezer, 2 * MINUTE)
    assert account.entry.state is ConfigEntryState.LOADED
    assert logins_asked(hass) == []


@pytest.mark.parametrize("mode", SERVERS)
async def test_an_outage_while_it_runs_asks_for_no_password(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """The account recovers by itself."""
    account = await rig.add_account(mode=mode)
    coordinator = account.entry.runtime_data.coordinator
    rig.gateway.server_healthy = False
    await let_pass(account, freezer, 70 * MINUTE, step=5 * MINUTE)
    assert not coordinator.last_update_success
    assert account.entry.state is ConfigEntryState.LOADED
    assert logins_asked(hass) == []
    rig.gateway.server_healthy = True
    await let_pass(account, freezer, 15 * MINUTE, step=5 * MINUTE)
    assert coordinator.last_update_success
    assert logins_asked(hass) == []


@pytest.mark.parametrize("mode", [*SERVERS, "local"])
async def test_a_wrong_password_is_asked_for_at_set_up(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """The server is healthy, so what it says is so."""
    await rig.add_account(
        mode=mode, data={"password": "old"}, state=ConfigEntryState.SETUP_ERROR
    )
    assert logins_asked(hass) == ["reauth"]


@pytest.mark.parametrize("mode", SERVERS)
async def test_a_password_changed_at_the_server_is_asked_for(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """At the next poll."""
    account = await rig.add_account(mode=mode)
    rig.gateway.password = "new"
    await let_pass(account, freezer, 12 * MINUTE, step=6 * MINUTE)
    assert logins_asked(hass) == ["reauth"]


async def test_a_local_phone_with_an_empty_battery_can_refuse_a_password(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Its health says "fail" for that, and still knows the password."""
    rig.gateway.phones[0].battery = 1
    await rig.add_account(
        mode="local", data={"password": "old"}, state=ConfigEntryState.SETUP_ERROR
    )
    assert logins_asked(hass) == ["reauth"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": Fault(value=404, path="/health$")}, id="none"),
        pytest.param({"reset": Fault(path="/health$")}, id="no answer"),
    ],
)
async def test_without_a_health_the_refusal_is_believed(
    hass: HomeAssistant, rig: Rig, fault: dict[str, Fault]
) -> None:
    """A proxy may keep it away."""
    rig.gateway.faults.update(fault)
    await rig.add_account(data={"password": "old"}, state=ConfigEntryState.SETUP_ERROR)
    assert logins_asked(hass) == ["reauth"]


type Action = Callable[[Account], Coroutine[Any, Any, Any]]


async def _look_up(account: Account) -> Any:
    return await account.hass.services.async_call(
        "sms_gate",
        "get_message",
        {"message_id": "one"},
        blocking=True,
        return_response=True,
    )


async def _send(account: Account) -> Any:
    return await account.send(TEXT, SARA, message_id="two")


@pytest.mark.parametrize("act", [_send, _look_up], ids=["send", "look up"])
async def test_an_action_during_an_outage_asks_for_no_password(
    hass: HomeAssistant, account: Account, monkeypatch: pytest.MonkeyPatch, act: Action
) -> None:
    """It fails; an unhealthy server's word is no reason to ask a person."""
    short_waits(monkeypatch)
    account.gateway.server_healthy = False
    with pytest.raises(HomeAssistantError):
        await act(account)
    await quiet(hass)
    assert on_the_phone(account) == {}
    assert logins_asked(hass) == []


async def test_a_database_that_goes_during_set_up_asks_for_no_password(
    hass: HomeAssistant, rig: Rig
) -> None:
    """The list of phones was still answered, the list of webhooks is not."""

    class Down(Fault):
        """Also takes the health away."""

        def strikes(self, path: str) -> bool:
            """From the first request for webhooks on."""
            rig.gateway.server_healthy &= not path.endswith("/webhooks")
            return False

    rig.gateway.faults["reset"] = Down()
    await rig.add_account(state=ConfigEntryState.SETUP_RETRY)
    assert logins_asked(hass) == []


@pytest.mark.parametrize("mode", SERVERS)
async def test_polling_goes_on_after_a_refusal(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """The login is asked for; once the old one is accepted again, no longer."""
    account = await rig.add_account(mode=mode)
    rig.gateway.password = "new"
    await let_pass(account, freezer, 12 * MINUTE, step=6 * MINUTE)
    assert logins_asked(hass) == ["reauth"]
    rig.gateway.password = account.entry.data["password"]
    await let_pass(account, freezer, 12 * MINUTE, step=6 * MINUTE)
    assert account.entry.runtime_data.coordinator.last_update_success
    assert logins_asked(hass) == []


@pytest.mark.parametrize("mode", [*SERVERS, "local"])
@pytest.mark.parametrize("status", [401, 403])
async def test_a_proxys_refusal_is_no_wrong_login(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    status: int,
) -> None:
    """Nobody is asked for a password, at set-up or later; the account recovers."""

    def page(*_: object) -> web.Response:
        return web.Response(status=status, text="<html>Log in</html>")

    monkeypatch.setattr(virtual_web, "answer", page)
    rig.gateway.faults["status"] = Fault(value=status)
    account = await rig.add_account(mode=mode, state=ConfigEntryState.SETUP_RETRY)
    assert logins_asked(hass) == []
    rig.gateway.faults.clear()
    monkeypatch.undo()
    await let_pass(account, freezer, 2 * MINUTE)
    assert account.entry.state is ConfigEntryState.LOADED
