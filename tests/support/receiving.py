"""What the tests of receiving share."""

from collections.abc import Callable
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.const import DOMAIN
from harness.until import until
from tests.support.common import SARA, Account, Collected
from virtual_gateway import VirtualGateway, VirtualPhone
from virtual_gateway.phone.incoming import Incoming
from virtual_gateway.phone.payloads import ALL_EVENTS, EVENTS_OF_TYPE, inbound
from virtual_gateway.records import RecordedRequest

OURS = "custom_components.sms_gate"
POLL = 5
LOOK = 300
GRACE = 30
NO_HTTPS = "http://192.168.1.5:8123"
DATA = b"\x80\x81open"


async def quiet(hass: HomeAssistant) -> None:
    """Let Home Assistant finish, with what it does in the background."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def turn_off_polling(account: Account) -> None:
    """Turn off Home Assistant's own option to poll for changes of an account."""
    manager = account.hass.config_entries
    manager.async_update_entry(account.entry, pref_disable_polling=True)
    assert await manager.async_reload(account.entry.entry_id)
    await quiet(account.hass)


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let frozen time jump, and what is due then happen."""
    freezer.tick(seconds + 0.1)
    async_fire_time_changed(hass)
    await quiet(hass)


def issues(hass: HomeAssistant) -> set[str | None]:
    """Return what our repair issues say."""
    return {
        issue.translation_key
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
    }


def hook_urls(account: Account) -> set[str]:
    """Return where our webhooks lead, at the server or on the phone."""
    is_local = account.entry.data["mode"] == "local"
    hooks = account.phone.webhooks if is_local else account.gateway.account_webhooks
    return {str(hook["url"]) for hook in hooks.values()}


def asked(gateway: VirtualGateway, method: str, path: str) -> list[RecordedRequest]:
    """Return the requests to a path of the gateway, whichever base it is under."""
    return [
        item
        for item in gateway.requests
        if item.method == method and item.path.endswith(path)
    ]


def polls(gateway: VirtualGateway) -> list[RecordedRequest]:
    """Return the requests for the phone's inbox."""
    return asked(gateway, "GET", "/inbox")


def texts(seen: Collected) -> list[str]:
    """Return the texts that were fired, in order."""
    return [item["message"] for item in seen.data("sms_received")]


TELLERS = tuple(
    f"{OURS}.{name}"
    for name in (
        "account.coordinator",
        "account.phones",
        "receive.request_coordinator",
    )
)


def told(caplog: pytest.LogCaptureFixture, level: int = logging.INFO) -> list[str]:
    """Return the levels of what the integration logged about the gateway's absence."""
    return [
        item.levelname
        for item in caplog.records
        if item.name in TELLERS and item.levelno >= level
    ]


ARRIVALS: dict[str, Callable[[VirtualPhone], Any]] = {
    "SMS": lambda phone: phone.receive(SARA, "hello مرحبا"),
    "DATA_SMS": lambda phone: phone.receive_data(SARA, DATA),
    "MMS": lambda phone: phone.receive_mms(SARA, subject="Look", size=9),
    "MMS_DOWNLOADED": lambda phone: phone.receive_mms_downloaded(SARA, body="Look"),
}


def lead_webhooks_here(account: Account) -> None:
    """Register webhooks on the phone itself, as if the integration had."""
    base = account.hass.config.internal_url
    for event in ALL_EVENTS:
        account.phone.webhooks[event] = {
            "id": event,
            "url": f"{base}{account.webhook_path}",
            "event": event,
        }


async def tell_by_webhook(account: Account, message: Incoming) -> None:
    """Let the phone post a message that it holds, once."""
    payload = inbound(message, account.phone.utc_offset)
    account.phone.hooks.emit(EVENTS_OF_TYPE[message.type], payload)
    await until(lambda: not account.phone.hooks.queue.busy)
    await quiet(account.hass)
