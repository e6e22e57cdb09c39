"""A critical alert that goes on to the next person until one got it."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from tests.support.blueprints import Recorder, later, outbox, rest, use
from tests.support.common import OMAR, SARA, Account, Rig, contact
from virtual_gateway.faults import Fault

SMOKE = "binary_sensor.smoke"
ALARM = "Alarm: smoke"
FAILED = "Sara could not be reached."
UNKNOWN = "It is not known whether Sara got this."


@pytest.fixture
async def family(rig: Rig) -> Account:
    """An account with Sara and Omar."""
    return await rig.add_account(
        contacts=(contact("Sara", SARA), contact("Omar", OMAR))
    )


@pytest.fixture
def resort(hass: HomeAssistant) -> Recorder:
    """The last resort."""
    return Recorder(hass)


async def alert(hass: HomeAssistant, resort: Recorder, **inputs: Any) -> None:
    """Watch the smoke sensor."""
    defaults: dict[str, Any] = {
        "sensors": [SMOKE],
        "contacts": ["Sara", "Omar"],
        "last_resort": resort.step(text="{{ text }}", report="{{ report }}"),
    }
    hass.states.async_set(SMOKE, "off")
    await use(hass, "critical_alert", **(defaults | inputs))


async def change(account: Account, *states: str) -> None:
    """Let the sensor change, and wait for what follows."""
    for state in states:
        account.hass.states.async_set(SMOKE, state)
        await rest(account)


async def test_the_first_one_got_it(
    hass: HomeAssistant, family: Account, resort: Recorder
) -> None:
    """Nobody else is troubled."""
    await alert(hass, resort)
    await change(family, "on")
    await rest(family)
    assert outbox(family) == [(SARA, ALARM)]
    assert resort.calls == []


async def test_failed_goes_on_at_once_and_says_so(
    hass: HomeAssistant, family: Account, resort: Recorder
) -> None:
    """The next person is told that the one before could not be reached."""
    family.phone.outcomes[SARA] = "failed"
    await alert(hass, resort)
    await change(family, "on")
    await rest(family)
    assert outbox(family) == [(OMAR, f"{ALARM}\n{FAILED}")]
    assert resort.calls == []


async def test_no_report_goes_on_after_the_wait_and_is_called_unknown(
    hass: HomeAssistant,
    family: Account,
    resort: Recorder,
) -> None:
    """Sent is not delivered."""
    family.phone.outcomes[SARA] = "sent"
    await alert(hass, resort, wait_minutes=3)
    await change(family, "on")
    await later(family, 170)
    assert outbox(family) == [(SARA, ALARM)]
    for _ in range(12):  # the gateway is asked a few times within the wait
        await later(family, 181)
    assert outbox(family)[1:] == [(OMAR, f"{ALARM}\n{UNKNOWN}")]


async def test_an_answer_that_never_came_is_called_unknown(
    hass: HomeAssistant, family: Account, resort: Recorder
) -> None:
    """The gateway took it or not: nobody can say, so the next one is told so."""
    await alert(hass, resort, contacts=["Nobody", "Omar"])
    await change(family, "on")
    await rest(family)
    assert outbox(family) == [(OMAR, f"{ALARM}\n{UNKNOWN.replace('Sara', 'Nobody')}")]


async def test_the_last_resort_tells_what_became_of_each(
    hass: HomeAssistant, family: Account, resort: Recorder
) -> None:
    """Nobody got it: another way."""
    family.phone.outcomes |= {SARA: "failed", OMAR: "failed"}
    await alert(hass, resort, failed_text="{name}: nein.")
    await change(family, "on")
    await rest(family)
    assert resort.calls == [{"text": ALARM, "report": "Sara: nein.\nOmar: nein."}]


async def test_the_gateway_cannot_be_reached(
    hass: HomeAssistant, family: Account, resort: Recorder
) -> None:
    """The last resort runs also then, and by default it shows a notification."""
    family.gateway.faults["status"] = Fault(value=400, path="messages")
    await alert(hass, resort, contacts=["Sara"])
    await change(family, "on")
    await rest(family)
    assert outbox(family) == []
    assert resort.calls == [{"text": ALARM, "report": UNKNOWN}]


@pytest.mark.parametrize(
    ("states", "inputs", "alarms"),
    [
        pytest.param(["unavailable", "on"], {}, 0, id="from unavailable"),
        pytest.param(["unknown", "on"], {}, 0, id="from unknown"),
        pytest.param(
            ["unavailable", "on"],
            {"after_unavailable": True},
            1,
            id="as the user wants",
        ),
        pytest.param(["on", "on"], {}, 1, id="on stays on"),
        pytest.param(["on", "off", "on"], {}, 2, id="twice"),
        pytest.param(["wet"], {"alarm_state": "wet"}, 1, id="another state"),
        pytest.param(["wet"], {}, 0, id="a state that is no alarm"),
    ],
)
async def test_what_counts_as_an_alarm(
    hass: HomeAssistant,
    family: Account,
    resort: Recorder,
    states: list[str],
    inputs: dict[str, Any],
    alarms: int,
) -> None:
    """Only what changes now."""
    await alert(hass, resort, **inputs)
    await change(family, *states)
    await rest(family)
    assert outbox(family) == [(SARA, ALARM)] * alarms


async def test_a_restored_alarm_is_no_alarm(
    hass: HomeAssistant, family: Account, resort: Recorder
) -> None:
    """A sensor that appears with an alarm, as after a restart, is not new."""
    await alert(hass, resort, after_unavailable=True)
    hass.states.async_remove(SMOKE)
    await hass.async_block_till_done()
    await change(family, "on")
    await rest(family)
    assert outbox(family) == []


async def test_an_alarm_must_last(
    hass: HomeAssistant,
    family: Account,
    resort: Recorder,
) -> None:
    """A short one is no alarm."""
    await alert(hass, resort, alarm_seconds=30)
    await change(family, "on")
    await later(family, 20)
    await change(family, "off")
    await later(family, 31)
    await change(family, "on")
    await later(family, 20)
    assert outbox(family) == []
    await later(family, 31)
    assert outbox(family) == [(SARA, ALARM)]
