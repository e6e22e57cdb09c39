"""The one way in: what is the same message, and what is another one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import (
    OMAR,
    SARA,
    Account,
    Collected,
    Rig,
    collect,
    event_body,
)
from virtual_gateway.faults import Fault

LONG = "a" * 400  # three parts


@dataclass
class Line:
    """Posts events to an account as its phone does."""

    rig: Rig
    account: Account
    path: str
    _ids: count[int] = field(default_factory=count)

    async def post(
        self, event: str = "sms:received", same_id: str | None = None, **payload: Any
    ) -> int:
        """Post an event, under an id of its own unless one is given."""
        body = event_body(event, **payload)
        body["id"] = same_id or f"event {next(self._ids)}"
        body["deviceId"] = self.account.phone.id
        return await self.put(body)

    async def put(self, body: Mapping[str, Any]) -> int:
        """Post a body as it is."""
        async with self.rig.web.post(self.path, data=json.dumps(body)) as response:
            await self.account.hass.async_block_till_done()
            return response.status


@pytest.fixture(params=["webhook", "cloudhook"])
async def line(rig: Rig, account: Account, request: pytest.FixtureRequest) -> Line:
    """A line to the account, by its own view or by the webhook component."""
    if request.param == "webhook":
        return Line(rig, account, account.webhook_path)
    assert await async_setup_component(rig.hass, "webhook", {})
    return Line(rig, account, f"/api/webhook/{account.entry.data['webhook_id']}")


@pytest.fixture
def seen(hass: HomeAssistant, account: Account) -> Collected:
    """What comes on the bus."""
    return collect(hass)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"same_id": "the same"}, id="retry"),
        pytest.param({}, id="another event id"),
        pytest.param({"receivedAt": "2026-06-22T12:46:11.000+00:00"}, id="in utc"),
        pytest.param({"receivedAt": "2026-06-22T12:46:11Z"}, id="in utc, no fraction"),
        pytest.param({"receivedAt": "2026-06-22T18:16:11.000+05:30"}, id="in india"),
        pytest.param({"simNumber": 2}, id="another sim"),
        pytest.param({"recipient": "+966500000001"}, id="recipient now known"),
        pytest.param({"phoneNumber": SARA}, id="with the older field"),
        pytest.param({"phoneNumber": SARA, "sender": None}, id="older field only"),
    ],
)
async def test_the_same_message_fires_once(
    line: Line, seen: Collected, change: dict[str, Any]
) -> None:
    """Retries, re-exports and doubled webhooks are answered 200 and dropped."""
    assert await line.post(same_id="the same") == 200
    assert await line.post(**change) == 200
    assert len(seen.events) == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"messageId": "abc124"}, id="message id"),
        pytest.param({"sender": OMAR}, id="sender"),
        pytest.param({"receivedAt": "2026-06-22T15:46:12.000+03:00"}, id="a second"),
        pytest.param({"receivedAt": "2026-06-22T15:46:11.001+03:00"}, id="a moment"),
        pytest.param({"receivedAt": "2026-06-22T15:46:11.000+00:00"}, id="offset only"),
        pytest.param({"event": "sms:data-received", "data": "aGk="}, id="kind"),
    ],
)
async def test_another_message_fires_even_under_the_same_event_id(
    line: Line, seen: Collected, change: dict[str, Any]
) -> None:
    """A message id is a 32-bit hash: by itself it says nothing."""
    await line.post(same_id="the same")
    assert await line.post(same_id="the same", **change) == 200
    assert len(seen.events) == 2


async def test_the_same_from_another_phone_fires(line: Line, seen: Collected) -> None:
    """Two phones of one account may hear the same news."""
    await line.post()
    assert await line.put(event_body()) == 200
    first, second = seen.data("sms_received")
    assert first["device_id"] != second["device_id"]


async def test_a_message_stays_known_over_a_restart(
    hass: HomeAssistant, line: Line, seen: Collected
) -> None:
    """The phone's retries last two days, Home Assistant's runs do not."""
    await line.post()
    await hass.config_entries.async_reload(line.account.entry.entry_id)
    assert await line.post() == 200
    assert len(seen.data("sms_received")) == 1


async def test_a_gateway_that_doubles_everything_is_heard_once(
    account: Account, seen: Collected
) -> None:
    """Over the real line: all events twice, under ids of their own."""
    account.gateway.faults["duplicate_webhooks"] = Fault()
    account.phone.receive(SARA, "one")
    await account.send("two", SARA)
    await account.settled()
    assert sorted(seen.kinds()) == ["sms_delivered", "sms_received", "sms_sent"]


async def test_the_same_text_again_is_another_message(
    account: Account, seen: Collected
) -> None:
    """Who writes "yes" twice is heard twice."""
    account.phone.receive(SARA, "yes")
    account.phone.receive(SARA, "yes")
    await account.settled()
    assert len(seen.data("sms_received")) == 2


async def test_each_ping_and_start_counts(line: Line, seen: Collected) -> None:
    """They have no message: their own id tells a retry from the next one."""
    for event in ("system:ping", "app:started"):
        await line.post(event, same_id=f"first {event}")
        await line.post(event, same_id=f"first {event}")
        await line.post(event, same_id=f"second {event}")
    assert seen.kinds() == ["system_ping"] * 2 + ["app_started"] * 2


async def test_each_recipient_reaches_each_state_once(
    line: Line, seen: Collected
) -> None:
    """Two recipients, three states, everything doubled at another moment."""
    for _ in range(2):
        for recipient in (SARA, OMAR):
            for event, moment in (
                ("sms:sent", "sentAt"),
                ("sms:delivered", "deliveredAt"),
                ("sms:failed", "failedAt"),
            ):
                second = next(line._ids)
                await line.post(
                    event,
                    recipient=recipient,
                    sender=None,
                    **{moment: f"2026-06-22T15:46:{second:02}.000+03:00"},
                )
    assert seen.kinds() == ["sms_sent", "sms_delivered", "sms_failed"] * 2


async def test_a_long_message_is_delivered_with_its_last_part(
    account: Account, seen: Collected
) -> None:
    """The phone reports three parts, Home Assistant one delivery."""
    account.gateway.deliver_seconds = 500
    await account.send(LONG, SARA)
    await account.settled()
    reports = [
        item for item in account.gateway.deliveries if item.event == "sms:delivered"
    ]
    assert len(reports) == 3
    assert seen.kinds() == ["sms_sent", "sms_delivered"]
    assert seen.data("sms_sent")[0]["parts_count"] == 3
    last = json.loads(reports[-1].body)["payload"]["deliveredAt"]
    (delivered,) = seen.data("sms_delivered")
    told = datetime.fromisoformat(delivered["timestamp"])
    assert told == datetime.fromisoformat(last)


@pytest.mark.parametrize("parts", [2, 3])
async def test_parts_are_counted_and_their_retries_are_not(
    line: Line, seen: Collected, parts: int
) -> None:
    """Delivered only when each part was, whatever comes twice."""
    outgoing = {"recipient": SARA, "sender": None}
    await line.post("sms:sent", partsCount=parts, **outgoing)
    await line.post("sms:sent", partsCount=parts, **outgoing)
    for part in range(parts):
        assert seen.data("sms_delivered") == []
        moment = f"2026-06-22T15:46:{part:02}.000+03:00"
        for _ in range(2):
            status = await line.post("sms:delivered", deliveredAt=moment, **outgoing)
            assert status == 200
    assert len(seen.data("sms_delivered")) == 1
    moment = "2026-06-22T15:47:00.000+03:00"
    await line.post("sms:delivered", deliveredAt=moment, **outgoing)
    assert len(seen.data("sms_delivered")) == 1


@pytest.mark.parametrize("parts", [None, -1, 0, 1])
async def test_without_a_number_of_parts_the_first_report_counts(
    line: Line, seen: Collected, parts: int | None
) -> None:
    """The app says -1 where it does not know."""
    await line.post("sms:sent", partsCount=parts, recipient=SARA)
    await line.post("sms:delivered", recipient=SARA)
    assert seen.kinds() == ["sms_sent", "sms_delivered"]


async def test_parts_are_counted_for_each_recipient(
    line: Line, seen: Collected
) -> None:
    """One recipient's parts never complete the other's."""
    for recipient in (SARA, OMAR):
        await line.post("sms:sent", partsCount=2, recipient=recipient)
    for second, recipient in enumerate((SARA, OMAR, OMAR)):
        moment = f"2026-06-22T15:46:{second:02}.000+03:00"
        await line.post("sms:delivered", recipient=recipient, deliveredAt=moment)
    assert [item["recipient"] for item in seen.data("sms_delivered")] == [OMAR]


async def test_a_phone_that_was_not_known_gets_a_device(
    hass: HomeAssistant, line: Line, seen: Collected
) -> None:
    """The first sign of a phone may be its message, which is not lost."""
    assert await line.put(event_body()) == 200
    (received,) = seen.data("sms_received")
    device = dr.async_get(hass).async_get(received["device_id"])
    assert device is not None
    assert device.identifiers == {(DOMAIN, event_body()["deviceId"])}
    assert received["gateway_device_id"] == event_body()["deviceId"]


@pytest.mark.parametrize(
    "sender",
    [
        pytest.param("+966590042734", id="international"),
        pytest.param("00966590042734", id="with zeros"),
        pytest.param("966590042734", id="without plus"),
        pytest.param("0590042734", id="national"),
        pytest.param("590042734", id="without prefix"),
        pytest.param("+966 59 004 2734", id="spaced"),
        pytest.param("+966-59-004-2734", id="dashed"),
        pytest.param("(059) 004-2734", id="bracketed"),
        pytest.param("+٩٦٦٥٩٠٠٤٢٧٣٤", id="arabic digits"),
        pytest.param("\u200e+966590042734\u200e", id="direction marks"),
    ],
)
async def test_a_contact_is_found_in_every_spelling(
    line: Line, seen: Collected, sender: str
) -> None:
    """Networks write the same number in many ways; the sender stays as it came."""
    await line.post(sender=sender)
    (received,) = seen.data("sms_received")
    assert received["contact"] == "Sara"
    assert received["sender"] == sender


@pytest.mark.parametrize("sender", [OMAR, "STC", "900", None, "", "+96659004273"])
async def test_who_is_no_contact_has_none(
    line: Line, seen: Collected, sender: str | None
) -> None:
    """Names and short codes arrive as well."""
    await line.post(sender=sender)
    assert seen.data("sms_received")[0]["contact"] is None
