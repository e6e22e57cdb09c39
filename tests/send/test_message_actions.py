"""``get_message``, ``list_messages`` and ``cancel_message``, at a server and a phone."""

from datetime import timedelta
from typing import Any

from aiohttp import ClientSession
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from custom_components.sms_gate.const import DOMAIN
from harness.gateway import basic_auth
from harness.until import until
from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.sending import SHORT_CODE, TEXT, fails, refuses
from virtual_gateway.faults import Fault

MODES = pytest.mark.parametrize("mode", ["private", "local"])


async def ask(account: Account, action: str, **data: Any) -> Any:
    """Run an action and return its answer."""
    return await account.hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )


@MODES
async def test_a_message_is_got_with_the_times_of_its_states(
    rig: Rig, mode: str
) -> None:
    """States are named as the gateway names them, times have an offset."""
    account = await rig.add_account(mode=mode)
    account.phone.outcomes[OMAR] = "failed"
    await account.send(TEXT, SARA, OMAR, message_id="mine")
    await account.settled()
    answer = await ask(account, "get_message", message_id="mine")
    assert answer["message_id"] == "mine"
    assert answer["state"] == "Sent"
    assert answer["device_id"]
    recipients = {item["phone_number"]: item for item in answer["recipients"]}
    assert recipients[SARA]["state"] == "Delivered"
    assert recipients[SARA]["error"] is None
    assert recipients[OMAR]["state"] == "Failed"
    assert "GENERIC_FAILURE" in recipients[OMAR]["error"]
    assert {"Pending", "Sent"} <= set(answer["states"])
    for moment in answer["states"].values():
        parsed = dt_util.parse_datetime(moment)
        assert parsed is not None
        assert parsed.tzinfo is not None


async def test_a_message_under_way_is_got_with_its_numbers(account: Account) -> None:
    """Though the server has hashed them by now."""
    account.phone.outcomes[SARA] = "sent"
    await account.send(TEXT, SARA, message_id="mine")
    await account.settled()
    account.gateway.hash_messages()
    answer = await ask(account, "get_message", message_id="mine")
    assert answer["recipients"][0]["phone_number"] == SARA
    assert answer["state"] == "Sent"


@MODES
@pytest.mark.parametrize("action", ["get_message", "cancel_message"])
async def test_an_unknown_message_is_not_found(
    rig: Rig, mode: str, action: str
) -> None:
    """404 is an error of its own."""
    account = await rig.add_account(mode=mode)
    with fails("not_found"):
        await ask(account, action, message_id="no such?one")


@pytest.mark.parametrize("action", ["get_message", "cancel_message", "list_messages"])
@pytest.mark.parametrize(
    ("fault", "key"),
    [
        pytest.param({"status": Fault(value=401)}, "invalid_auth", id="401"),
        pytest.param({"status": Fault(value=400)}, "rejected", id="400"),
        pytest.param({"status": Fault(value=502)}, "cannot_connect", id="502"),
        pytest.param({"reset": Fault()}, "cannot_connect", id="reset"),
    ],
)
async def test_what_goes_wrong_is_told(
    hass: HomeAssistant, account: Account, action: str, fault: Any, key: str
) -> None:
    """And a wrong login starts a new one."""
    if action == "cancel_message" and key == "rejected":
        key = "not_pending"  # so a phone says that it has taken the message
    account.gateway.faults.update(fault)
    data = {} if action == "list_messages" else {"message_id": "mine"}
    with fails(key):
        await ask(account, action, **data)
    await hass.async_block_till_done()
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert len(flows) == (key == "invalid_auth")


@MODES
async def test_a_waiting_message_is_cancelled(rig: Rig, mode: str) -> None:
    """It never leaves the phone, and is followed no longer."""
    account = await rig.add_account(mode=mode)
    later = dt_util.utcnow() + timedelta(hours=100)
    await account.send(TEXT, SARA, message_id="mine", schedule_at=later)
    answer = await ask(account, "cancel_message", message_id="mine")
    assert answer["message_id"] == "mine"
    assert answer["state"] in {"Cancelling", "Cancelled", "Pending"}
    assert answer["recipients"][0]["phone_number"] == SARA
    await until(lambda: not list(account.entry.runtime_data.outbox), "its end")
    got = await ask(account, "get_message", message_id="mine")
    assert got["state"] == "Cancelled"
    assert account.phone.outbox == []


@MODES
async def test_a_message_that_was_sent_cannot_be_cancelled(rig: Rig, mode: str) -> None:
    """The server says 409, the phone 400."""
    account = await rig.add_account(mode=mode)
    await account.send(TEXT, SARA, message_id="mine")
    await account.settled()
    with fails("not_pending"):
        await ask(account, "cancel_message", message_id="mine")


@MODES
async def test_messages_are_listed_page_by_page(rig: Rig, mode: str) -> None:
    """The newest first, with how many there are, and without their texts."""
    account = await rig.add_account(mode=mode)
    for name in "abc":
        await account.send(f"text {name}", SARA, message_id=name)
    await account.settled()
    answer = await ask(account, "list_messages", limit=2)
    assert [item["message_id"] for item in answer["messages"]] == ["c", "b"]
    assert answer["total"] == 3
    assert "message" not in answer["messages"][0]
    answer = await ask(account, "list_messages", offset=2, include_content=True)
    (message,) = answer["messages"]
    assert message["message_id"] == "a"
    assert message["message"] == "text a"
    assert (message["data"], message["port"]) == (None, None)


@MODES
@pytest.mark.parametrize("whose", ["ours", "another program's"])
@pytest.mark.parametrize("number", [SHORT_CODE, "*123#", "0112345678", SARA])
async def test_numbers_in_answers_are_as_they_were_given(
    rig: Rig, mode: str, whose: str, number: str
) -> None:
    """A server puts a plus before each, and leaves those it does not know at Pending."""
    bank = contact("Bank", number)
    account = await rig.add_account(mode=mode, contacts=(bank,))
    if whose == "ours":
        await account.send(TEXT, number, message_id="mine", validate_numbers=False)
    else:
        body = {"id": "mine", "phoneNumbers": [number], "textMessage": {"text": TEXT}}
        path = "/api/3rdparty/v1" if mode == "private" else ""
        url = f"{account.gateway.url}{path}/messages?skipPhoneValidation=true"
        login = basic_auth(account.gateway.username, account.gateway.password)
        async with (
            ClientSession(headers=login) as session,
            session.post(url, json=body) as response,
        ):
            assert response.status == 202
    await account.settled()
    state = "Pending" if (whose, mode) == ("another program's", "private") else None
    wanted = "Delivered" if state is None or number == SARA else state
    listed = await ask(account, "list_messages", include_content=True)
    (message,) = listed["messages"]
    (shown,) = message["recipients"]
    assert (shown["phone_number"], shown["contact"]) == (number, "Bank")
    assert (shown["state"], message["message"]) == (wanted, TEXT)
    (shown,) = (await ask(account, "get_message", message_id="mine"))["recipients"]
    assert (shown["phone_number"], shown["contact"]) == (number, "Bank")
    assert shown["state"] == "Delivered"


@MODES
async def test_messages_are_listed_by_state_and_time(rig: Rig, mode: str) -> None:
    """A state is named in any case; times without an offset are Home Assistant's."""
    account = await rig.add_account(mode=mode)
    account.phone.outcomes[OMAR] = "failed"
    await account.send(TEXT, SARA, message_id="good")
    await account.send(TEXT, OMAR, message_id="bad")
    await account.settled()
    now = dt_util.now().replace(tzinfo=None)

    async def listed(**data: Any) -> set[str]:
        """Return the ids of a list."""
        answer = await ask(account, "list_messages", **data)
        assert answer["total"] == len(answer["messages"])
        return {item["message_id"] for item in answer["messages"]}

    assert await listed(state="failed") == {"bad"}
    assert await listed(state="Delivered") == {"good"}
    hour = timedelta(hours=1)
    assert await listed(**{"from": (now - hour).isoformat()}) == {"good", "bad"}
    assert await listed(to=(now - hour).isoformat()) == set()
    assert await listed(**{"from": now - hour, "to": now + hour}) == {"good", "bad"}


async def test_messages_are_listed_by_phone(hass: HomeAssistant, rig: Rig) -> None:
    """By its device; one of another account is refused."""
    second = rig.gateway.add_phone("Google/Pixel 9")
    account = await rig.add_account()
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, second.id), account.entry.entry_id
    )
    assert device is not None
    await account.send(TEXT, SARA, message_id="mine", device_id=device.id)
    answer = await ask(account, "list_messages", device_id=device.id)
    assert [item["message_id"] for item in answer["messages"]] == ["mine"]
    with refuses("unknown_phone", field="Phone"):
        await ask(account, "list_messages", device_id="nobody")


async def test_a_script_goes_on_with_the_answers(
    hass: HomeAssistant, account: Account
) -> None:
    """Every action's answer is there as a response variable."""

    def step(action: str, variable: str, **data: Any) -> dict[str, Any]:
        """Return a step of a script."""
        return {
            "action": f"{DOMAIN}.{action}",
            "data": data,
            "response_variable": variable,
        }

    sequence = [
        step("send_message", "sent", message=TEXT, recipients="Sara", wait_for="sent"),
        step(
            "send_data_message",
            "bytes",
            data="SGVsbG8=",
            recipients=[OMAR],
            schedule_at="2099-01-01 00:00:00",
        ),
        step("get_message", "got", message_id="{{ sent.messages[0].message_id }}"),
        step("cancel_message", "gone", message_id="{{ bytes.messages[0].message_id }}"),
        step("list_messages", "listed", limit=10),
        {
            "event": "done",
            "event_data": {
                "same": "{{ got.message_id == sent.messages[0].message_id }}",
                "gone": "{{ gone.message_id == bytes.messages[0].message_id }}",
                "total": "{{ listed.total }}",
            },
        },
    ]
    done: list[Any] = []
    hass.bus.async_listen("done", callback(lambda event: done.append(event.data)))
    assert await async_setup_component(
        hass, "script", {"script": {"circle": {"sequence": sequence}}}
    )
    await hass.services.async_call("script", "circle", blocking=True)
    await until(lambda: done, "the script's event")
    assert done == [{"same": True, "gone": True, "total": 2}]
