"""The account's options: what is offered, refused, kept and used."""

import logging
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData
import pytest

from tests.support.cloud import Cloud, cloud
from tests.support.common import OMAR, SARA, Account, Rig, collect, event_body
from tests.support.flows import TRANSLATIONS, suggested
from virtual_gateway import VirtualSim

__all__ = ["cloud"]

TEXTS = TRANSLATIONS["options"]
DEFAULTS = {
    "receive_mode",
    "daily_limit",
    "line_test",
    "messages_page",
    "record_message_text",
    "parts_per_day",
    "parts_per_month",
}


async def open_form(account: Account) -> Any:
    """Open the dialog."""
    form = await account.hass.config_entries.options.async_init(account.entry.entry_id)
    assert (form["type"], form["step_id"], form["errors"]) == ("form", "init", {})
    return form


async def submit(hass: HomeAssistant, form: Any, entered: dict[str, Any]) -> Any:
    """Send the form, let the account reload, and return the answer."""
    result = await hass.config_entries.options.async_configure(form["flow_id"], entered)
    await hass.async_block_till_done()
    for error in (result.get("errors") or {}).values():
        assert error in TEXTS["error"]
    return result


async def choose(account: Account, **entered: Any) -> None:
    """Choose options."""
    result = await submit(account.hass, await open_form(account), entered)
    assert result["type"] == "create_entry"


def keys(form: Any) -> set[str]:
    """Return the fields of a form."""
    return {str(key) for key in form["data_schema"].schema}


def receive_modes(form: Any) -> list[str]:
    """Return the ways of receiving that a form offers."""
    selector = form["data_schema"].schema["receive_mode"]
    return list(selector.config["options"])


async def test_every_field_has_a_name_and_the_contracts_are_there(
    account: Account,
) -> None:
    """Nobody meets a field without words."""
    form = await open_form(account)
    assert keys(form) >= {
        "receive_mode",
        "webhook_base_url",
        "signing_key",
        "default_sim",
        "country",
        "encryption_passphrase",
        "record_message_text",
        "daily_limit",
    }
    texts = TEXTS["step"]["init"]
    assert keys(form) <= texts["data"].keys()
    assert keys(form) <= texts["data_description"].keys()


@pytest.mark.parametrize(
    ("mode", "offered"),
    [
        ("cloud", ["auto", "webhook", "off"]),
        ("private", ["auto", "webhook", "off"]),
        ("local", ["auto", "webhook", "poll", "off"]),
    ],
)
async def test_only_ways_of_receiving_that_can_work_are_offered(
    rig: Rig, mode: str, offered: list[str]
) -> None:
    """Nobody but a phone can be polled; without its cloud there is no cloudhook."""
    account = await rig.add_account(mode=mode)
    assert receive_modes(await open_form(account)) == offered


async def test_cloudhooks_are_offered_with_the_cloud(
    account: Account, cloud: Cloud
) -> None:
    """Once Home Assistant Cloud is logged in."""
    cloud.log_in()
    offered = receive_modes(await open_form(account))
    assert offered == ["auto", "webhook", "cloudhook", "off"]


async def test_what_was_chosen_can_stay(rig: Rig) -> None:
    """The cloud may be away while another option is changed."""
    account = await rig.add_account(options={"receive_mode": "cloudhook"})
    assert "cloudhook" in receive_modes(await open_form(account))


async def test_what_a_clipboard_adds_is_removed(account: Account) -> None:
    """A key with a blank behind it would refuse every message."""
    await choose(
        account,
        receive_mode="webhook",
        webhook_base_url=" https://ha.example\n",
        signing_key="\u200ekey ",
    )
    assert account.entry.options["webhook_base_url"] == "https://ha.example"
    assert account.entry.options["signing_key"] == "key"


async def test_what_is_usual_needs_no_answer(account: Account) -> None:
    """An empty form keeps the account as it was."""
    await choose(account)
    options = dict(account.entry.options)
    for limit in ("daily_limit", "parts_per_day", "parts_per_month"):
        assert isinstance(options.pop(limit), int)
    assert options == {
        "receive_mode": "auto",
        "line_test": "off",
        "record_message_text": False,
        "messages_page": "administrators",
    }
    await account.send("still there", SARA)
    await account.settled()
    assert len(account.phone.outbox) == 1


async def test_every_option_is_kept_and_shown_again(account: Account) -> None:
    """Whole numbers stay whole."""
    chosen = {
        "receive_mode": "webhook",
        "webhook_base_url": "https://ha.example",
        "signing_key": "key",
        "default_sim": 2,
        "country": "GB",
        "encryption_passphrase": "secret",
        "daily_limit": 5,
        "parts_per_day": 6,
        "parts_per_month": 7,
        "line_test": "weekly",
        "line_test_number": OMAR,
        "record_message_text": True,
        "keep_messages_days": 30,
        "messages_page": "everyone",
    }
    entered = {**chosen, "default_sim": 2.0, "daily_limit": 5.0}
    await choose(account, **entered)
    assert dict(account.entry.options) == chosen
    assert type(account.entry.options["default_sim"]) is int
    assert suggested(await open_form(account)) == chosen


async def test_an_option_that_was_emptied_is_gone(rig: Rig) -> None:
    """A key, an address or a SIM can be taken away again."""
    account = await rig.add_account(
        options={
            "signing_key": "key",
            "default_sim": 2,
            "country": "GB",
            "encryption_passphrase": "secret",
            "webhook_base_url": "http://127.0.0.1:1",
        }
    )
    await choose(account)
    assert account.entry.options.keys() == DEFAULTS


@pytest.mark.parametrize(
    "address",
    [
        "http://homeassistant.local:8123",
        "http://192.168.1.5:8123",
        "http://127.0.0.1.example.com",
        "http://localhost:8123",
        "homeassistant.local",
        "ftp://ha.example",
        "//ha.example",
        "https://",
        "https:ha.example",
        "https://[::1",
        "https://ha.example:99999",
        "https://[]@",
    ],
)
async def test_an_address_the_app_does_not_deliver_to_is_told(
    hass: HomeAssistant, account: Account, address: str
) -> None:
    """Before messages are lost; what else was entered stays, and it can be mended."""
    form = await open_form(account)
    entered = {"webhook_base_url": address, "default_sim": 1}
    result = await submit(hass, form, entered)
    assert result["errors"] == {"webhook_base_url": "needs_https"}
    assert suggested(result).items() >= entered.items()
    assert account.entry.options == {}
    fine = {"webhook_base_url": "https://ha.example:8123"}
    assert (await submit(hass, form, fine))["type"] == "create_entry"


@pytest.mark.parametrize(
    "wrong",
    [
        {"receive_mode": "push"},
        {"default_sim": 0},
        {"default_sim": 4},
        {"daily_limit": -1},
        {"daily_limit": "many"},
        {"something": "else"},
    ],
    ids=str,
)
async def test_a_value_that_cannot_be_is_refused(
    hass: HomeAssistant, account: Account, wrong: dict[str, Any]
) -> None:
    """The form itself does not offer it."""
    form = await open_form(account)
    with pytest.raises(InvalidData):
        await submit(hass, form, wrong)
    assert account.entry.options == {}


async def test_a_new_address_goes_to_the_gateway(account: Account) -> None:
    """The registrations follow, and none is left at the old address."""
    base = "http://127.0.0.1:9"
    await choose(account, webhook_base_url=f"{base}/")
    urls = {str(hook["url"]) for hook in account.gateway.account_webhooks.values()}
    assert urls == {base + account.webhook_path}


async def test_with_a_key_only_what_is_signed_is_taken(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """From the moment the form is sent, without a restart."""
    seen = collect(hass)
    path = account.webhook_path
    answer = await rig.web.post(path, json=event_body(messageId="first"))
    assert answer.status == 200
    await choose(account, signing_key="the key")
    answer = await rig.web.post(path, json=event_body(messageId="second"))
    assert answer.status == 401
    account.phone.signing_key = "the key"
    account.phone.receive(SARA, "Signed")
    await account.settled()
    assert [item["message"] for item in seen.data("sms_received")] == [
        "Hello",
        "Signed",
    ]


async def test_the_sim_is_used_for_what_names_none(rig: Rig) -> None:
    """Contact and action go before it."""
    await rig.gateway.remove_phone(rig.gateway.phones[0].id)
    rig.gateway.add_phone(sims=(VirtualSim(1), VirtualSim(2)))
    account = await rig.add_account()
    await choose(account, default_sim=2)
    await account.send("two", SARA)
    await account.settled()
    await account.send("one", SARA, sim_number=1)
    await account.settled()
    sent = [(sms.text, sms.sim_number) for sms in account.phone.outbox]
    assert sent == [("two", 2), ("one", 1)]


async def test_the_country_reads_local_numbers(account: Account) -> None:
    """It goes before Home Assistant's own."""
    await choose(account, country="AE")
    await account.send("to Dubai", "050 123 4567")
    await account.settled()
    assert [sms.phone_number for sms in account.phone.outbox] == ["+971501234567"]


async def test_a_phone_gets_a_key_of_its_own(
    hass: HomeAssistant, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """One tick sets it on both sides, and messages go on arriving."""
    caplog.set_level(logging.DEBUG)
    account = await rig.add_account(mode="local")
    seen = collect(hass)
    await choose(account, new_signing_key=True)
    key = account.entry.options["signing_key"]
    assert len(key) == 64
    assert "new_signing_key" not in account.entry.options
    assert key not in caplog.text
    account.phone.receive(SARA, "Signed")
    await account.settled()
    assert [item["message"] for item in seen.data("sms_received")] == ["Signed"]
    answer = await rig.web.post(account.webhook_path, json=event_body())
    assert answer.status == 401


async def test_a_phone_that_is_off_gets_no_key(hass: HomeAssistant, rig: Rig) -> None:
    """Then nothing changes here either, or no message would be taken any more."""
    account = await rig.add_account(mode="local")
    form = await open_form(account)
    port = rig.gateway.port
    await rig.gateway.stop()
    result = await submit(hass, form, {"new_signing_key": True})
    assert result["errors"] == {"base": "cannot_connect"}
    assert account.entry.options == {}
    await rig.gateway.start(port=port)


async def test_a_server_cannot_be_given_a_key(
    hass: HomeAssistant, account: Account
) -> None:
    """Servers refuse it, so it is not offered."""
    form = await open_form(account)
    assert "new_signing_key" not in keys(form)
    with pytest.raises(InvalidData):
        await submit(hass, form, {"new_signing_key": True})


@pytest.mark.parametrize(
    ("mode", "entered", "saved", "error"),
    [
        ("private", {"line_test": "weekly"}, None, "number_missing"),
        ("local", {"line_test": "weekly"}, None, None),
        ("private", {"line_test_number": "the phone"}, None, "invalid_number"),
        ("cloud", {"line_test_number": "12"}, None, "invalid_number"),
        ("private", {"line_test_number": " 050 123 4567 "}, OMAR, None),
        ("private", {"line_test": "off"}, None, None),
    ],
)
async def test_the_number_of_the_line_test_can_be_texted(
    rig: Rig, mode: str, entered: dict[str, Any], saved: str | None, error: str | None
) -> None:
    """A server shows none, so one is asked for before a night without a test."""
    account = await rig.add_account(mode=mode)
    form = await open_form(account)
    result = await submit(rig.hass, form, {"receive_mode": "auto", **entered})
    expected = {"line_test_number": error} if error else None
    assert result.get("errors") == expected
    assert account.entry.options.get("line_test_number") == saved
