"""A wrong signing key: told once, mended by a dialog, and nothing is lost."""

import asyncio
import hashlib
import hmac
from http import HTTPStatus
import time

from aiohttp.web import Request
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import orjson
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.receive import view
from tests.support.common import SARA, Account, Rig, collect, event_body
from tests.support.receiving import issues

FIX = "/api/repairs/issues/fix"


async def refuse(account: Account, times: int) -> None:
    """Let the phone's webhooks be refused some times."""
    url = f"{account.hass.config.internal_url}{account.webhook_path}"
    session = async_get_clientsession(account.hass)
    for _ in range(times):
        async with session.post(url, json={}, headers={"X-Signature": "0"}) as answer:
            assert answer.status == HTTPStatus.UNAUTHORIZED


def issue(account: Account) -> ir.IssueEntry | None:
    """Return the repair issue about the key."""
    issue_id = f"wrong_signing_key_{account.entry.entry_id}"
    return ir.async_get(account.hass).async_get_issue(DOMAIN, issue_id)


async def test_three_refusals_raise_one_issue(hass: HomeAssistant, rig: Rig) -> None:
    """Two may be a stranger's; the third is told."""
    account = await rig.add_account(options={"signing_key": "another"})
    await refuse(account, 2)
    assert issue(account) is None
    await refuse(account, 5)
    found = issue(account)
    assert found is not None
    assert found.is_fixable


async def test_the_dialog_takes_the_key_and_the_message_arrives(
    hass: HomeAssistant,
    rig: Rig,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The phone tried on meanwhile; with the right key its message fires, once."""
    account = await rig.add_account(options={"signing_key": "another"})
    phone = account.phone
    assert phone.signing_key
    await refuse(account, 3)
    seen = collect(hass)
    rig.gateway.speed = 100
    phone.receive(SARA, "Hello")

    client = await hass_client()
    found = issue(account)
    assert found is not None
    begun = await client.post(FIX, json={"handler": DOMAIN, "issue_id": found.issue_id})
    form = await begun.json()
    assert form["step_id"] == "key"
    ended = await client.post(
        f"{FIX}/{form['flow_id']}", json={"signing_key": phone.signing_key}
    )
    assert (await ended.json())["type"] == "create_entry"
    await hass.async_block_till_done()
    await account.settled()

    assert [data["message"] for data in seen.data("sms_received")] == ["Hello"]
    assert issue(account) is None
    assert account.entry.options["signing_key"] == phone.signing_key
    assert phone.signing_key not in caplog.text


async def test_the_dialog_of_a_removed_account_ends(
    hass: HomeAssistant, rig: Rig, hass_client: ClientSessionGenerator
) -> None:
    """The issue goes with the account; a dialog that was open says so."""
    account = await rig.add_account(options={"signing_key": "another"})
    await refuse(account, 3)
    found = issue(account)
    assert found is not None
    client = await hass_client()
    begun = await client.post(FIX, json={"handler": DOMAIN, "issue_id": found.issue_id})
    flow_id = (await begun.json())["flow_id"]
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert issue(account) is None
    ended = await client.post(f"{FIX}/{flow_id}", json={"signing_key": "late"})
    assert (await ended.json())["reason"] == "account_removed"


def signed(body: bytes, key: str, ahead: int = 0) -> dict[str, str]:
    """Return the headers a phone signs a body with, by a clock that is ahead."""
    timestamp = str(int(time.time()) + ahead)
    mac = hmac.new(key.encode(), body + timestamp.encode(), hashlib.sha256)
    return {"X-Signature": mac.hexdigest(), "X-Timestamp": timestamp}


async def post(account: Account, body: bytes, headers: dict[str, str]) -> int:
    """Post a body and return the status."""
    url = f"{account.hass.config.internal_url}{account.webhook_path}"
    session = async_get_clientsession(account.hass)
    async with session.post(url, data=body, headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("ahead", [-600, 600, 86_400, -(10**9)])
async def test_a_wrong_clock_has_an_issue_of_its_own(
    hass: HomeAssistant, rig: Rig, ahead: int
) -> None:
    """The key is right; the issue goes with the first webhook that is accepted."""
    account = await rig.add_account(options={"signing_key": "right"})
    body = orjson.dumps(event_body())
    for _ in range(4):
        assert await post(account, body, signed(body, "right", ahead)) == 401
    assert issues(hass) == {"phone_clock_wrong"}
    found = ir.async_get(hass).async_get_issue(
        DOMAIN, f"phone_clock_wrong_{account.entry.entry_id}"
    )
    assert found is not None
    assert found.translation_placeholders is not None
    assert abs(int(found.translation_placeholders["minutes"]) - abs(ahead) / 60) <= 1
    assert await post(account, body, signed(body, "right")) == 200
    assert issues(hass) == set()


async def test_a_key_that_was_mended_in_the_options_takes_the_issue_away(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Nobody has to open the dialog of the issue."""
    account = await rig.add_account(options={"signing_key": "another"})
    await refuse(account, 3)
    assert issues(hass) == {"wrong_signing_key"}
    hass.config_entries.async_update_entry(
        account.entry, options={"signing_key": account.phone.signing_key}
    )
    await hass.async_block_till_done()
    assert issues(hass) == set()


async def test_the_dialog_says_repaired_only_with_the_right_key(
    hass: HomeAssistant, rig: Rig, hass_client: ClientSessionGenerator
) -> None:
    """Another wrong key is told from the right one by what the phone signed."""
    account = await rig.add_account(options={"signing_key": "another"})
    body = orjson.dumps(event_body(message="x" * 60_000))
    for _ in range(3):
        assert await post(account, body, signed(body, "right")) == 401
    found, client = issue(account), await hass_client()
    assert found is not None
    begun = await client.post(FIX, json={"handler": DOMAIN, "issue_id": found.issue_id})
    flow = f"{FIX}/{(await begun.json())['flow_id']}"
    again = await (await client.post(flow, json={"signing_key": "wrong too"})).json()
    assert again["errors"] == {"signing_key": "wrong_key"}
    assert issue(account) is not None
    ended = await (await client.post(flow, json={"signing_key": "right"})).json()
    assert ended["type"] == "create_entry"
    await hass.async_block_till_done()
    assert issues(hass) == set()


async def test_a_body_that_cannot_be_signed_is_not_read(
    hass: HomeAssistant, rig: Rig
) -> None:
    """The answer comes before the body does."""
    account = await rig.add_account(options={"signing_key": "right"})
    url = URL(f"{hass.config.internal_url}{account.webhook_path}")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {url.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 15000000\r\n\r\n"
    writer.write(head.encode())
    async with asyncio.timeout(10):
        assert b" 401 " in await reader.readline()
    writer.close()


async def test_large_bodies_are_read_a_few_at_once(
    hass: HomeAssistant, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """40 of 15 MB at once do not fill the memory."""
    account = await rig.add_account()
    reading, most, read = 0, 0, view._read_body

    async def note(request: Request) -> bytes | None:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        try:
            return await read(request)
        finally:
            reading -= 1

    monkeypatch.setattr(view, "_read_body", note)
    body = b"x" * (view.SMALL_BYTES + 1)
    statuses = await asyncio.gather(*(post(account, body, {}) for _ in range(40)))
    assert set(statuses) == {400}
    assert most == view.MAX_LARGE_AT_ONCE
