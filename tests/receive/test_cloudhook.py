"""The cloudhook's end: the webhook component answers 200 to almost anything, we do not."""

import hashlib
import hmac
import json
import time
from unittest.mock import patch

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.aiohttp import MockRequest
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.sms_gate.account.phones import Phones
from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.receive.view import MAX_BODY_BYTES
from tests.support.common import SARA, SECRET, Account, Rig, Web, collect, event_body
from tests.support.receiving import texts
from virtual_gateway.faults import Fault

KEY = "k3y"
EVENT = json.dumps(event_body()).encode()


@pytest.fixture(autouse=True)
async def component(hass: HomeAssistant, web: Web) -> None:
    """The webhook component, which a cloudhook ends in."""
    assert await async_setup_component(hass, "webhook", {})


async def post(rig: Rig, account: Account, raw: bytes = EVENT, **headers: str) -> int:
    """Post to the component over real HTTP and return the status."""
    path = f"/api/webhook/{account.entry.data['webhook_id']}"
    async with rig.web.post(
        path, data=raw, headers={key.replace("_", "-"): headers[key] for key in headers}
    ) as response:
        return response.status


async def test_an_event_is_taken_once_and_ends_in_the_same_pipeline(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """Twice by cloudhook and once by the own view: one event."""
    seen = collect(hass)
    assert await post(rig, account) == 200
    assert await post(rig, account) == 200
    async with rig.web.post(account.webhook_path, data=EVENT) as response:
        assert response.status == 200
    assert texts(seen) == ["Hello"]
    assert seen.data("sms_received")[0]["contact"] == "Sara"


async def test_a_phone_that_posts_to_a_cloudhook_is_heard(
    hass: HomeAssistant, account: Account
) -> None:
    """The whole line, with the phone's own retries while the account is away."""
    secret = account.entry.data["webhook_id"]
    for hook in account.gateway.account_webhooks.values():
        hook["url"] = f"{hass.config.internal_url}/api/webhook/{secret}"
    seen = collect(hass)
    account.phone.receive(SARA, "loaded")
    await account.settled()
    await hass.config_entries.async_unload(account.entry.entry_id)
    account.phone.receive(SARA, "unloaded")
    watcher = account.gateway.watch()
    while account.gateway.deliveries[-1].status != 503:
        watcher.clear()
        await watcher.wait()
    await hass.config_entries.async_setup(account.entry.entry_id)
    await account.settled()
    assert texts(seen) == ["loaded", "unloaded"]


async def test_after_unloading_it_is_503_and_then_nothing_is_lost(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """Unloaded, disabled, loaded again."""
    seen = collect(hass)
    entry_id = account.entry.entry_id
    await hass.config_entries.async_unload(entry_id)
    assert await post(rig, account) == 503
    await hass.config_entries.async_set_disabled_by(entry_id, ConfigEntryDisabler.USER)
    assert await post(rig, account) == 503
    assert seen.events == []
    await hass.config_entries.async_set_disabled_by(entry_id, None)
    await hass.async_block_till_done()
    assert await post(rig, account) == 200
    assert texts(seen) == ["Hello"]


async def test_while_the_gateway_is_away_it_is_503(rig: Rig) -> None:
    """An account whose set-up is tried again has no intake yet."""
    rig.gateway.faults["status"] = Fault(value=500)
    account = await rig.add_account(state=ConfigEntryState.SETUP_RETRY)
    assert await post(rig, account) == 503


async def test_from_the_very_start_it_is_503(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """The component alone would say 200, and the message would be gone."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=2,
        data={"webhook_id": f"{SECRET}early"},
        disabled_by=ConfigEntryDisabler.USER,
    )
    entry.add_to_hass(hass)
    hass.config.components.remove(DOMAIN)
    assert await async_setup_component(hass, DOMAIN, {})
    client = await hass_client_no_auth()
    response = await client.post(f"/api/webhook/{SECRET}early", data=EVENT)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert response.status == 503


async def test_an_error_in_the_handler_is_500_and_the_event_fires_later(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """The component would turn an exception into 200."""
    seen = collect(hass)
    with patch.object(Phones, "device_id", autospec=True, side_effect=RuntimeError):
        assert await post(rig, account) == 500
    assert seen.events == []
    assert await post(rig, account) == 200
    assert texts(seen) == ["Hello"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        pytest.param(b"", 400, id="empty"),
        pytest.param(b"{", 400, id="cut short"),
        pytest.param(b"[]", 400, id="list"),
        pytest.param(json.dumps({**event_body(), "event": "x"}).encode(), 400, id="x"),
        pytest.param(b" " * (MAX_BODY_BYTES + 1), 413, id="too large"),
    ],
)
async def test_what_is_no_event_is_refused(
    hass: HomeAssistant, rig: Rig, account: Account, raw: bytes, status: int
) -> None:
    """The same answers as by the own view."""
    seen = collect(hass)
    assert await post(rig, account, raw) == status
    assert seen.events == []


async def test_with_a_key_only_signed_events_are_taken(rig: Rig) -> None:
    """Whoever learned the cloudhook's address cannot forge a message."""
    account = await rig.add_account(options={"signing_key": KEY})
    now = str(int(time.time()))
    digest = hmac.new(KEY.encode(), EVENT + now.encode(), hashlib.sha256).hexdigest()
    assert await post(rig, account) == 401
    assert await post(rig, account, X_Signature="0" * 64, X_Timestamp=now) == 401
    assert await post(rig, account, X_Signature=digest, X_Timestamp=now) == 200


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        pytest.param(EVENT, 200, id="event"),
        pytest.param(b"{", 400, id="cut short"),
        pytest.param(b" " * (MAX_BODY_BYTES + 1), 413, id="too large"),
    ],
)
async def test_as_the_cloud_hands_it_over(
    hass: HomeAssistant, account: Account, raw: bytes, status: int
) -> None:
    """The cloud makes a request of its own kind, without a socket."""
    seen = collect(hass)
    request = MockRequest(
        content=raw,
        headers={"Content-Type": "application/json"},
        method="POST",
        query_string="",
        mock_source="cloud",
    )
    response = await webhook.async_handle_webhook(
        hass,
        account.entry.data["webhook_id"],
        request,
    )
    assert response.status == status
    assert len(seen.events) == (status == 200)


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_only_post_brings_events(
    hass: HomeAssistant, rig: Rig, account: Account, method: str
) -> None:
    """The phone knows no other way."""
    seen = collect(hass)
    path = f"/api/webhook/{account.entry.data['webhook_id']}"
    async with rig.web.request(method, path, data=EVENT) as response:
        assert response.status == 405
    assert seen.events == []


async def test_removed_the_handler_is_gone(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """The id can be registered by another, and nothing fires any more."""
    seen = collect(hass)
    await hass.config_entries.async_remove(account.entry.entry_id)
    secret = account.entry.data["webhook_id"]
    assert secret not in hass.data["webhook"]
    await post(rig, account)
    assert seen.events == []


async def test_two_accounts_have_two(rig: Rig, hass: HomeAssistant) -> None:
    """Removing one does not close the other's."""
    first, second = await rig.add_account(), await rig.add_account(title="Second")
    seen = collect(hass)
    await hass.config_entries.async_remove(first.entry.entry_id)
    assert await post(rig, second) == 200
    (received,) = seen.data("sms_received")
    assert received["config_entry_id"] == second.entry.entry_id
