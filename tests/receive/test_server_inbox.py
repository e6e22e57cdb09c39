"""A server with an inbox: found out in the background, and read as a phone's is."""

import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.const import DOMAIN
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig, collect
from tests.support.receiving import (
    GRACE,
    LOOK,
    NO_HTTPS,
    POLL,
    hook_urls,
    issues,
    pass_time,
    polls,
    quiet,
    texts,
)
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

PASSPHRASE = "correct horse"
SERVERS = ["private", "cloud"]
of_servers = pytest.mark.parametrize("mode", SERVERS)


@pytest.fixture
def gateway(gateway: VirtualGateway) -> VirtualGateway:
    """A gateway whose server has an inbox, encrypted by its phone."""
    gateway.server_inbox = True
    gateway.phones[0].passphrase = PASSPHRASE
    return gateway


async def connect(
    rig: Rig, receive_mode: str = "auto", passphrase: str = PASSPHRASE, **more: Any
) -> Account:
    """Set up an account, and wait until it knows what its server can."""
    options = {"receive_mode": receive_mode, "encryption_passphrase": passphrase}
    account = await rig.add_account(options=options, **more)
    await settle(account)
    return account


async def settle(account: Account) -> None:
    """Wait until the account loaded again, if the probe asked for that."""
    await quiet(account.hass)
    await until(lambda: account.entry.state is ConfigEntryState.LOADED)
    await quiet(account.hass)


def way(account: Account) -> str:
    """Return how messages come in."""
    return str(account.entry.runtime_data.receiving.mode)


async def offered(account: Account) -> list[str]:
    """Return the modes that the options offer."""
    flow = await account.hass.config_entries.options.async_init(account.entry.entry_id)
    schema = flow["data_schema"]
    assert schema is not None
    (field,) = [
        selector for key, selector in schema.schema.items() if key == "receive_mode"
    ]
    return list(field.config["options"])


@of_servers
async def test_an_inbox_is_polled_like_a_phones(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """Each message once, in clear, the oldest first; no webhook is registered."""
    account = await connect(rig, "poll", mode=mode)
    assert way(account) == "poll"
    assert hook_urls(account) == set()
    seen = collect(hass)
    now = time.time()
    freezer.tick(20)
    for ago, text in ((3, "two مرحبا"), (9, "one"), (0, "three")):
        account.phone.receive(SARA, text, at=now + 20 - ago)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert texts(seen) == ["one", "two مرحبا", "three"]
    for item in seen.data("sms_received"):
        assert (item["sender"], item["contact"]) == (SARA, "Sara")
        assert item["gateway_device_id"] == account.phone.id
        assert item["late"] is False
    assert {item.query["deviceId"] for item in polls(account.gateway)[-3:]} == {
        account.phone.id
    }


async def test_without_an_https_address_automatic_polls(
    hass: HomeAssistant, rig: Rig
) -> None:
    """At first nothing can be received; once the inbox was found it is polled."""
    hass.config.internal_url = hass.config.external_url = NO_HTTPS
    account = await connect(rig)
    assert way(account) == "poll"
    assert issues(hass) == set()


@of_servers
async def test_what_came_while_home_assistant_was_down(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """No webhook tells of it and no app tells again: the inbox has it."""
    account = await connect(rig, "webhook", mode=mode)
    seen = collect(hass)
    account.phone.receive(SARA, "before")
    await account.settled()
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    for text in ("one", "two"):
        account.phone.receive(OMAR, text)
    account.phone.hooks.queue.clear()
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await until(lambda: len(texts(seen)) == 3)
    await quiet(hass)
    assert texts(seen)[0] == "before"
    assert sorted(texts(seen)[1:]) == ["one", "two"]
    assert [item["late"] for item in seen.data("sms_received")] == [False, True, True]
    assert way(account) == "webhook"


async def test_a_webhook_that_does_not_come_is_seen(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """Verified by the inbox; then it is polled, and a repair issue says so."""
    account = await connect(rig, "webhook")
    seen = collect(hass)
    account.gateway.faults["webhook_down"] = Fault()
    account.phone.receive(SARA, "lost")
    await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, GRACE)
    await until(lambda: texts(seen) == ["lost"])
    assert way(account) == "poll"
    assert "webhooks_do_not_arrive" in issues(hass)


async def test_what_a_webhook_brought_is_known_in_the_inbox(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """The inbox shows it encrypted and under another id."""
    account = await connect(rig, "webhook")
    seen = collect(hass)
    account.phone.receive(SARA, "once")
    await until(lambda: texts(seen) == ["once"])
    await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, GRACE)
    assert polls(account.gateway)
    assert texts(seen) == ["once"]
    assert way(account) == "webhook"


async def test_each_phone_has_its_own_inbox(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """A server does not say whose a message is: the same one at two phones is two."""
    other = rig.gateway.add_phone("Second")
    other.passphrase = PASSPHRASE
    account = await connect(rig, "poll")
    seen = collect(hass)
    for phone in account.gateway.phones:
        phone.receive(SARA, "hello", at=int(time.time()))
    await pass_time(hass, freezer, POLL)
    received = {item["gateway_device_id"] for item in seen.data("sms_received")}
    assert received == {account.phone.id, other.id}


async def test_what_was_there_before_the_account_does_not_fire(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """A server keeps messages of weeks."""
    rig.gateway.phones[0].receive(SARA, "old", at=time.time() - 3600)
    seen = collect(hass)
    account = await connect(rig, "poll")
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert polls(account.gateway)
    assert texts(seen) == []


@pytest.mark.parametrize("passphrase", ["", "wrong"])
async def test_what_cannot_be_decrypted_is_no_message(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, passphrase: str
) -> None:
    """A repair issue says so, webhooks go on, and the right passphrase ends it."""
    account = await connect(rig, "webhook", passphrase)
    seen = collect(hass)
    account.phone.receive(SARA, "by webhook")
    await until(lambda: texts(seen) == ["by webhook"])
    await hass.config_entries.async_reload(account.entry.entry_id)
    await settle(account)
    for _ in range(3):
        await pass_time(hass, freezer, LOOK)
    assert texts(seen) == ["by webhook"]
    assert issues(hass) == {"inbox_encrypted"}
    hass.config_entries.async_update_entry(
        account.entry,
        options={**account.entry.options, "encryption_passphrase": PASSPHRASE},
    )
    await settle(account)
    await until(lambda: issues(hass) == set())
    assert texts(seen) == ["by webhook"]


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_server_without_an_inbox(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, status: int
) -> None:
    """It is asked once, in the background; polling is not offered."""
    rig.gateway.faults["status"] = Fault(value=status, path="/inbox$")
    account = await connect(rig, "webhook")
    assert len(polls(account.gateway)) == 1
    assert "poll" not in await offered(account)
    await hass.config_entries.async_reload(account.entry.entry_id)
    await settle(account)
    await pass_time(hass, freezer, LOOK)
    assert len(polls(account.gateway)) == 1
    assert way(account) == "webhook"


async def test_polling_is_offered_where_there_is_an_inbox(rig: Rig) -> None:
    """And the inbox can be listed, in clear."""
    account = await connect(rig, "webhook")
    assert "poll" in await offered(account)
    account.phone.receive(SARA, "hello")
    answer: Any = await account.hass.services.async_call(
        DOMAIN, "list_inbox", {}, blocking=True, return_response=True
    )
    assert [(item["sender"], item["message"]) for item in answer["messages"]] == [
        (SARA, "hello")
    ]


async def test_an_inbox_that_goes_away(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """An older server was installed again: webhooks are registered at once."""
    account = await connect(rig, "auto")
    hass.config_entries.async_update_entry(
        account.entry, options={**account.entry.options, "receive_mode": "poll"}
    )
    await settle(account)
    assert way(account) == "poll"
    hass.config_entries.async_update_entry(
        account.entry, options={**account.entry.options, "receive_mode": "auto"}
    )
    await settle(account)
    account.gateway.server_inbox = False
    await pass_time(hass, freezer, LOOK)
    await settle(account)
    assert way(account) == "webhook"
    assert account.entry.runtime_data.account.has_inbox is False
    seen = collect(hass)
    account.phone.receive(SARA, "still")
    await until(lambda: texts(seen) == ["still"])


async def test_the_ability_is_known_after_a_restart(
    hass: HomeAssistant, rig: Rig, hass_storage: dict[str, Any]
) -> None:
    """It is kept, so that nothing has to load twice."""
    account = await connect(rig, "poll")
    await hass.config_entries.async_unload(account.entry.entry_id)
    hass.data.pop(f"{DOMAIN}_last_known", None)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    key = f"{DOMAIN}.{account.entry.entry_id}.last_known"
    await until(lambda: key in hass_storage)
    assert hass_storage[key]["data"]["has_inbox"] is True
