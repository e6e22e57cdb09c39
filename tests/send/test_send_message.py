"""``sms_gate.send_message`` over real sockets: options, contacts, spelling, many."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest

from custom_components.sms_gate.const import DOMAIN
from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.sending import LANDLINE, SHORT_CODE, TEXT, on_the_phone, posts, skips
from virtual_gateway.phone.sims import VirtualSim

IN_AN_HOUR = datetime(2099, 1, 1, 12, 30, tzinfo=UTC)


def device_of(account: Account, gateway_device_id: str) -> str:
    """Return a phone's id in the device registry."""
    device = dr.async_get(account.hass).async_get_device_by_identifier(
        (DOMAIN, gateway_device_id), account.entry.entry_id
    )
    assert device is not None
    return device.id


async def test_one_request_submits_one_message(account: Account) -> None:
    """Nothing is asked besides, and nothing that was not set is in the body."""
    before = len(account.gateway.requests)
    answer = await account.send(TEXT, SARA)
    (request,) = account.gateway.requests[before:]
    assert request.path == "/api/3rdparty/v1/messages"
    (message,) = answer["messages"]
    assert request.body == {
        "id": message["message_id"],
        "phoneNumbers": [SARA],
        "textMessage": {"text": TEXT},
        "withDeliveryReport": True,
        "deviceId": account.phone.id,
    }
    assert skips(account.gateway) == [False]
    assert len(message["message_id"]) <= 36
    assert message == {
        "message_id": message["message_id"],
        "state": "Pending",
        "device_id": device_of(account, account.phone.id),
        "gateway_device_id": account.phone.id,
        "recipients": [
            {
                "phone_number": SARA,
                "contact": "Sara",
                "state": "Pending",
                "error": None,
            }
        ],
    }
    await account.settled()
    (sms,) = account.phone.outbox
    assert (sms.phone_number, sms.text) == (SARA, TEXT)
    assert sms.message_id == message["message_id"]


@pytest.mark.parametrize(
    ("given", "arrives"),
    [
        pytest.param({"sim_number": 2}, {"simNumber": 2}, id="sim"),
        pytest.param({"sim_number": "1"}, {"simNumber": 1}, id="sim from a template"),
        pytest.param({"ttl": {"minutes": 5}}, {"ttl": 300}, id="ttl"),
        pytest.param({"ttl": 5}, {"ttl": 5}, id="shortest ttl"),
        pytest.param({"ttl": "00:01:00"}, {"ttl": 60}, id="ttl as text"),
        pytest.param(
            {"valid_until": IN_AN_HOUR},
            {"validUntil": "2099-01-01T12:30:00.000Z"},
            id="valid until",
        ),
        pytest.param(
            {"valid_until": "2099-01-01 12:30:00"},
            {"validUntil": "2099-01-01T09:30:00.000Z"},
            id="valid until in Home Assistant's zone",
        ),
        pytest.param({"priority": -128}, {"priority": -128}, id="lowest priority"),
        pytest.param({"priority": 127}, {"priority": 127}, id="highest priority"),
        pytest.param({"priority": 0}, {"priority": 0}, id="no priority"),
        pytest.param(
            {"delivery_report": False}, {"withDeliveryReport": False}, id="no report"
        ),
        pytest.param({"message_id": "alarm-1"}, {"id": "alarm-1"}, id="own id"),
        pytest.param({"message_id": "x" * 36}, {"id": "x" * 36}, id="longest id"),
        pytest.param({"validate_numbers": True}, {}, id="numbers checked"),
    ],
)
async def test_an_option_arrives_at_the_gateway(
    hass: HomeAssistant,
    rig: Rig,
    account: Account,
    given: dict[str, Any],
    arrives: dict[str, Any],
) -> None:
    """It is in the body, the message is taken, and nothing else is set."""
    await hass.config.async_set_time_zone("Asia/Riyadh")
    account.phone.sims = (VirtualSim(1), VirtualSim(2))
    await account.send(TEXT, SARA, **given)
    (body,) = posts(rig.gateway)
    expected = {
        "id": body["id"],
        "phoneNumbers": [SARA],
        "textMessage": {"text": TEXT},
        "withDeliveryReport": True,
        "deviceId": account.phone.id,
    }
    assert body == expected | arrives
    await account.settled()
    assert on_the_phone(account) == {SARA: 1}


async def test_a_scheduled_message_leaves_at_its_time(account: Account) -> None:
    """The time goes over with its offset, and the phone keeps it until then."""
    begin = dt_util.utcnow().replace(microsecond=0) + timedelta(hours=5)
    await account.send(TEXT, SARA, schedule_at=begin, valid_until=IN_AN_HOUR)
    (body,) = posts(account.gateway)
    assert datetime.fromisoformat(body["scheduleAt"]) == begin
    assert account.phone.outbox == []
    assert account.gateway.messages[body["id"]].input.schedule_at == int(
        begin.timestamp() * 1000
    )


async def test_data_goes_to_its_port(hass: HomeAssistant, account: Account) -> None:
    """The bytes leave the phone, by default to the gateway's own port."""
    for port in ({}, {"port": 5}):
        await hass.services.async_call(
            DOMAIN,
            "send_data_message",
            {"data": "SGVsbG8=", "recipients": "Sara", **port},
            blocking=True,
        )
    await account.settled()
    assert sorted((sms.data, sms.port) for sms in account.phone.outbox) == [
        (b"Hello", 5),
        (b"Hello", 53739),
    ]


async def test_the_named_phone_sends(hass: HomeAssistant, rig: Rig) -> None:
    """Of two phones the one whose device is given gets the message."""
    second = rig.gateway.add_phone("Google/Pixel 9")
    account = await rig.add_account()
    for phone in (second, account.phone):
        device_id = device_of(account, phone.id)
        answer = await account.send(TEXT, SARA, device_id=device_id)
        assert answer["messages"][0]["device_id"] == device_id
        assert answer["messages"][0]["gateway_device_id"] == phone.id
    await account.settled()
    assert [len(phone.outbox) for phone in rig.gateway.phones] == [1, 1]


@pytest.mark.parametrize(
    ("written", "arrives", "skipped"),
    [
        pytest.param("0590042734", SARA, False, id="local form"),
        pytest.param("590042734", SARA, False, id="without the zero"),
        pytest.param("00966590042734", SARA, False, id="00"),
        pytest.param("+966 59 004 2734", SARA, False, id="spaces"),
        pytest.param("+966 (0) 59-004/27.34", SARA, False, id="brackets"),
        pytest.param("٠٥٩٠٠٤٢٧٣٤", SARA, False, id="Arabic-Indic digits"),
        pytest.param("۰۰۹۶۶۵۹۰۰۴۲۷۳۴", SARA, False, id="Persian digits"),
        pytest.param("\u202a+966\u00a0590042734\u202c", SARA, False, id="marks"),
        pytest.param("＋966590042734", SARA, False, id="full-width plus"),
        pytest.param("+49 1512 3456789", "+4915123456789", False, id="abroad"),
        pytest.param("011 234 5678", LANDLINE, True, id="landline"),
        pytest.param(SHORT_CODE, SHORT_CODE, True, id="short code"),
        pytest.param("٥٥٥٥", SHORT_CODE, True, id="short code in Arabic digits"),
        pytest.param("911", "911", True, id="shortest code"),
    ],
)
async def test_a_number_is_read_as_people_write_it(
    account: Account, written: str, arrives: str, skipped: bool
) -> None:
    """It goes over in E.164; what the server would refuse is sent unchecked."""
    answer = await account.send(TEXT, written)
    assert [body["phoneNumbers"] for body in posts(account.gateway)] == [[arrives]]
    assert skips(account.gateway) == [skipped]
    assert answer["messages"][0]["recipients"][0]["phone_number"] == arrives


async def test_a_plus_that_a_template_lost_is_found_again(
    hass: HomeAssistant, account: Account
) -> None:
    """Home Assistant makes a whole number of a template's ``+966590042734``."""
    await account.send(TEXT, 966590042734)  # type: ignore[arg-type]
    assert posts(account.gateway)[0]["phoneNumbers"] == [SARA]


async def test_the_accounts_country_goes_before_home_assistants(rig: Rig) -> None:
    """The option reads the local form."""
    account = await rig.add_account(options={"country": "DE"})
    await account.send(TEXT, "01512 3456789")
    assert posts(rig.gateway)[0]["phoneNumbers"] == ["+4915123456789"]


async def test_numbers_go_as_they_are_where_no_check_is_wanted(
    account: Account,
) -> None:
    """Neither Home Assistant nor the server looks at them."""
    await account.send(TEXT, " 0590042734", "*123#", validate_numbers=False)
    (body,) = posts(account.gateway)
    assert body["phoneNumbers"] == ["0590042734", "*123#"]
    assert skips(account.gateway) == [True]


@pytest.mark.parametrize("name", ["Sara", "sara", "SARA", "  sArA "])
async def test_a_contact_is_found_without_regard_to_case(
    account: Account, name: str
) -> None:
    """A name works wherever a number does."""
    await account.send(TEXT, name)
    assert posts(account.gateway)[0]["phoneNumbers"] == [SARA]


async def test_a_contact_may_have_a_short_code_and_an_arabic_name(rig: Rig) -> None:
    """The server's check is switched off for it alone."""
    account = await rig.add_account(
        contacts=(contact("البنك", SHORT_CODE), contact("Straße", SARA))
    )
    await account.send(TEXT, "البنك", "STRASSE")
    sent = {
        body["phoneNumbers"][0]: skip
        for body, skip in zip(posts(rig.gateway), skips(rig.gateway), strict=True)
    }
    assert sent == {SHORT_CODE: True, SARA: False}


@pytest.mark.parametrize(
    ("default", "given", "sims"),
    [
        pytest.param(None, {}, {SARA: 2, OMAR: None}, id="contact's own"),
        pytest.param(1, {}, {SARA: 2, OMAR: 1}, id="contact's before the account's"),
        pytest.param(1, {"sim_number": 3}, {SARA: 3, OMAR: 3}, id="action's first"),
    ],
)
async def test_which_sim_sends(
    rig: Rig,
    default: int | None,
    given: dict[str, int],
    sims: dict[str, int | None],
) -> None:
    """The action's, else the contact's, else the account's, else the phone chooses."""
    account = await rig.add_account(
        contacts=(contact("Sara", SARA, 2),),
        options={"default_sim": default} if default else {},
    )
    await account.send(TEXT, "sara", OMAR, **given)
    assert {
        number: body.get("simNumber")
        for body in posts(rig.gateway)
        for number in body["phoneNumbers"]
    } == sims
    assert len(posts(rig.gateway)) == len(set(sims.values()))


async def test_repeated_recipients_get_it_once(account: Account) -> None:
    """By name, by number, in another spelling: one person, one SMS."""
    await account.send(TEXT, "Sara", SARA, "0590042734", "sara", "00966590042734")
    await account.settled()
    assert on_the_phone(account) == {SARA: 1}
    assert len(posts(account.gateway)) == 1


async def test_more_than_a_hundred_go_in_several_messages(rig: Rig) -> None:
    """250 recipients make three messages, and the answer lists all of them."""
    rig.hass.loop.set_debug(False)
    numbers = [f"+96659{number:07d}" for number in range(250)]
    account = await rig.add_account()
    # Reports of every step are the business of other tests
    rig.gateway.account_webhooks.clear()
    answer = await account.send(TEXT, *numbers)
    sizes = [len(body["phoneNumbers"]) for body in posts(account.gateway)]
    assert sorted(sizes) == [50, 100, 100]
    listed = [
        recipient["phone_number"]
        for message in answer["messages"]
        for recipient in message["recipients"]
    ]
    assert listed == numbers
    assert len({message["message_id"] for message in answer["messages"]}) == 3
    await account.settled()
    assert on_the_phone(account) == dict.fromkeys(numbers, 1)


async def test_a_thousand_contacts_get_a_thousand_messages(rig: Rig) -> None:
    """All by name in one call: ten requests, and everyone gets it once."""
    rig.hass.loop.set_debug(False)  # the harness's debug mode would take all the time
    numbers = [f"+96659{number:07d}" for number in range(1000)]
    account = await rig.add_account(
        options={"parts_per_day": 0},
        contacts=tuple(
            contact(f"Person {place}", number) for place, number in enumerate(numbers)
        ),
    )
    await account.send(TEXT, *(f"person {place}" for place in range(1000)))
    assert len(posts(rig.gateway)) == 10
    # Reports of every step are the business of other tests
    rig.gateway.account_webhooks.clear()
    await rig.gateway.settled()
    assert on_the_phone(account) == dict.fromkeys(numbers, 1)
