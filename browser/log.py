"""Home Assistant's logs after the walk."""

from . import arabic, automation, messages, repair
from .asking import NotSeenError
from .world import NEIGHBOUR, SARA, World

SECRETS = (
    *(SARA, NEIGHBOUR, "059 004 2734", "055 123 4567"),
    *(messages.QUESTION, messages.ANSWER, automation.COMMAND, automation.DONE),
    *(repair.WAITING, repair.SIGNED, repair.KEY, arabic.ANSWER),
)


async def read(world: World) -> None:
    """Find no complaint of ours in it, and nothing that is nobody's business."""
    # The second start put the log of the first aside
    names = ("home-assistant.log.1", "home-assistant.log")
    log = "\n".join((world.home.folder / name).read_text("utf-8") for name in names)
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
