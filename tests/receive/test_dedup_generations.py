"""Two generations of memory: enough is kept, and neither memory nor files grow."""

from contextlib import suppress
from datetime import timedelta
import errno
from pathlib import Path
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR
import pytest

from custom_components.sms_gate.receive.dedup import GENERATION_SECONDS, GENERATION_SIZE
from harness.until import until
from tests.receive.test_dedup import lines, load, many, take
from tests.support.common import SARA, Account


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test remembers."""
    return tmp_path / "storage" / "sms_gate.x.seen"


async def test_at_least_the_last_ten_thousand_are_known(
    hass: HomeAssistant, path: Path
) -> None:
    """Neither memory nor files grow for ever, before and after a restart."""
    seen = await load(hass, path)
    items = many(0, GENERATION_SIZE * 5 // 2)
    for start in range(0, len(items), 500):
        await take(seen, *items[start : start + 500])
        recent = items[max(0, start + 500 - GENERATION_SIZE) : start + 500]
        assert all(item in seen for item in recent)
    bound = 2 * GENERATION_SIZE + 2 * 500
    assert len(seen._current) + len(seen._previous) <= bound
    assert items[0] not in seen
    assert lines(path) <= bound
    again = await load(hass, path)
    assert all(item in again for item in items[-GENERATION_SIZE:])
    await take(again, *many(100_000, 100_500))
    assert all(item in again for item in items[-GENERATION_SIZE + 500 :])


async def test_what_is_old_is_forgotten_in_the_second_generation_only(
    hass: HomeAssistant, path: Path, freezer: FrozenDateTimeFactory
) -> None:
    """An identity lives through one change of generations, so three days at least."""
    seen = await load(hass, path)
    first, second, third = many(0, 3)
    await take(seen, first)
    freezer.tick(timedelta(seconds=GENERATION_SECONDS - 10))
    await take(seen, second)
    assert first in seen
    freezer.tick(timedelta(seconds=20))
    await take(seen, third)
    assert first in seen
    assert second in seen
    freezer.tick(timedelta(seconds=GENERATION_SECONDS + 10))
    await take(seen, *many(3, 4))
    assert first not in seen
    assert third in seen
    again = await load(hass, path)
    assert third in again


async def test_a_change_of_generations_on_a_failing_disk_loses_nothing(
    hass: HomeAssistant, path: Path, freezer: FrozenDateTimeFactory
) -> None:
    """Memory goes on, and once the disk works the files know all of it again."""
    seen = await load(hass, path)
    first, second = many(0, 2)
    await take(seen, first)
    freezer.tick(timedelta(seconds=GENERATION_SECONDS + 10))
    with patch.object(Path, "replace", side_effect=OSError(errno.EIO, "I/O")):
        seen.add(second)
        with pytest.raises(OSError, match="I/O"):
            await seen.async_commit()
    assert first in seen
    await seen.async_commit()
    again = await load(hass, path)
    assert first in again
    assert second in again


async def test_an_unloaded_account_holds_no_file_open(
    hass: HomeAssistant, path: Path
) -> None:
    """Neither after the unload, nor after an event that was late for it."""
    seen = await load(hass, path)
    first, second = many(0, 2)
    await take(seen, first)
    assert is_open(path)
    await seen.async_close()
    assert not is_open(path)
    await take(seen, second)
    assert not is_open(path)
    again = await load(hass, path)
    assert first in again
    assert second in again


async def test_unloading_and_reloading_an_entry_leaks_no_file(
    hass: HomeAssistant, account: Account
) -> None:
    """Each load opens a file of its own, which goes with it."""
    path = Path(
        hass.config.path(STORAGE_DIR, f"sms_gate.{account.entry.entry_id}.seen")
    )
    account.phone.receive(SARA, "first")
    await until(lambda: is_open(path), "the open file")
    await hass.config_entries.async_unload(account.entry.entry_id)
    await hass.async_block_till_done()
    assert not is_open(path)


def is_open(path: Path) -> bool:
    """Return True if this process has the file open."""
    targets = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            targets.append(link.readlink())
    return path in targets


async def test_removing_deletes_both_generations(
    hass: HomeAssistant, path: Path, freezer: FrozenDateTimeFactory
) -> None:
    """Nothing stays in the folder; removing what is not there is no error."""
    seen = await load(hass, path)
    await take(seen, *many(0, 1))
    freezer.tick(timedelta(seconds=GENERATION_SECONDS + 10))
    await take(seen, *many(1, 2))
    assert len(list(path.parent.iterdir())) == 2
    await seen.async_remove()
    assert list(path.parent.iterdir()) == []
    await seen.async_remove()
