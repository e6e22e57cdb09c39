"""scripts/demo: a virtual gateway and a real Home Assistant, ready to play with.

With --once it needs no person: it sends an SMS, lets the virtual phone deliver and
answer it, prints each step with its time, and ends with 0 only if all was seen.
"""

import argparse
import asyncio
from contextlib import suppress
from pathlib import Path
import shutil
import sys
import tempfile

from harness.home import PASSWORD, USERNAME
from harness.process import end_on_signals
from harness.until import HarnessError

from .once import once
from .running import own_folder, running


async def stay(folder: Path) -> None:
    """Stay up until Ctrl-C."""
    # A second demo leaves the usual ports to the first, which may not listen yet
    ports = (8089, 8123) if folder.name == "home-1" else (0, 0)
    async with running(folder, ports, 10) as demo:
        print(
            f"""
  Home Assistant   {demo.home.url}   user {USERNAME}, password {PASSWORD}
  Virtual phones   {demo.gateway.url}/control/

  Write "ping" from the virtual phone's page, or send an SMS to Sara with the
  action sms_gate.send_message. "Ring the doorbell" on the dashboard SMS Gate sends
  Omar the camera's picture by MMS. Ctrl-C ends both.
""",
            flush=True,
        )
        await asyncio.Event().wait()


async def run(*, is_once: bool) -> None:
    """Run in a folder that goes with the run, unless the run fails."""
    if not is_once:
        with own_folder() as folder:
            await stay(folder)
        return
    folder = Path(tempfile.mkdtemp(prefix="sms-gate-demo-"))
    try:
        await once(folder / "home")
    except HarnessError as err:
        raise HarnessError(f"{err}\nHome Assistant's log: {folder}/home") from err
    except asyncio.CancelledError:
        shutil.rmtree(folder)
        raise
    shutil.rmtree(folder)


async def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument(
        "--once", action="store_true", help="go the whole circle once, without a person"
    )
    arguments = parser.parse_args()
    end_on_signals()
    try:
        await run(is_once=arguments.once)
    except HarnessError as err:
        print(f"FAILED: {err}", file=sys.stderr)
        return 1
    return 0


with suppress(asyncio.CancelledError):
    sys.exit(asyncio.run(main()))
