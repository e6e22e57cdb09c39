"""Two accounts and a local phone at once: nothing of one reaches another."""

from collections.abc import AsyncGenerator
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import OMAR, SARA, Account, Collected, Rig, collect, contact
from tests.support.days import HOUR, MINUTE, gateway, live, still, take_away_phone
from tests.support.receiving import asked, hook_urls
from tests.support.sending import on_the_phone, posts, refuses
from virtual_gateway import VirtualGateway

__all__ = ["gateway"]

TEXT = "the same text to all"
TITLES = ("Home", "Office", "Garage")
NAMES = ("Sara", "Sara at work", "Sara's garage")


@pytest.fixture(params=["poll"])
async def three(
    rig: Rig, freezer: FrozenDateTimeFactory, request: pytest.FixtureRequest
) -> AsyncGenerator[list[Account]]:
    """A private account, a cloud account and a local phone, each with its gateway.

    Each knows the same number under a name of its own.
    """
    async with (
        VirtualGateway("b", speed=1.0) as two,
        VirtualGateway("c", speed=1.0) as x,
    ):
        accounts = []
        for mode, there, title, name in zip(
            ("private", "cloud", "local"),
            (rig.gateway, two, x),
            TITLES,
            NAMES,
            strict=True,
        ):
            account = await rig.add_account(
                mode=mode,
                gateway=there,
                title=title,
                contacts=(contact(name, SARA),),
                options={"receive_mode": request.param} if mode == "local" else {},
            )
            accounts.append(account)
        await live(freezer, *accounts, seconds=MINUTE, step=5)
        yield accounts
        for account in accounts:
            await account.phone.stop()


@pytest.fixture
def seen(hass: HomeAssistant, three: list[Account]) -> Collected:
    """What comes on the bus."""
    return collect(hass)


def ours(account: Account, platform: str, key: str) -> str:
    """Return the state of an entity of the account, by the end of its unique id."""
    (entity_id,) = [
        entry.entity_id
        for entry in er.async_entries_for_config_entry(
            er.async_get(account.hass), account.entry.entry_id
        )
        if entry.domain == platform
        and entry.unique_id.endswith(f"-{key}")
        and entry.config_subentry_id is None
    ]
    state = account.hass.states.get(entity_id)
    assert state is not None
    return state.state


def of(account: Account, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events of one account."""
    return [it for it in items if it["config_entry_id"] == account.entry.entry_id]


async def test_the_same_sender_writes_the_same_to_all(
    three: list[Account], seen: Collected, freezer: FrozenDateTimeFactory
) -> None:
    """Three events, each with its own account's phone and name; totals of one each."""
    for account in three:
        account.phone.receive(SARA, TEXT)
    await live(freezer, *three, seconds=10, step=5)
    received = seen.data("sms_received")
    assert len(received) == 3
    for account, name in zip(three, NAMES, strict=True):
        (item,) = of(account, received)
        local = account.entry.data["mode"] == "local"
        phone = account.phone.local_id if local else account.phone.id
        assert (item["contact"], item["gateway_device_id"]) == (name, phone)
        assert ours(account, "sensor", "received") == "1"


@pytest.mark.parametrize("number", [0, 1, 2], ids=TITLES)
async def test_what_one_receives_changes_nothing_of_the_others(
    hass: HomeAssistant,
    three: list[Account],
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    number: int,
) -> None:
    """Neither event entities nor totals, last messages or phones."""
    account = three[number]
    others = [it for it in three if it is not account]
    changed: list[str] = []

    @callback
    def note(event: Event) -> None:
        changed.append(event.data["entity_id"])

    hass.bus.async_listen("state_changed", note)
    account.phone.receive(SARA, TEXT)
    await live(freezer, account, *others, seconds=10, step=5)
    assert [it["config_entry_id"] for it in seen.data("sms_received")] == [
        account.entry.entry_id
    ]
    registry = er.async_get(hass)
    owners = {
        entry.config_entry_id
        for entity_id in changed
        if (entry := registry.async_get(entity_id)) is not None
    }
    assert owners == {account.entry.entry_id}
    assert [ours(it, "sensor", "received") for it in others] == ["0", "0"]


async def test_triggers_of_one_account_hear_it_alone(
    hass: HomeAssistant, three: list[Account], freezer: FrozenDateTimeFactory
) -> None:
    """One automation for each account, one for all, one for a contact of one account.

    The contact is the same person to whichever phone it writes.
    """
    options: dict[str, dict[str, Any]] = {
        title: {"config_entry_id": account.entry.entry_id}
        for title, account in zip(TITLES, three, strict=True)
    }
    options |= {"all": {}, "by name": {"senders": ["Sara at work"]}}
    ran: list[str] = []
    hass.bus.async_listen("ran", callback(lambda event: ran.append(event.data["who"])))
    automations = [
        {
            "alias": who,
            "triggers": {"trigger": f"{DOMAIN}.message_received", "options": given},
            "actions": {"event": "ran", "event_data": {"who": who}},
        }
        for who, given in options.items()
    ]
    assert await async_setup_component(hass, "automation", {"automation": automations})
    for account, title in zip(three, TITLES, strict=True):
        account.phone.receive(SARA, TEXT)
        await live(freezer, *three, seconds=10, step=5)
        assert sorted(ran) == sorted([title, "all", "by name"])
        ran.clear()


@pytest.mark.parametrize("number", [0, 1, 2], ids=TITLES)
async def test_a_notify_service_sends_by_its_own_account(
    hass: HomeAssistant,
    three: list[Account],
    freezer: FrozenDateTimeFactory,
    number: int,
) -> None:
    """``notify.home``, ``notify.office`` and ``notify.garage``."""
    await hass.services.async_call(
        "notify",
        TITLES[number].lower(),
        {"message": TEXT, "target": [NAMES[number]]},
        blocking=True,
    )
    await live(freezer, *three, seconds=20, step=5)
    assert [len(posts(it.gateway)) for it in three] == [
        int(index == number) for index in range(3)
    ]
    assert on_the_phone(three[number]) == {SARA: 1}
    assert ours(three[number], "sensor", "sent") == "1"
    assert [ours(it, "sensor", "sent") for it in three].count("0") == 2


async def test_an_action_names_its_account(
    hass: HomeAssistant, three: list[Account]
) -> None:
    """Without one the first sends; another account's contact or phone is not known."""
    home, office, garage = three
    await home.send(TEXT, SARA)
    for account in three:
        await account.send(TEXT, SARA, config_entry_id=account.entry.entry_id)
    assert [len(posts(it.gateway)) for it in three] == [2, 1, 1]
    with refuses("unknown_contact"):
        await home.send(TEXT, "Sara at work", config_entry_id=home.entry.entry_id)
    since = {"since": "2026-11-22T00:00:00+00:00"}
    await hass.services.async_call(
        DOMAIN,
        "refresh_inbox",
        since | {"config_entry_id": office.entry.entry_id},
        blocking=True,
    )
    assert [len(asked(it.gateway, "POST", "/inbox/refresh")) for it in three] == [
        0,
        1,
        0,
    ]
    assert not posts(garage.gateway)[1:]


async def test_issues_and_absence_belong_to_one(
    hass: HomeAssistant, three: list[Account], freezer: FrozenDateTimeFactory
) -> None:
    """One phone is silent for hours; only its account is told of."""
    home, *others = three
    take_away_phone(home)
    await live(freezer, *three, seconds=8 * HOUR, step=5 * MINUTE)
    found = [
        issue
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
    ]
    assert [issue.translation_key for issue in found] == ["phone_offline"]
    assert home.entry.entry_id in found[0].issue_id
    await hass.config_entries.async_remove(others[0].entry.entry_id)
    await still(*three)
    assert len(ir.async_get(hass).issues) == 1
    await hass.config_entries.async_remove(home.entry.entry_id)
    assert len(ir.async_get(hass).issues) == 0


@pytest.mark.parametrize("number", [0, 1, 2], ids=TITLES)
async def test_removing_one_leaves_the_others_receiving(
    hass: HomeAssistant,
    three: list[Account],
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    number: int,
) -> None:
    """Their webhooks, polls and services stay."""
    gone = three[number]
    left = [it for it in three if it is not gone]
    urls = [hook_urls(it) for it in left]
    await hass.config_entries.async_remove(gone.entry.entry_id)
    assert hook_urls(gone) == set()
    assert [hook_urls(it) for it in left] == urls
    for account in three:
        account.phone.receive(OMAR, TEXT)
    await live(freezer, *three, seconds=10, step=5)
    received = seen.data("sms_received")
    assert len(received) == 2
    assert all(len(of(it, received)) == 1 for it in left)
    assert not hass.services.has_service("notify", TITLES[number].lower())
