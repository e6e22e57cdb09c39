"""MMS by poll: their files are fetched once, and nothing is lost or fired twice."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate import media as media_module, mms_files
from tests.common import SARA, Account, Collected, Rig, collect
from tests.receiving import (
    POLL,
    lead_webhooks_here,
    pass_time,
    polls,
    quiet,
    tell_by_webhook,
    texts,
    until,
)
from tests.virtual_gateway.faults import Fault
from tests.virtual_gateway.phone.incoming import Incoming
from tests.virtual_gateway.records import RecordedRequest

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
FILES = [("door.png", "image/png", PNG), ("film.mp4", "video/mp4", b"film" * 99)]
PREFIX = "media-source://media_source/local/"
PAUSE = 60


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Home Assistant's media folder."""
    folder = tmp_path / "media"
    hass.config.media_dirs = {"local": str(folder)}
    return folder


@pytest.fixture
async def polled(rig: Rig, freezer: FrozenDateTimeFactory, media: Path) -> Account:
    """An account that asks its phone, in frozen time."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    rig.gateway.requests.clear()
    return account


@pytest.fixture
def seen(hass: HomeAssistant, polled: Account) -> Collected:
    """What comes on the bus."""
    return collect(hass)


def arrive(account: Account, files: Sequence[Any] = FILES, **fields: Any) -> Incoming:
    """Let the phone receive an MMS, and return it."""
    fields = {"body": "Look"} | fields
    account.phone.receive_mms_downloaded(SARA, attachments=files, **fields)
    return list(account.phone.inbox.messages.values())[-1]


def fetched(account: Account) -> list[RecordedRequest]:
    """Return the requests for files."""
    return [item for item in account.gateway.requests if "/attachments/" in item.path]


def one(seen: Collected) -> list[dict[str, Any]]:
    """Return the attachments of the only MMS."""
    (event,) = seen.data("mms_downloaded")
    return list(event["attachments"])


def contents(media: Path, attachments: list[dict[str, Any]]) -> list[bytes | None]:
    """Return what lies in the files of attachments, None for those without one."""
    ids = [item["media_content_id"] for item in attachments]
    return [
        (media / key.removeprefix(PREFIX)).read_bytes() if key else None for key in ids
    ]


async def test_its_files_are_fetched_once(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Afterwards a poll is one light request again, which asks for no files."""
    arrive(polled)
    await pass_time(hass, freezer, POLL)
    items = one(seen)
    assert contents(media, items) == [PNG, b"film" * 99]
    assert [item["name"] for item in items] == ["door.png", "film.mp4"]
    assert [item["content_type"] for item in items] == ["image/png", "video/mp4"]
    assert [item["size"] for item in items] == [len(PNG), 4 * 99]
    assert [item["part_id"] for item in items] == [1, 2]
    assert len(fetched(polled)) == 2
    assert str(PNG) not in str(seen.events)
    polled.gateway.requests.clear()
    await pass_time(hass, freezer, POLL)
    (light,) = polled.gateway.requests
    assert light.path == "/inbox"
    assert "includeAttachments" not in light.query
    assert len(seen.events) == 1


async def test_attachments_by_poll_are_those_by_webhook(
    hass: HomeAssistant,
    rig: Rig,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """To the name of the file, so that a doubled MMS leaves no second copy."""
    message = arrive(polled)
    await pass_time(hass, freezer, POLL)
    await hass.config_entries.async_remove(polled.entry.entry_id)
    other = await rig.add_account(mode="local", options={"receive_mode": "off"})
    lead_webhooks_here(other)
    freezer.tick(1)
    await tell_by_webhook(other, message)
    by_poll, by_webhook = seen.data("mms_downloaded")
    assert by_poll["config_entry_id"] != by_webhook["config_entry_id"]
    assert by_poll["attachments"] == by_webhook["attachments"]
    assert by_poll["body"] == by_webhook["body"] == "Look"
    assert len(list((media / "sms_gate").iterdir())) == 2


@pytest.mark.parametrize("first", ["webhook", "poll"])
async def test_webhook_and_poll_fire_once(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
    first: str,
) -> None:
    """Whichever comes first; a known one's files are not fetched."""
    message = arrive(polled)
    lead_webhooks_here(polled)
    if first == "webhook":
        await tell_by_webhook(polled, message)
    await pass_time(hass, freezer, POLL)
    if first == "poll":
        await tell_by_webhook(polled, message)
    await pass_time(hass, freezer, POLL)
    assert contents(media, one(seen)) == [PNG, b"film" * 99]
    assert len(fetched(polled)) == (0 if first == "webhook" else 2)
    assert len(polled.gateway.deliveries) == 1


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
        polled.phone.inbox.select = _after_first(  # type: ignore[method-assign]
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


def _after_first(account: Account, act: Any) -> Any:
    """Return the inbox's own list, which does something once it was used."""
    inbox = account.phone.inbox
    real, waiting = inbox.select, [act]

    def select(*args: Any) -> list[Incoming]:
        found = real(*args)
        if waiting:
            waiting.pop()()
        return found

    return select


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
    for number in range(mms_files.MAX_TRIES):
        assert (fails.hits, seen.events) == (number, [])
        await pass_time(hass, freezer, PAUSE)
    assert seen.kinds() == ["mms_downloaded", "sms_received"]
    items = one(seen)
    assert contents(media, items) == [PNG, None]
    assert (items[1]["name"], items[1]["size"]) == ("film.mp4", 4 * 99)
    assert fails.hits == mms_files.MAX_TRIES


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


@pytest.mark.parametrize("status", [400, 403, 404, 302])
async def test_a_refused_file_is_described(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
    status: int,
) -> None:
    """It would be refused the next time, too; the other one is there."""
    polled.gateway.faults["status"] = Fault(value=status, path="/attachments/1$")
    arrive(polled)
    await pass_time(hass, freezer, POLL)
    items = one(seen)
    assert contents(media, items) == [None, b"film" * 99]
    assert (items[0]["name"], items[0]["size"]) == ("door.png", len(PNG))
    assert polled.gateway.faults["status"].hits == 1


async def test_an_older_app_lists_no_attachments(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The MMS arrives all the same, at once."""
    polled.phone.attachment_support = False
    arrive(polled)
    await pass_time(hass, freezer, POLL)
    assert one(seen) == []
    assert seen.data("mms_downloaded")[0]["body"] == "Look"
    assert fetched(polled) == []


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
    polled.phone.inbox.select = _after_first(  # type: ignore[method-assign]
        polled, lambda: polled.gateway.faults.update(status=refuse)
    )
    arrive(polled)
    await pass_time(hass, freezer, POLL)
    assert refuse.hits == 2
    assert one(seen) == []


async def test_what_is_too_large_is_not_fetched(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The list says how large it is."""
    monkeypatch.setattr(mms_files, "MAX_FILE_BYTES", len(PNG))
    arrive(polled)
    await pass_time(hass, freezer, POLL)
    items = one(seen)
    assert contents(media, items) == [PNG, None]
    assert items[1]["size"] == 4 * 99
    assert [item.path.rpartition("/")[2] for item in fetched(polled)] == ["1"]


async def test_what_is_larger_than_the_list_says_is_not_taken(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reading ends at the limit."""
    from tests.virtual_gateway.phone.incoming import Attachment

    real = Attachment.as_reference
    monkeypatch.setattr(Attachment, "as_reference", lambda it: real(it) | {"size": 1})
    monkeypatch.setattr(mms_files, "MAX_FILE_BYTES", len(PNG))
    arrive(polled)
    await pass_time(hass, freezer, POLL)
    assert contents(media, one(seen)) == [PNG, None]
    assert len(fetched(polled)) == 2


async def test_the_largest_that_is_kept(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Ten megabytes each, and twenty for an MMS; the third finds no room."""
    full = bytes(media_module.MAX_FILE_BYTES)
    arrive(polled, [(f"{name}.bin", "x/y", full) for name in "abc"])
    await pass_time(hass, freezer, POLL)
    items = one(seen)
    assert [content == full for content in contents(media, items)] == [
        True,
        True,
        False,
    ]
    assert items[2]["size"] == len(full)
    assert len(fetched(polled)) == 2


@pytest.mark.parametrize("missing", [FILES, FILES[1:]])
async def test_files_that_the_phone_still_writes_are_waited_for(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
    missing: list[Any],
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

    polled.phone.inbox.select = select  # type: ignore[method-assign]
    await pass_time(hass, freezer, POLL)
    assert contents(media, one(seen)) == [PNG, b"film" * 99]
    assert len(polls(polled.gateway)) == 4


async def test_several_mms_of_one_second_have_their_own_files(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each is looked for by its time, and found by its id."""
    for number in range(3):
        arrive(polled, [("a.png", "image/png", bytes([number]))], body=f"{number}")
    await pass_time(hass, freezer, POLL)
    found = {
        event["body"]: contents(media, event["attachments"])
        for event in seen.data("mms_downloaded")
    }
    assert found == {f"{number}": [bytes([number])] for number in range(3)}


async def test_without_a_media_folder_it_is_described(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
) -> None:
    """And the content stays out of the event."""
    hass.config.media_dirs = {}
    arrive(polled)
    await pass_time(hass, freezer, POLL)
    assert [item["media_content_id"] for item in one(seen)] == [None, None]


@pytest.mark.parametrize(
    ("fields", "body"), [({"body": None}, None), ({"body": "MMS"}, "MMS")]
)
async def test_an_mms_without_a_word_has_none(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    freezer: FrozenDateTimeFactory,
    fields: dict[str, Any],
    body: str | None,
) -> None:
    """The inbox shows words of its own there, which nobody wrote."""
    arrive(polled, **fields)
    await pass_time(hass, freezer, POLL)
    assert seen.data("mms_downloaded")[0]["body"] == body


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
