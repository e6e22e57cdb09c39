"""The watchdog: tells of a phone in trouble, and never by that phone."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any, cast

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.const import CONF_LINE_TEST_NUMBER
from custom_components.sms_gate.send.line_test import LineTest, LineTester
from harness.until import until
from tests.support.blueprints import Recorder, later, outbox, rest, use
from tests.support.common import Account
from virtual_gateway import Fault, VirtualSim
from virtual_gateway.phone.phone import Outcome

OWN = "+966500000001"
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NAME = "Samsung a16"


@pytest.fixture
async def told(hass: HomeAssistant, account: Account) -> AsyncGenerator[Recorder]:
    """The other channel. At the end, nothing watches the account's entities go."""
    account.phone.ping()  # with which battery and charger become entities
    await account.settled()
    yield Recorder(hass)
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )


def entity(hass: HomeAssistant, account: Account, domain: str, key: str) -> str:
    """Return the phone's entity."""
    found = er.async_get(hass).async_get_entity_id(
        domain, "sms_gate", f"{account.phone.id}-{key}"
    )
    assert found is not None
    return found


async def watch(
    hass: HomeAssistant, account: Account, told: Recorder, **inputs: Any
) -> None:
    """Watch the account's phone."""
    defaults = {
        "online": [entity(hass, account, "binary_sensor", "online")],
        "batteries": [entity(hass, account, "sensor", "battery")],
        "chargers": [entity(hass, account, "binary_sensor", "charging")],
        "actions": told.step(title="{{ title }}", text="{{ text }}"),
    }
    await use(hass, "gateway_watchdog", **(defaults | inputs))


async def change(account: Account, entity_id: str, *states: str) -> None:
    """Let one of the phone's entities change."""
    for state in states:
        account.hass.states.async_set(entity_id, state, {"friendly_name": "x"})
        await account.hass.async_block_till_done()


@pytest.mark.parametrize(
    ("domain", "key", "states", "seconds", "title"),
    [
        ("binary_sensor", "online", ["on", "off"], 301, "The SMS phone is offline"),
        ("binary_sensor", "online", ["on", "off", "on"], 301, None),
        ("binary_sensor", "online", ["on", "off"], 290, None),
        ("binary_sensor", "online", ["unknown", "off"], 301, None),
        (
            "binary_sensor",
            "online",
            ["on", "unavailable"],
            301,
            "The state of the SMS phone is unknown",
        ),
        ("sensor", "battery", ["31", "29"], 0, "The SMS phone has a low battery"),
        ("sensor", "battery", ["31", "30"], 0, None),
        ("sensor", "battery", ["unknown", "29"], 0, None),
        ("sensor", "battery", ["unavailable", "29"], 0, None),
        (
            "binary_sensor",
            "charging",
            ["on", "off"],
            1801,
            "The SMS phone is not charging",
        ),
        ("binary_sensor", "charging", ["on", "off"], 1700, None),
        ("binary_sensor", "charging", ["unavailable", "off"], 1801, None),
    ],
)
async def test_what_is_told(
    hass: HomeAssistant,
    account: Account,
    told: Recorder,
    domain: str,
    key: str,
    states: list[str],
    seconds: int,
    title: str | None,
) -> None:
    """What changed is told, after its time; what was restored is not."""
    entity_id = entity(hass, account, domain, key)
    hass.states.async_set(entity_id, states[0])
    await watch(hass, account, told)
    await change(account, entity_id, *states[1:])
    await rest(account)
    if seconds:
        await later(account, seconds)
    assert [call["title"] for call in told.calls] == ([title] if title else [])
    assert all(NAME in call["text"] for call in told.calls)
    if key == "battery" and title:
        assert told.calls[0]["text"] == f"The battery of {NAME} is below 30 %."
    assert outbox(account) == []


@pytest.mark.parametrize(
    ("inputs", "titles"),
    [
        ({}, ["The SMS phone is offline", "The SMS phone is back"]),
        ({"say_back": False}, ["The SMS phone is offline"]),
    ],
)
async def test_back(
    hass: HomeAssistant,
    account: Account,
    told: Recorder,
    inputs: dict[str, Any],
    titles: list[str],
) -> None:
    """A phone that was told silent is told back."""
    online = entity(hass, account, "binary_sensor", "online")
    hass.states.async_set(online, "on")
    await watch(hass, account, told, silent_minutes=0, **inputs)
    await change(account, online, "off")
    await later(account, 1)
    await change(account, online, "on")
    await rest(account)
    assert [call["title"] for call in told.calls] == titles


async def test_a_notifier_of_ours_is_left_out(
    hass: HomeAssistant, account: Account, told: Recorder
) -> None:
    """The phone in trouble is not asked to tell of it."""
    targets: list[Any] = []
    hass.bus.async_listen(
        "call_service", lambda event: targets.append(event.data["service_data"])
    )
    battery = entity(hass, account, "sensor", "battery")
    hass.states.async_set(battery, "50")
    await watch(hass, account, told, notifiers=["notify.sara", "notify.push"])
    await change(account, battery, "10")
    await rest(account)
    assert [item["entity_id"] for item in targets if "entity_id" in item] == [
        ["notify.push"]
    ]
    assert outbox(account) == []
    assert len(told.calls) == 1


def automation(hass: HomeAssistant) -> Any:
    """Return the attributes of the automation."""
    state = hass.states.get("automation.made_of_a_blueprint")
    assert state is not None
    return state.attributes


async def start_line_test(
    hass: HomeAssistant, account: Account, told: Recorder
) -> None:
    """Let the time of the line test come."""
    phones = account.entry.runtime_data.account.phones
    devices = [phones.device_id(phone.id) for phone in account.gateway.phones]
    soon = dt_util.now() + timedelta(minutes=1)
    await watch(
        hass,
        account,
        told,
        lines=devices,
        test_days=DAYS,
        test_time=f"{soon:%H:%M:%S}",
    )
    assert (told.calls, outbox(account)) == ([], [])
    async_fire_time_changed(hass, soon + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("number", "outcome", "text"),
    [
        pytest.param(OWN, None, None, id="works"),
        pytest.param(
            OWN,
            "rejected",
            f"The gateway did not accept the test SMS of {NAME}.",
            id="rejected",
        ),
        pytest.param(OWN, "failed", f"{NAME} did not send the test SMS.", id="failed"),
        pytest.param(OWN, "sent", "There was no proof that", id="no report"),
        pytest.param(
            OWN,
            "swallowed",
            f"The test SMS of {NAME} did not come back to Home Assistant.",
            id="swallowed",
        ),
        pytest.param(
            "", None, f"The line of {NAME} could not be tested.", id="not testable"
        ),
    ],
)
async def test_the_line(
    hass: HomeAssistant,
    account: Account,
    told: Recorder,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    number: str,
    outcome: str | None,
    text: str | None,
) -> None:
    """The leg that failed is told, and so is a test that was not possible."""
    account.gateway.send_seconds = account.gateway.deliver_seconds = 0.0
    hass.config_entries.async_update_entry(
        account.entry, options=account.entry.options | {CONF_LINE_TEST_NUMBER: number}
    )
    await account.settled()
    if outcome == "rejected":
        account.gateway.faults["status"] = Fault(value=400, path="/messages$")
    elif outcome:
        account.phone.outcomes[number] = cast("Outcome", outcome)
    if outcome in {"sent", "swallowed"}:
        wait_briefly(monkeypatch)
    await start_line_test(hass, account, told)
    await until(lambda: automation(hass)["last_triggered"])
    await until(lambda: automation(hass)["current"] == 0)
    assert [call["title"] for call in told.calls] == (
        ["The line test of the SMS phone failed"] if text else []
    )
    assert all(call["text"].startswith(text) for call in told.calls)
    is_sent = number and outcome not in {"rejected", "failed"}
    assert len(outbox(account)) == (1 if is_sent else 0)
    assert "Error rendering" not in caplog.text
    assert "Error while executing" not in caplog.text


def wait_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test give up early."""
    test = LineTester.async_test

    async def briefly(self: LineTester, phone: str, _timeout: float) -> LineTest:
        return await test(self, phone, 1.0)

    monkeypatch.setattr(LineTester, "async_test", briefly)


async def test_the_lines_of_several_phones(
    hass: HomeAssistant, account: Account, told: Recorder
) -> None:
    """Each is tested, and only the one that failed is named."""
    account.gateway.send_seconds = account.gateway.deliver_seconds = 0.0
    other = account.gateway.add_phone("Pixel/9", [VirtualSim(1, OWN)])
    other.outcomes[OWN] = "failed"
    hass.config_entries.async_update_entry(
        account.entry, options=account.entry.options | {CONF_LINE_TEST_NUMBER: OWN}
    )
    await account.entry.runtime_data.coordinator.async_refresh()
    await account.settled()
    await start_line_test(hass, account, told)
    await until(lambda: automation(hass)["last_triggered"])
    await until(lambda: automation(hass)["current"] == 0)
    assert [call["text"] for call in told.calls] == [
        "Pixel 9 did not send the test SMS."
    ]
    assert [it.phone_number for it in account.phone.outbox] == [OWN]


async def test_a_line_test_delays_nothing(
    hass: HomeAssistant, account: Account, told: Recorder
) -> None:
    """What happens during a test is told at once."""
    account.gateway.send_seconds = account.gateway.deliver_seconds = 0.0
    account.phone.outcomes[OWN] = "swallowed"
    options = account.entry.options | {CONF_LINE_TEST_NUMBER: OWN}
    hass.config_entries.async_update_entry(account.entry, options=options)
    await account.settled()
    battery = entity(hass, account, "sensor", "battery")
    hass.states.async_set(battery, "50")
    await start_line_test(hass, account, told)
    await until(lambda: outbox(account))
    hass.states.async_set(battery, "10")
    await until(lambda: told.calls)
    assert [call["title"] for call in told.calls] == ["The SMS phone has a low battery"]
    assert automation(hass)["current"] == 1
