"""An account is loaded again while messages come in: each fires once, and is shown."""

import asyncio
from pathlib import Path
from random import Random
import threading
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
import pytest

from custom_components.sms_gate.receive import dedup, media
from tests.support.common import SARA, Account, Rig, collect, event_body
from tests.support.receiving import quiet, texts

# A second of the field
SECOND = 0.05
PHONE_EVENT = "event.samsung_a16_message"


def add_contact(account: Account) -> None:
    """Add a contact, as the dialog does."""
    contact = ConfigSubentry(
        data=MappingProxyType({"name": "Lina", "phone_number": "+966501111111"}),
        subentry_type="contact",
        title="Lina",
        unique_id="+966501111111",
    )
    account.hass.config_entries.async_add_subentry(account.entry, contact)


async def post(rig: Rig, account: Account, body: dict[str, Any]) -> int:
    """Post once and return the status."""
    async with rig.web.post(account.webhook_path, json=body) as response:
        return response.status


async def post_until_received(rig: Rig, account: Account, body: dict[str, Any]) -> None:
    """Post as the phone does: again and again until it is answered 200."""
    while True:
        if await post(rig, account, body) == 200:
            return
        await asyncio.sleep(SECOND)


def sms(account: Account, number: int, event_id: str = "a") -> dict[str, Any]:
    """Return one SMS of many under an id."""
    body = event_body(messageId=f"{number:x}", message=f"sms {number}")
    return {**body, "id": f"{event_id}{number}", "deviceId": account.phone.id}


def shown(hass: HomeAssistant) -> list[str]:
    """Note what the phone's event entity shows, whichever load of it."""
    noted: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and "message" in state.attributes:
            text = state.attributes["message"]
            if text not in noted:
                noted.append(text)

    async_track_state_change_event(hass, PHONE_EVENT, note)
    return noted


@pytest.mark.parametrize(("bursts", "size"), [(1, 30), (10, 30), (5, 100)])
async def test_a_burst_over_a_reload_fires_once_and_is_shown(
    hass: HomeAssistant, rig: Rig, account: Account, bursts: int, size: int
) -> None:
    """Each is posted again 0.3 to 4 s later; meanwhile a contact is added."""
    hass.loop.set_debug(False)
    seen, entity, random = collect(hass), shown(hass), Random(7)

    async def one(number: int) -> None:
        await post_until_received(rig, account, sms(account, number))
        await asyncio.sleep(random.uniform(0.3, 4) * SECOND)
        await post_until_received(rig, account, sms(account, number, "b"))

    posting = []
    for burst in range(bursts):
        numbers = range(burst * size, (burst + 1) * size)
        posting += [asyncio.create_task(one(number)) for number in numbers]
        await asyncio.sleep(SECOND)
        if burst == bursts // 2:
            add_contact(account)
            hass.config_entries.async_schedule_reload(account.entry.entry_id)
    await asyncio.gather(*posting)
    await quiet(hass)
    expected = {f"sms {number}" for number in range(bursts * size)}
    assert len(texts(seen)) == bursts * size
    assert set(texts(seen)) == expected
    assert set(entity) == expected


def mms(account: Account) -> dict[str, Any]:
    """Return an MMS with a picture."""
    part = {
        "partId": 1,
        "contentType": "image/png",
        "name": "a.png",
        "data": "aGVsbG8=",
    }
    body = event_body("mms:downloaded", messageId="mms 1", attachments=[part])
    return {**body, "deviceId": account.phone.id}


async def test_an_mms_whose_file_is_slow_fires_once_over_a_reload(
    hass: HomeAssistant,
    rig: Rig,
    account: Account,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The post that waited is refused, so the phone comes again; that one fires."""
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    seen = collect(hass)
    started, goes_on = threading.Event(), threading.Event()
    keep = media._keep

    def slowly(*how: Any) -> Any:
        started.set()
        assert goes_on.wait(10)
        return keep(*how)

    monkeypatch.setattr(media, "_keep", slowly)
    first = asyncio.create_task(post(rig, account, mms(account)))
    assert await hass.async_add_executor_job(started.wait, 10)
    async with asyncio.timeout(5):
        assert await hass.config_entries.async_reload(account.entry.entry_id)
    assert seen.events == []
    second = asyncio.create_task(post(rig, account, mms(account)))
    goes_on.set()
    assert await first == 503
    assert await second == 200
    assert await post(rig, account, mms(account)) == 200
    assert seen.kinds() == ["mms_downloaded"]


async def test_what_waits_while_an_account_is_unloaded_is_refused(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """And fires once the account is loaded."""
    seen = collect(hass)
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    assert await post(rig, account, sms(account, 1)) == 503
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    assert await post(rig, account, sms(account, 1)) == 200
    assert texts(seen) == ["sms 1"]


@pytest.mark.parametrize("how", ["reload", "restart"])
@pytest.mark.parametrize("before", [0, 1, 2])
async def test_parts_that_were_delivered_are_counted_over_a_reload(
    hass: HomeAssistant, rig: Rig, account: Account, how: str, before: int
) -> None:
    """Three parts: the third report delivers the message, whenever it comes."""
    seen = collect(hass)

    async def report(event: str, second: int, **more: Any) -> None:
        field = "sentAt" if event == "sms:sent" else "deliveredAt"
        body = event_body(
            event,
            messageId="long",
            recipient=SARA,
            **{field: f"2026-06-22T15:46:{second:02}.000+03:00"},
            **more,
        )
        assert await post(rig, account, {**body, "id": f"{event} {second}"}) == 200

    await report("sms:sent", 1, partsCount=3)
    for number in range(before):
        await report("sms:delivered", 10 + number)
    entry_id = account.entry.entry_id
    if how == "restart":
        assert await hass.config_entries.async_unload(entry_id)
        hass.data[dedup._MEMORIES].pop(entry_id).close()
        assert await hass.config_entries.async_setup(entry_id)
    else:
        assert await hass.config_entries.async_reload(entry_id)
    for number in range(before, 2):
        await report("sms:delivered", 10 + number)
        await report("sms:delivered", 10 + number)
    assert seen.kinds() == ["sms_sent"]
    await report("sms:delivered", 12)
    await report("sms:delivered", 12)
    assert seen.kinds() == ["sms_sent", "sms_delivered"]


async def test_a_message_of_two_seconds_ago_is_not_late_after_a_reload(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """A contact was added meanwhile; the phone came again ten seconds later."""
    seen = collect(hass)
    account.phone.receive(SARA, "before")
    await account.settled()
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    account.phone.receive(SARA, "meanwhile")
    assert await hass.config_entries.async_setup(account.entry.entry_id)
    await account.settled()
    assert sorted(texts(seen)) == ["before", "meanwhile"]
    assert [item["late"] for item in seen.data("sms_received")] == [False, False]
