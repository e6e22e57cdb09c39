"""What an adversary found, by number: through public names only.

So each of these also runs against the component of another commit, put in place of ours.
"""

import asyncio
from datetime import UTC, timedelta
from pathlib import Path
import threading
import time
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, restore_state
from homeassistant.helpers.json import json_bytes
from homeassistant.setup import async_setup_component
import pytest

from harness.until import until
from tests.support.common import SARA, Account, Rig, collect, event_body
from tests.support.turns import LONGEST_TURN, longest_turn
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

AT = "2026-06-22T15:46:{:02}.000+03:00"
PART = {"partId": 1, "contentType": "image/png", "name": "a.png", "data": "aGVsbG8="}
MMS = event_body("mms:downloaded", attachments=[PART])


def posts(gateway: VirtualGateway) -> int:
    """Return how many messages were posted."""
    return sum(
        request.method == "POST" and request.path.endswith("/messages")
        for request in gateway.requests
    )


async def post(rig: Rig, account: Account, body: dict[str, Any]) -> int:
    """Post once, and return the status."""
    async with rig.web.post(account.webhook_path, json=body) as response:
        return response.status


async def fires(
    hass: HomeAssistant, options: dict[str, Any], *, name: str = "fired"
) -> list[str]:
    """Note what a trigger on received messages fires for."""
    trigger = {"trigger": "sms_gate.message_received", "options": options}
    action = {"event": name, "event_data": {"text": "{{ trigger.message }}"}}
    automation = {"triggers": [trigger], "actions": [action]}
    fired: list[str] = []
    hass.bus.async_listen(name, lambda event: fired.append(event.data["text"]))
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    return fired


async def test_1_a_reload_while_a_message_waits(
    hass: HomeAssistant,
    rig: Rig,
    account: Account,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its file is slow to write, the account reloads, the phone posts it again."""
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    seen = collect(hass)
    begun, go = threading.Event(), threading.Event()
    write = Path.write_bytes

    def slowly(path: Path, content: bytes) -> int:
        begun.set()
        assert go.wait(10)
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", slowly)
    first = asyncio.ensure_future(post(rig, account, MMS))
    await until(begun.is_set)
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    second = asyncio.ensure_future(post(rig, account, MMS))
    go.set()
    statuses = [await first, await second, await post(rig, account, MMS)]
    assert statuses[1:] == [200, 200]
    assert seen.kinds() == ["mms_downloaded"]


async def test_2_a_pattern_holds_the_loop(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """One that is tried in four million ways already on a short text."""
    await fires(hass, {"text": r"^(\w+\s?)+$", "match": "regex"})
    number = 0

    async def receive() -> None:
        nonlocal number
        number += 1
        body = event_body(messageId=f"{number}", message="a" * 22 + "!")
        assert await post(rig, account, body) == 200
        await hass.async_block_till_done()

    assert await longest_turn(receive, tries=3) < LONGEST_TURN


async def test_3_an_id_stays_with_its_phone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent again goes out once, although the server lists no phone once."""
    rig.gateway.add_phone("Google/Pixel 9")
    account = await rig.add_account()
    handle = account.gateway._web._handle

    async def no_phones(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_list = request.path.endswith("/devices")
        return web.json_response([]) if is_list else await handle(request, handler)

    monkeypatch.setattr(account.gateway._web, "_handle", no_phones)
    assert await rig.hass.config_entries.async_reload(account.entry.entry_id)
    for _ in range(2):
        for number in range(8):
            await account.send("The day's", SARA, message_id=f"day-{number}")
        await account.settled()
    assert sum(len(phone.outbox) for phone in rig.gateway.phones) == 8


async def test_4_a_media_folder_that_cannot_be_written(
    hass: HomeAssistant, rig: Rig, account: Account, tmp_path: Path
) -> None:
    """The MMS comes without its file."""
    (tmp_path / "media").write_text("a file, no folder")
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    seen = collect(hass)
    assert await post(rig, account, MMS) == 200
    assert seen.kinds() == ["mms_downloaded"]


async def test_5_waiting_over_a_reload(hass: HomeAssistant, account: Account) -> None:
    """It hears of the delivery, as does who sends it again: nothing escalates."""
    account.phone.online = False
    sent = {"message_id": "alarm", "wait_for": "delivered", "timeout": 5}
    waiting = asyncio.ensure_future(account.send("Alarm", SARA, **sent))
    await until(lambda: posts(account.gateway))
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    account.phone.online = True
    await account.settled()
    for answer in (await waiting, await account.send("Alarm", SARA, **sent)):
        assert answer["messages"][0]["state"] == "Delivered"
    assert len(account.phone.outbox) == 1


async def test_6_a_refusal_of_something_in_between(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message was accepted before: nobody is told that nothing was sent."""
    handle = account.gateway._web._handle

    async def in_between(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handle(request, handler)
        if request.method == "POST" and request.path.endswith("/messages"):
            return web.json_response({"message": "try later"}, status=503)
        return response

    monkeypatch.setattr(account.gateway._web, "_handle", in_between)
    try:
        answer = await account.send("Alarm", SARA, message_id="alarm")
    except HomeAssistantError as err:
        assert err.translation_key == "outcome_unknown"  # noqa: PT017
    else:
        assert answer["messages"][0]["message_id"] == "alarm"
    await account.settled()
    assert len(account.phone.outbox) == 1


async def test_7_an_id_of_another_message(account: Account) -> None:
    """Nobody is told that the second text was sent."""
    await account.send("One", SARA, message_id="alarm")
    await account.settled()
    with pytest.raises(HomeAssistantError):
        await account.send("Two", SARA, message_id="alarm")


async def test_8_a_clock_that_was_ahead(
    hass: HomeAssistant, rig: Rig, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    """A message that comes once it is right is not late."""
    now = freezer().astimezone(UTC)
    freezer.move_to(now + timedelta(days=3))
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    freezer.move_to(now)
    seen = collect(hass)
    at = now.isoformat()
    assert await post(rig, account, event_body(receivedAt=at)) == 200
    assert [item["late"] for item in seen.data("sms_received")] == [False]


DAMAGE: tuple[object, ...] = ("a text", [], None, {"messages": 5}, 7)


@pytest.mark.parametrize(
    "data", DAMAGE, ids=["text", "list", "null", "messages", "number"]
)
@pytest.mark.parametrize("kind", ["tracker", "receiving"])
async def test_9_a_damaged_file(
    rig: Rig, hass_storage: dict[str, Any], kind: str, data: object
) -> None:
    """The account loads, and what comes in is received."""
    key = f"sms_gate.damaged.{kind}"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}
    account = await rig.add_account(entry_id="damaged")
    seen = collect(rig.hass)
    assert await post(rig, account, event_body()) == 200
    assert seen.kinds() == ["sms_received"]


async def test_10_a_sender_that_calls_itself_like_a_contact(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """Anybody can buy that name; a contact's name means its number."""
    fired = await fires(hass, {"senders": ["Sara"]})
    for text, sender in (("by name", "Sara"), ("by number", SARA)):
        body = event_body(messageId=text, sender=sender, message=text)
        assert await post(rig, account, body) == 200
    await hass.async_block_till_done()
    assert fired == ["by number"]


async def test_11_what_never_left_is_not_counted(rig: Rig) -> None:
    """After an outage the alarm goes out."""
    account = await rig.add_account(options={"daily_limit": 1})
    rig.gateway.faults["status"] = Fault(value=400, path="/messages$")
    for number in range(3):
        with pytest.raises(HomeAssistantError):
            await account.send(f"Alarm {number}", SARA)
    rig.gateway.faults.clear()
    await account.send("Alarm", SARA)
    await account.settled()
    assert len(account.phone.outbox) == 1


ODD: tuple[object, ...] = (
    {"messageId": 5},
    None,
    "SMS",
    [],
    {"messageId": "x", "receivedAt": "never"},
)


@pytest.mark.parametrize("odd", ODD, ids=["number", "null", "text", "list", "time"])
async def test_12_one_odd_message_of_many(
    hass: HomeAssistant, rig: Rig, account: Account, odd: object
) -> None:
    """The others fire, and the phone does not come again for two days."""
    seen = collect(hass)
    good = [
        event_body(messageId=it, message=it)["payload"] for it in ("first", "second")
    ]
    body = event_body("sms:batch:received")
    body["payload"] = {"messages": [good[0], odd, good[1]]}
    assert await post(rig, account, body) == 200
    assert [it["message"] for it in seen.data("sms_received")] == ["first", "second"]


async def test_13_a_login_page_in_between(
    hass: HomeAssistant, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One 401 of something else, and all goes on."""

    async def page(*_: object) -> web.Response:
        return web.Response(status=401, text="<html>no", content_type="text/html")

    with monkeypatch.context() as patched:
        patched.setattr(account.gateway._web, "_handle", page)
        with pytest.raises(HomeAssistantError):
            await account.send("Alarm", SARA)
    await hass.async_block_till_done()
    assert not hass.config_entries.flow.async_progress()


async def test_14_stored_states(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """A one-time code is in no backup."""
    code = "Your code is 834221"
    assert await post(rig, account, event_body(message=code)) == 200
    await hass.async_block_till_done()
    stored = restore_state.async_get(hass).async_get_stored_states()
    kept = json_bytes([item.as_dict() for item in stored]).decode()
    assert "button." in kept or "event." in kept
    assert code not in kept
    assert SARA not in kept


async def test_15_parts_over_a_reload(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """A message of two parts is delivered with the second one."""
    seen = collect(hass)

    async def report(event: str, at: int, **more: Any) -> None:
        field = "sentAt" if event == "sms:sent" else "deliveredAt"
        times = {field: AT.format(at)}
        body = event_body(event, messageId="long", recipient=SARA, **times, **more)
        assert await post(rig, account, {**body, "id": f"event {at}"}) == 200

    await report("sms:sent", 1, partsCount=2)
    assert await hass.config_entries.async_reload(account.entry.entry_id)
    await report("sms:delivered", 2)
    assert seen.kinds() == ["sms_sent"]
    await report("sms:delivered", 3)
    assert seen.kinds() == ["sms_sent", "sms_delivered"]


async def test_a_message_of_2036_does_not_freeze_the_last_one(
    hass: HomeAssistant, account: Account
) -> None:
    """A phone's clock, or a network's, may be ahead."""
    account.phone.receive(SARA, "ahead", at=2_090_000_000)
    await account.settled()
    account.phone.receive(SARA, "now", at=time.time() + 5)
    await account.settled()

    def is_shown() -> bool:
        state = hass.states.get("sensor.sms_gate_last_message")
        return state is not None and state.attributes.get("message") == "now"

    await until(is_shown)


@pytest.mark.parametrize("whose", ["entry", "contact"])
async def test_no_phone_takes_the_device_of_an_account_or_contact(
    hass: HomeAssistant, rig: Rig, account: Account, whose: str
) -> None:
    """Its message is received all the same."""
    contact_id = next(iter(account.entry.subentries))
    device_id = account.entry.entry_id if whose == "entry" else contact_id
    seen = collect(hass)

    def devices() -> list[dr.DeviceEntry]:
        return dr.async_entries_for_config_entry(
            dr.async_get(hass), account.entry.entry_id
        )

    before = devices()
    assert await post(rig, account, {**event_body(), "deviceId": device_id}) == 200
    await hass.async_block_till_done()
    assert seen.kinds() == ["sms_received"]
    assert devices() == before
