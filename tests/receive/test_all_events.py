"""All ten events of a real phone, in every mode, with exactly the contract's data."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.sms_gate.const import DOMAIN
from harness.until import until
from tests.support.cloud import cloud
from tests.support.common import KINDS, SARA, Account, Rig, collect
from tests.support.receiving import ARRIVALS, POLL, pass_time
from tests.support.ways import Connect, Route, connect, every_pushed_route

__all__ = ["cloud", "connect"]

COMMON = {
    "config_entry_id",
    "device_id",
    "gateway_device_id",
    "event_id",
    "message_id",
    "sender",
    "recipient",
    "contact",
    "sim_number",
    "timestamp",
}
IN = COMMON | {"late"}
KEYS = {
    "sms_received": IN | {"message"},
    # Where the data is a text, the text as well
    "sms_data_received": IN | {"data", "message"},
    "mms_received": IN | {"subject", "size", "content_class", "transaction_id"},
    "mms_downloaded": IN | {"subject", "body", "attachments"},
    "sms_sent": COMMON | {"parts_count"},
    "sms_delivered": COMMON,
    "sms_failed": COMMON | {"reason"},
    "sms_cancelled": COMMON,
    "system_ping": COMMON | {"health"},
    "app_started": COMMON | {"sim_cards"},
}
INBOX = {
    "sms_received": "SMS",
    "sms_data_received": "DATA_SMS",
    "mms_received": "MMS",
    "mms_downloaded": "MMS_DOWNLOADED",
}


async def _arrive(account: Account, kind: str) -> None:
    """Let the phone receive something."""
    ARRIVALS[INBOX[kind]](account.phone)


async def _send(account: Account, _kind: str) -> None:
    """Send a message that is delivered."""
    await account.send("hello", "Sara")


async def _fail(account: Account, _kind: str) -> None:
    """Send a message that cannot be sent."""
    account.phone.outcomes[SARA] = "failed"
    await account.send("hello", "Sara")


async def _cancel(account: Account, _kind: str) -> None:
    """Take a message back that waits for its time."""
    later = datetime.now(UTC) + timedelta(days=300)
    answer = await account.send("hello", "Sara", schedule_at=later.isoformat())
    await until(lambda: account.phone.sender.messages)
    await account.hass.services.async_call(
        DOMAIN,
        "cancel_message",
        {"message_id": answer["messages"][0]["message_id"]},
        blocking=True,
    )


async def _ping(account: Account, _kind: str) -> None:
    """Let the phone tell how it is."""
    account.phone.ping()


async def _start(account: Account, _kind: str) -> None:
    """Start the app again."""
    account.phone.restart()


CAUSES: dict[str, Callable[[Account, str], Awaitable[None]]] = {
    **dict.fromkeys(INBOX, _arrive),
    "sms_sent": _send,
    "sms_delivered": _send,
    "sms_failed": _fail,
    "sms_cancelled": _cancel,
    "system_ping": _ping,
    "app_started": _start,
}


def check(account: Account, kind: str, data: dict[str, object]) -> None:
    """Check what all events have."""
    assert set(data) == KEYS[kind]
    phone = account.phone
    is_local = account.entry.data["mode"] == "local"
    assert data["gateway_device_id"] == (phone.local_id if is_local else phone.id)
    assert data["config_entry_id"] == account.entry.entry_id
    device = dr.async_get(account.hass).async_get(str(data["device_id"]))
    assert device is not None
    assert device.identifiers == {(DOMAIN, str(data["gateway_device_id"]))}
    assert data["event_id"]
    if kind in ("system_ping", "app_started"):
        return
    assert data["message_id"]
    assert data["contact"] == "Sara"
    assert data["sender" if kind in INBOX else "recipient"] == SARA
    told = datetime.fromisoformat(str(data["timestamp"]))
    assert told.utcoffset() == timedelta(hours=3)


def test_every_kind_is_here() -> None:
    """The contract's ten."""
    assert set(CAUSES) == set(KEYS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@every_pushed_route
async def test_an_event_by_webhook_or_cloudhook(
    hass: HomeAssistant, connect: Connect, route: Route, kind: str
) -> None:
    """The phone does it, posts it, and one event with these keys is on the bus."""
    account = await connect(route)
    seen = collect(hass)
    await CAUSES[kind](account, kind)
    await until(lambda: seen.data(kind))
    (data,) = seen.data(kind)
    check(account, kind, data)


@pytest.mark.parametrize("kind", INBOX)
async def test_an_event_by_poll(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, kind: str
) -> None:
    """The same keys where the phone is asked."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    seen = collect(hass)
    await CAUSES[kind](account, kind)
    await pass_time(hass, freezer, POLL)
    (data,) = seen.data(kind)
    check(account, kind, data)


async def test_an_mms_by_poll_has_its_attachments(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory
) -> None:
    """The inbox lists them, and the phone hands each one out."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    seen = collect(hass)
    account.phone.receive_mms_downloaded(
        SARA, body="Look", attachments=[("a.png", "image/png", b"png")]
    )
    await pass_time(hass, freezer, POLL)
    (data,) = seen.data("mms_downloaded")
    assert [item["name"] for item in data["attachments"]] == ["a.png"]
