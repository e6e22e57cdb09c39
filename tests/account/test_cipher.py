"""An account with a passphrase: everything leaves encrypted and arrives in clear."""

import json
from random import Random
import threading
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.sms_gate.account import cipher as account_cipher
from custom_components.sms_gate.account.cipher import Cipher
from custom_components.sms_gate.gateway.encryption import Encryption
from tests.support.common import OMAR, SARA, Account, Rig, collect
from tests.support.sending import (
    SHORT_CODE,
    TEXT,
    fails,
    on_the_phone,
    posts,
    refuses,
    short_waits,
)
from virtual_gateway import encryption as theirs
from virtual_gateway.faults import Fault

PASSPHRASE = "صحراء 42"
QUICK = 300


@pytest.fixture
async def sealed(rig: Rig) -> Account:
    """An account whose phone has the passphrase, too."""
    account = await rig.add_account(options={"encryption_passphrase": PASSPHRASE})
    account.phone.passphrase = PASSPHRASE
    return account


def raw_posts(account: Account) -> str:
    """Return all that was posted, as text."""
    return json.dumps(posts(account.gateway), ensure_ascii=False)


async def test_text_and_numbers_leave_encrypted_and_arrive_in_clear(
    hass: HomeAssistant, sealed: Account
) -> None:
    """The server sees neither; events, answer and contact are in clear."""
    seen = collect(hass)
    answer = await sealed.send(TEXT, "Sara", OMAR, wait_for="delivered")
    await sealed.settled()
    (body,) = posts(sealed.gateway)
    assert body["isEncrypted"] is True
    for private in (TEXT, SARA, OMAR):
        assert private not in raw_posts(sealed)
    assert on_the_phone(sealed) == {SARA: 1, OMAR: 1}
    assert {sms.text for sms in sealed.phone.outbox} == {TEXT}
    assert sorted(
        (item["recipient"], item["contact"]) for item in seen.data("sms_delivered")
    ) == [(OMAR, None), (SARA, "Sara")]
    assert {item["recipient"] for item in seen.data("sms_sent")} == {SARA, OMAR}
    assert {
        item["contact"] for item in seen.data("sms_sent") if item["recipient"] == SARA
    } == {"Sara"}
    (message,) = answer["messages"]
    assert message["state"] == "Delivered"
    assert [item["phone_number"] for item in message["recipients"]] == [SARA, OMAR]


async def test_data_and_short_codes_leave_encrypted(
    hass: HomeAssistant, rig: Rig
) -> None:
    """Bytes arrive as they were, where the phone itself is asked."""
    sealed = await rig.add_account(
        mode="local", options={"encryption_passphrase": PASSPHRASE}
    )
    sealed.phone.passphrase = PASSPHRASE
    await hass.services.async_call(
        "sms_gate",
        "send_data_message",
        {"data": "SGVsbG8=", "recipients": [SHORT_CODE]},
        blocking=True,
    )
    await sealed.settled()
    assert "SGVsbG8=" not in raw_posts(sealed)
    assert [sms.data for sms in sealed.phone.outbox] == [b"Hello"]


async def test_a_server_that_takes_no_encrypted_data_gets_none_in_clear(
    hass: HomeAssistant, sealed: Account
) -> None:
    """Servers want base64 there, which the cipher's format is not: it is not tried."""
    with refuses("encrypted_data"):
        await hass.services.async_call(
            "sms_gate",
            "send_data_message",
            {"data": "SGVsbG8=", "recipients": [SARA]},
            blocking=True,
        )
    assert posts(sealed.gateway) == []
    assert sealed.phone.outbox == []


async def test_a_wrong_passphrase_never_sends_in_clear(sealed: Account) -> None:
    """The phone cannot read it and says so; nothing is repeated in clear."""
    sealed.phone.passphrase = "another"
    with fails("sending_failed"):
        await sealed.send(TEXT, SARA, wait_for="sent")
    await sealed.settled()
    assert sealed.phone.outbox == []
    assert TEXT not in raw_posts(sealed)
    assert SARA not in raw_posts(sealed)


async def test_a_retry_sends_the_same_encrypted_message(
    sealed: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Encrypted once, posted twice, sent once."""
    short_waits(monkeypatch)
    sealed.gateway.faults["drop_response"] = Fault(limit=1, path="/messages$")
    answer = await sealed.send(TEXT, SARA)
    await sealed.settled()
    first, second = posts(sealed.gateway)
    assert first == second
    assert answer["messages"][0]["recipients"][0]["phone_number"] == SARA
    assert on_the_phone(sealed) == {SARA: 1}


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(
            "get_message",
        ),
        "list_messages",
    ],
)
async def test_the_gateways_answers_are_read_in_clear(
    hass: HomeAssistant, sealed: Account, action: str
) -> None:
    """After a restart as well, when nothing is remembered."""
    await sealed.send(TEXT, SARA, message_id="mine")
    await sealed.settled()
    await hass.config_entries.async_reload(sealed.entry.entry_id)
    listed = action == "list_messages"
    answer: Any = await hass.services.async_call(
        "sms_gate",
        action,
        {"include_content": True} if listed else {"message_id": "mine"},
        blocking=True,
        return_response=True,
    )
    message = answer["messages"][0] if listed else answer
    if listed:
        assert message["message"] == TEXT
    assert message["recipients"][0]["phone_number"] == SARA


async def test_the_event_loop_does_no_cryptography(
    sealed: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty milliseconds for each number would stop everything else."""
    threads = set()
    derive = Encryption._cipher

    def noted(self: Encryption, salt: bytes, iterations: int) -> Any:
        """Note the thread."""
        threads.add(threading.get_ident())
        return derive(self, salt, iterations)

    monkeypatch.setattr(Encryption, "_cipher", noted)
    await sealed.send(TEXT, SARA)
    await sealed.settled()
    other = theirs.encrypt(OMAR, PASSPHRASE, Random(1), QUICK)
    account = sealed.entry.runtime_data.account
    assert await account.cipher.async_decrypt(other) == OMAR
    assert threads
    assert threading.get_ident() not in threads


async def test_what_was_opened_is_remembered_within_bounds(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that comes back in every report is decrypted once."""
    monkeypatch.setattr(account_cipher, "_REMEMBERED", 2)
    opened = []
    decrypt = Encryption.decrypt
    monkeypatch.setattr(
        Encryption,
        "decrypt",
        lambda self, text: [opened.append(text), decrypt(self, text)][1],  # type: ignore[func-returns-value]
    )
    texts = [theirs.encrypt(str(n), PASSPHRASE, Random(n), QUICK) for n in range(3)]
    seal = Cipher(hass, PASSPHRASE)
    for place in (0, 0, 1, 2, 0):
        assert await seal.async_decrypt(texts[place]) == str(place)
    assert opened == [texts[0], texts[1], texts[2], texts[0]]
    assert await seal.async_decrypt("clear") == "clear"
    broken = theirs.encrypt("x", "another", Random(5), QUICK)
    assert await seal.async_decrypt(broken) == broken
    assert await Cipher(hass, None).async_decrypt(texts[0]) == texts[0]
