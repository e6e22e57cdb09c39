"""Every blueprint file, by Home Assistant's own rules and ours."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant
from homeassistant.util.yaml import extract_inputs, parse_yaml
import pytest

from tests.support.blueprints import FOLDER, NAMES, loaded

README = FOLDER.parents[2] / "README.md"
SOURCE = (
    "https://github.com/sms-gate-home-assistant/sms_gate/blob/main/"
    "blueprints/automation/sms_gate/"
)
IMPORT = "https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url="


def steps(value: Any) -> Iterator[dict[str, Any]]:
    """Go through every mapping of a blueprint."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from steps(item)


@pytest.fixture(params=NAMES)
async def blueprint(hass: HomeAssistant, request: pytest.FixtureRequest) -> Blueprint:
    """Each blueprint in turn."""
    return await loaded(hass, request.param)


def test_all_seven_are_there() -> None:
    """The tests below do look at something."""
    assert NAMES == [
        "ask_by_sms.yaml",
        "assist_by_sms.yaml",
        "command_by_sms.yaml",
        "critical_alert.yaml",
        "forward_sms.yaml",
        "gateway_watchdog.yaml",
        "outage.yaml",
    ]


async def test_home_assistant_takes_it(blueprint: Blueprint) -> None:
    """It is valid, for automations, and for this Home Assistant."""
    assert blueprint.domain == "automation"
    assert blueprint.validate() is None
    assert blueprint.metadata["homeassistant"] == {"min_version": "2026.8.3"}


async def test_an_import_keeps_it_whole(blueprint: Blueprint) -> None:
    """Home Assistant writes an imported blueprint anew, and reads that file."""
    assert parse_yaml(blueprint.yaml()) == blueprint.data


async def test_each_input_is_used(blueprint: Blueprint) -> None:
    """No field of the form is without effect; Home Assistant checks the reverse."""
    body = {key: item for key, item in blueprint.data.items() if key != "blueprint"}
    assert extract_inputs(body) == set(blueprint.inputs)


async def test_each_input_is_explained(blueprint: Blueprint) -> None:
    """Each field has a name, a description and a selector, each section a name."""
    assert blueprint.metadata["description"]
    for key, item in blueprint.inputs.items():
        assert item.get("name"), key
        assert item.get("description", "").endswith("."), key
        assert item.get("selector"), key
    for key, item in blueprint.metadata["input"].items():
        if "input" in item:
            assert item.get("name"), key
            assert item.get("icon", "").startswith("mdi:"), key


async def test_defaults_fit_their_selectors(blueprint: Blueprint) -> None:
    """What is not filled in is something the form itself could have given."""
    for key, item in blueprint.inputs.items():
        if item.get("default", "") in ("", []):
            continue
        (selector,) = item["selector"]
        expected: dict[str, type | tuple[type, ...]] = {
            "action": list,
            "boolean": bool,
            "number": (int, float),
        }
        multiple = (item["selector"][selector] or {}).get("multiple")
        kind = list if multiple else expected.get(selector, str)
        assert isinstance(item["default"], kind), key


async def test_it_drops_nothing_in_silence(blueprint: Blueprint) -> None:
    """Messages wait for one another; one outage is one, and the newest question counts."""
    data = blueprint.data
    if data["mode"] in ("single", "restart"):
        alone = {"SMS Gate: Power or internet outage", "SMS Gate: Ask by SMS"}
        assert blueprint.name in alone
        return
    assert data["mode"] in ("queued", "parallel")
    assert data["max"] >= 50
    assert data["max_exceeded"] in ("warning", "error")


async def test_only_todays_words(blueprint: Blueprint) -> None:
    """Steps call actions, not services, and use no entity's state as an event."""
    data = blueprint.data
    assert {"triggers", "conditions", "actions"} <= set(data)
    assert not {"trigger", "condition", "action"} & set(data)
    assert not [step for step in steps(data) if "service" in step]


@pytest.mark.parametrize("name", NAMES)
async def test_its_address_is_where_it_lies(hass: HomeAssistant, name: str) -> None:
    """Home Assistant finds newer versions there."""
    blueprint = await loaded(hass, name)
    assert blueprint.metadata["source_url"] == SOURCE + name


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_has_an_import_link(name: str) -> None:
    """One click imports it."""
    text = README.read_text(encoding="utf-8")
    assert IMPORT + quote(SOURCE + name, safe="") in text


async def test_the_readme_and_home_assistant_use_one_name(
    blueprint: Blueprint, request: pytest.FixtureRequest
) -> None:
    """The name of the README is the one in the list of blueprints."""
    name = request.node.callspec.params["blueprint"]
    link = f"[{blueprint.name}](blueprints/automation/sms_gate/{name})"
    assert f"\n| {link} |" in README.read_text(encoding="utf-8")
