"""Which devices a person may remove, and how many a webhook's address may make."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.sms_gate.account import phone_devices
from tests.platforms.test_entities import device, phone_event
from tests.support.common import SARA, Account, Rig, collect, event_body
from tests.support.phones import MINUTE, let_pass
from tests.support.receiving import quiet
from virtual_gateway import VirtualPhone, VirtualSim


@pytest.fixture
async def second(rig: Rig) -> VirtualPhone:
    """A second phone, there from the beginning."""
    return rig.gateway.add_phone("Google/Pixel 9")


@pytest.fixture
async def frozen(
    rig: Rig, second: VirtualPhone, freezer: FrozenDateTimeFactory
) -> Account:
    """A private account with two phones, in frozen time."""
    assert await async_setup_component(rig.hass, "config", {})
    return await rig.add_account()


def devices_of(account: Account) -> set[str]:
    """Return the account's devices."""
    registry = dr.async_get(account.hass)
    found = dr.async_entries_for_config_entry(registry, account.entry.entry_id)
    return {item.id for item in found}


@pytest.fixture
def new_page(hass_ws_client: WebSocketGenerator, frozen: Account) -> Any:
    """Return what asks Home Assistant to remove a device, as its page does."""

    async def remove(owner: str, command: str = "remove_config_entry") -> bool:
        """Ask, and return whether it was done."""
        page = await hass_ws_client(frozen.hass)
        wanted = {"config_entry_id": frozen.entry.entry_id}
        await page.send_json_auto_id(
            {
                "type": f"config/device_registry/{command}",
                "device_id": device(frozen, owner).id,
                **(wanted if command == "remove_config_entry" else {}),
            }
        )
        success: bool = (await page.receive_json())["success"]
        await quiet(frozen.hass)
        return success

    return remove


async def leave(
    account: Account, freezer: FrozenDateTimeFactory, phone_id: str
) -> None:
    """Let a phone leave the account, and Home Assistant learn of it."""
    await account.gateway.remove_phone(phone_id)
    await let_pass(account, freezer, 12 * MINUTE, step=6 * MINUTE)


async def test_what_is_there_cannot_be_removed(
    frozen: Account, second: VirtualPhone, new_page: Any
) -> None:
    """The account, its contacts, and the phones of the gateway's list."""
    (contact_id,) = frozen.entry.subentries
    before = devices_of(frozen)
    for owner in (frozen.entry.entry_id, contact_id, frozen.phone.id, second.id):
        assert not await new_page(owner)
    assert devices_of(frozen) == before
    assert len(before) == 4


@pytest.mark.parametrize("command", ["remove_config_entry", "remove"])
async def test_a_phone_that_left_can_be_removed(
    frozen: Account,
    second: VirtualPhone,
    new_page: Any,
    freezer: FrozenDateTimeFactory,
    command: str,
) -> None:
    """With all its entities; the account goes on, and the device stays away."""
    gone = device(frozen, second.id).id
    await leave(frozen, freezer, second.id)
    assert gone in devices_of(frozen)
    assert await new_page(second.id, command)
    assert gone not in devices_of(frozen)
    assert er.async_entries_for_device(er.async_get(frozen.hass), gone) == []
    await let_pass(frozen, freezer, 30 * MINUTE, step=5 * MINUTE)
    assert len(devices_of(frozen)) == 3
    assert second.id not in frozen.entry.runtime_data.account.phones


async def test_a_phone_that_left_before_a_restart_can_be_removed(
    hass: HomeAssistant, frozen: Account, second: VirtualPhone, new_page: Any
) -> None:
    """Only the registry knows of it."""
    assert await hass.config_entries.async_unload(frozen.entry.entry_id)
    await frozen.gateway.remove_phone(second.id)
    assert await hass.config_entries.async_setup(frozen.entry.entry_id)
    await quiet(hass)
    assert len(devices_of(frozen)) == 4
    assert await new_page(second.id)
    assert len(devices_of(frozen)) == 3


async def test_a_removed_phone_that_writes_again_is_there_again(
    frozen: Account,
    second: VirtualPhone,
    new_page: Any,
    freezer: FrozenDateTimeFactory,
    rig: Rig,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With the message that brought it; also a SIM it did not have is fine."""
    await leave(frozen, freezer, second.id)
    assert await new_page(second.id)
    seen = collect(frozen.hass)
    caplog.clear()
    frozen.gateway.phones.append(second)
    second.sims += (VirtualSim(2, None, "Mobily"),)
    await let_pass(frozen, freezer, 12 * MINUTE, step=6 * MINUTE)
    body = event_body() | {"deviceId": second.id}
    async with rig.web.post(frozen.webhook_path, json=body) as response:
        assert response.status == 200
    await quiet(frozen.hass)
    assert phone_event(frozen, second.id).attributes["message"] == "Hello"
    (data,) = seen.data("sms_received")
    assert data["device_id"] == device(frozen, second.id).id
    assert "unique ID" not in caplog.text


async def test_a_person_who_removes_a_phone_of_another_account(
    hass: HomeAssistant, rig: Rig, frozen: Account, second: VirtualPhone
) -> None:
    """Two accounts may know the same phone; each has its own device of it."""
    other = await rig.add_account(contacts=(), title="Other")
    assert device(other, second.id).id != device(frozen, second.id).id
    await rig.gateway.remove_phone(second.id)
    await other.entry.runtime_data.coordinator.async_refresh()
    known = frozen.entry.runtime_data.account.phones
    assert not known.async_forget(device(frozen, second.id))
    other_phones = other.entry.runtime_data.account.phones
    assert other_phones.async_forget(device(other, second.id))
    assert second.id in known
    await hass.async_block_till_done()


async def post(account: Account, web: Any, device_id: str, number: int) -> None:
    """Post a message as a phone with some id, by an app with some version."""
    body = event_body(messageId=f"{number:x}", message=f"number {number}")
    headers = {"User-Agent": f"me.capcom.smsgateway/1.{number}.0"}
    async with web.post(
        account.webhook_path, json=body | {"deviceId": device_id}, headers=headers
    ) as response:
        assert response.status == 200


async def test_a_webhooks_address_cannot_fill_the_registry(
    rig: Rig, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a bound, what claims to be a phone makes no device; no message is lost."""
    monkeypatch.setattr(phone_devices, "MAX_PHONES", 3)
    seen = collect(rig.hass)
    for number in range(8):
        await post(account, rig.web, f"invented {number}", number)
    await quiet(rig.hass)
    data = seen.data("sms_received")
    assert [item["message"] for item in data] == [f"number {n}" for n in range(8)]
    known = {item["device_id"] for item in data}
    service = device(account, account.entry.entry_id).id
    assert len(known) == 3
    assert [item["device_id"] == service for item in data] == [False] * 2 + [True] * 6
    assert len(devices_of(account)) == 5
    account.phone.receive(SARA, "from the real one")
    await account.settled()
    assert phone_event(account).attributes["message"] == "from the real one"


async def test_what_has_no_device_leaves_the_accounts_alone(
    rig: Rig, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account has no version of an app, nor states of who is no phone."""
    monkeypatch.setattr(phone_devices, "MAX_PHONES", 1)
    for number in range(5):
        await post(account, rig.web, f"invented {number}", number)
    await quiet(rig.hass)
    assert device(account, account.entry.entry_id).sw_version is None
    assert len(account.entry.runtime_data.account.phones) == 1


@pytest.mark.parametrize("whose", ["account", "contact", "other account"])
async def test_what_is_no_phones_id_makes_no_phone(
    hass: HomeAssistant, rig: Rig, account: Account, whose: str
) -> None:
    """The devices of accounts and contacts stay what they are; no message is lost."""
    other = await rig.add_account(title="Other", contacts=())
    claimed = {
        "account": account.entry.entry_id,
        "contact": next(iter(account.entry.subentries)),
        "other account": other.entry.entry_id,
    }[whose]

    def devices() -> list[dr.DeviceEntry]:
        entries = account.entry.entry_id, other.entry.entry_id
        registry = dr.async_get(hass)
        find = dr.async_entries_for_config_entry
        return [device for it in entries for device in find(registry, it)]

    before = devices()
    assert [it for it in before if ("sms_gate", claimed) in it.identifiers]
    seen = collect(hass)
    await post(account, rig.web, claimed, 1)
    await quiet(hass)
    assert devices() == before
    assert [item["device_id"] for item in seen.data("sms_received")] == [
        device(account, account.entry.entry_id).id
    ]
    assert claimed not in account.entry.runtime_data.account.phones


async def test_the_bound_is_far_beyond_what_anyone_has() -> None:
    """A limit for whoever knows the address, not for a person with phones."""
    assert phone_devices.MAX_PHONES >= 100


async def test_a_phone_that_is_new_after_the_bound_is_still_listed(
    rig: Rig, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway's own list is believed, whatever was invented before."""
    monkeypatch.setattr(phone_devices, "MAX_PHONES", 2)
    for number in range(4):
        await post(account, rig.web, f"invented {number}", number)
    joined = rig.gateway.add_phone("Google/Pixel 9")
    await account.entry.runtime_data.coordinator.async_refresh()
    await quiet(rig.hass)
    assert device(account, joined.id).name == "Google Pixel 9"
