"""The dialogs as Home Assistant shows them, against their texts."""

from collections.abc import Callable
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigFlowResult,
    SubentryFlowContext,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers.selector import SelectSelector
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.sms_gate.config_flow import SmsGateConfigFlow
from custom_components.sms_gate.const import DOMAIN, SUBENTRY_CONTACT
from custom_components.sms_gate.contact_flow import ContactFlow
from custom_components.sms_gate.options_flow import SmsGateOptionsFlow
from tests.support.common import Account

from .shapes import placeholders, texts
from .source import TRANSLATIONS, load_json

ENGLISH = load_json(TRANSLATIONS / "en.json")
MODES = ("cloud", "private", "local")
# Steps that show nothing: they lead to another one, or end the dialog
SILENT = {"reauth", "import", "discovery", "unignore"}
SILENT |= {"first_sms_keep", "first_sms_later"}
CONFIG = ENGLISH["config"]["step"]
CONTACT = ENGLISH["config_subentries"][SUBENTRY_CONTACT]["step"]
OPTIONS = ENGLISH["options"]["step"]


def fields(result: Any) -> set[str]:
    """Return the fields a form shows outside of sections; check its choices."""
    assert result["type"] is FlowResultType.FORM
    shown = set()
    for key, value in result["data_schema"].schema.items():
        if isinstance(value, section):
            continue
        shown.add(str(key))
        if isinstance(value, SelectSelector) and (
            name := value.config.get("translation_key")
        ):
            known = set(ENGLISH["selector"][name]["options"])
            assert known >= {str(it) for it in value.config["options"]}
    return shown


def sections(result: Any) -> dict[str, set[str]]:
    """Return the sections a form shows, with their fields."""
    return {
        str(key): {str(it) for it in value.schema.schema}
        for key, value in result["data_schema"].schema.items()
        if isinstance(value, section)
    }


def check(result: Any, step: dict[str, Any]) -> None:
    """Hold a form against its texts: fields, their explanations, placeholders."""
    assert fields(result) == set(step["data"]) == set(step["data_description"])
    assert sections(result) == {
        name: set(it["data"]) for name, it in step.get("sections", {}).items()
    }
    wanted = set().union(*map(placeholders, texts(step).values()))
    assert wanted <= set(result["description_placeholders"] or ())


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the dialog that adds an account."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )


async def test_the_menu_has_texts(hass: HomeAssistant) -> None:
    """Each choice has a name and an explanation."""
    result = await start(hass)
    assert result["type"] is FlowResultType.MENU
    step = CONFIG["user"]
    assert result["menu_options"] == list(MODES) == list(step["menu_options"])
    assert set(step["menu_option_descriptions"]) == set(MODES)


@pytest.mark.parametrize("mode", MODES)
async def test_the_fields_to_log_in_have_texts(hass: HomeAssistant, mode: str) -> None:
    """Those of the mode, and no others."""
    result = await start(hass)
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": mode}
    )
    assert result["step_id"] == mode
    check(result, CONFIG[mode])


async def test_the_fields_to_log_in_again_have_texts(account: Account) -> None:
    """The account's title stands in the text."""
    result = await account.entry.start_reauth_flow(account.hass)
    assert result["step_id"] == "reauth_confirm"
    check(result, CONFIG["reauth_confirm"])
    assert account.entry.title in (result["description_placeholders"] or {}).values()


async def test_the_fields_to_reconfigure_have_texts(hass: HomeAssistant) -> None:
    """One step serves all modes: it has the texts of all their fields."""
    shown: set[str] = set()
    for mode in MODES:
        entry = MockConfigEntry(
            domain=DOMAIN, version=2, data={"mode": mode, "url": "http://a"}
        )
        entry.add_to_hass(hass)
        result = await entry.start_reconfigure_flow(hass)
        assert result["step_id"] == "reconfigure"
        shown |= fields(result)
    step = CONFIG["reconfigure"]
    assert shown == set(step["data"]) == set(step["data_description"])


async def test_the_options_have_texts(hass: HomeAssistant) -> None:
    """Each option of each mode has a name and an explanation."""
    shown: set[str] = set()
    for mode in MODES:
        entry = MockConfigEntry(domain=DOMAIN, version=2, data={"mode": mode})
        entry.add_to_hass(hass)
        result = await hass.config_entries.options.async_init(entry.entry_id)
        assert result["step_id"] == "init"
        assert sections(result) == {}
        shown |= fields(result)
    step = OPTIONS["init"]
    assert shown == set(step["data"]) == set(step["data_description"])


@pytest.mark.parametrize("source", [SOURCE_USER, SOURCE_RECONFIGURE])
async def test_the_fields_of_a_contact_have_texts(
    account: Account, source: str
) -> None:
    """When it is added as when it is changed."""
    (contact_id,) = account.entry.subentries
    context = SubentryFlowContext(source=source)
    if source == SOURCE_RECONFIGURE:
        context["subentry_id"] = contact_id
    result = await account.hass.config_entries.subentries.async_init(
        (account.entry.entry_id, SUBENTRY_CONTACT), context=context
    )
    assert result["step_id"] == source
    check(result, CONTACT[source])


async def test_a_contact_without_a_name_is_told_which_field_to_fill(
    account: Account,
) -> None:
    """A blank is no name, and the number that was entered is not lost."""
    flows = account.hass.config_entries.subentries
    result = await flows.async_init(
        (account.entry.entry_id, SUBENTRY_CONTACT), context={"source": SOURCE_USER}
    )
    result = await flows.async_configure(
        result["flow_id"], {"name": " ", "phone_number": "+966551234567"}
    )
    assert result["errors"] == {"name": "name_missing"}
    assert "name_missing" in ENGLISH["config_subentries"][SUBENTRY_CONTACT]["error"]
    shown = {
        str(it): it.description
        for it in (result["data_schema"] or vol.Schema({})).schema
    }
    assert shown["phone_number"] == {"suggested_value": "+966551234567"}


@pytest.mark.parametrize(
    ("flow", "steps"),
    [
        pytest.param(SmsGateConfigFlow, CONFIG, id="account"),
        pytest.param(ContactFlow, CONTACT, id="contact"),
        pytest.param(SmsGateOptionsFlow, OPTIONS, id="options"),
    ],
)
def test_every_step_of_a_dialog_has_texts(
    flow: type[Callable[..., Any]], steps: dict[str, Any]
) -> None:
    """And no step is left in the texts that the code has no more."""
    prefix = "async_step_"
    own = {
        name.removeprefix(prefix)
        for cls in flow.__mro__
        if cls.__module__.startswith("custom_components.")
        for name in vars(cls)
        if name.startswith(prefix)
    }
    assert own - SILENT == set(steps)


async def test_every_way_to_add_something_has_a_name(account: Account) -> None:
    """What an account supports is what has texts."""
    supported = account.entry.supported_subentry_types
    assert set(supported) == set(ENGLISH["config_subentries"])
    for name, can in supported.items():
        ways = ENGLISH["config_subentries"][name]["initiate_flow"]
        assert ("reconfigure" in ways) == can["supports_reconfigure"]
    assert account.entry.supports_reconfigure
