"""MMS attachments become files in the media folder; their content goes nowhere else."""

import asyncio
from base64 import b64encode
from datetime import datetime
import os
from pathlib import Path
import threading
from typing import Any
from urllib.parse import unquote

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.sms_gate.gateway.events import GatewayEvent
from custom_components.sms_gate.gateway.models import Attachment
from custom_components.sms_gate.receive import media as media_module
from custom_components.sms_gate.receive.media import MAX_FILE_BYTES
from tests.support.common import SARA, Account, Collected, Rig, collect, event_body
from tests.support.receiving import POLL, issues, pass_time

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Home Assistant's media folder."""
    folder = tmp_path / "media"
    hass.config.media_dirs = {"local": str(folder)}
    return folder


def part(data: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return an attachment as the phone posts it."""
    return {
        "partId": 1,
        "contentType": "image/png",
        "name": "a.png",
        "data": b64encode(PNG).decode() if data is None else data,
        **fields,
    }


async def post(rig: Rig, account: Account, *parts: Any, **fields: Any) -> int:
    """Post a downloaded MMS and return the status."""
    body = event_body("mms:downloaded", attachments=list(parts), **fields)
    body["deviceId"] = account.phone.id
    async with rig.web.post(account.webhook_path, json=body) as response:
        await account.hass.async_block_till_done()
        return response.status


def shown(seen: Collected) -> list[dict[str, Any]]:
    """Return the attachments of the one event."""
    (event,) = seen.data("mms_downloaded")
    return list(event["attachments"])


def file_of(media: Path, item: dict[str, Any]) -> Path:
    """Return the file that a media content id names."""
    prefix = "media-source://media_source/local/"
    assert item["media_content_id"].startswith(f"{prefix}sms_gate/")
    return media / unquote(item["media_content_id"].removeprefix(prefix))


def files(media: Path) -> list[Path]:
    """Return all files below the folder, and beside it."""
    return [path for path in media.parent.rglob("*") if path.is_file()]


async def test_a_real_mms_leaves_files_and_an_event_without_base64(
    hass: HomeAssistant, account: Account, media: Path
) -> None:
    """As the phone posts it, over the real line."""
    seen = collect(hass)
    account.phone.receive_mms_downloaded(
        SARA,
        body="Look",
        attachments=[("door.png", "image/png", PNG), ("v.mp4", "video/mp4", b"film")],
    )
    await account.settled()
    door, film = shown(seen)
    assert file_of(media, door).read_bytes() == PNG
    assert file_of(media, film).read_bytes() == b"film"
    assert set(door) == {
        "part_id",
        "content_type",
        "name",
        "size",
        "media_content_id",
    }
    assert (door["name"], door["content_type"]) == ("door.png", "image/png")
    assert (door["size"], film["size"]) == (len(PNG), 4)
    (event,) = seen.data("mms_downloaded")
    received = dt_util.as_local(datetime.fromisoformat(event["timestamp"]))
    name = file_of(media, door).name
    assert name.startswith(f"{received:%Y-%m-%d_%H-%M}_")
    assert name.endswith("_door.png")
    assert b64encode(PNG).decode() not in str(event)
    states = [str(state.as_dict()) for state in hass.states.async_all()]
    assert not any(b64encode(PNG).decode() in state for state in states)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        pytest.param("../../../etc/passwd", ".png", id="up"),
        pytest.param("..\\..\\boot.ini", ".png", id="up on windows"),
        pytest.param("/etc/passwd", ".png", id="absolute"),
        pytest.param("C:\\boot.ini", ".png", id="drive"),
        pytest.param("..", ".png", id="dots"),
        pytest.param(".", ".png", id="dot"),
        pytest.param("", ".png", id="empty"),
        pytest.param(None, ".png", id="none"),
        pytest.param(" ", ".png", id="blank"),
        pytest.param("a\x00b.png", ".png", id="nul"),
        pytest.param("a\nb.png", ".png", id="new line"),
        pytest.param("صورة الباب.png", ".png", id="arabic"),
        pytest.param("🚪.png", ".png", id="emoji"),
        pytest.param("a" * 5000 + ".png", ".png", id="long"),
        pytest.param("م" * 300, ".png", id="long arabic"),
        pytest.param("𠀀" * 300, ".png", id="long, four bytes each"),
        pytest.param("a.b.c.png", ".png", id="more dots"),
        pytest.param("page.html", ".png", id="other suffix"),
        pytest.param("%2e%2e%2fup.png", ".png", id="percent"),
        pytest.param("~root", ".png", id="home"),
        pytest.param(".hidden", ".png", id="hidden"),
    ],
)
async def test_a_name_is_made_safe(
    hass: HomeAssistant,
    rig: Rig,
    account: Account,
    media: Path,
    name: str | None,
    suffix: str,
) -> None:
    """The file lies in its folder, whatever it is called; its type says its suffix."""
    seen = collect(hass)
    before = set(files(media))
    assert await post(rig, account, part(name=name)) == 200
    (item,) = shown(seen)
    (new,) = {path for path in set(files(media)) - before if path.suffix != ".seen"}
    assert new == file_of(media, item)
    assert new.parent == media / "sms_gate"
    assert new.read_bytes() == PNG
    assert new.suffix == suffix
    assert not new.name.startswith(".")
    assert item["name"] == name


@pytest.mark.parametrize(
    ("content_type", "suffix"),
    [
        ("image/jpeg", ".jpg"),
        ("IMAGE/JPEG", ".jpg"),
        ("text/plain; charset=utf-8", ".txt"),
        ("application/x-nobody-knows", ".bin"),
        ("", ".bin"),
        ("../../x", ".bin"),
    ],
)
async def test_the_type_says_the_suffix(
    hass: HomeAssistant,
    rig: Rig,
    account: Account,
    media: Path,
    content_type: str,
    suffix: str,
) -> None:
    """Home Assistant shows a file by its suffix."""
    seen = collect(hass)
    assert await post(rig, account, part(contentType=content_type, name="x.exe")) == 200
    assert file_of(media, shown(seen)[0]).suffix == suffix


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("no base64!", id="no base64"),
        pytest.param("QUI", id="wrong padding"),
        pytest.param("مرحبا", id="not ascii"),
        pytest.param("A" * ((MAX_FILE_BYTES + 3) // 3 * 4 + 4), id="too large"),
    ],
)
async def test_what_cannot_be_kept_is_described_and_the_mms_arrives(
    hass: HomeAssistant, rig: Rig, account: Account, media: Path, data: str
) -> None:
    """One bad attachment takes neither the text nor the other one with it."""
    seen = collect(hass)
    bad, good = part(data, partId=1, size=7), part(partId=2)
    assert await post(rig, account, bad, good, body="Look") == 200
    (event,) = seen.data("mms_downloaded")
    assert event["body"] == "Look"
    first, second = shown(seen)
    assert first["media_content_id"] is None
    assert first["size"] == 7
    assert file_of(media, second).read_bytes() == PNG


async def test_the_largest_that_is_kept(
    hass: HomeAssistant, rig: Rig, account: Account, media: Path
) -> None:
    """Ten megabytes fit into a body of fifteen."""
    seen = collect(hass)
    content = bytes(MAX_FILE_BYTES)
    assert await post(rig, account, part(b64encode(content).decode())) == 200
    assert file_of(media, shown(seen)[0]).stat().st_size == MAX_FILE_BYTES


async def test_an_attachment_without_data_is_described(
    hass: HomeAssistant, rig: Rig, account: Account, media: Path
) -> None:
    """Apps may leave it out."""
    seen = collect(hass)
    assert await post(rig, account, {**part(), "data": None}) == 200
    assert shown(seen)[0]["media_content_id"] is None


async def test_a_doubled_mms_has_the_same_files(
    hass: HomeAssistant, rig: Rig, account: Account, media: Path
) -> None:
    """No second copy of each photo, and one event."""
    seen = collect(hass)
    parts = (part(partId=1), part(partId=2))
    for _ in range(3):
        assert await post(rig, account, *parts) == 200
    first, second = shown(seen)
    assert first["media_content_id"] != second["media_content_id"]
    assert len(list((media / "sms_gate").iterdir())) == 2


async def test_the_same_name_in_another_mms_overwrites_nothing(
    hass: HomeAssistant, rig: Rig, account: Account, media: Path
) -> None:
    """Cameras call everything IMG_0001."""
    seen = collect(hass)
    for number in range(3):
        data = b64encode(bytes([number])).decode()
        assert await post(rig, account, part(data), messageId=f"{number}") == 200
    items = [event["attachments"][0] for event in seen.data("mms_downloaded")]
    assert [file_of(media, item).read_bytes() for item in items] == [
        b"\0",
        b"\1",
        b"\2",
    ]


async def test_without_a_media_folder_the_mms_arrives_all_the_same(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """Who took the local folder out of the configuration gets no files."""
    hass.config.media_dirs = {}
    seen = collect(hass)
    assert await post(rig, account, part()) == 200
    (item,) = shown(seen)
    assert item["media_content_id"] is None
    assert "data" not in item


async def test_a_folder_that_cannot_be_written_holds_back_no_message(
    hass: HomeAssistant, rig: Rig, account: Account, media: Path
) -> None:
    """The event without its file, and a repair until a file is saved."""
    blocker = media / "sms_gate"
    os.mkdir(media)  # noqa: PTH102 - pathlib's would count as blocking
    blocker.write_bytes(b"a file where the folder belongs")
    seen = collect(hass)
    assert await post(rig, account, part()) == 200
    assert shown(seen)[0]["media_content_id"] is None
    assert shown(seen)[0]["name"] == "a.png"
    assert issues(hass) == {"media_not_writable"}
    blocker.unlink()
    assert await post(rig, account, part(), messageId="another") == 200
    item = seen.data("mms_downloaded")[1]["attachments"][0]
    assert file_of(media, item).read_bytes() == PNG
    assert issues(hass) == set()


async def test_a_folder_that_hangs_holds_back_no_message(
    hass: HomeAssistant,
    rig: Rig,
    account: Account,
    media: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One thread hangs in it, however many messages come; then files are saved again."""
    goes_on, calls = threading.Event(), []
    keep = media_module._keep

    def hang(folder: Path | None, event: GatewayEvent) -> tuple[Attachment, ...]:
        calls.append(event)
        assert goes_on.wait(20)
        return keep(folder, event)

    monkeypatch.setattr(media_module, "_keep", hang)
    monkeypatch.setattr(media_module, "SAVE_SECONDS", 0.1)
    seen = collect(hass)
    first = asyncio.create_task(post(rig, account, part(), messageId="0"))
    async with rig.web.post(account.webhook_path, json=event_body()) as response:
        assert response.status == 200
    assert await first == 200
    for number in (1, 2, 3):
        assert await post(rig, account, part(), messageId=f"{number}") == 200
    assert seen.kinds().count("mms_downloaded") == 4
    assert len(calls) == 1
    assert issues(hass) == {"media_not_writable"}
    goes_on.set()
    monkeypatch.setattr(media_module, "SAVE_SECONDS", 10)
    folder = account.entry.runtime_data.pipeline._media
    assert folder._hanging is not None
    await folder._hanging
    assert await post(rig, account, part(), messageId="4") == 200
    assert seen.data("mms_downloaded")[4]["attachments"][0]["media_content_id"]
    assert issues(hass) == set()


async def test_attachments_of_one_number_do_not_overwrite_each_other(
    hass: HomeAssistant, rig: Rig, account: Account, media: Path
) -> None:
    """The same part, the same name: each has a file."""
    seen = collect(hass)
    contents = [b"one", b"two", b"three"]
    parts = [part(b64encode(content).decode()) for content in contents]
    assert await post(rig, account, *parts) == 200
    assert [file_of(media, item).read_bytes() for item in shown(seen)] == contents


async def test_by_poll_nothing_waits_behind_a_folder_that_cannot_be_written(
    hass: HomeAssistant, rig: Rig, media: Path, freezer: FrozenDateTimeFactory
) -> None:
    """The MMS without its file, and the SMS after it, at once."""
    os.mkdir(media)  # noqa: PTH102 - pathlib's would count as blocking
    (media / "sms_gate").write_bytes(b"a file where the folder belongs")
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    seen = collect(hass)
    freezer.tick(2)
    account.phone.receive_mms_downloaded(
        SARA, body="Look", attachments=[("a.png", "image/png", PNG)]
    )
    account.phone.receive(SARA, "behind")
    await pass_time(hass, freezer, POLL)
    assert sorted(seen.kinds()) == ["mms_downloaded", "sms_received"]
    assert shown(seen)[0]["media_content_id"] is None
    assert issues(hass) == {"media_not_writable"}
