"""A record of received messages, written where no kill takes it back.

One system call in Home Assistant's event loop for each line. Who writes:

- ``event``: an automation by the action ``chaos_record.write``, triggered by the bus
- ``trigger``: one triggered by ``sms_gate.message_received``
- ``bus``: this integration itself, as the event is fired

``at`` is the monotonic clock's time, which all processes share, and no jump moves;
``inside`` tells that the integration was waiting meanwhile, so that it cannot have
remembered the event yet; ``armed`` that Home Assistant had started, for it arms
automations at the very end of its start.
"""

from collections.abc import Mapping
import json
import os
from pathlib import Path
import signal
import sys
import time
from typing import Any

from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

DOMAIN = "chaos_record"
SCHEMA = vol.Schema({"by": cv.string, "text": cv.string})
CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)
RECORD = "record.jsonl"
KILL_ORDER = "kill_at"
_INTEGRATION = f"{os.sep}custom_components{os.sep}sms_gate{os.sep}"


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Open the record and the order that names the line at which to be killed."""
    folder = Path(hass.config.path())
    file, order = await hass.async_add_executor_job(_open, folder)
    written = 0

    @callback
    def write(data: Mapping[str, Any]) -> None:
        nonlocal written
        line = {
            "pid": os.getpid(),
            "at": time.monotonic(),
            **data,
            "armed": hass.state is CoreState.running,
            "inside": _is_inside_integration(),
        }
        os.write(file, f"{json.dumps(line)}\n".encode())
        written += 1
        if written == int(os.pread(order, 20, 0) or 0):
            os.kill(os.getpid(), signal.SIGKILL)

    @callback
    def write_event(event: Event) -> None:
        text, body = event.data.get("message"), event.data.get("body")
        write({"by": "bus", "text": text or body, "mms": body is not None})

    for kind in ("sms_received", "mms_downloaded"):
        hass.bus.async_listen(f"sms_gate_{kind}", write_event)
    hass.services.async_register(
        DOMAIN, "write", callback(lambda call: write(call.data)), SCHEMA
    )
    return True


def _open(folder: Path) -> tuple[int, int]:
    """Return both files, which need not be there yet."""
    record = os.open(folder / RECORD, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    return record, os.open(folder / KILL_ORDER, os.O_RDONLY | os.O_CREAT)


def _is_inside_integration() -> bool:
    """Return True if the integration is among the callers."""
    frame = sys._getframe().f_back
    while frame and _INTEGRATION not in frame.f_code.co_filename:
        frame = frame.f_back
    return frame is not None
