"""What the tests of polled MMS share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import SARA, Account, Collected, Rig, collect
from virtual_gateway.phone.incoming import Incoming
from virtual_gateway.records import RecordedRequest

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
FILES = [("door.png", "image/png", PNG), ("film.mp4", "video/mp4", b"film" * 99)]
PREFIX = "media-source://media_source/local/"


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


def after_first(account: Account, act: Any) -> Any:
    """Return the inbox's own list, which does something once it was used."""
    inbox = account.phone.inbox
    real, waiting = inbox.select, [act]

    def select(*args: Any) -> list[Incoming]:
        found = real(*args)
        if waiting:
            waiting.pop()()
        return found

    return select
