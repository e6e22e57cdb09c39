"""What Home Assistant really has, against what is described and translated."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition, entity_registry as er, trigger
from homeassistant.loader import async_get_integration
import pytest
import voluptuous as vol

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import Account, Rig
from virtual_gateway.faults import Fault

from .descriptions import fields_of
from .source import (
    INTEGRATION,
    PACKAGE,
    PLATFORMS,
    TRANSLATIONS,
    described_in,
    load_json,
)

ENGLISH = load_json(TRANSLATIONS / "en.json")
SERVICES = described_in("services.yaml")
TRIGGERS = described_in("triggers.yaml")
CONDITIONS = described_in("conditions.yaml")
PLATFORM_MODULES = sorted(
    path.stem for path in INTEGRATION.glob("*.py") if path.stem in PLATFORMS
)


def descriptions(value: object) -> Iterator[Any]:
    """Yield the entity descriptions in a constant, however they are kept.

    They are no instances of EntityDescription: Home Assistant makes them of a
    class of their own, to have them frozen or not.
    """
    if hasattr(value, "entity_registry_enabled_default"):
        if not isinstance(value, type):
            yield value
    elif isinstance(value, Mapping):
        yield from descriptions(tuple(value.values()))
    elif isinstance(value, (tuple, list, set, frozenset)):
        for item in value:
            yield from descriptions(item)


def described_entities() -> dict[tuple[str, str], Any]:
    """Return the platform modules' descriptions by platform and key."""
    return {
        (platform.removeprefix("phone_"), it.translation_key): it
        for platform in (*PLATFORM_MODULES, "phone_sensor")
        for value in vars(import_module(f"{PACKAGE}.{platform}")).values()
        for it in descriptions(value)
        if it.translation_key is not None
    }


def keys_of(schema: Any) -> dict[str, bool]:
    """Return an action's fields, and whether each must be given."""
    if isinstance(schema, vol.Schema):
        schema = schema.schema
    if isinstance(schema, dict):
        return {str(key): isinstance(key, vol.Required) for key in schema}
    found: dict[str, bool] = {}
    for validator in getattr(schema, "validators", ()):
        found |= keys_of(validator)
    return found


async def test_every_registered_action_is_described(
    hass: HomeAssistant, account: Account
) -> None:
    """And every described one is registered."""
    assert set(hass.services.async_services_for_domain(DOMAIN)) == set(SERVICES)


async def test_actions_take_the_fields_they_are_described_with(
    hass: HomeAssistant, account: Account
) -> None:
    """The same names, and required where the description says so."""
    registered = hass.services.async_services_for_domain(DOMAIN)
    for name, service in registered.items():
        described = {
            field: content.get("required", False)
            for field, content in fields_of(SERVICES[name])
        }
        assert (name, keys_of(service.schema)) == (name, described)


async def test_defaults_and_examples_are_ones_the_action_takes(
    hass: HomeAssistant, account: Account
) -> None:
    """Whoever leaves a field as the editor shows it makes no mistake."""
    registered = hass.services.async_services_for_domain(DOMAIN)
    for name, service in registered.items():
        shown = {
            field: content["default" if "default" in content else "example"]
            for field, content in fields_of(SERVICES[name])
            if "default" in content or content.get("required")
        }
        assert service.schema is not None
        service.schema(shown)


@pytest.mark.skipif(not TRIGGERS, reason="there are no triggers yet")
async def test_every_trigger_is_described(
    hass: HomeAssistant, account: Account
) -> None:
    """And every described one exists; keys stand without the domain."""
    integration = await async_get_integration(hass, DOMAIN)
    platform = await integration.async_get_platform("trigger")
    assert set(await platform.async_get_triggers(hass)) == set(TRIGGERS)
    known = await trigger.async_get_all_descriptions(hass)
    assert {f"{DOMAIN}.{key}" for key in TRIGGERS} <= set(known)


async def test_every_condition_is_described(
    hass: HomeAssistant, account: Account
) -> None:
    """And every described one exists; keys stand without the domain."""
    integration = await async_get_integration(hass, DOMAIN)
    platform = await integration.async_get_platform("condition")
    assert set(await platform.async_get_conditions(hass)) == set(CONDITIONS)
    known = await condition.async_get_all_descriptions(hass)
    assert {f"{DOMAIN}.{key}" for key in CONDITIONS} <= set(known)


async def test_every_entity_has_a_name_and_every_name_an_entity(
    hass: HomeAssistant, account: Account
) -> None:
    """What is set up, what is described, and what is translated agree."""
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, account.entry.entry_id)
    there = {(it.domain, it.translation_key) for it in entities if it.translation_key}
    translated = {
        (domain, key) for domain, keyed in ENGLISH["entity"].items() for key in keyed
    }
    assert there <= translated
    assert there | set(described_entities()) == translated


async def test_a_failed_set_up_tells_the_gateways_reason(rig: Rig) -> None:
    """Not the name of a placeholder in braces."""
    rig.gateway.faults["status"] = Fault(value=400, path="/webhooks")
    account = await rig.add_account(state=ConfigEntryState.SETUP_RETRY)
    assert "rejected" in (account.entry.reason or "")
    assert "{" not in (account.entry.reason or "")


@pytest.mark.parametrize("mode", ["cloud", "private", "local"])
async def test_an_account_of_each_mode_can_be_set_up(rig: Rig, mode: str) -> None:
    """At the server's paths and at the phone's."""
    await rig.add_account(mode=mode)


def test_states_have_texts() -> None:
    """Event types and the options of sensors; no more and no fewer."""
    for (domain, key), description in described_entities().items():
        texts = ENGLISH["entity"][domain][key]
        if domain == "event":
            types = texts["state_attributes"]["event_type"]["state"]
            assert (key, set(types)) == (key, set(description.event_types or ()))
        if domain == "sensor":
            states = texts.get("state", {})
            assert (key, set(states)) == (key, set(description.options or ()))
            has_unit = description.native_unit_of_measurement is not None
            assert not (has_unit and "unit_of_measurement" in texts)


def test_descriptions_and_fields_are_found() -> None:
    """Those who look for them above would find them."""
    inner = SensorEntityDescription(key="a", translation_key="a")
    assert list(descriptions(({"a": [inner]},))) == [inner]
    assert ("event", "message") in described_entities()
    schema = vol.Schema({vol.Required("a"): str, vol.Optional("b"): str})
    assert keys_of(vol.All(schema, lambda it: it)) == {"a": True, "b": False}
