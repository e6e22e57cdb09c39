"""Every side reads names and numbers alike: actions, notifiers, dialogs, triggers."""

import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from tests.cases.test_who_gets_it import account_in, written_to
from tests.flows.test_contact_flow import add, change, submit
from tests.support.common import Rig
from tests.support.receiving import issues

# In Germany; each reaches one person and nobody else
REACHED: dict[Any, str] = {
    "4917612345678": "+4917612345678",
    1702345678: "+491702345678",
    1722345678.0: "+491722345678",
    "0049 (0)160 1234567": "+491601234567",
    "٠١٧١ ٢٣٤٥٦٧٨": "+491712345678",
    "۰۱۷۳۲۳۴۵۶۷۸": "+491732345678",
    "०१७४२३४५६७८": "+491742345678",
    "０１７５２３４５６７８": "+491752345678",
    "tel:+44-7400-123456": "+447400123456",
    "SMS: (0151) 2345.6789": "+4915123456789",
    "33612345678": "+33612345678",
    "+52 1 55 1234 5678": "+525512345678",
    "72727": "72727",
}
# Each reaches nobody
REFUSED: list[Any] = [
    "151234",
    "0176",
    "4917612345",
    "+1 (201) 555-0123 ext. 5",
    "tel:+12015550123;ext=5",
    "1-800-FLOWERS",
    "Mun",
    "UNKNOWN",
    "O2",
    "Sara <+4917612345670>",
    "O17612345670",
    55.5,
    71234567,
    -17612345678,
]
WORDS = [item for item in REFUSED if isinstance(item, str)]
TEXTS = [item for item in REACHED if isinstance(item, str)]


async def send(hass: HomeAssistant, action: str, people: list[Any]) -> None:
    """Send by one of the ways that take a list of people."""
    fields: dict[str, Any] = {
        "send_message": {"message": "a"},
        "send_data_message": {"data": "YQ=="},
        "send_mms": {"subject": "a", "message": "a"},
        "ask": {"message": "a", "timeout": 1},
    }
    if action in fields:
        data = {"recipients": people, **fields[action]}
        domain = "sms_gate"
    else:
        domain, action, key = "notify", "sms_gate", action
        data = {"message": "a", "target": people}
        if key == "data":
            data = {"message": "a", "data": {"recipients": people}}
    await hass.services.async_call(domain, action, data, blocking=True)


@pytest.mark.parametrize(
    "way", ["send_message", "send_data_message", "send_mms", "ask", "target", "data"]
)
async def test_a_list_of_people(rig: Rig, hass: HomeAssistant, way: str) -> None:
    """Everyone gets it once, also in a text; whoever is no number gets nothing."""
    if way == "send_mms":
        account = await rig.add_account(mode="local", options={"country": "DE"})
    else:
        account = await account_in(rig, "DE", Mum="+4917612345678")
    everyone = sorted(REACHED.values())
    await send(hass, way, [*REACHED])
    assert written_to(account) == everyone
    for text in ("، ".join(TEXTS), "؛".join(TEXTS), ";\n".join(TEXTS)):
        account.gateway.requests.clear()
        await send(hass, way, [text])
        assert written_to(account) == sorted(REACHED[text] for text in TEXTS)
    account.gateway.requests.clear()
    for bad in REFUSED:
        with pytest.raises(HomeAssistantError) as info:
            await send(hass, way, [bad])
        assert not re.search(r"\d{5}", str(info.value))
    assert written_to(account) == []


async def test_a_contacts_dialogs(rig: Rig, hass: HomeAssistant) -> None:
    """What is stored is what will be sent to, when adding and when changing."""
    account = await account_in(rig, "DE")
    for written in TEXTS:
        result = await add(account, name="Sara", phone_number=written)
        assert result["type"] == "create_entry", written
        (subentry,) = account.entry.subentries.values()
        assert subentry.data["phone_number"] == REACHED[written]
        hass.config_entries.async_remove_subentry(account.entry, subentry.subentry_id)
    await add(account, name="Sara", phone_number="+4917612345670")
    (subentry_id,) = account.entry.subentries
    refused = ["", " ", "ING", "0171 2345678, 0172 2345678", *WORDS]
    for written in refused:
        form = await change(account, subentry_id)
        entered = {"name": "Sara", "phone_number": written}
        result = await submit(hass, form["flow_id"], entered)
        assert result.get("errors", {}).get("phone_number"), written
        hass.config_entries.subentries.async_abort(form["flow_id"])
    for written in TEXTS:
        form = await change(account, subentry_id)
        entered = {"name": "Sara", "phone_number": written}
        await submit(hass, form["flow_id"], entered)
        (subentry,) = account.entry.subentries.values()
        assert subentry.data["phone_number"] == REACHED[written]


async def test_the_messages_page(
    rig: Rig, hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """It sends to one person; a text of two numbers is none."""
    account = await rig.add_account(
        contacts=(), options={"country": "DE", "keep_messages_days": 30}
    )
    client = await hass_ws_client(hass)

    async def ask(number: str) -> bool:
        await client.send_json_auto_id(
            {
                "type": "sms_gate/messages/send",
                "config_entry_id": account.entry.entry_id,
                "number": number,
                "message": "a",
            }
        )
        return bool((await client.receive_json())["success"])

    for written in TEXTS:
        assert await ask(written), written
    assert written_to(account) == sorted(REACHED[text] for text in TEXTS)
    account.gateway.requests.clear()
    for refused in WORDS:
        assert not await ask(refused), refused
    assert written_to(account) == []


@pytest.mark.parametrize("kind", ["message_received", "message_sent"])
async def test_a_trigger(rig: Rig, hass: HomeAssistant, kind: str) -> None:
    """Each spelling alone means its person; all together mean all."""
    account = await account_in(rig, "DE")
    hass.config.country = "DE"
    runs: list[str] = []

    async def record(call: Any) -> None:
        runs.append(call.data["who"])

    hass.services.async_register("test", "record", record)
    field = "senders" if kind == "message_received" else "recipients"
    automations = [
        {
            "alias": f"number {place}",
            "triggers": [{"trigger": f"sms_gate.{kind}", "options": {field: people}}],
            "actions": [{"action": "test.record", "data": {"who": f"={place}"}}],
        }
        for place, people in enumerate([*REACHED, "، ".join(TEXTS)])
    ]
    assert await async_setup_component(hass, "automation", {"automation": automations})
    await hass.async_block_till_done()
    assert issues(hass) == set()
    for place, (written, number) in enumerate(REACHED.items()):
        if kind == "message_received":
            account.phone.receive(number, "a")
        else:
            await account.send("a", number)
        await account.settled()
        everyone = [f"={len(REACHED)}"] if isinstance(written, str) else []
        assert sorted(runs) == sorted([f"={place}", *everyone]), written
        runs.clear()


async def test_an_old_entrys_recipients(rig: Rig, hass: HomeAssistant) -> None:
    """They become contacts with the numbers that were meant, or are named."""
    hass.config.country = "DE"
    entry = MockConfigEntry(
        domain="sms_gate",
        version=1,
        data={
            "host": "127.0.0.1",
            "port": rig.gateway.port,
            "username": rig.gateway.username,
            "password": rig.gateway.password,
        },
        options={"recipients": [*REACHED, *REFUSED]},
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    stored = sorted(item.data["phone_number"] for item in entry.subentries.values())
    assert stored == sorted(REACHED.values())
    assert len(entry.data["recipients_left_out"]) == len(REFUSED)
