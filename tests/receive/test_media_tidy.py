"""Attachments are kept for thirty days, and nothing of anyone else is touched."""

from datetime import timedelta
import os
from pathlib import Path
import time

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.sms_gate.receive.media import KEEP_SECONDS
from tests.support.common import SARA, Account, Rig, collect
from tests.support.receiving import pass_time, quiet

DAY = 24 * 3600
MARK = "0123456789abcdef"
OURS = f"{MARK}_door.png"


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Home Assistant's media folder, with ours in it."""
    folder = tmp_path / "media"
    hass.config.media_dirs = {"local": str(folder)}
    os.makedirs(folder / "sms_gate")  # noqa: PTH103 - pathlib's would count as blocking
    return folder / "sms_gate"


def lay(path: Path, age: float = KEEP_SECONDS + 60) -> Path:
    """Put a file somewhere that was written a while ago."""
    with open(path, "wb"):  # noqa: PTH123 - pathlib's would count as blocking
        pass
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def names(folder: Path) -> set[str]:
    """Return what lies in a folder."""
    return set(os.listdir(folder))  # noqa: PTH208 - pathlib's would count as blocking


async def test_old_files_go_at_the_start(
    hass: HomeAssistant, rig: Rig, media: Path
) -> None:
    """No MMS needs to come for it."""
    lay(media / OURS)
    lay(media / f"2026-11-25_18-15_{OURS}")
    lay(media / f"{MARK}_young.png", KEEP_SECONDS - 60)
    await rig.add_account()
    await quiet(hass)
    assert names(media) == {f"{MARK}_young.png"}


async def test_home_assistants_start_does_not_wait_for_it(
    hass: HomeAssistant, rig: Rig, media: Path
) -> None:
    """They go once it has started."""
    lay(media / OURS)
    hass.set_state(CoreState.starting)
    await rig.add_account()
    await quiet(hass)
    assert names(media) == {OURS}
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await quiet(hass)
    assert names(media) == set()


async def test_old_files_go_once_a_day(
    hass: HomeAssistant, rig: Rig, media: Path, freezer: FrozenDateTimeFactory
) -> None:
    """A house that runs for months keeps none for longer."""
    account = await rig.add_account(options={"receive_mode": "off"})
    for _ in range(2):
        lay(media / OURS)
        await pass_time(hass, freezer, DAY / 2)
        assert names(media) == {OURS}
        await pass_time(hass, freezer, DAY / 2)
        assert names(media) == set()
    lay(media / OURS)
    assert await hass.config_entries.async_unload(account.entry.entry_id)
    await pass_time(hass, freezer, 2 * DAY)
    assert names(media) == {OURS}


@pytest.mark.parametrize(
    "name",
    [
        "holiday.png",
        f"{MARK}.png",
        f"{MARK}_door",
        f"{MARK.upper()}_door.png",
        f"{MARK[1:]}_door.png",
        f"0{MARK}_door.png",
        f".{OURS}",
        "keep_me.txt",
    ],
)
async def test_what_is_not_ours_stays(
    hass: HomeAssistant, rig: Rig, media: Path, name: str
) -> None:
    """Whatever else someone puts into the folder, however old."""
    lay(media / OURS)
    lay(media / name)
    lay(media.parent / OURS)
    await rig.add_account()
    await quiet(hass)
    assert names(media) == {name}
    assert names(media.parent) == {"sms_gate", OURS}


@pytest.mark.parametrize("kind", ["folder", "link"])
async def test_folders_and_links_of_our_names_stay(
    hass: HomeAssistant,
    rig: Rig,
    media: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    """Only plain files are ours; nothing else is even tried."""
    target = lay(tmp_path / "target.png")
    path = media / f"{MARK}_{kind}.png"
    if kind == "folder":
        os.mkdir(path)  # noqa: PTH102 - pathlib's would count as blocking
    else:
        os.symlink(target, path)  # noqa: PTH211 - pathlib's would count as blocking
    os.utime(path, (0, 0), follow_symlinks=False)
    await rig.add_account()
    await quiet(hass)
    assert names(media) == {path.name}
    assert target.name in names(tmp_path)
    assert not [item for item in caplog.records if item.name.endswith(".media")]


async def test_what_is_written_is_what_is_removed(
    hass: HomeAssistant, rig: Rig, media: Path
) -> None:
    """The pattern fits every name that attachments get."""
    account = await rig.add_account()
    files = [
        ("door.png", "image/png", b"1"),
        ("صورة الباب", "image/jpeg", b"2"),
        ("", "application/x-nobody-knows", b"3"),
        ("a.b.c", "text/plain; charset=utf-8", b"4"),
        ("x" * 500, "", b"5"),
    ]
    seen = collect(hass)
    account.phone.receive_mms_downloaded(SARA, attachments=files)
    await account.settled()
    assert len(seen.data("mms_downloaded")) == 1
    assert len(names(media)) == len(files)
    for name in names(media):
        os.utime(media / name, (0, 0))
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=DAY + 1))
    await quiet(hass)
    assert names(media) == set()


async def test_without_a_folder_nothing_happens(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither before the first MMS, nor without a media folder."""
    hass.config.media_dirs = {"local": str(tmp_path / "none")}
    await rig.add_account(options={"receive_mode": "off"})
    await quiet(hass)
    hass.config.media_dirs = {}
    await pass_time(hass, freezer, DAY)
    assert not os.path.exists(tmp_path / "none")  # noqa: PTH110 - blocking
    assert not [item for item in caplog.records if item.name.endswith(".media")]


async def test_a_folder_that_cannot_be_read_stops_nothing(
    hass: HomeAssistant, rig: Rig, media: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One line says why; the path stays out of it."""
    os.rmdir(media)  # noqa: PTH106 - pathlib's would count as blocking
    lay(media)
    account: Account = await rig.add_account()
    await quiet(hass)
    assert account.entry.state.recoverable
    (line,) = [item for item in caplog.records if item.name.endswith(".media")]
    assert line.getMessage().endswith("Not a directory")
