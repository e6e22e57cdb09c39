"""``sms_gate.send_mms``: what is read, how it is made to fit, and what is refused."""

from base64 import b64decode
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from PIL import Image
import pytest

from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.send.mms import MAX_BYTES
from tests.support.cameras import Camera, add_camera
from tests.support.common import SARA, Account, Rig
from tests.support.sending import fails, posts, refuses


async def send_mms(account: Account, *media: str, **data: Any) -> None:
    """Run the action."""
    await account.hass.services.async_call(
        DOMAIN,
        "send_mms",
        {"recipients": ["Sara"], "media": list(media), **data},
        blocking=True,
    )


def picture(width: int, height: int, form: str = "JPEG") -> bytes:
    """Return a picture of noise, which hardly gets smaller."""
    noise = Random(7).randbytes(width * height * 3)
    buffer = BytesIO()
    Image.frombytes("RGB", (width, height), noise).save(buffer, form, quality=95)
    return buffer.getvalue()


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """A folder that Home Assistant may read, which is also its media folder."""
    folder = tmp_path / "media"
    folder.mkdir()
    hass.config.media_dirs = {"local": str(folder)}
    hass.config.allowlist_external_dirs = {str(folder)}
    (folder / "small.png").write_bytes(picture(20, 20, "PNG"))
    (folder / "note.txt").write_text("Hello")
    (folder / "large.jpg").write_bytes(picture(1500, 1000))
    (folder / "large.bin").write_bytes(bytes(MAX_BYTES + 1))
    return folder


@pytest.fixture
async def door(hass: HomeAssistant) -> Camera:
    """A camera at the door."""
    return await add_camera(hass, "Door", picture(1200, 900))


def attachments(account: Account) -> list[dict[str, str]]:
    """Return what was submitted last."""
    found: list[dict[str, str]] = posts(account.gateway)[-1]["mmsMessage"][
        "attachments"
    ]
    return found


async def submit(account: Account, *media: str, **data: Any) -> None:
    """Run the action at a server, which cannot pass an MMS on."""
    with fails("mms_not_accepted"):
        await send_mms(account, *media, **data)


async def test_words_and_small_files_go_as_they_are(
    account: Account, folder: Path
) -> None:
    """By path or by media source id; the name goes along."""
    await async_setup_component(account.hass, "media_source", {})
    await submit(
        account,
        str(folder / "small.png"),
        "media-source://media_source/local/note.txt",
        message="Look",
        subject="Door",
    )
    (body,) = posts(account.gateway)
    assert body["phoneNumbers"] == [SARA]
    assert body["mmsMessage"]["subject"] == "Door"
    assert body["mmsMessage"]["text"] == "Look"
    assert "textMessage" not in body
    small, note = attachments(account)
    assert (small["contentType"], small["name"]) == ("image/png", "small.png")
    assert b64decode(small["data"]) == (folder / "small.png").read_bytes()
    assert (note["contentType"], b64decode(note["data"])) == ("text/plain", b"Hello")


async def test_pictures_are_scaled_to_fit_together(
    account: Account, folder: Path, door: Camera
) -> None:
    """A camera's is taken now; what is no picture stays."""
    await submit(
        account, str(folder / "large.jpg"), door.entity_id, str(folder / "note.txt")
    )
    files = attachments(account)
    assert [item["name"] for item in files] == ["large.jpg", "door.jpg", "note.txt"]
    content = [b64decode(item["data"]) for item in files]
    assert sum(map(len, content)) <= MAX_BYTES
    for data in content[:2]:
        with Image.open(BytesIO(data)) as scaled:
            assert scaled.format == "JPEG"
            assert max(scaled.size) >= 320


@pytest.mark.parametrize(
    ("media", "key"),
    [
        pytest.param(["/etc/hostname"], "file_not_allowed", id="another folder"),
        pytest.param(["{folder}/../secret.txt"], "file_not_allowed", id="dots"),
        pytest.param(["{folder}/gone.jpg"], "file_unknown", id="no such file"),
        pytest.param(["camera.garden"], "file_unknown", id="no such camera"),
        pytest.param(["light.door"], "file_unknown", id="no picture's entity"),
        pytest.param(
            ["media-source://media_source/local/gone.jpg"],
            "file_unknown",
            id="no such media",
        ),
        pytest.param(["{folder}/large.bin"], "files_too_large", id="large file"),
        pytest.param([f"camera.a{n}" for n in range(11)], "too_many_files", id="many"),
        pytest.param([], "mms_empty", id="nothing"),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_any_request(
    account: Account, folder: Path, media: list[str], key: str
) -> None:
    """The error names the file as it was entered."""
    await async_setup_component(account.hass, "media_source", {})
    names = [name.format(folder=folder) for name in media]
    with refuses(key) as info:
        await send_mms(account, *names, message="Look")
    if key.startswith("file_"):
        assert names[0] in str(info.value)
    assert posts(account.gateway) == []


async def test_a_subject_alone_is_no_mms(account: Account) -> None:
    """The app needs a text or a file beside it."""
    with refuses("mms_empty"):
        await send_mms(account, subject="Door")
    assert posts(account.gateway) == []


async def test_a_camera_without_a_picture_is_named(
    account: Account, door: Camera
) -> None:
    """Nothing goes out in its place."""
    door.picture = None
    with fails("no_picture", entity="camera.door"):
        await send_mms(account, "camera.door")
    assert posts(account.gateway) == []


async def test_an_app_that_is_too_old_is_named_before_any_request(
    rig: Rig, folder: Path
) -> None:
    """Its version is known in local mode."""
    account = await rig.add_account(mode="local")
    phones = account.entry.runtime_data.account.phones
    phones.async_handle_push(account.phone.local_id, "1.73.9")
    with refuses("mms_needs_newer_app"):
        await send_mms(account, str(folder / "small.png"))
    assert posts(rig.gateway) == []


async def test_a_delivery_that_no_phone_reports_is_not_waited_for(
    rig: Rig, folder: Path
) -> None:
    """The app reports an MMS as sent or failed; waiting would end in a time-out."""
    account = await rig.add_account(mode="local")
    with refuses("mms_without_report"):
        await send_mms(account, str(folder / "small.png"), wait_for="delivered")
    assert posts(rig.gateway) == []


async def test_a_phone_in_local_mode_sends_it(
    rig: Rig, folder: Path, door: Camera
) -> None:
    """The picture leaves the phone; no report of its delivery is waited for."""
    account = await rig.add_account(mode="local")
    answer: Any = await account.hass.services.async_call(
        DOMAIN,
        "send_mms",
        {
            "contacts": "notify.sara",
            "message": "Look",
            "media": [door.entity_id],
            "wait_for": "sent",
        },
        blocking=True,
        return_response=True,
    )
    (message,) = answer["messages"]
    assert message["state"] == "Sent"
    (sms,) = account.phone.outbox
    assert (sms.phone_number, sms.text) == (SARA, "Look")
    (file,) = sms.files
    with Image.open(BytesIO(file.content)) as sent:
        assert sent.format == "JPEG"
    assert list(account.entry.runtime_data.outbox) == []
