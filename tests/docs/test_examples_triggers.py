"""The documentation's examples of triggers do what their page says."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from homeassistant.components.image import async_get_image
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, label_registry as lr
from homeassistant.setup import async_setup_component
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.sms_gate.const import DOMAIN
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig, event_body
from tests.support.docs_examples import ACCOMPLICE, automation, notified, outbox, soon
from tests.support.event_samples import ATTACHMENT


@pytest.fixture(autouse=True)
async def _notifications(hass: HomeAssistant) -> None:
    """Most examples show something."""
    assert await async_setup_component(hass, "persistent_notification", {})


@pytest.mark.parametrize(
    ("text", "age", "runs"),
    [
        pytest.param("Light ON please", 0, True, id="command"),
        pytest.param("Good morning", 0, False, id="another text"),
        pytest.param("light on", 3600, False, id="late"),
    ],
)
async def test_message_received(
    hass: HomeAssistant, account: Account, text: str, age: int, runs: bool
) -> None:
    """The light is switched and Sara is told, unless the message is an old one."""
    lights = async_mock_service(hass, "light", "turn_on")
    await automation(hass, "message_received")
    account.phone.receive(SARA, text, at=soon() - age)
    await account.settled()
    await account.settled()  # the automation goes on after the answer
    assert bool(lights) is runs
    assert outbox(account) == ([(SARA, "The light is on.")] if runs else [])


@pytest.mark.parametrize(
    ("sender", "text", "age", "opens"),
    [
        pytest.param(SARA, "Gate 482913", 0, True, id="contact"),
        pytest.param(ACCOMPLICE, " gate  482913 ", 0, True, id="number"),
        pytest.param(SARA, "gate 482914", 0, False, id="wrong PIN"),
        pytest.param(SARA, "gate", 0, False, id="no PIN"),
        pytest.param("+966507777777", "gate 482913", 0, False, id="stranger"),
        pytest.param(SARA, "gate 482913", 3600, False, id="late"),
    ],
)
async def test_gate_with_pin(
    hass: HomeAssistant, account: Account, sender: str, text: str, age: int, opens: bool
) -> None:
    """Only the right people with the right PIN, and only now."""
    hass.states.async_set("input_text.gate_pin", "482913")
    covers = async_mock_service(hass, "cover", "open_cover")
    await automation(hass, "gate_with_pin")
    account.phone.receive(sender, text, at=soon() - age)
    await account.settled()
    assert bool(covers) is opens


async def test_message_sent(hass: HomeAssistant, account: Account) -> None:
    """Sara's counts, the stranger's does not."""
    await automation(hass, "message_sent")
    await account.send("Hello", "Sara", ACCOMPLICE)
    await account.settled()
    assert notified(hass) == [(None, "An SMS to Sara was sent.")]


@pytest.mark.parametrize(("outcome", "off"), [("delivered", 1), ("sent", 0)])
async def test_message_delivered(
    hass: HomeAssistant, account: Account, outcome: Any, off: int
) -> None:
    """Sent is not delivered."""
    account.phone.outcomes[SARA] = outcome
    sirens = async_mock_service(hass, "siren", "turn_off")
    await automation(hass, "message_delivered")
    await account.send("Alarm", "Sara")
    await account.settled()
    assert len(sirens) == off


async def test_message_received_target(hass: HomeAssistant, account: Account) -> None:
    """Whoever has the label, from then on."""
    label = lr.async_get(hass).async_create("Family").label_id
    await automation(hass, "message_received_target")
    (sara,) = account.entry.subentries
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier(
        (DOMAIN, sara), account.entry.entry_id
    )
    assert device is not None
    registry.async_update_device(device.id, labels={label})
    account.phone.receive(OMAR, "Hello")
    account.phone.receive(SARA, "Home soon")
    await account.settled()
    assert notified(hass) == [("Sara", "Home soon")]


async def test_message_cancelled(hass: HomeAssistant, account: Account) -> None:
    """Before the phone sent it."""
    await automation(hass, "message_cancelled")
    later = datetime.now(UTC) + timedelta(days=300)
    answer = await account.send("Hello", "Sara", schedule_at=later.isoformat())
    await until(lambda: account.phone.sender.messages)
    await hass.services.async_call(
        DOMAIN,
        "cancel_message",
        {"message_id": answer["messages"][0]["message_id"]},
        blocking=True,
    )
    await until(lambda: notified(hass))
    assert notified(hass) == [(None, "An SMS to Sara was cancelled.")]


async def post(rig: Rig, account: Account, event: str, **payload: Any) -> None:
    """Let the phone post an event of Sara."""
    posted = event_body(event, **payload)
    posted["deviceId"] = account.phone.id
    assert (await rig.web.post(account.webhook_path, json=posted)).status == 200
    await account.settled()


async def test_mms_received(hass: HomeAssistant, account: Account, rig: Rig) -> None:
    """The subject comes with the announcement."""
    await automation(hass, "mms_received")
    await post(rig, account, "mms:received", transactionId="T1", subject="Cat")
    assert notified(hass) == [(None, "Sara sent an MMS: Cat")]


async def test_mms_downloaded(hass: HomeAssistant, account: Account, rig: Rig) -> None:
    """The first file is played where it is stored; without files nothing is."""
    played = async_mock_service(hass, "media_player", "play_media")
    await automation(hass, "mms_downloaded")
    await post(rig, account, "mms:downloaded", attachments=[], body="Hello")
    assert played == []
    await post(
        rig, account, "mms:downloaded", messageId="m2", attachments=[dict(ATTACHMENT)]
    )
    (call,) = played
    assert call.data["media"]["media_content_type"] == ATTACHMENT["contentType"]
    assert call.data["media"]["media_content_id"].startswith("media-source://")


async def test_picture_notification(
    hass: HomeAssistant, account: Account, rig: Rig
) -> None:
    """The address that is notified is that of the picture."""
    shown = async_mock_service(hass, "notify", "mobile_app_my_phone")
    await automation(hass, "picture_notification")
    picture = BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    data = b64encode(picture.getvalue()).decode()
    attachments = [{**ATTACHMENT, "data": data}]
    await post(rig, account, "mms:downloaded", attachments=attachments, body="Look")
    (call,) = shown
    assert call.data["message"] == "Sara sent a picture. Look"
    entity_id = call.data["data"]["image"].removeprefix("/api/image_proxy/")
    assert hass.states.get(entity_id)
    assert (await async_get_image(hass, entity_id)).content == picture.getvalue()


async def test_data_received(hass: HomeAssistant, account: Account, rig: Rig) -> None:
    """Data that is a text is shown as one."""
    await automation(hass, "data_received")
    await post(rig, account, "sms:data-received", sender=ACCOMPLICE, data="SGk=")
    assert notified(hass) == [(None, "Hi")]
