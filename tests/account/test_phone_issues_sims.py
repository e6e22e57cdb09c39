"""A SIM that a phone no longer shows: told after a while, and mended by a dialog."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import Account, Rig
from tests.support.mending import Mender
from tests.support.phones import MINUTE, id_of, issue_ids, let_pass
from tests.support.receiving import issues
from virtual_gateway import VirtualSim

STC = VirtualSim(1, "+966500000001", "STC")
MOBILY = VirtualSim(2, "+966550000002", "Mobily")
# The list of phones is ten minutes old at most, a look five
TOLD = 46 * MINUTE
SOON = 16 * MINUTE
STEP = 2 * MINUTE


@pytest.fixture(params=["private", "local"])
async def dual(
    request: pytest.FixtureRequest, rig: Rig, freezer: FrozenDateTimeFactory
) -> Account:
    """An account whose phone has two SIMs, in frozen time."""
    rig.gateway.phones[0].sims = (STC, MOBILY)
    receive_mode = "poll" if request.param == "local" else "auto"
    return await rig.add_account(
        mode=request.param, options={"receive_mode": receive_mode}, title="Home"
    )


def has_sensor(account: Account, number: int) -> bool:
    """Return True if a SIM has a sensor."""
    unique_id = f"{id_of(account)}-sim_{number}"
    registry = er.async_get(account.hass)
    return registry.async_get_entity_id("sensor", DOMAIN, unique_id) is not None


async def lose(account: Account, freezer: FrozenDateTimeFactory) -> str:
    """Take the second SIM out and return the id of the issue."""
    account.phone.sims = (STC,)
    await let_pass(account, freezer, TOLD, step=STEP)
    (issue_id,) = issue_ids(account, "sim_gone")
    return issue_id


@pytest.fixture
def mender(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, hass_admin_user: User
) -> Mender:
    """Who goes through dialogs."""
    return Mender(hass, hass_client, hass_admin_user)


async def mend(mender: Mender, issue_id: str) -> dict[str, str]:
    """Go through the dialog; return what its form says."""
    form = await mender.begin(issue_id)
    assert form["step_id"] == "confirm"
    ended = await mender.answer(form)
    assert ended["type"] == "create_entry"
    placeholders: dict[str, str] = form["description_placeholders"]
    return placeholders


async def test_it_is_told_after_half_an_hour(
    hass: HomeAssistant, dual: Account, freezer: FrozenDateTimeFactory
) -> None:
    """A phone that has just started does not see its SIMs yet."""
    dual.phone.sims = (STC,)
    await let_pass(dual, freezer, 38 * MINUTE, step=STEP)
    assert issues(hass) == set()
    await let_pass(dual, freezer, TOLD - 38 * MINUTE, step=STEP)
    (issue_id,) = issue_ids(dual, "sim_gone")
    issue = ir.async_get(hass).issues[DOMAIN, issue_id]
    assert issue.is_fixable
    assert issue.translation_placeholders == {
        "account": "Home",
        "phone": "Samsung a16",
        "number": "2",
    }
    assert id_of(dual) not in issue_id
    assert has_sensor(dual, 2)


async def test_one_that_is_back_in_time_is_not_told(
    hass: HomeAssistant, dual: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Each absence counts for itself."""
    for _ in range(3):
        dual.phone.sims = (STC,)
        await let_pass(dual, freezer, 18 * MINUTE, step=STEP)
        dual.phone.sims = (STC, MOBILY)
        await let_pass(dual, freezer, SOON, step=STEP)
    dual.phone.sims = (STC,)
    await let_pass(dual, freezer, 18 * MINUTE, step=STEP)
    assert issues(hass) == set()


async def test_one_that_returns_takes_it_back(
    hass: HomeAssistant, dual: Account, freezer: FrozenDateTimeFactory
) -> None:
    """By itself."""
    await lose(dual, freezer)
    dual.phone.sims = (STC, MOBILY)
    await let_pass(dual, freezer, SOON, step=STEP)
    assert issues(hass) == set()
    assert has_sensor(dual, 2)


async def test_the_dialog_forgets_a_sim_that_was_taken_out(
    hass: HomeAssistant,
    dual: Account,
    freezer: FrozenDateTimeFactory,
    mender: Mender,
) -> None:
    """Its sensor goes, the other one stays, and nobody is told again."""
    said = await mend(mender, await lose(dual, freezer))
    assert said == {"account": "Home", "phone": "Samsung a16", "number": "2"}
    assert issues(hass) == set()
    assert not has_sensor(dual, 2)
    assert has_sensor(dual, 1)
    await let_pass(dual, freezer, TOLD, step=STEP)
    assert issues(hass) == set()


async def test_one_that_was_forgotten_can_be_put_in_again(
    dual: Account, freezer: FrozenDateTimeFactory, mender: Mender
) -> None:
    """It has a sensor again without a restart."""
    await mend(mender, await lose(dual, freezer))
    dual.phone.sims = (STC, MOBILY)
    await let_pass(dual, freezer, SOON, step=STEP)
    assert has_sensor(dual, 2)


async def test_it_goes_while_the_account_is_not_loaded(
    hass: HomeAssistant, dual: Account, freezer: FrozenDateTimeFactory
) -> None:
    """The sensors remember it."""
    assert await hass.config_entries.async_unload(dual.entry.entry_id)
    dual.phone.sims = (STC,)
    assert await hass.config_entries.async_setup(dual.entry.entry_id)
    await let_pass(dual, freezer, TOLD, step=STEP)
    assert issues(hass) == {"sim_gone"}


async def test_the_only_sim_goes(
    hass: HomeAssistant, dual: Account, freezer: FrozenDateTimeFactory
) -> None:
    """A server leaves an empty list of SIMs out."""
    dual.phone.sims = ()
    await let_pass(dual, freezer, TOLD, step=STEP)
    assert len(issue_ids(dual, "sim_gone")) == 2


async def test_it_goes_with_the_account(
    hass: HomeAssistant, dual: Account, freezer: FrozenDateTimeFactory
) -> None:
    """As all that was told of its phones."""
    await lose(dual, freezer)
    await hass.config_entries.async_remove(dual.entry.entry_id)
    assert issues(hass) == set()


async def test_the_account_is_removed_while_the_dialog_is_open(
    hass: HomeAssistant, dual: Account, freezer: FrozenDateTimeFactory, mender: Mender
) -> None:
    """Its sensor went with it, so the dialog ends, and nothing comes back."""
    form = await mender.begin(await lose(dual, freezer))
    await hass.config_entries.async_remove(dual.entry.entry_id)
    assert issues(hass) == set()
    ended = await mender.answer(form)
    assert ended["type"] in {"abort", "create_entry"}
    assert issues(hass) == set()
    assert not has_sensor(dual, 2)


@pytest.mark.parametrize("dual", ["private"], indirect=True)
async def test_it_goes_with_the_phone(
    hass: HomeAssistant, dual: Account, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody misses the SIM of a phone that left the account."""
    dual.gateway.add_phone("Google/Pixel 9")
    await lose(dual, freezer)
    await dual.gateway.remove_phone(dual.phone.id)
    await let_pass(dual, freezer, SOON, step=STEP)
    assert issues(hass) == set()
