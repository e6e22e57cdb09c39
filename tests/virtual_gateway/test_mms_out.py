"""A virtual phone sends MMS as the app does since 1.74."""

import base64
from typing import Any

import pytest

from virtual_gateway import SentFile, VirtualGateway

from .conftest import NUMBER, Asker

OTHER = "+966590042735"
PICTURE = {
    "contentType": "image/png",
    "name": "door.png",
    "data": base64.b64encode(b"picture").decode(),
}
MMS = {"subject": "Door", "text": "Somebody rang", "attachments": [PICTURE]}


def _body(**fields: Any) -> dict[str, Any]:
    return {"id": "mms", "mmsMessage": MMS, "phoneNumbers": [NUMBER, OTHER]} | fields


async def test_an_mms_goes_to_all_its_recipients(
    ask: Asker, gateway: VirtualGateway
) -> None:
    reply = await ask("POST", "/messages", _body())
    assert (reply.status, reply.json["state"]) == (202, "Pending")
    await gateway.settled()
    shown = (await ask("GET", "/messages/mms")).json
    assert shown["state"] == "Sent"
    assert shown["mmsMessage"] == MMS
    sent = gateway.phones[0].outbox
    assert [item.phone_number for item in sent] == [NUMBER, OTHER]
    for item in sent:
        assert (item.subject, item.text, item.parts) == ("Door", "Somebody rang", 2)
        assert item.files == (SentFile("door.png", "image/png", b"picture"),)
    outbox = (await ask("GET", "/control/outbox")).json["messages"]
    assert [item["kind"] for item in outbox] == ["MMS", "MMS"]
    assert outbox[0]["attachments"] == [
        {"name": "door.png", "content_type": "image/png", "size": 7}
    ]
    (line, _) = (await ask("GET", "/control/state")).json["phones"][0]["timeline"]
    assert (line["kind"], line["attachments"]) == ("MMS_SENT", ["door.png"])


async def test_an_mms_fails_for_all_when_one_cannot_get_it(
    ask: Asker, gateway: VirtualGateway
) -> None:
    gateway.phones[0].outcomes[OTHER] = "failed"
    await ask("POST", "/messages", _body())
    await gateway.settled()
    shown = (await ask("GET", "/messages/mms")).json
    errors = {item["error"] for item in shown["recipients"]}
    assert shown["state"] == "Failed"
    assert errors == {
        "MMS send result: MMS_ERROR_UNSPECIFIED (An unspecified error occurred)"
    }


@pytest.mark.parametrize(
    "mms",
    [
        {},
        {"subject": "only"},
        {"text": ""},
        {"attachments": []},
        {"attachments": [PICTURE | {"contentType": " "}]},
        {"attachments": [PICTURE | {"data": ""}]},
        {"attachments": [PICTURE | {"data": "a" * (2 * 1024 * 1024 + 4)}]},
        {"attachments": "x"},
    ],
    ids=lambda item: str(item)[:40],
)
async def test_refused(ask: Asker, mms: dict[str, Any]) -> None:
    assert (await ask("POST", "/messages", _body(mmsMessage=mms))).status == 400


async def test_an_mms_is_no_text(ask: Asker) -> None:
    both = _body(textMessage={"text": "x"})
    assert (await ask("POST", "/messages", both)).status == 400


async def test_older_apps_know_no_mms(ask: Asker, gateway: VirtualGateway) -> None:
    gateway.phones[0].app_version = "1.73.0"
    assert (await ask("POST", "/messages", _body())).status == 400
