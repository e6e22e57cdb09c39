"""The actions `list_inbox` and `refresh_inbox`, and what they refuse."""

from datetime import UTC, datetime, timedelta
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
import voluptuous as vol

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import OMAR, SARA, Account, Rig, collect
from tests.support.receiving import ARRIVALS, asked, pass_time, polls, texts
from tests.support.sending import fails, refuses
from virtual_gateway.faults import Fault

FIELDS = {
    "id",
    "type",
    "sender",
    "recipient",
    "contact",
    "sim_number",
    "message",
    "timestamp",
}


@pytest.fixture
async def local(rig: Rig) -> Account:
    """A phone in the local network that holds one message of each kind."""
    for arrive in ARRIVALS.values():
        arrive(rig.gateway.phones[0])
    account = await rig.add_account(mode="local")
    rig.gateway.requests.clear()
    return account


async def list_inbox(account: Account, **data: Any) -> dict[str, Any]:
    """Run the action."""
    answer = await account.hass.services.async_call(
        DOMAIN, "list_inbox", data, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return dict(answer)


async def refresh(account: Account, **data: Any) -> None:
    """Run the action."""
    await account.hass.services.async_call(DOMAIN, "refresh_inbox", data, blocking=True)


def device_of(account: Account, gateway_device_id: str) -> str:
    """Return a phone's id in the device registry."""
    devices = dr.async_entries_for_config_entry(
        dr.async_get(account.hass), account.entry.entry_id
    )
    (device,) = (
        item for item in devices if (DOMAIN, gateway_device_id) in item.identifiers
    )
    return device.id


async def test_the_list_shows_every_kind_with_its_contact(local: Account) -> None:
    """The newest first, with exactly these fields."""
    answer = await list_inbox(local)
    assert answer["total"] == 4
    messages = {item["type"]: item for item in answer["messages"]}
    assert set(messages) == set(ARRIVALS)
    assert all(set(item) == FIELDS for item in messages.values())
    sms = messages["SMS"]
    assert sms["message"] == "hello مرحبا"
    assert (sms["sender"], sms["contact"], sms["sim_number"]) == (SARA, "Sara", 1)
    assert datetime.fromisoformat(sms["timestamp"]).utcoffset() == timedelta(hours=3)


async def test_listing_fires_nothing(hass: HomeAssistant, local: Account) -> None:
    """Looking is no receiving."""
    seen = collect(hass)
    await list_inbox(local)
    assert seen.events == []


@pytest.mark.parametrize("kind", [*ARRIVALS, "sms", "Mms_Downloaded"])
async def test_one_type(local: Account, kind: str) -> None:
    """However it is written."""
    answer = await list_inbox(local, type=kind)
    assert [item["type"] for item in answer["messages"]] == [kind.upper()]
    assert answer["total"] == 1


async def test_pages_and_periods(local: Account) -> None:
    """A page says how many there are in all; bounds are inclusive of what lies between."""
    now = int(time.time())
    for number in range(5):
        local.phone.receive(OMAR, f"{number}", at=now - 4000 + number)
    start = datetime.fromtimestamp(now - 4000, UTC)
    period = {
        "from": (start + timedelta(seconds=1)).isoformat(),
        "to": (start + timedelta(seconds=3)).isoformat(),
    }
    answer = await list_inbox(local, **period)
    assert [item["message"] for item in answer["messages"]] == ["3", "2", "1"]
    assert [item["contact"] for item in answer["messages"]] == [None] * 3
    page = await list_inbox(local, **period, limit=1, offset=1)
    assert [item["message"] for item in page["messages"]] == ["2"]
    assert page["total"] == 3
    assert (await list_inbox(local, offset=100))["messages"] == []


async def test_an_empty_inbox_is_an_empty_list(rig: Rig) -> None:
    """No error."""
    account = await rig.add_account(mode="local")
    assert await list_inbox(account) == {"messages": [], "total": 0}


@pytest.mark.parametrize(
    "data",
    [
        {"type": "FAX"},
        {"limit": 0},
        {"limit": 501},
        {"offset": -1},
        {"from": "soon"},
        {"unknown": 1},
    ],
    ids=str,
)
async def test_a_wrong_field_is_refused_before_the_phone_is_asked(
    local: Account, data: dict[str, Any]
) -> None:
    """By the schema."""
    with pytest.raises(vol.Invalid):
        await list_inbox(local, **data)
    assert polls(local.gateway) == []


@pytest.mark.parametrize("mode", ["private", "cloud"])
async def test_servers_have_no_inbox(rig: Rig, mode: str) -> None:
    """The user is told, the server is not asked."""
    account = await rig.add_account(mode=mode)
    with refuses("inbox_needs_local"):
        await list_inbox(account)
    assert polls(account.gateway) == []


FAULTS = [
    pytest.param("reset", None, "cannot_connect", id="resets"),
    pytest.param("status", 500, "cannot_connect", id="fails"),
    pytest.param("status", 401, "invalid_auth", id="password changed"),
    pytest.param("status", 400, "rejected", id="refuses"),
    pytest.param("status", 404, "not_found", id="unknown"),
    pytest.param("status", 503, "cannot_connect", id="proxy"),
    pytest.param("status", 200, "not_a_gateway", id="something else"),
]


@pytest.mark.parametrize(("fault", "value", "key"), FAULTS)
async def test_what_goes_wrong_is_told_in_the_users_language(
    hass: HomeAssistant, local: Account, fault: str, value: float | None, key: str
) -> None:
    """Each failure has its words; a wrong password asks for the right one."""
    local.gateway.faults[fault] = Fault(value=value, path="^/inbox")
    with fails(key):
        await list_inbox(local)
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert bool(flows) == (key == "invalid_auth")


async def test_a_refresh_fires_what_was_missed_and_nothing_twice(
    hass: HomeAssistant, account: Account
) -> None:
    """The phone sends what its app missed, and nothing that it sent before."""
    seen = collect(hass)
    account.phone.receive(SARA, "known")
    await account.settled()
    account.phone.receive(SARA, "missed", missed=True)
    assert texts(seen) == ["known"]
    since = datetime.now(UTC) - timedelta(hours=1)
    for _ in range(2):
        await refresh(account, since=since.isoformat(), until="2100-01-01T00:00:00Z")
        await account.settled()
    assert texts(seen) == ["known", "missed"]
    posted = [item for item in account.gateway.deliveries if item.status == 200]
    assert len(posted) == 1 + 1


@pytest.mark.parametrize("mode", ["private", "cloud", "local"])
async def test_a_refresh_asks_for_the_period_and_the_phone(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """A time without offset is Home Assistant's; without an end it is now."""
    await hass.config.async_set_time_zone("Asia/Riyadh")
    account = await rig.add_account(mode=mode)
    phone = account.phone
    gateway_id = phone.local_id if mode == "local" else phone.id
    await refresh(
        account,
        since="2026-06-01 12:00:00",
        until="2026-06-02T12:00:00+00:00",
        device_id=device_of(account, gateway_id),
    )
    await refresh(account, since="2026-06-01T12:00:00Z")
    first, second = (
        item.body for item in asked(account.gateway, "POST", "/inbox/refresh")
    )
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert datetime.fromisoformat(first["since"]) == datetime(2026, 6, 1, 9, tzinfo=UTC)
    assert datetime.fromisoformat(first["until"]) == datetime(
        2026, 6, 2, 12, tzinfo=UTC
    )
    assert first["deviceId"] == gateway_id
    assert "deviceId" not in second
    end = datetime.fromisoformat(second["until"])
    assert abs(datetime.now(UTC) - end) < timedelta(minutes=1)


async def test_a_refresh_while_polling_reads_the_inbox(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """There is no webhook that could bring it: it fires before the action ends, late."""
    phone = rig.gateway.phones[0]
    long_ago = time.time() - 10 * 24 * 3600
    phone.receive(SARA, "long ago", at=long_ago)
    # What came shortly before the account was added is known from then on
    phone.receive(SARA, "just before")
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    seen = collect(hass)
    since = datetime.fromtimestamp(long_ago, UTC) - timedelta(hours=1)
    for _ in range(2):
        await refresh(account, since=since.isoformat())
        assert texts(seen) == ["long ago"]
    assert seen.data("sms_received")[0]["late"] is True
    await pass_time(hass, freezer, 5)
    assert len(seen.events) == 1


async def test_a_period_that_ends_before_it_begins_is_refused(account: Account) -> None:
    """Both fields are named."""
    with refuses("fields_conflict", first="Since", second="Until"):
        await refresh(
            account, since="2026-06-02T00:00:00Z", until="2026-06-01T00:00:00Z"
        )
    with refuses("fields_conflict", first="Since", second="Until"):
        await refresh(account, since="2100-01-01T00:00:00Z")
    assert asked(account.gateway, "POST", "/inbox/refresh") == []


@pytest.mark.parametrize("data", [{}, {"since": "soon"}, {"until": "now"}], ids=str)
async def test_a_refresh_needs_a_time(account: Account, data: dict[str, Any]) -> None:
    """By the schema."""
    with pytest.raises(vol.Invalid):
        await refresh(account, **data)


async def test_an_unknown_phone_is_refused(account: Account) -> None:
    """The gateway would take it and do nothing."""
    with refuses("unknown_phone"):
        await refresh(account, since="2026-06-01T00:00:00Z", device_id="nobody")
    assert asked(account.gateway, "POST", "/inbox/refresh") == []


@pytest.mark.parametrize(("fault", "value", "key"), FAULTS[:-1])
async def test_a_refresh_that_fails_is_told(
    account: Account, fault: str, value: float | None, key: str
) -> None:
    """The same words as for the list; 404 where a server knows no export either."""
    account.gateway.faults[fault] = Fault(value=value, path="/inbox/")
    with fails(key):
        await refresh(account, since="2026-06-01T00:00:00Z")


async def test_with_two_accounts_the_first_is_meant(rig: Rig, local: Account) -> None:
    """Unless another one is named; each account has its own inbox."""
    other = await rig.add_account(title="Second")
    for chosen in ({}, {"config_entry_id": local.entry.entry_id}):
        answer = await list_inbox(local, **chosen)
        assert answer["total"] == 4
    with refuses("inbox_needs_local"):
        await list_inbox(local, config_entry_id=other.entry.entry_id)
