"""scripts/demo --once: the whole circle without a person."""

from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image

from harness import log
from harness.dialogs import remove_account
from harness.until import HarnessError, expect, until
from harness.websocket import BusEvent, Connection, ask, connect

from .door import OMAR
from .running import Demo, running

SARA: Final = "+966590042734"
TEXT: Final = "مرحبا سارة، باب المرآب ما زال مفتوحًا 🚪"
AT_THE_DOOR: Final = "Someone is at the door"
EVENTS: Final = (
    "sms_gate_sms_received",
    "sms_gate_sms_sent",
    "sms_gate_sms_delivered",
)
SPEED: Final = 60
# What carriers accept, in bytes
MMS_LIMIT: Final = 300_000


async def once(folder: Path) -> None:
    """Set up, send, receive, answer, remove; raise where a step is not seen."""
    async with running(folder, (0, 0), SPEED) as demo:
        async with connect(demo.home, *EVENTS) as connection:
            await _send(demo, connection)
            await _receive(demo, connection)
        await _send_picture(demo)
        await _see_blueprints(demo)
        await _remove(demo)
    log.check(demo.home.console())
    demo.steps.seen("all processes ended, no warning of ours in the log")


async def _send(demo: Demo, connection: Connection) -> None:
    """Send to the contact by name and see it sent and delivered."""
    data = {"recipients": ["sara"], "message": TEXT}
    answer = await demo.home.action("sms_gate", "send_message", data, answer=True)
    message = answer["messages"][0]
    demo.steps.seen(f"an SMS to Sara is accepted: {message['state']}")
    for kind in EVENTS[1:]:

        def is_it(event: BusEvent, kind: str = kind) -> bool:
            return bool(
                event["event_type"] == kind
                and event["data"]["message_id"] == message["message_id"]
                and event["data"]["contact"] == "Sara"
            )

        await connection.wait_for(is_it, kind)
        demo.steps.seen(f"{kind} is on the event bus")
    left = [
        (item["phone_number"], item["text"]) for item in await demo.gateway.outbox()
    ]
    expect(left, [(SARA, TEXT)], "what left the phones")
    demo.steps.seen(f"the phone sent exactly one SMS: {TEXT}")


async def _receive(demo: Demo, connection: Connection) -> None:
    """Let Sara answer, and the automation answer her."""
    for text in ("شكرًا، أغلقته", "ping"):
        body = {"sender": SARA, "message": text}
        await demo.gateway.control("POST", "receive", body)

        def is_it(event: BusEvent, text: str = text) -> bool:
            return bool(event["data"].get("message") == text)

        event = await connection.wait_for(is_it, "sms_gate_sms_received")
        contact = event["data"]["contact"]
        demo.steps.seen(f"sms_gate_sms_received from {contact}: {text}")

    async def is_answered() -> bool:
        texts = [item["text"] for item in await demo.gateway.outbox()]
        return texts == [TEXT, "pong"]

    await until(is_answered, "the automation's pong")
    demo.steps.seen("the automation answered with pong")


async def _send_picture(demo: Demo) -> None:
    """Ring, and see the automation's MMS leave the phone with the camera's picture."""
    taken = len((demo.home.folder / "front_door.jpg").read_bytes())
    if taken <= MMS_LIMIT:
        raise HarnessError("the camera's picture is too small to show the scaling")
    doorbell = {"entity_id": "input_button.doorbell"}
    await demo.home.action("input_button", "press", doorbell)

    async def mms() -> list[dict[str, Any]]:
        return [item for item in await demo.gateway.outbox() if item["kind"] == "MMS"]

    (sent,) = await until(mms, "the MMS with the camera's picture")
    expect((sent["phone_number"], sent["text"]), (OMAR, AT_THE_DOOR), "the MMS")
    message = await demo.gateway.phone("GET", f"messages/{sent['message_id']}")
    (file,) = message["mmsMessage"]["attachments"]
    content = b64decode(file["data"])
    if len(content) > MMS_LIMIT:
        raise HarnessError(f"an MMS of {len(content)} bytes is too large")
    with Image.open(BytesIO(content)) as picture:
        picture.load()
        form = picture.format, file["contentType"]
        size = f"{picture.width} x {picture.height}"
    expect(form, ("JPEG", "image/jpeg"), "the form of the picture")
    demo.steps.seen(
        f"somebody rang: the automation sent Omar the camera's picture by MMS "
        f"({file['name']}, {size}, {taken // 1000} kB made {len(content) // 1000} kB)"
    )


async def _see_blueprints(demo: Demo) -> None:
    """See that each blueprint can be chosen."""
    found = await ask(demo.home, "blueprint/list", domain="automation")
    ours = [it for path, it in found.items() if path.startswith("sms_gate/")]
    broken = [it["error"] for it in ours if "error" in it]
    if broken or not ours:
        raise HarnessError(f"blueprints that cannot be used: {broken or 'all'}")
    demo.steps.seen(f"{len(ours)} blueprints can be chosen")


async def _remove(demo: Demo) -> None:
    """Remove the accounts; nothing is left at the gateway."""
    for entry_id in demo.entry_ids:
        await remove_account(demo.home, entry_id)
    expect(await demo.gateway.api("GET", "webhooks"), [], "webhooks left behind")
    services = await demo.home.get("/api/services")
    (notify,) = [it["services"] for it in services if it["domain"] == "notify"]
    expect("sms_gate" in notify, False, "notify.sms_gate left behind")
    demo.steps.seen("the accounts are removed, no webhook is left at the gateway")
