"""Data SMS: base64 both ways, and the text where it is one."""

from base64 import b64decode, b64encode

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import SARA, Account, Rig, collect, event_body
from tests.support.receiving import POLL, pass_time

BINARY = b"\x80\x81\x00\xff"
CONTENTS = [
    pytest.param(b"open the door", "open the door", id="ascii"),
    pytest.param("افتح الباب 🚪".encode(), "افتح الباب 🚪", id="arabic"),
    pytest.param(BINARY, None, id="binary"),
    pytest.param(b"\x00", None, id="nul"),
    pytest.param(b"\x1b[2J", None, id="control"),
    pytest.param(b"one\ntwo\tthree\r\n", "one\ntwo\tthree\r\n", id="lines"),
    pytest.param(
        "\u200f+966\u200e مرحبا".encode(),
        "\u200f+966\u200e مرحبا",
        id="direction marks",
    ),
]


@pytest.mark.parametrize(("content", "text"), CONTENTS)
async def test_data_arrives_whole_with_its_text(
    hass: HomeAssistant, account: Account, content: bytes, text: str | None
) -> None:
    """By webhook, over the real line."""
    seen = collect(hass)
    account.phone.receive_data(SARA, content)
    await account.settled()
    (data,) = seen.data("sms_data_received")
    assert b64decode(data["data"], validate=True) == content
    assert data["message"] == text
    assert data["contact"] == "Sara"
    assert "truncated" not in data


async def test_long_data_by_webhook_is_whole(
    hass: HomeAssistant, account: Account
) -> None:
    """Nothing is cut there, so nothing says so."""
    seen = collect(hass)
    account.phone.receive_data(SARA, bytes(133))
    await account.settled()
    (data,) = seen.data("sms_data_received")
    assert b64decode(data["data"], validate=True) == bytes(133)
    assert "truncated" not in data


@pytest.mark.parametrize("length", [1, 63, 64, 65, 133])
async def test_data_by_poll_is_what_the_inbox_shows(
    hass: HomeAssistant, rig: Rig, freezer: FrozenDateTimeFactory, length: int
) -> None:
    """The phone's inbox keeps 64 bytes of it; more only a webhook brings.

    A beginning says that it is one, and only then.
    """
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    seen = collect(hass)
    content = bytes(range(100, 100 + length))
    account.phone.receive_data(SARA, content)
    await pass_time(hass, freezer, POLL)
    (data,) = seen.data("sms_data_received")
    assert b64decode(data["data"], validate=True) == content[:64]
    assert data.get("truncated") is (True if length > 64 else None)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("", id="empty"),
        pytest.param("?", id="no base64"),
        pytest.param("QUI", id="padding"),
        pytest.param("مرحبا", id="not ascii"),
    ],
)
async def test_data_that_is_no_base64_arrives_without_a_text(
    hass: HomeAssistant, rig: Rig, account: Account, data: str
) -> None:
    """It is handed on as it came; the phone must not try for two days."""
    seen = collect(hass)
    body = event_body("sms:data-received", data=data)
    async with rig.web.post(account.webhook_path, json=body) as response:
        assert response.status == 200
    (received,) = seen.data("sms_data_received")
    assert received["data"] == data
    assert received["message"] in (None, "")


@pytest.mark.parametrize("mode", ["private", "cloud", "local"])
async def test_data_goes_out_and_an_answer_comes_in(
    hass: HomeAssistant, rig: Rig, mode: str
) -> None:
    """The action's base64 is what leaves the phone, at the port that was asked for."""
    account = await rig.add_account(mode=mode)
    seen = collect(hass)
    answer = await hass.services.async_call(
        "sms_gate",
        "send_data_message",
        {"data": b64encode(BINARY).decode(), "port": 5000, "recipients": ["Sara"]},
        blocking=True,
        return_response=True,
    )
    account.phone.receive_data(SARA, BINARY)
    await account.settled()
    (sms,) = account.phone.outbox
    assert (sms.data, sms.port, sms.phone_number) == (BINARY, 5000, SARA)
    assert isinstance(answer, dict)
    assert sorted(seen.kinds()) == ["sms_data_received", "sms_delivered", "sms_sent"]
