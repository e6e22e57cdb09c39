"""What ``sms_gate.send_message`` refuses, in which words, and before any request."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
import voluptuous as vol

from custom_components.sms_gate.const import DOMAIN, MAX_TEXT_LENGTH
from custom_components.sms_gate.gateway.models import OutgoingMessage
from harness.dialogs import NO_LIMITS
from tests.support.common import OMAR, SARA, Account, Rig, contact
from tests.support.sending import SHORT_CODE, TEXT, fails, on_the_phone, posts, refuses
from virtual_gateway import VirtualGateway


async def _send(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Run the action for text or for data."""
    action = "send_data_message" if "data" in data else "send_message"
    content = {} if "data" in data else {"message": TEXT}
    await hass.services.async_call(
        DOMAIN, action, {"recipients": [SARA], **content, **data}, blocking=True
    )


def _in(**delta: float) -> str:
    """Return a time from now as an automation writes it."""
    return (dt_util.utcnow() + timedelta(**delta)).isoformat()


@pytest.mark.parametrize(
    ("data", "key", "placeholders"),
    [
        pytest.param(
            {"ttl": 60, "valid_until": "2099-01-01 00:00:00"},
            "fields_conflict",
            {"first": "Valid for", "second": "Valid until"},
            id="ttl and valid until",
        ),
        pytest.param(
            {"ttl": 4}, "ttl_too_short", {"field": "Valid for"}, id="short ttl"
        ),
        pytest.param({"ttl": 0}, "ttl_too_short", {"field": "Valid for"}, id="no ttl"),
        pytest.param(
            {"valid_until": _in(seconds=-1)},
            "in_the_past",
            {"field": "Valid until"},
            id="valid until in the past",
        ),
        pytest.param(
            {"schedule_at": "2020-01-01 00:00:00"},
            "in_the_past",
            {"field": "Send at"},
            id="scheduled in the past",
        ),
        pytest.param(
            {"schedule_at": "2099-01-02", "valid_until": "2099-01-01"},
            "expires_before_sending",
            {"field": "Send at"},
            id="expires before its schedule",
        ),
        pytest.param(
            {"schedule_at": _in(hours=2), "ttl": {"hours": 1}},
            "expires_before_sending",
            {"field": "Send at"},
            id="lives shorter than it waits",
        ),
        pytest.param(
            {"message": ""}, "bad_length", {"field": "Message"}, id="empty text"
        ),
        pytest.param(
            {"message": "x" * (MAX_TEXT_LENGTH + 1)},
            "bad_length",
            {"field": "Message", "maximum": "65535"},
            id="long text",
        ),
        pytest.param(
            {"message": "half a picture \ud83d"},
            "bad_text",
            {"field": "Message"},
            id="half a character",
        ),
        pytest.param({"data": ""}, "bad_length", {"field": "Data"}, id="no data"),
        pytest.param(
            {"data": "AAAA" * 16384}, "bad_length", {"field": "Data"}, id="much data"
        ),
        pytest.param({"data": "@@@@"}, "not_base64", {"field": "Data"}, id="no base64"),
        pytest.param({"data": "QUJDRA"}, "not_base64", {"field": "Data"}, id="cut"),
        pytest.param(
            {"data": "مرحبا"},
            "not_base64",
            {"field": "Data"},
            id="letters",
        ),
        pytest.param(
            {"device_id": "0" * 32},
            "unknown_phone",
            {"field": "Phone"},
            id="unknown phone",
        ),
        pytest.param({"recipients": []}, "no_recipients", {}, id="nobody"),
        pytest.param({"recipients": [" "]}, "no_recipients", {}, id="blank"),
        pytest.param(
            {"recipients": [SARA, SHORT_CODE], "message_id": "mine"},
            "message_id_for_many",
            {"field": "Message ID"},
            id="one id for two messages",
        ),
        pytest.param(
            {"recipients": ["Sarah"]},
            "mistyped_contact",
            {"position": "1", "contact": "Sara"},
            id="unknown contact",
        ),
        pytest.param(
            {"recipients": ["STC"]},
            "unknown_contact",
            {"position": "1"},
            id="sender name",
        ),
        pytest.param(
            {"recipients": ["+966123"]}, "invalid_number", {"position": "1"}, id="short"
        ),
        pytest.param(
            {"recipients": ["+999590042734"]}, "invalid_number", {}, id="no such code"
        ),
        pytest.param(
            {"recipients": ["05900427349999"]}, "invalid_number", {}, id="long"
        ),
        pytest.param({"recipients": ["12"]}, "invalid_number", {}, id="two digits"),
        pytest.param({"recipients": ["+"]}, "invalid_number", {}, id="only a plus"),
    ],
)
async def test_a_mistake_is_told_before_any_request(
    hass: HomeAssistant,
    account: Account,
    caplog: pytest.LogCaptureFixture,
    data: dict[str, Any],
    key: str,
    placeholders: dict[str, str],
) -> None:
    """The error names the field or the recipient's place, never the number."""
    before = len(account.gateway.requests)
    with refuses(key, **placeholders) as info:
        await _send(hass, data)
    assert SARA not in str(info.value)
    assert "sarah" not in str(info.value).casefold()
    assert len(account.gateway.requests) == before
    assert SARA not in caplog.text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        pytest.param({"sim_number": 0}, "sim_number", id="no sim"),
        pytest.param({"sim_number": 4}, "sim_number", id="fourth sim"),
        pytest.param({"sim_number": "one"}, "sim_number", id="sim in words"),
        pytest.param({"priority": 128}, "priority", id="priority too high"),
        pytest.param({"priority": -129}, "priority", id="priority too low"),
        pytest.param({"message_id": "x" * 37}, "message_id", id="long id"),
        pytest.param({"message_id": ""}, "message_id", id="empty id"),
        pytest.param({"ttl": -5}, "ttl", id="negative ttl"),
        pytest.param({"valid_until": "soon"}, "valid_until", id="no time"),
        pytest.param({"wait_for": "read"}, "wait_for", id="unknown stage"),
        pytest.param({"timeout": "long"}, "timeout", id="no duration"),
        pytest.param({"recipients": {"a": 1}}, "recipients", id="no list"),
        pytest.param({"colour": "red"}, "colour", id="unknown field"),
        pytest.param({"data": "QUJD", "port": 0}, "port", id="no port"),
        pytest.param({"data": "QUJD", "port": 65536}, "port", id="port too high"),
    ],
)
async def test_a_field_out_of_its_bounds_is_named(
    hass: HomeAssistant, account: Account, data: dict[str, Any], field: str
) -> None:
    """The schema refuses it, with no request."""
    before = len(account.gateway.requests)
    with pytest.raises(vol.Invalid) as info:
        await _send(hass, data)
    assert field in str(info.value)
    assert len(account.gateway.requests) == before


async def test_two_contacts_of_one_name_are_ambiguous(rig: Rig) -> None:
    """The name is refused, the numbers still work."""
    account = await rig.add_account(
        contacts=(contact("Sara", SARA), contact("SARA ", OMAR))
    )
    with refuses("ambiguous_contact", position="1"):
        await account.send(TEXT, "sara")
    assert posts(rig.gateway) == []
    await account.send(TEXT, SARA)
    assert len(posts(rig.gateway)) == 1


async def test_a_local_number_needs_a_country(hass: HomeAssistant, rig: Rig) -> None:
    """Without any, the error says what to set."""
    hass.config.country = None
    account = await rig.add_account()
    with refuses("number_needs_country", position="1"):
        await account.send(TEXT, "0590042734")
    await account.send(TEXT, SARA, "5555")
    assert len(posts(rig.gateway)) == 2


async def test_a_device_that_is_no_phone_of_the_account_is_refused(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Neither the account's own device, nor a contact's, nor another account's phone."""
    async with VirtualGateway(seed=7) as other:
        account = await rig.add_account()
        await rig.add_account(gateway=other, title="Other")
        registry = dr.async_get(hass)
        for identifier in (account.entry.entry_id, other.phones[0].id):
            (device,) = [
                device
                for device in registry.devices
                if (DOMAIN, identifier) in device.identifiers
            ]
            with refuses("unknown_phone", field="Phone"):
                await account.send(
                    TEXT,
                    SARA,
                    device_id=device.id,
                    config_entry_id=account.entry.entry_id,
                )
        for phone in other.phones:
            await phone.stop()
    assert posts(rig.gateway) == posts(other) == []


async def test_an_account_that_is_not_loaded_is_named(
    hass: HomeAssistant, account: Account
) -> None:
    """The action stays, and says what is wrong."""
    await hass.config_entries.async_unload(account.entry.entry_id)
    assert account.entry.state is ConfigEntryState.NOT_LOADED
    with pytest.raises(ServiceValidationError, match=r"SMS Gate .* is not loaded"):
        await account.send(TEXT, SARA, config_entry_id=account.entry.entry_id)
    with refuses("account_not_loaded", account="SMS Gate"):
        await account.send(TEXT, SARA)
    with refuses("account_not_loaded", account="SMS Gate"):
        await account.send(TEXT, "Sara")
    await hass.config_entries.async_remove(account.entry.entry_id)
    with refuses("no_account"):
        await account.send(TEXT, SARA)


async def test_where_one_of_two_messages_is_refused_the_error_says_so(
    account: Account,
) -> None:
    """A number and a short code go in two messages; one of them meets a full queue."""
    account.phone.online = False
    account.gateway.queue_limit = 1
    with fails("partly_sent", sent="#1") as info:
        await account.send(TEXT, SARA, SHORT_CODE)
    assert "queue limits exceeded" in str(info.value)
    account.phone.online = True
    await account.settled()
    assert sum(on_the_phone(account).values()) == 1


@pytest.mark.parametrize(
    "text", ["م" * 33_000, "<" * 11_000, "\u2028." * 11_000], ids=lambda text: text[0]
)
async def test_a_text_that_a_server_cannot_store_is_refused_before_it_is_sent(
    rig: Rig, text: str
) -> None:
    """It counts as JSON; a phone has no such limit."""
    account = await rig.add_account(options=NO_LIMITS)
    with refuses("message_too_large", field="Message"):
        await account.send(text, SARA)
    assert posts(rig.gateway) == []
    local = await rig.add_account(mode="local", title="Local", options=NO_LIMITS)
    await local.send(text, SARA, config_entry_id=local.entry.entry_id)
    assert len(posts(rig.gateway)) == 1


async def test_a_servers_validator_never_speaks_to_a_person(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its words name fields of the protocol."""
    payload = OutgoingMessage.as_payload
    monkeypatch.setattr(
        OutgoingMessage, "as_payload", lambda self: payload(self) | {"phoneNumbers": []}
    )
    with fails("request_invalid"):
        await account.send(TEXT, SARA)
