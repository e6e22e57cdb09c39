"""The dialogs of repair issues, as Home Assistant's page of repairs goes through them."""

from typing import Any

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.sms_gate.const import ReceiveMode
from tests.support.common import OMAR, SARA, Account, Rig, collect
from tests.support.mending import Mender
from tests.support.phones import issue_ids
from tests.support.receiving import NO_HTTPS, hook_urls, issues, quiet
from tests.support.sending import TEXT, fails, on_the_phone

GOOD = "https://home.example"
BAD = [
    pytest.param("http://192.168.1.5:8123", id="plain"),
    pytest.param("home.example", id="no scheme"),
    pytest.param("https://", id="no host"),
    pytest.param("ftp://home.example", id="another scheme"),
    pytest.param("https://[home", id="no address"),
    pytest.param("", id="empty"),
]


@pytest.fixture
def mender(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, hass_admin_user: User
) -> Mender:
    """Who goes through dialogs."""
    return Mender(hass, hass_client, hass_admin_user)


async def without_address(rig: Rig) -> Account:
    """An account of a Home Assistant that no phone can deliver to."""
    rig.hass.config.internal_url = NO_HTTPS
    return await rig.add_account()


async def refused(rig: Rig) -> Account:
    """An account whose gateway refuses Home Assistant's address."""
    rig.gateway.plain_webhooks = False
    return await rig.add_account()


async def unreached(rig: Rig, **options: Any) -> Account:
    """A local account whose phone's webhooks do not arrive."""
    account = await rig.add_account(mode="local", options=options)
    account.entry.runtime_data.receiving._fall_back_to_polling()
    await quiet(rig.hass)
    return account


ADDRESS_ISSUES = [
    pytest.param(without_address, "no_https_address", id="no address"),
    pytest.param(refused, "webhook_refused", id="refused"),
]


def only_issue(account: Account, key: str) -> str:
    """Return the id of the one issue there is."""
    assert issues(account.hass) == {key}
    (issue_id,) = issue_ids(account, key)
    return issue_id


@pytest.mark.parametrize(("prepare", "key"), ADDRESS_ISSUES)
async def test_a_good_address_is_kept_and_used(
    rig: Rig, mender: Mender, prepare: Any, key: str
) -> None:
    """The account reloads, its webhooks lead there, and the issue is gone."""
    account = await prepare(rig)
    before = account.entry.runtime_data
    form = await mender.begin(only_issue(account, key))
    assert (form["type"], form["step_id"]) == ("form", "address")
    assert form["description_placeholders"] == {"account": "SMS Gate"}
    ended = await mender.answer(form, webhook_base_url=f"{GOOD}/")
    assert ended["type"] == "create_entry"
    assert account.entry.options["webhook_base_url"] == f"{GOOD}/"
    assert account.entry.state is ConfigEntryState.LOADED
    assert account.entry.runtime_data is not before
    assert hook_urls(account) == {f"{GOOD}{account.webhook_path}"}
    assert issues(rig.hass) == set()


@pytest.mark.parametrize("address", BAD)
@pytest.mark.parametrize(("prepare", "key"), ADDRESS_ISSUES)
async def test_a_bad_address_is_refused_in_the_form(
    rig: Rig, mender: Mender, prepare: Any, key: str, address: str
) -> None:
    """What was entered is offered again; a good one then still does."""
    account = await prepare(rig)
    form = await mender.begin(only_issue(account, key))
    again = await mender.answer(form, webhook_base_url=address)
    assert (again["type"], again["step_id"]) == ("form", "address")
    assert again["errors"] == {"webhook_base_url": "needs_https"}
    (field,) = again["data_schema"]
    assert field["description"]["suggested_value"] == address
    assert "webhook_base_url" not in account.entry.options
    assert only_issue(account, key)
    ended = await mender.answer(again, webhook_base_url=GOOD)
    assert ended["type"] == "create_entry"
    assert issues(rig.hass) == set()


async def test_other_options_stay(rig: Rig, mender: Mender) -> None:
    """A dialog changes what it asked for."""
    rig.hass.config.internal_url = NO_HTTPS
    options = {"daily_limit": 7, "signing_key": "secret"}
    account = await rig.add_account(options=options)
    form = await mender.begin(only_issue(account, "no_https_address"))
    await mender.answer(form, webhook_base_url=GOOD)
    assert account.entry.options == {**options, "webhook_base_url": GOOD}


async def test_a_higher_limit_lets_messages_go_again(rig: Rig, mender: Mender) -> None:
    """What was sent today still counts."""
    account = await rig.add_account(options={"daily_limit": 2})
    for _ in range(2):
        await account.send(TEXT, SARA)
    with fails("daily_limit"):
        await account.send(TEXT, SARA)
    await account.settled()
    form = await mender.begin(only_issue(account, "daily_limit"))
    assert (form["type"], form["step_id"]) == ("form", "limit")
    ended = await mender.answer(form, daily_limit=3)
    assert ended["type"] == "create_entry"
    assert account.entry.options["daily_limit"] == 3
    assert isinstance(account.entry.options["daily_limit"], int)
    assert issues(rig.hass) == set()
    await account.send(TEXT, SARA)
    with fails("daily_limit"):
        await account.send(TEXT, SARA)
    await account.settled()
    assert on_the_phone(account) == {SARA: 3}
    assert issues(rig.hass) == {"daily_limit"}


@pytest.mark.parametrize("limit", [-1, 100_001, "many", None])
async def test_a_limit_that_is_none_is_refused(
    rig: Rig, mender: Mender, limit: Any
) -> None:
    """The form's own bounds hold."""
    account = await rig.add_account(options={"daily_limit": 1})
    await account.send(TEXT, SARA)
    with fails("daily_limit"):
        await account.send(TEXT, SARA)
    form = await mender.begin(only_issue(account, "daily_limit"))
    answer = await mender.answer(form, daily_limit=limit)
    assert "daily_limit" in str(answer)
    assert answer.get("type") != "create_entry"
    assert account.entry.options["daily_limit"] == 1
    await account.settled()


@pytest.mark.parametrize("wanted", ["auto", "webhook"])
async def test_go_on_asking_the_phone(rig: Rig, mender: Mender, wanted: str) -> None:
    """From now on, also after a restart, whatever the webhooks do."""
    account = await unreached(rig, receive_mode=wanted)
    menu = await mender.begin(only_issue(account, "webhooks_do_not_arrive"))
    assert (menu["type"], menu["step_id"]) == ("menu", "choose")
    assert menu["menu_options"] == ["poll", "retry", "address"]
    assert menu["description_placeholders"] == {"account": "SMS Gate"}
    ended = await mender.answer(menu, next_step_id="poll")
    assert ended["type"] == "create_entry"
    assert account.entry.options["receive_mode"] == "poll"
    assert account.entry.runtime_data.receiving.mode is ReceiveMode.POLL
    assert account.phone.webhooks == {}
    assert issues(rig.hass) == set()


async def test_try_the_webhooks_again(
    hass: HomeAssistant, rig: Rig, mender: Mender
) -> None:
    """The options stay, and a message comes by webhook."""
    account = await unreached(rig)
    menu = await mender.begin(only_issue(account, "webhooks_do_not_arrive"))
    ended = await mender.answer(menu, next_step_id="retry")
    assert ended["type"] == "create_entry"
    assert account.entry.options == {}
    assert account.entry.runtime_data.receiving.mode is ReceiveMode.WEBHOOK
    assert issues(hass) == set()
    seen = collect(hass)
    account.phone.receive(SARA, "hello")
    await account.settled()
    assert [data["message"] for data in seen.data("sms_received")] == ["hello"]


async def test_enter_another_address(rig: Rig, mender: Mender) -> None:
    """The third of the ways out, with the same checks."""
    account = await unreached(rig)
    menu = await mender.begin(only_issue(account, "webhooks_do_not_arrive"))
    form = await mender.answer(menu, next_step_id="address")
    assert (form["type"], form["step_id"]) == ("form", "address")
    again = await mender.answer(form, webhook_base_url=NO_HTTPS)
    assert again["errors"] == {"webhook_base_url": "needs_https"}
    ended = await mender.answer(again, webhook_base_url=GOOD)
    assert ended["type"] == "create_entry"
    assert hook_urls(account) == {f"{GOOD}{account.webhook_path}"}
    assert issues(rig.hass) == set()


async def sent_too_much(rig: Rig) -> Account:
    """An account that sent as many SMS as it may in a day."""
    account = await rig.add_account(options={"parts_per_day": 1})
    await account.send(TEXT, SARA)
    with fails("parts_limit"):
        await account.send(TEXT, OMAR)
    await account.settled()
    return account


async def test_the_limit_of_parts_can_be_raised(rig: Rig, mender: Mender) -> None:
    """The dialog shows both limits; with more, the next message is sent."""
    account = await sent_too_much(rig)
    form = await mender.begin(only_issue(account, "parts_limit"))
    assert (form["type"], form["step_id"]) == ("form", "parts")
    shown = {item["name"]: item["description"] for item in form["data_schema"]}
    assert shown["parts_per_day"] == {"suggested_value": 1}
    assert shown["parts_per_month"] == {"suggested_value": 3000}
    ended = await mender.answer(form, parts_per_day=5, parts_per_month=50)
    assert ended["type"] == "create_entry"
    assert account.entry.options["parts_per_day"] == 5
    await account.send(TEXT, OMAR)
    assert issues(rig.hass) == set()
    await account.settled()


async def limited(rig: Rig) -> Account:
    """An account that reached its limit."""
    account = await rig.add_account(options={"daily_limit": 1})
    await account.send(TEXT, SARA)
    with fails("daily_limit"):
        await account.send(TEXT, SARA)
    await account.settled()
    return account


@pytest.mark.parametrize(
    ("prepare", "key", "answers"),
    [
        (without_address, "no_https_address", [{"webhook_base_url": GOOD}]),
        (refused, "webhook_refused", [{"webhook_base_url": GOOD}]),
        (limited, "daily_limit", [{"daily_limit": 5}]),
        (
            sent_too_much,
            "parts_limit",
            [{"parts_per_day": 5, "parts_per_month": 50}],
        ),
        (unreached, "webhooks_do_not_arrive", [{"next_step_id": "poll"}]),
        (unreached, "webhooks_do_not_arrive", [{"next_step_id": "retry"}]),
        (
            unreached,
            "webhooks_do_not_arrive",
            [{"next_step_id": "address"}, {"webhook_base_url": GOOD}],
        ),
    ],
)
async def test_the_account_is_removed_meanwhile(
    hass: HomeAssistant,
    rig: Rig,
    mender: Mender,
    prepare: Any,
    key: str,
    answers: list[dict[str, str]],
) -> None:
    """The dialog that is still open says so, and nothing comes back."""
    account = await prepare(rig)
    step = await mender.begin(only_issue(account, key))
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert issues(hass) == set()
    for given in answers:
        step = await mender.answer(step, **given)
    assert (step["type"], step["reason"]) == ("abort", "account_removed")
    assert issues(hass) == set()
