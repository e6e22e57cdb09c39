"""The last picture of each phone and contact: shown from its file, and only if it is one."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.image import async_get_image
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Event, HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.image import SCAN_INTERVAL
from custom_components.sms_gate.receive.picture import MAX_PIXELS, picture_type
from tests.account.test_last_known import reload, restart, states_on_disk, stored
from tests.platforms.test_entities import entity_id
from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.mms import arrive, media, polled
from tests.support.receiving import POLL, pass_time
from tests.support.sending import posts

__all__ = ["media", "polled"]

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NO_PICTURES = [
    ("film.mp4", "video/mp4", b"film" * 99),
    ("page.png", "image/png", b"<html><script>alert(1)</script>"),
    ("drawn.svg", "image/svg+xml", SVG),
    ("empty.jpg", "image/jpeg", b""),
    ("cut.png", "image/png", b"\x89PNG\r\n\x1a\n"),
]


def picture(colour: str, form: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    """Return a picture of one colour."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, form)
    return buffer.getvalue()


RED, BLUE = picture("red"), picture("blue", "JPEG")


async def receive(
    account: Account, *files: tuple[str, str, bytes], sender: str = SARA, **fields: Any
) -> None:
    """Let the phone receive an MMS and report it."""
    fields = {"body": "Look"} | fields
    account.phone.receive_mms_downloaded(sender, attachments=files, **fields)
    await account.settled()


def images(account: Account) -> dict[str, State]:
    """Return the states of our image entities."""
    found = er.async_entries_for_config_entry(
        er.async_get(account.hass), account.entry.entry_id
    )
    states = {it.entity_id: account.hass.states.get(it.entity_id) for it in found}
    return {key: state for key, state in states.items() if state and "image." in key}


def image_of(account: Account, owner: str) -> str:
    """Return the entity id of a phone's or contact's picture."""
    return entity_id(account, "image", f"{owner}-last_picture")


def sara(account: Account) -> str:
    """Return the entity id of what Sara sent."""
    (found,) = [it for it in account.entry.subentries.values() if it.title == "Sara"]
    return image_of(account, found.subentry_id)


async def content(account: Account, owner: str) -> tuple[str, bytes]:
    """Return what an entity shows."""
    found = await async_get_image(account.hass, owner)
    return found.content_type, found.content


async def test_the_first_picture_makes_the_entities(
    hass: HomeAssistant, rig: Rig, account: Account, media: Path
) -> None:
    """A person sees it; the state is when it came, and has neither name nor number."""
    await receive(account, *NO_PICTURES)
    account.phone.receive(SARA, "no MMS at all")
    await account.settled()
    assert images(account) == {}
    before = datetime.now(UTC)
    await receive(account, ("IMG_0590042734.png", "image/png", RED))
    assert {*images(account)} == {image_of(account, account.phone.id), sara(account)}
    for key, state in images(account).items():
        assert before - timedelta(seconds=1) < datetime.fromisoformat(state.state)
        assert await content(account, key) == ("image/png", RED)
        assert "590042734" not in str(state.as_dict())
        async with rig.web.get(state.attributes["entity_picture"]) as response:
            assert response.headers["Content-Type"] == "image/png"
            assert await response.read() == RED
    assert "590042734" not in states_on_disk(hass)


async def test_the_last_picture_is_shown_by_what_is_in_it(
    account: Account, media: Path
) -> None:
    """Of several the last; what a phone calls it does not count. A stranger's is the phone's."""
    png, jpeg = ("a.png", "image/png", RED), ("b.bin", "application/x-y", BLUE)
    await receive(account, png, jpeg, *NO_PICTURES)
    assert await content(account, sara(account)) == ("image/jpeg", BLUE)
    await receive(account, png, sender=OMAR)
    phone = image_of(account, account.phone.id)
    assert await content(account, phone) == ("image/png", RED)
    assert await content(account, sara(account)) == ("image/jpeg", BLUE)
    assert len(images(account)) == 2


async def test_a_late_picture_replaces_no_newer_one(
    account: Account, media: Path
) -> None:
    """What the phone could not report before is not the last one."""
    old = datetime.now(UTC).timestamp() - 2 * 24 * 3600
    await receive(account, ("new.png", "image/png", RED))
    await receive(account, ("old.jpg", "image/jpeg", BLUE), at=old)
    assert await content(account, sara(account)) == ("image/png", RED)


async def test_it_comes_by_poll_as_well(
    hass: HomeAssistant, polled: Account, media: Path, freezer: FrozenDateTimeFactory
) -> None:
    """The phone's files are fetched, then shown."""
    arrive(polled, [("door.png", "image/png", RED)])
    await pass_time(hass, freezer, POLL)
    assert await content(polled, sara(polled)) == ("image/png", RED)


@pytest.mark.parametrize("again", [reload, restart])
async def test_it_is_there_again(account: Account, media: Path, again: Any) -> None:
    """With the same time; only who is still there has one."""
    await receive(account, ("IMG.png", "image/png", RED))
    before = {key: state.state for key, state in images(account).items()}
    known = account.entry.runtime_data.account.last_known
    known.pictures["removed"] = known.pictures[account.phone.id]
    await again(account)
    assert {key: state.state for key, state in images(account).items()} == before
    assert await content(account, sara(account)) == ("image/png", RED)
    assert '"removed"' not in stored(account)


async def test_a_picture_whose_file_is_gone_is_unavailable(
    hass: HomeAssistant, account: Account, media: Path
) -> None:
    """Until it is there again, as a network folder is."""
    await receive(account, ("door.png", "image/png", RED))
    (file,) = (media / "sms_gate").iterdir()
    aside = file.rename(media / "aside.png")
    with pytest.raises(HomeAssistantError):
        await content(account, sara(account))
    async_fire_time_changed(hass, datetime.now(UTC) + SCAN_INTERVAL)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert {state.state for state in images(account).values()} == {STATE_UNAVAILABLE}
    aside.rename(file)
    async_fire_time_changed(hass, datetime.now(UTC) + 2 * SCAN_INTERVAL)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert STATE_UNAVAILABLE not in {state.state for state in images(account).values()}
    assert await content(account, sara(account)) == ("image/png", RED)


async def test_no_other_file_is_shown(account: Account, media: Path) -> None:
    """Whatever the stored name says, or lies under it."""
    await receive(account, ("door.png", "image/png", RED))
    (media / "secret.png").write_bytes(BLUE)
    (file,) = (media / "sms_gate").iterdir()
    (media / "sms_gate" / "secret.png").write_bytes(BLUE)
    known = account.entry.runtime_data.account.last_known
    last = known.pictures[account.phone.id]
    bad = "0123456789abcdef_"
    for name in ("../secret.png", "secret.png", f"{bad}/../../secret.png", "", "."):
        known.pictures[account.phone.id] = type(last)(time=last.time, file=name)
        with pytest.raises(HomeAssistantError):
            await content(account, image_of(account, account.phone.id))
    file.unlink()
    file.symlink_to(media / "secret.png")
    with pytest.raises(HomeAssistantError):
        await content(account, sara(account))


async def test_an_automation_of_the_event_gets_the_new_picture(
    hass: HomeAssistant, account: Account, media: Path
) -> None:
    """The event comes first, and the picture is the new one already."""
    await receive(account, ("a.png", "image/png", RED))
    seen: list[bytes] = []

    async def look(_event: Event) -> None:
        seen.append((await content(account, sara(account)))[1])

    hass.bus.async_listen("sms_gate_mms_downloaded", look)
    await receive(account, ("b.jpg", "image/jpeg", BLUE))
    assert seen == [BLUE]


async def test_a_picture_is_sent_on(rig: Rig, media: Path) -> None:
    """An image entity of ours is one that an MMS takes."""
    account = await rig.add_account(
        mode="local", contacts=(contact("Sara", SARA), contact("Omar", OMAR))
    )
    await receive(account, ("a.png", "image/png", RED))
    data = {"recipients": ["Omar"], "media": [sara(account)]}
    await account.hass.services.async_call("sms_gate", "send_mms", data, blocking=True)
    (post,) = posts(account.gateway)
    (file,) = post["mmsMessage"]["attachments"]
    assert file["contentType"] == "image/png"


async def test_two_accounts_of_one_phone(
    rig: Rig, account: Account, media: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its picture is shown by the first of them, and each shows its own contacts'."""
    other = await rig.add_account(title="Other", contacts=(contact("Omar", OMAR),))
    await receive(account, ("a.png", "image/png", RED), sender=OMAR)
    await receive(account, ("a.png", "image/png", RED))
    assert len(images(account)) == 2
    assert len(images(other)) == 1
    assert "unique" not in caplog.text


def _broken(content: bytes, number: int) -> Iterable[bytes]:
    """Yield a file with bytes that a stranger changed."""
    random = Random(14)
    for _ in range(number):
        bad = bytearray(content[: random.randint(4, len(content))])
        for _ in range(random.randint(1, 12)):
            bad[random.randrange(len(bad))] = random.choice([0, 1, 127, 128, 255])
        yield bytes(bad)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_broken_picture_stops_nothing(form: str) -> None:
    """It is a picture or none; nothing is raised."""
    content = picture("red", form)
    assert picture_type(content) == f"image/{form.lower()}"
    for bad in _broken(content, 300):
        assert picture_type(bad) in (f"image/{form.lower()}", None)


@pytest.mark.parametrize("form", ["TIFF", "BMP", "ICO", "PDF"])
def test_other_forms_are_no_pictures(form: str) -> None:
    """A browser does not show all of them."""
    assert picture_type(picture("red", form)) is None


def test_a_picture_that_fills_the_memory_is_none() -> None:
    """A small file can say that it is huge."""
    side = int(MAX_PIXELS**0.5) + 1
    buffer = BytesIO()
    Image.new("1", (side, side)).save(buffer, "PNG")
    assert len(buffer.getvalue()) < 100_000
    assert picture_type(buffer.getvalue()) is None
