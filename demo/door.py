"""The demo's front door: its camera, and an account that sends its picture by MMS.

Servers do not pass an MMS on, so the first phone is an account of its own here, in local
mode. It only sends: what that phone receives comes by the server's account.
"""

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from harness.dialogs import add_account, add_contact, add_entry, set_options
from harness.gateway import PASSWORD, USERNAME, GatewayProcess
from harness.home import Home
from harness.until import until

OMAR: Final = "+966590042735"
_SIZE: Final = (1920, 1440)
_WALL, _DOOR, _PERSON, _KNOB = "#8d8f91", "#5a3a22", "#22252b", "#d9b44a"


def picture() -> bytes:
    """Return somebody at a door, in the dark: noise makes it too large for an MMS."""
    drawn = Image.new("RGB", _SIZE, _WALL)
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((560, 120, 1360, 1440), fill=_DOOR)
    pen.ellipse((1250, 760, 1310, 820), fill=_KNOB)
    pen.ellipse((820, 420, 1100, 720), fill=_PERSON)
    pen.rounded_rectangle((700, 740, 1220, 1500), radius=180, fill=_PERSON)
    noise = Image.effect_noise(_SIZE, 60).convert("RGB")
    file = BytesIO()
    Image.blend(drawn, noise, 0.25).save(file, "JPEG", quality=90)
    return file.getvalue()


async def add_camera(home: Home) -> None:
    """Add a camera that shows the door."""
    file = home.folder / "front_door.jpg"
    file.write_bytes(picture())
    await add_entry(home, "local_file", {"name": "Front door", "file_path": str(file)})

    async def is_there() -> bool:
        return "camera.front_door" in await home.states("camera")

    await until(is_there, "camera.front_door")


async def add_phone(gateway: GatewayProcess, home: Home) -> str:
    """Add the first phone in local mode, with a contact; return the entry's id."""
    host, port = gateway.url.removeprefix("http://").split(":")
    login = {"username": USERNAME, "password": PASSWORD}
    entered = {"host": host, "port": int(port), **login}
    entry_id = await add_account(home, "local", entered)
    await set_options(home, entry_id, {"receive_mode": "off"})
    await add_contact(home, entry_id, {"name": "Omar", "phone_number": OMAR})

    async def is_there() -> bool:
        found = (await home.states("notify")).get("notify.omar", {})
        return found.get("state") not in {None, "unavailable"}

    await until(is_there, "notify.omar")
    return entry_id
