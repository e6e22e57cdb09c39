"""Never lost, never twice: what happens to a message when the gateway fails."""

from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.gateway.submit import RETRY_PAUSES
from tests.support.common import SARA, Account, Rig
from tests.support.sending import (
    TEXT,
    asked,
    fails,
    hold_up,
    on_the_phone,
    posted,
    posts,
    short_waits,
)
from virtual_gateway.faults import Fault

MESSAGES = "/messages$"
ONE_MESSAGE = "/messages/."


def _reauths(hass: HomeAssistant) -> list[Any]:
    """Return the logins that were started anew."""
    return [
        flow
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == SOURCE_REAUTH
    ]


def test_three_tries_take_about_half_a_minute() -> None:
    """As long as each of them runs into the client's time limit of ten seconds."""
    assert len(RETRY_PAUSES) == 2
    assert 30 <= 3 * 10 + sum(RETRY_PAUSES) <= 36


@pytest.mark.parametrize("mode", ["private", "local"])
@pytest.mark.parametrize(
    ("faults", "tries", "lookups"),
    [
        pytest.param({"drop_response": {}}, 2, 1, id="answer dropped"),
        pytest.param({"drop_response": {"limit": 2}}, 3, 1, id="two answers dropped"),
        pytest.param({"status": {"value": 500}}, 2, 0, id="500"),
        pytest.param({"status": {"value": 502}}, 2, 0, id="502"),
        pytest.param({"status": {"value": 504, "limit": 2}}, 3, 0, id="504 twice"),
        pytest.param({"reset": {}}, 2, 0, id="reset"),
        pytest.param(
            {"drop_response": {}, "reset": {}}, 3, 1, id="reset, then dropped"
        ),
    ],
)
async def test_a_failed_try_is_repeated_and_sends_once(
    rig: Rig,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    faults: dict[str, dict[str, Any]],
    tries: int,
    lookups: int,
) -> None:
    """The same id every time; 409 means that an earlier try was taken."""
    account = await rig.add_account(mode=mode)
    short_waits(monkeypatch)
    for name, given in faults.items():
        rig.gateway.faults[name] = Fault(**{"limit": 1, "path": MESSAGES, **given})
    answer = await account.send(TEXT, SARA)
    await account.settled()
    bodies = posts(rig.gateway)
    assert len(bodies) == tries
    assert all(body == bodies[0] for body in bodies)
    assert len(asked(rig.gateway)) == lookups
    assert answer["messages"][0]["message_id"] == bodies[0]["id"]
    assert answer["messages"][0]["recipients"][0]["phone_number"] == SARA
    assert on_the_phone(account) == {SARA: 1}


@pytest.mark.parametrize("mode", ["private", "local"])
async def test_a_message_is_sent_once_though_its_state_cannot_be_read(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """409 says it was accepted; that the look-up fails does not change it."""
    account = await rig.add_account(mode=mode)
    short_waits(monkeypatch)
    rig.gateway.faults["drop_response"] = Fault(limit=1, path=MESSAGES)
    rig.gateway.faults["status"] = Fault(value=500, path=ONE_MESSAGE)
    answer = await account.send(TEXT, SARA)
    await account.settled()
    (message,) = answer["messages"]
    assert message["recipients"][0]["phone_number"] == SARA
    assert message["gateway_device_id"] == posts(rig.gateway)[0]["deviceId"]
    assert on_the_phone(account) == {SARA: 1}


@pytest.mark.parametrize("mode", ["private", "local"])
@pytest.mark.parametrize("place", ["before", "after"])
async def test_a_request_that_outlives_the_clients_patience_sends_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, mode: str, place: str
) -> None:
    """Whether the gateway is slow to take it, or to answer that it took it."""
    account = await rig.add_account(mode=mode)
    short_waits(monkeypatch, account, timeout=0.2)
    places = iter([place])
    hold_up(monkeypatch, rig.gateway, 0.4, lambda: next(places, None))
    answer = await account.send(TEXT, SARA)
    await posted(rig.gateway, 2)  # the first one is noted when it is done
    await account.settled()
    first, second = posts(rig.gateway)
    assert first == second
    assert answer["messages"][0]["message_id"] == first["id"]
    assert on_the_phone(account) == {SARA: 1}


async def test_a_gateway_that_is_late_every_time_leaves_the_outcome_unknown(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the message after all, once, and the phone's report is known."""
    short_waits(monkeypatch, account, timeout=0.05)
    hold_up(monkeypatch, account.gateway, 0.3, lambda: "before")
    with fails("outcome_unknown", message_id="alarm-1"):
        await account.send(TEXT, SARA, message_id="alarm-1")
    await posted(account.gateway, 3)
    await account.settled()
    assert on_the_phone(account) == {SARA: 1}
    assert account.entry.runtime_data.outbox.pending == 0


@pytest.mark.parametrize(
    ("faults", "sent"),
    [
        pytest.param({"drop_response": Fault()}, 1, id="every answer dropped"),
        pytest.param({"status": Fault(value=500)}, 0, id="500 every time"),
        pytest.param({"reset": Fault()}, 0, id="reset every time"),
    ],
)
async def test_an_unknown_outcome_names_the_message(
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    faults: dict[str, Fault],
    sent: int,
) -> None:
    """Three tries and a look-up, then an error of its own; it is followed on."""
    short_waits(monkeypatch)
    account.gateway.faults.update(faults)
    with fails("outcome_unknown", message_id="alarm-1") as info:
        await account.send(TEXT, SARA, message_id="alarm-1")
    assert "alarm-1" in str(info.value)
    account.gateway.faults.clear()
    await account.settled()
    assert len(posts(account.gateway)) == 3
    assert set(asked(account.gateway)) == {"alarm-1"}  # aiohttp repeats a GET itself
    assert sum(on_the_phone(account).values()) == sent
    # What was taken after all is reported by the phone, and known
    assert account.entry.runtime_data.outbox.pending == 1 - sent
    assert SARA not in caplog.text
    assert TEXT not in caplog.text


async def test_a_message_that_was_taken_is_found_by_the_look_up(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No error: every answer was lost, but the gateway knows the message."""
    short_waits(monkeypatch)
    account.gateway.faults["drop_response"] = Fault(path=MESSAGES)
    answer = await account.send(TEXT, SARA)
    await account.settled()
    assert answer["messages"][0]["gateway_device_id"] == account.phone.id
    assert on_the_phone(account) == {SARA: 1}


async def test_nothing_came_through_says_so(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that takes no connection took no message, and nothing is followed."""
    short_waits(monkeypatch)
    await account.phone.stop()
    await account.gateway._web.stop()
    with fails("cannot_connect"):
        await account.send(TEXT, SARA)
    assert account.entry.runtime_data.outbox.pending == 0


async def test_a_wrong_password_starts_a_new_login(
    hass: HomeAssistant, account: Account
) -> None:
    """401 raises at once, without another try."""
    account.gateway.password = "changed"
    with fails("invalid_auth"):
        await account.send(TEXT, SARA)
    await hass.async_block_till_done()
    assert len(posts(account.gateway)) == 1
    assert len(_reauths(hass)) == 1
    assert account.entry.runtime_data.outbox.pending == 0


@pytest.mark.parametrize("status", [400, 503])
async def test_what_is_no_refused_login_starts_none(
    hass: HomeAssistant,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    """Nobody is asked for a password that is right."""
    short_waits(monkeypatch)
    account.gateway.faults["status"] = Fault(value=status, path=MESSAGES)
    with pytest.raises(HomeAssistantError):
        await account.send(TEXT, SARA)
    await hass.async_block_till_done()
    assert _reauths(hass) == []


async def test_a_wrong_password_after_an_unclear_try_starts_a_new_login_too(
    hass: HomeAssistant, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outcome is unknown, and the user is asked for the password."""
    short_waits(monkeypatch, pauses=(0.05, 0.05))
    account.gateway.faults["status"] = Fault(value=500, limit=1, path=MESSAGES)
    sending = hass.async_create_task(account.send(TEXT, SARA))
    await posted(account.gateway, 1)
    account.gateway.password = "changed"
    with fails("outcome_unknown"):
        await sending
    await hass.async_block_till_done()
    assert len(_reauths(hass)) == 1


async def test_a_full_queue_is_told_in_the_gateways_words(account: Account) -> None:
    """503 is not repeated, and nothing is followed."""
    account.phone.online = False
    account.gateway.queue_limit = 0
    with fails("busy") as info:
        await account.send(TEXT, SARA)
    assert "queue limits exceeded" in str(info.value)
    assert len(posts(account.gateway)) == 1
    assert account.entry.runtime_data.outbox.pending == 0


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        pytest.param("private", "phone numbers must be unique", id="server's 400"),
        pytest.param(
            "local", "a message with the same ID already exists", id="phone's 409"
        ),
    ],
)
async def test_a_refusal_is_told_in_the_gateways_words_without_the_number(
    rig: Rig,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    mode: str,
    words: str,
) -> None:
    """It is not repeated, and a 409 about something else is no acceptance."""
    account = await rig.add_account(mode=mode)
    from custom_components.sms_gate.gateway import models

    payload = models.OutgoingMessage.as_payload

    def broken(self: models.OutgoingMessage) -> dict[str, Any]:
        """Send what the gateway refuses."""
        return payload(self) | {"phoneNumbers": [SARA, SARA]}

    monkeypatch.setattr(models.OutgoingMessage, "as_payload", broken)
    with fails("rejected", reason=words):
        await account.send(TEXT, SARA)
    assert len(posts(account.gateway)) == 1
    assert account.gateway.messages == {}
    assert account.entry.runtime_data.outbox.pending == 0
    assert SARA not in caplog.text


@pytest.mark.parametrize("taken", [True, False])
async def test_a_refusal_after_an_unclear_try_is_looked_up(
    account: Account, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    """A full queue at the second try says nothing about the first."""
    account.phone.online = False
    short_waits(monkeypatch, pauses=(0.05, 0.05))
    fault = "drop_response" if taken else "reset"
    account.gateway.faults[fault] = Fault(limit=1, path=MESSAGES)
    sending = account.hass.async_create_task(account.send(TEXT, SARA))
    await posted(account.gateway, 1)
    account.gateway.queue_limit = 0
    if taken:
        answer = await sending
        assert answer["messages"][0]["state"] == "Pending"
    else:
        with fails("busy"):
            await sending
    account.phone.online = True
    await account.settled()
    assert len(posts(account.gateway)) == 2
    assert sum(on_the_phone(account).values()) == taken


async def test_the_same_id_twice_sends_once(account: Account) -> None:
    """An automation that repeats itself with its own id repeats no SMS."""
    for _ in range(2):
        answer = await account.send(TEXT, SARA, message_id="door-2026-11-22")
        assert answer["messages"][0]["message_id"] == "door-2026-11-22"
        await account.settled()
    assert answer["messages"][0]["state"] == "Delivered"
    assert on_the_phone(account) == {SARA: 1}
