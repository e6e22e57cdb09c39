"""An installation works with each app that people may have."""

from collections.abc import AsyncGenerator

from aiohttp import web
import pytest

from harness.until import until
from tests.support.common import SARA, Account, Collected, Rig, collect
from tests.support.receiving import quiet

VERSIONS = (
    "1.40.0",
    "1.47.0",
    "1.60.0",
    "1.66.0",
    "1.68.0",
    "1.70.4",
    "1.71.0",
    "1.75.0",
)


@pytest.fixture
async def other_address(rig: Rig) -> AsyncGenerator[str]:
    """A second address under which Home Assistant answers."""
    runner = rig.web.server.runner
    assert runner is not None
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[-1][1]
    yield f"http://127.0.0.1:{port}"
    await site.stop()


async def _receive(account: Account, seen: Collected, text: str) -> None:
    account.phone.receive(SARA, text)
    await until(
        lambda: text in [item["message"] for item in seen.data("sms_received")] or None,
        f"the SMS {text!r}",
        seconds=5,
    )


@pytest.mark.parametrize("known_apps", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("version", VERSIONS)
async def test_an_sms_is_sent_delivered_and_received(
    rig: Rig, other_address: str, version: str, *, known_apps: bool
) -> None:
    """Whether the app's version is known before or not."""
    rig.gateway.phones[0].app_version = version
    account = await rig.add_account(known_apps=known_apps)
    seen = collect(rig.hass)
    answer = await account.send("hello", SARA, wait_for="delivered")
    assert answer["messages"][0]["state"] == "Delivered"
    await _receive(account, seen, "at the first address")
    rig.hass.config_entries.async_update_entry(
        account.entry, options={"webhook_base_url": other_address}
    )
    await quiet(rig.hass)
    hooks = account.gateway.account_webhooks.values()
    await until(
        lambda: (
            all(str(hook["url"]).startswith(other_address) for hook in hooks) or None
        ),
        "the webhooks at the other address",
    )
    await _receive(account, seen, "at the other address")
