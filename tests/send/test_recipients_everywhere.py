"""Recipients are read by the same rules wherever something is sent."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
import voluptuous as vol

from custom_components.sms_gate.const import DOMAIN
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.sending import posts
from virtual_gateway import VirtualGateway

LINA = "+966551112222"
SEVERAL: list[tuple[str, Any]] = [
    ("a list in a text", "sara; 055 111 2222,, Sara"),
    ("lists in a list", [["Sara"], ["", [551112222]], "+966551112222"]),
]
NOBODY: list[tuple[str, Any]] = [
    ("nothing", None),
    ("no text", " "),
    ("no list", []),
    ("empties", ["", []]),
]
MISTAKES: list[tuple[str, Any]] = [
    ("letters", "MUM"),
    ("cut off", "055111"),
    ("two people", 13123456789.5),
    ("a switch", True),
]


@dataclass(frozen=True)
class House:
    """Two phones in local mode: Sara is a contact of the first, Omar of the second."""

    hass: HomeAssistant
    first: Account
    second: Account
    websocket: WebSocketGenerator

    def written_to(self) -> list[list[str]]:
        """Return whom each phone was asked to write to."""
        return [
            [to for body in posts(account.gateway) for to in body["phoneNumbers"]]
            for account in (self.first, self.second)
        ]

    async def call(self, action: str, **data: Any) -> Any:
        """Run an action of ours, and return its answer."""
        return await self.hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )


@pytest.fixture
async def house(rig: Rig, hass_ws_client: WebSocketGenerator) -> AsyncGenerator[House]:
    """Two accounts in Saudi Arabia."""
    here = {"country": "SA"}
    async with VirtualGateway("second", seed=7, speed=1000.0) as gateway:
        first = await rig.add_account(mode="local", options=here)
        second = await rig.add_account(
            mode="local",
            gateway=gateway,
            title="Second",
            contacts=(contact("Omar", OMAR),),
            options=here,
        )
        yield House(rig.hass, first, second, hass_ws_client)
        for account in (first, second):
            await account.settled()
        for phone in gateway.phones:
            await phone.stop()


async def by_text(house: House, recipients: Any) -> None:
    """Send a text."""
    await house.call("send_message", message="x", recipients=recipients)


async def by_data(house: House, recipients: Any) -> None:
    """Send data."""
    await house.call("send_data_message", data="eA==", recipients=recipients)


async def by_mms(house: House, recipients: Any) -> None:
    """Send an MMS."""
    await house.call("send_mms", message="x", subject="x", recipients=recipients)


async def asked(house: House, **data: Any) -> None:
    """Ask until somebody was written to; the answer of a question is another test's."""
    before = house.written_to()
    question = asyncio.create_task(
        house.call("ask", message="x?", timeout={"seconds": 60}, **data)
    )
    await until(lambda: question.done() or house.written_to() != before)
    await house.first.settled()
    await house.second.settled()
    if question.done():
        await question
    question.cancel()
    await asyncio.wait([question])


async def by_question(house: House, recipients: Any) -> None:
    """Ask."""
    await asked(house, recipients=recipients)


async def by_escalation(house: House, recipients: Any) -> None:
    """Ask whom a question goes to next, as nobody of the first can be asked."""
    await asked(house, recipients="MUM", escalate_to=recipients)


async def by_notify(house: House, recipients: Any) -> None:
    """Notify."""
    await house.hass.services.async_call(
        "notify", "sms_gate", {"message": "x", "target": recipients}, blocking=True
    )


async def by_alert(house: House, recipients: Any) -> None:
    """Notify as ``alert`` does, which has no target."""
    data = {"message": "x", "data": {"recipients": recipients}}
    await house.hass.services.async_call("notify", "sms_gate", data, blocking=True)


type Door = Callable[[House, Any], Awaitable[None]]

ACTIONS: list[Door] = [by_text, by_data, by_mms, by_question, by_escalation]
NOTIFIERS: list[Door] = [by_notify, by_alert]


async def error_of(door: Door, house: House, recipients: Any) -> Exception | None:
    """Send; return why somebody got nothing."""
    try:
        await door(house, recipients)
    except (HomeAssistantError, vol.Invalid) as err:
        return err
    return None


@pytest.mark.parametrize("door", [*ACTIONS, *NOTIFIERS])
async def test_recipients(house: House, door: Door) -> None:
    """Lists, names, whole numbers; mistakes and nobody reach no phone."""
    expected: list[list[str]] = [[], []]
    for name, recipients in SEVERAL:
        assert await error_of(door, house, recipients) is None, name
        expected[0] += [SARA, LINA]
        assert house.written_to() == expected, name
    for name, recipients in [*NOBODY, *MISTAKES]:
        assert await error_of(door, house, recipients) is not None, name
        assert house.written_to() == expected, name
    error = await error_of(door, house, ["Sarah", LINA])
    expected[0].append(LINA)
    assert house.written_to() == expected
    # A question goes to whoever is valid; its answer says who is not
    assert (error is None) is (door in (by_question, by_escalation))
    if error is not None:
        assert "Sarah: Recipient 1" in str(error)
    error = await error_of(door, house, "Omar")
    # A notifier is one account's, which does not know Omar
    assert (error is None) is (door in ACTIONS)
    assert house.written_to() == [expected[0], [OMAR] if door in ACTIONS else []]


async def test_recipients_of_the_messages_page(house: House) -> None:
    """Its field holds one text, and it sends by the account that is open."""
    client = await house.websocket(house.hass)

    async def send(number: str) -> dict[str, Any]:
        await client.send_json_auto_id(
            {
                "type": "sms_gate/messages/send",
                "config_entry_id": house.first.entry.entry_id,
                "number": number,
                "message": "x",
            }
        )
        answer: dict[str, Any] = await client.receive_json()
        return answer

    assert (await send("sara; 055 111 2222,, Sara"))["success"]
    for number in ("", " ", "MUM", "055111", "Omar"):
        assert not (await send(number))["success"], number
    assert house.written_to() == [[SARA, LINA], []]
    answer = await send(f"Sarah; {LINA}")
    assert "Sarah: Recipient 1" in answer["error"]["message"]
    assert house.written_to() == [[SARA, LINA, LINA], []]
