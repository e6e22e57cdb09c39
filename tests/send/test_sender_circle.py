"""The whole circle over real sockets: send, sent, delivered, answered."""

from homeassistant.core import HomeAssistant

from tests.support.common import SARA, Account, collect

ARABIC = "مرحبا سارة، باب المرآب ما زال مفتوحًا 🚪"


async def test_an_arabic_message_goes_out_and_is_answered(
    hass: HomeAssistant, account: Account
) -> None:
    """Arabic arrives whole in both directions, and the contact is known."""
    seen = collect(hass)
    answer = await account.send(ARABIC, "sara")
    await account.settled()
    account.phone.receive(SARA, ARABIC)
    await account.settled()

    assert [sms.text for sms in account.phone.outbox] == [ARABIC]
    assert [sms.phone_number for sms in account.phone.outbox] == [SARA]
    assert seen.kinds() == ["sms_sent", "sms_delivered", "sms_received"]
    (sent,) = seen.data("sms_sent")
    assert sent["message_id"] == answer["messages"][0]["message_id"]
    assert sent["contact"] == "Sara"
    (received,) = seen.data("sms_received")
    assert received["message"] == ARABIC
    assert received["contact"] == "Sara"
    assert received["timestamp"].endswith("+03:00")
