"""The page in the sidebar and the card's resource, by the options of all accounts."""

from pathlib import Path
import re
from typing import Any

from homeassistant.components import frontend
from homeassistant.components.lovelace import LovelaceData
from homeassistant.components.lovelace.dashboard import LovelaceStorage
from homeassistant.components.lovelace.resources import (
    ResourceStorageCollection,
    ResourceYAMLCollection,
)
from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.messages.page import FILES, PAGE, YAML_CARD
from harness.until import until
from tests.support.common import Account, Rig
from tests.support.kept import set_option
from tests.support.receiving import issues

FRONTEND = Path("custom_components/sms_gate/frontend")


def panel(hass: HomeAssistant) -> frontend.Panel | None:
    """Return the page, if it is there."""
    panels: dict[str, frontend.Panel] = hass.data.get(frontend.DATA_PANELS, {})
    return panels.get(PAGE)


@pytest.fixture
def with_frontend(hass: HomeAssistant) -> None:
    """A frontend that is set up, without its packages."""
    hass.config.components.add("frontend")


def dashboards(hass: HomeAssistant, resources: Any) -> Any:
    """Return resources of dashboards that are set up."""
    hass.data["lovelace"] = LovelaceData("storage", {}, resources, {})
    return resources


@pytest.fixture
def resources(hass: HomeAssistant, with_frontend: None) -> ResourceStorageCollection:
    """Resources in Home Assistant's storage."""
    collection = ResourceStorageCollection(hass, LovelaceStorage(hass, None))
    return dashboards(hass, collection)  # type: ignore[no-any-return]


def urls(resources: ResourceStorageCollection) -> list[str]:
    """Return the addresses of our resources."""
    return [it["url"] for it in resources.async_items() if FILES in it["url"]]


async def test_the_options_decide_who_has_a_page(
    rig: Rig, hass: HomeAssistant, with_frontend: None
) -> None:
    """Administrators, everyone, nobody; the widest of all accounts counts."""
    account = await rig.add_account()
    shown = panel(hass)
    assert shown is not None
    assert (shown.require_admin, shown.sidebar_title) == (True, "Messages")
    for page, require_admin in (
        ("everyone", False),
        ("off", None),
        ("administrators", True),
    ):
        set_option(account, messages_page=page)
        await account.settled()
        found = panel(hass)
        assert (found.require_admin if found else None) is require_admin, page
    await hass.config.async_update(language="ar")
    await hass.async_block_till_done()
    shown = panel(hass)
    assert shown is not None
    assert shown.sidebar_title == "الرسائل"
    other = await rig.add_account(options={"messages_page": "everyone"})
    found = panel(hass)
    assert found is not None
    assert not found.require_admin
    await hass.config_entries.async_remove(other.entry.entry_id)
    found = panel(hass)
    assert found is not None
    assert found.require_admin
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert panel(hass) is None


async def test_without_a_frontend_there_is_no_page(
    account: Account, hass: HomeAssistant
) -> None:
    """The account loads all the same."""
    assert "frontend" not in hass.config.components
    assert panel(hass) is None
    assert account.entry.runtime_data.sender


async def test_the_card_is_a_resource_of_this_version(
    rig: Rig, hass: HomeAssistant, resources: ResourceStorageCollection
) -> None:
    """One, also with two accounts; an older one is replaced; it goes with the last."""
    await resources.async_get_info()
    old = {"res_type": "module", "url": f"{FILES}/0123456789ab/messages-card.js"}
    await resources.async_create_item(old)
    await resources.async_create_item({"res_type": "module", "url": "/local/x.js"})
    first = await rig.add_account()
    second = await rig.add_account()
    (url,) = urls(resources)
    assert url != old["url"]
    answer = await rig.web.get(url)
    assert answer.status == 200
    assert "javascript" in answer.headers["Content-Type"]
    await hass.config_entries.async_remove(first.entry.entry_id)
    assert urls(resources) == [url]
    await hass.config_entries.async_remove(second.entry.entry_id)
    assert urls(resources) == []
    assert len(resources.async_items()) == 1


async def test_in_yaml_an_issue_says_what_to_write(
    rig: Rig, hass: HomeAssistant, with_frontend: None
) -> None:
    """Until it is written, or the account is gone; its address stays the same."""
    listed: list[dict[str, Any]] = []
    dashboards(hass, ResourceYAMLCollection(listed))
    account = await rig.add_account()
    assert "card_not_listed" in issues(hass)
    assert (await rig.web.get(YAML_CARD)).status == 200
    listed.append({"type": "module", "url": YAML_CARD})
    await hass.config_entries.async_reload(account.entry.entry_id)
    await until(lambda: "card_not_listed" not in issues(hass), "no issue")
    listed.clear()
    await hass.config_entries.async_reload(account.entry.entry_id)
    await until(lambda: "card_not_listed" in issues(hass), "the issue again")
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert "card_not_listed" not in issues(hass)


@pytest.mark.parametrize("path", sorted(FRONTEND.glob("*.js")), ids=lambda it: it.name)
def test_texts_reach_the_page_as_texts(path: Path) -> None:
    """Nothing makes HTML of a text, and nothing comes from elsewhere."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", text
    )
    assert set(re.findall(r'from "([^"]+)"', text)) <= {
        f"./{other.name}" for other in FRONTEND.glob("*.js")
    }
    assert "http:" not in text
    assert "https:" not in text
    assert len(text.splitlines()) <= 400
