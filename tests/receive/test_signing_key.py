"""A wrong signing key: told once, mended by a dialog, and nothing is lost."""

from http import HTTPStatus

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import SARA, Account, Rig, collect

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
