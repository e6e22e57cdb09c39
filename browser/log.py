"""Home Assistant's logs after the walk."""

from . import arabic, automation, messages, repair
from .asking import NotSeenError, expect
from .world import NEIGHBOUR, SARA, World

SECRETS = (
    *(SARA, NEIGHBOUR, "059 004 2734", "055 123 4567"),
    *(messages.QUESTION, messages.ANSWER, automation.COMMAND, automation.DONE),
    *(repair.WAITING, repair.SIGNED, repair.KEY, arabic.ANSWER),
)


async def read(world: World) -> None:
    """Find no complaint of ours in it, and nothing that is nobody's business."""
    # Its second start put the first log aside
    files = sorted(world.home.folder.glob("home-assistant.log*"))
    expect(len(files), 2, "logs")
    log = "\n".join(file.read_text(encoding="utf-8") for file in files)
    told = [secret for secret in SECRETS if secret in log]
    complaints = [
        line
        for line in log.splitlines()
        if "sms_gate" in line
        and (" WARNING " in line or " ERROR " in line)
        and "not been tested" not in line
    ]
    if told or complaints:
        raise NotSeenError(f"the log tells {told}\n" + "\n".join(complaints))
