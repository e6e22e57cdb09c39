"""Whoever wrote is answered, by the automation of the README, and after a reload."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from tests.cases.test_who_gets_it import account_in, written_to
from tests.support.common import Rig

ANSWER = {
    "triggers": [{"trigger": "sms_gate.message_received"}],
    "actions": [
        {
            "action": "sms_gate.send_message",
            "data": {"recipients": "{{ trigger.sender }}", "message": "Thanks"},
        }
    ],
    "mode": "queued",
}
# What came -> what may be written to
SENDERS: dict[str, dict[str, set[str]]] = {
    "CN": {
        "13123456789": {"+8613123456789"},
        "+16592345678": {"+16592345678"},
        "+8613812345678": {"+8613812345678"},
        "106912345678": {"106912345678"},
        "10086": {"10086"},
        "95588": {"95588"},
    },
    "US": {
        "2015550123": {"+12015550123"},
        "+6592345678": {"+6592345678"},
        "+5215512345678": {"+525512345678", "+5215512345678"},
        "201555": {"201555"},
        "0590042": {"0590042"},
    },
    "SA": {
        "0551234567": {"+966551234567"},
        "590042": {"590042"},
        "94714231": {"94714231"},
        "+371300000001234": {"+371300000001234"},
        "00201001234567": {"+201001234567"},
        "٠٥٠١٢٣٤٥٦٧": {"+966501234567"},
    },
}


@pytest.mark.parametrize("country", SENDERS)
async def test_whoever_wrote_is_answered(
    rig: Rig, hass: HomeAssistant, country: str
) -> None:
    """A template makes a whole number of most; that must not change who gets it."""
    account = await account_in(rig, country)
    hass.config.country = country
    assert await async_setup_component(hass, "automation", {"automation": ANSWER})
    await hass.async_block_till_done()
    for sender, may_be in SENDERS[country].items():
        account.gateway.requests.clear()
        account.phone.receive(sender, "Hello")
        await account.settled()
        assert len(written_to(account)) == 1, sender
        assert {*written_to(account)} <= may_be, sender
    await hass.config_entries.async_reload(account.entry.entry_id)
    await hass.async_block_till_done()
    for sender, may_be in SENDERS[country].items():
        whole: list[Any] = [sender]
        if not sender.removeprefix("+").startswith("0"):
            whole.append(int(sender))
        for form in whole:
            account.gateway.requests.clear()
            await account.send("Later", form)
            assert len(written_to(account)) == 1, form
            assert {*written_to(account)} <= may_be, form
