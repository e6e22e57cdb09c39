"""MMS by poll while the phone comes and goes: nothing is lost, nothing fires twice."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.receive.mms import MAX_TRIES
from harness.until import until
from tests.support.common import SARA, Account, Collected, Rig, collect
from tests.support.mms import (
    FILES,
    PNG,
    after_first,
    arrive,
    contents,
    fetched,
    media,
    one,
    polled,
    seen,
)
from tests.support.receiving import (
    GRACE,
    LOOK,
    POLL,
    lead_webhooks_here,
    pass_time,
    polls,
    quiet,
    texts,
)
from virtual_gateway.faults import Fault
from virtual_gateway.phone.incoming import Incoming
from virtual_gateway.phone.payloads import inbound

__all__ = ["media", "polled", "seen"]

PAUSE = 60


@pytest.mark.parametrize(
    ("fault", "value", "where"),
    [
        ("reset", None, "/attachments/2$"),
        ("drop_response", None, "/attachments/2$"),
        ("status", 500, "/attachments/2$"),
        ("status", 503, "/attachments/2$"),
        ("reset", None, "/inbox$"),
        ("status", 500, "/inbox$"),
        ("status", 503, "/inbox$"),
    ],
)
async def test_a_phone_that_goes_in_the_middle_is_asked_again(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
    fault: str,
    value: float | None,
    where: str,
) -> None:
    """What came before has fired, what comes after waits; all of it fires once."""
    polled.phone.receive(SARA, "before")
    freezer.tick(2)
    arrive(polled)
    freezer.tick(2)
    polled.phone.receive(SARA, "after")
    light_look = where == "/inbox$"
    # A connection that was used before is tried anew by aiohttp itself
    limit = 1 if fault == "status" else 2
    strikes = Fault(limit=limit, value=value, path=where)
    if light_look:
        # The first request is the light look; the second asks for the files
        polled.phone.inbox.select = after_first(  # type: ignore[method-assign]
            polled, lambda: polled.gateway.faults.update({fault: strikes})
        )
    else:
        polled.gateway.faults[fault] = strikes
    await pass_time(hass, freezer, POLL)
    assert strikes.hits == limit
    assert texts(seen) == ["before"]
    await pass_time(hass, freezer, PAUSE)
    assert contents(media, one(seen)) == [PNG, b"film" * 99]
    assert seen.kinds() == ["sms_received", "mms_downloaded", "sms_received"]
    await pass_time(hass, freezer, POLL)
    assert len(seen.events) == 3


async def test_a_file_that_never_arrives_does_not_stop_the_messages_behind(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """After three tries the MMS fires with what could be fetched, and so does the rest."""
    arrive(polled)
    freezer.tick(2)
    polled.phone.receive(SARA, "after")
    fails = Fault(value=500, path="/attachments/2$")
    polled.gateway.faults["status"] = fails
    for number in range(MAX_TRIES):
        assert (fails.hits, seen.events) == (number, [])
        await pass_time(hass, freezer, PAUSE)
    assert seen.kinds() == ["mms_downloaded", "sms_received"]
    items = one(seen)
    assert contents(media, items) == [PNG, None]
    assert (items[1]["name"], items[1]["size"]) == ("film.mp4", 4 * 99)
    assert fails.hits == MAX_TRIES


async def test_a_phone_that_is_away_uses_up_no_try(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Only a phone that lists its inbox counts."""
    polled.gateway.faults["status"] = Fault(value=500, limit=1, path="/attachments/1$")
    arrive(polled)
    await pass_time(hass, freezer, POLL)
    polled.gateway.faults["reset"] = Fault()
    for _ in range(5):
        await pass_time(hass, freezer, PAUSE)
    polled.gateway.faults.clear()
    assert seen.events == []
    await pass_time(hass, freezer, PAUSE)
    assert contents(media, one(seen)) == [PNG, b"film" * 99]


@pytest.mark.parametrize("status", [400, 404])
async def test_a_list_that_is_refused_keeps_no_mms_back(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    status: int,
) -> None:
    """An app may not know how to answer."""
    refuse = Fault(value=status, path="/inbox$")
    polled.phone.inbox.select = after_first(  # type: ignore[method-assign]
        polled, lambda: polled.gateway.faults.update(status=refuse)
    )
    arrive(polled)
    await pass_time(hass, freezer, POLL)
    assert refuse.hits == 2
    assert one(seen) == []


@pytest.mark.parametrize("missing", [FILES, FILES[1:]])
async def test_files_that_the_phone_still_writes_are_waited_for(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
    missing: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The app lists a message before its files; the second look finds them."""
    message = arrive(polled)
    held = message.attachments[: len(FILES) - len(missing)]
    messages = polled.phone.inbox.messages
    messages[message.inbox_id] = replace(message, attachments=held)
    real, looks = polled.phone.inbox.select, []

    def select(*args: Any) -> list[Incoming]:
        looks.append(args)
        if len(looks) == 3:
            messages[message.inbox_id] = message
        return real(*args)

    monkeypatch.setattr(polled.phone.inbox, "select", select)
    await pass_time(hass, freezer, POLL)
    assert contents(media, one(seen)) == [PNG, b"film" * 99]
    assert len(polls(polled.gateway)) == 4


async def test_an_account_that_is_unloaded_meanwhile_fires_after_its_return(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Two that know nothing of each other must not both fire it."""
    arrive(polled)
    hangs = Fault(value=1, path="/attachments/1$")
    polled.gateway.faults["delay"] = hangs
    freezer.tick(POLL + 0.1)
    async_fire_time_changed(hass)
    await until(lambda: hangs.hits)
    assert await hass.config_entries.async_unload(polled.entry.entry_id)
    # Time stands still, so the delay ends by this
    polled.gateway._web._stopped.set()
    await quiet(hass)
    assert fetched(polled)
    assert seen.events == []
    polled.gateway.faults.clear()
    assert await hass.config_entries.async_setup(polled.entry.entry_id)
    await pass_time(hass, freezer, POLL)
    assert contents(media, one(seen)) == [PNG, b"film" * 99]


async def test_what_came_while_away_has_its_files(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Catching up is a poll, too."""
    await hass.config_entries.async_unload(polled.entry.entry_id)
    freezer.tick(60)
    arrive(polled)
    freezer.tick(60)
    assert await hass.config_entries.async_setup(polled.entry.entry_id)
    await pass_time(hass, freezer, POLL)
    assert contents(media, one(seen)) == [PNG, b"film" * 99]
    assert seen.data("mms_downloaded")[0]["late"] is True


async def test_what_a_webhook_brings_meanwhile_is_not_fetched(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """While the first one's files are under way the phone posts the second one."""
    arrive(polled)
    freezer.tick(2)
    second = arrive(polled, body="Second")
    hangs = Fault(value=1, path="/attachments/1$")
    polled.gateway.faults["delay"] = hangs
    freezer.tick(POLL + 0.1)
    async_fire_time_changed(hass)
    await until(lambda: hangs.hits)
    lead_webhooks_here(polled)
    payload = inbound(second, polled.phone.utc_offset)
    polled.phone.hooks.emit("mms:downloaded", payload)
    await until(lambda: seen.events)
    # Time stands still, so the delay ends by this
    polled.gateway._web._stopped.set()
    await quiet(hass)
    assert [item["body"] for item in seen.data("mms_downloaded")] == ["Second", "Look"]
    assert [item.path.rpartition("/")[2] for item in fetched(polled)] == ["1", "2"]


async def test_an_mms_that_no_webhook_brought_has_its_files(
    hass: HomeAssistant, rig: Rig, media: Path, freezer: FrozenDateTimeFactory
) -> None:
    """Before polling takes over, too."""
    account = await rig.add_account(mode="local", options={"receive_mode": "webhook"})
    seen = collect(hass)
    account.gateway.faults["webhook_down"] = Fault()
    arrive(account)
    await pass_time(hass, freezer, LOOK)
    await pass_time(hass, freezer, GRACE)
    assert contents(media, one(seen)) == [PNG, b"film" * 99]
