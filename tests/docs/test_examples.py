"""Each example of the documentation does what its page says."""

from base64 import b64decode
from datetime import timedelta
import logging
from pathlib import Path
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.send.outbox import Outbox
from harness.until import until
from tests.support.cameras import add_camera
from tests.support.common import SARA, Account, Rig, collect
from tests.support.docs_examples import (
    ACCOMPLICE,
    NAMES,
    automation,
    configuration,
    example,
    kind_of,
    notified,
    outbox,
    script,
)
from tests.support.receiving import pass_time, texts
from tests.support.sending import posts


@pytest.fixture(autouse=True)
async def _notifications(hass: HomeAssistant) -> None:
    """Nearly every example shows something."""
    assert await async_setup_component(hass, "persistent_notification", {})


def test_every_example_is_run() -> None:
    """None only lies there: its name stands in a test of this kind."""
    here = Path(__file__)
    tests = "".join(path.read_text() for path in here.parent.glob(f"{here.stem}*.py"))
    assert [name for name in NAMES if f'"{name}"' not in tests] == []
    assert {kind_of(example(name)) for name in NAMES} == {
        "action",
        "automation",
        "configuration",
        "script",
    }


async def test_send_message(hass: HomeAssistant, account: Account) -> None:
    """To a contact, and to a number written as people write it."""
    await script(hass, "send_message")
    await account.settled()
    text = "The washing machine is leaking."
    assert sorted(outbox(account)) == [(ACCOMPLICE, text), (SARA, text)]


async def test_send_mms(hass: HomeAssistant, account: Account) -> None:
    """With the picture that the camera shows."""
    await add_camera(hass, "Front door", b"a small picture")
    with pytest.raises(HomeAssistantError):  # a server cannot pass it on
        await script(hass, "send_mms")
    (body,) = posts(account.gateway)
    (picture,) = body["mmsMessage"]["attachments"]
    assert b64decode(picture["data"]) == b"a small picture"
    assert body["mmsMessage"]["text"] == "Someone is at the door."


@pytest.mark.parametrize(
    ("outcome", "warned"),
    [("delivered", False), ("sent", True), ("failed", True)],
)
async def test_send_and_check(
    hass: HomeAssistant,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    outcome: Any,
    warned: bool,
) -> None:
    """The person at home is told only where Sara may not have got it."""
    wait = Outbox.async_wait
    monkeypatch.setattr(
        Outbox,
        "async_wait",
        lambda self, message, target, seconds: wait(
            self, message, target, seconds / 240
        ),
    )
    account.phone.outcomes[SARA] = outcome
    await script(hass, "send_and_check")
    await account.settled()
    assert posts(account.gateway)[0]["priority"] == 100
    assert bool(notified(hass)) is warned


@pytest.mark.parametrize("outcome", ["delivered", "failed"])
async def test_test_line(hass: HomeAssistant, rig: Rig, outcome: Any) -> None:
    """Somebody is told which leg failed, and only then."""
    account = await rig.add_account(mode="local")
    account.phone.outcomes["+966500000001"] = outcome
    await script(hass, "test_line")
    failed = [(None, "The line is broken: the test SMS was not sent.")]
    assert notified(hass) == ([] if outcome == "delivered" else failed)


async def test_send_tomorrow_and_take_it_back(
    hass: HomeAssistant, account: Account
) -> None:
    """It waits on the phone, once however often it is asked for, until cancelled."""
    seen = collect(hass)
    await automation(hass, "event_sms_cancelled")
    await script(hass, "send_tomorrow")
    await script(hass, "send_tomorrow")
    await until(lambda: account.phone.sender.messages)
    tomorrow = dt_util.now() + timedelta(days=1)
    body = posts(account.gateway)[0]
    assert body["id"] == f"trash {tomorrow.date()}"
    begin = dt_util.parse_datetime(body["scheduleAt"])
    until_when = dt_util.parse_datetime(body["validUntil"])
    assert begin is not None
    assert until_when is not None
    assert dt_util.as_local(begin).date() == tomorrow.date()
    assert dt_util.as_local(begin).hour == 7
    assert until_when - begin == timedelta(hours=2)
    assert len(account.phone.sender.messages) == 1
    await script(hass, "cancel_message")
    await until(seen.kinds)
    await hass.async_block_till_done()
    assert seen.kinds() == ["sms_cancelled"]
    await until(lambda: notified(hass), "the notification")
    assert notified(hass) == [(None, f"Message {body['id']} was cancelled.")]
    assert outbox(account) == []


async def test_get_message(hass: HomeAssistant, account: Account) -> None:
    """After five minutes it tells how far the message got."""
    await script(hass, "get_message", blocking=False)
    await until(lambda: outbox(account))
    await account.gateway.settled()
    assert notified(hass) == []
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=5, seconds=1))
    await hass.async_block_till_done()
    assert notified(hass) == [(None, "The SMS to Sara is now Delivered.")]


async def test_list_messages(hass: HomeAssistant, account: Account) -> None:
    """Only those that failed are counted."""
    await account.send("Hello", "Sara")
    await account.settled()
    account.phone.outcomes[SARA] = "failed"
    await account.send("Hello again", "Sara")
    await account.settled()
    await script(hass, "list_messages")
    assert notified(hass) == [(None, "1 messages failed since yesterday.")]


async def test_list_inbox(hass: HomeAssistant, rig: Rig) -> None:
    """The newest first, and no more than five of the six."""
    account = await rig.add_account(mode="local")
    for number in range(6):
        account.phone.receive(SARA, f"Message {number}", at=time.time() - 60 + number)
    await script(hass, "list_inbox")
    ((title, text),) = notified(hass)
    assert title == "6 messages on the phone"
    assert [line for line in text.splitlines() if line.strip()] == [
        f"- Sara: Message {number}" for number in (5, 4, 3, 2, 1)
    ]


async def test_refresh_inbox(hass: HomeAssistant, account: Account) -> None:
    """What no webhook brought comes, and what is known does not come again."""
    seen = collect(hass)
    account.phone.receive(SARA, "known")
    await account.settled()
    account.phone.receive(SARA, "missed", missed=True)
    await account.settled()
    assert texts(seen) == ["known"]
    await script(hass, "refresh_inbox")
    await account.settled()
    assert texts(seen) == ["known", "missed"]


async def test_send_data_message(hass: HomeAssistant, account: Account) -> None:
    """The other app gets the bytes."""
    await script(hass, "send_data_message")
    await account.settled()
    (sms,) = account.phone.outbox
    assert (sms.phone_number, sms.data, sms.port) == (SARA, b"open", 53739)


async def test_notify_contact(hass: HomeAssistant, account: Account) -> None:
    """The title is the first line."""
    await script(hass, "notify_contact")
    await account.settled()
    assert outbox(account) == [(SARA, "Garage\nThe door is still open.")]


async def test_notify_account(hass: HomeAssistant, account: Account) -> None:
    """To its targets, with what stands in its data."""
    await script(hass, "notify_account")
    await account.settled()
    text = "Alarm\nThe back door was opened."
    assert sorted(outbox(account)) == [(ACCOMPLICE, text), (SARA, text)]
    (body,) = posts(account.gateway)
    assert (body["simNumber"], body["ttl"]) == (1, 600)


async def test_alert(hass: HomeAssistant, account: Account) -> None:
    """Home Assistant's alert writes when it begins and when it is over."""
    hass.states.async_set("binary_sensor.freezer_warm", "off")
    await configuration(hass, "alert")
    for state in ("on", "off"):
        hass.states.async_set("binary_sensor.freezer_warm", state)
        await hass.async_block_till_done()
        await account.settled()
    assert outbox(account) == [
        (SARA, "The freezer is warm"),
        (SARA, "The freezer is cold again"),
    ]


@pytest.mark.parametrize("mode", ["private", "local"])
async def test_phone_offline(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, mode: str
) -> None:
    """A server goes on to answer without the phone, a local phone is the gateway."""
    account = await rig.add_account(mode=mode, options={"receive_mode": "off"})
    await automation(hass, "phone_offline")
    (trigger,) = example("phone_offline")["triggers"]
    online = trigger["entity_id"]
    assert hass.states.is_state(online, "on")
    account.phone.online = False
    if mode == "local":
        await account.gateway.stop()
    for _ in range(8):
        await pass_time(hass, freezer, 660)
        if not hass.states.is_state(online, "on"):
            break
    assert any(hass.states.is_state(online, state) for state in trigger["to"])
    assert notified(hass) == []
    await pass_time(hass, freezer, 3600)
    assert len(notified(hass)) == 1
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )


async def test_debug_log(hass: HomeAssistant) -> None:
    """It raises our level only."""
    ours, root = logging.getLogger("custom_components.sms_gate"), logging.getLogger()
    before, of_class = (ours.level, root.level), logging.getLoggerClass()
    try:
        await configuration(hass, "debug_log")
        assert ours.getEffectiveLevel() == logging.DEBUG
        assert logging.getLogger("homeassistant.core").getEffectiveLevel() > 10
    finally:
        logging.setLoggerClass(of_class)
        ours.setLevel(before[0])
        root.setLevel(before[1])
