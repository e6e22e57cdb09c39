"""MMS by poll: their files are fetched once, and nothing is lost or fired twice."""

from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.receive import mms
from custom_components.sms_gate.receive.media import MAX_FILE_BYTES
from tests.support.common import Account, Collected, Rig
from tests.support.mms import PNG, arrive, contents, fetched, media, one, polled, seen
from tests.support.receiving import POLL, lead_webhooks_here, pass_time, tell_by_webhook
from virtual_gateway.faults import Fault
from virtual_gateway.phone.incoming import Attachment

__all__ = ["media", "polled", "seen"]


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


async def test_what_is_too_large_is_not_fetched(
    hass: HomeAssistant,
    polled: Account,
    seen: Collected,
    media: Path,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The list says how large it is."""
    monkeypatch.setattr(mms, "MAX_FILE_BYTES", len(PNG))
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
    real = Attachment.as_reference
    monkeypatch.setattr(Attachment, "as_reference", lambda it: real(it) | {"size": 1})
    monkeypatch.setattr(mms, "MAX_FILE_BYTES", len(PNG))
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
    full = bytes(MAX_FILE_BYTES)
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
