"""The virtual server answers as the real one did."""

import json
from typing import Any

import aiohttp
import pytest

from .questions import SCENARIOS
from .record import ANSWERS
from .replay import VirtualSide, contract_gateway
from .scenario import Ask, Scenario

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    """Return the real server's answers."""
    shown: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return shown


def _asks(scenario: Scenario) -> list[str]:
    return [step.name for step in scenario.steps if isinstance(step, Ask)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda item: item.name)
async def test_virtual_server_answers_as_the_real_one(
    scenario: Scenario, recorded: dict[str, Any]
) -> None:
    async with (
        contract_gateway() as gateway,
        aiohttp.ClientSession() as session,
    ):
        answers = await VirtualSide(session, gateway).run(scenario)
    wanted = recorded[scenario.name]
    assert {name: answers[name] for name in answers} == wanted


def test_every_question_has_one_name_and_one_answer(recorded: dict[str, Any]) -> None:
    assert len({item.name for item in SCENARIOS}) == len(SCENARIOS)
    assert set(recorded) == {item.name for item in SCENARIOS}
    for scenario in SCENARIOS:
        names = _asks(scenario)
        assert len(names) == len(set(names)), scenario.name
        assert set(names) == set(recorded[scenario.name]), scenario.name
