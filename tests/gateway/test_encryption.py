"""End-to-end encryption, held against the virtual gateway's own implementation."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
import json
from random import Random
import threading
from typing import Any

from homeassistant.core import HomeAssistant
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.sms_gate.account import cipher as account_cipher
from custom_components.sms_gate.account.cipher import Cipher
from custom_components.sms_gate.gateway.encryption import (
    DEFAULT_ITERATIONS,
    DecryptionError,
    Encryption,
    is_encrypted,
)
from custom_components.sms_gate.gateway.models import (
    InboxMessage,
    OutgoingAttachment,
    OutgoingMessage,
)
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
# openssl: key = PBKDF2-HMAC-SHA1("passphrase", 16 bytes 00..0f, 1000, 32)
SALT = bytes(range(16))


@pytest.fixture
async def sealed(rig: Rig) -> Account:
    """An account whose phone has the passphrase, too."""
    account = await rig.add_account(options={"encryption_passphrase": PASSPHRASE})
    account.phone.passphrase = PASSPHRASE
    return account


def raw_posts(account: Account) -> str:
    """Return all that was posted, as text."""
    return json.dumps(posts(account.gateway), ensure_ascii=False)


@given(st.text(max_size=300))
@settings(max_examples=30, deadline=None)
def test_each_side_reads_what_the_other_wrote(text: str) -> None:
    """Any text, both ways, by two implementations."""
    ours = Encryption(PASSPHRASE, QUICK)
    assert theirs.decrypt(ours.encrypt(text), PASSPHRASE) == text
    assert ours.decrypt(theirs.encrypt(text, PASSPHRASE, Random(1), QUICK)) == text


def test_a_known_answer() -> None:
    """A value made by ``openssl enc -aes-256-cbc`` under the derived key."""
    text = (
        "$aes-256-cbc/pbkdf2-sha1$i=1000$AAECAwQFBgcICQoLDA0ODw==$"
        "HD6lpeKCxRO3+j9kuXDF+nE/APm+5If6qly8rERxj2A="
    )
    assert Encryption("passphrase").decrypt(text) == "Hello, +966590042734"


def test_the_format_is_the_gateways() -> None:
    """Algorithm, iterations, salt, text; a salt of its own every time."""
    cipher = Encryption(PASSPHRASE)
    first, second = cipher.encrypt(TEXT), cipher.encrypt(TEXT)
    assert first != second
    assert first.startswith(f"$aes-256-cbc/pbkdf2-sha1$i={DEFAULT_ITERATIONS}$")
    assert DEFAULT_ITERATIONS == 75_000
    assert is_encrypted(first)
    assert not is_encrypted(TEXT)


def test_iterations_are_read_from_the_text() -> None:
    """A phone may use another number of them."""
    text = theirs.encrypt(TEXT, PASSPHRASE, Random(1), 1234)
    assert Encryption(PASSPHRASE, QUICK).decrypt(text) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("Hello", id="clear"),
        pytest.param("$aes-256-cbc/pbkdf2-sha1$", id="cut"),
        pytest.param("$rot13$i=1$AAAA$AAAA", id="another algorithm"),
        pytest.param("x$aes-256-cbc/pbkdf2-sha1$i=1$AAAA$AAAA", id="before it"),
        pytest.param("$aes-256-cbc/pbkdf2-sha1$i=1$AAAA$AAAA", id="short salt"),
        pytest.param(
            f"$aes-256-cbc/pbkdf2-sha1$i=x${b64encode(SALT).decode()}$AAAA",
            id="no number of iterations",
        ),
        pytest.param(
            f"$aes-256-cbc/pbkdf2-sha1$i=0${b64encode(SALT).decode()}$AAAA",
            id="no iterations",
        ),
        pytest.param(
            f"$aes-256-cbc/pbkdf2-sha1$i=99999999${b64encode(SALT).decode()}$AAAA",
            id="iterations for a day",
        ),
        pytest.param(
            f"$aes-256-cbc/pbkdf2-sha1$i=1${b64encode(SALT).decode()}$AAAA",
            id="no whole block",
        ),
        pytest.param(
            f"$aes-256-cbc/pbkdf2-sha1$i=1${b64encode(SALT).decode()}$", id="no text"
        ),
        pytest.param("$aes-256-cbc/pbkdf2-sha1$i=1$@@@@$AAAA", id="no base64"),
        pytest.param(
            theirs.encrypt(TEXT, "another", Random(1), QUICK), id="passphrase"
        ),
    ],
)
def test_what_cannot_be_read_is_an_error_of_its_own(text: str) -> None:
    """Whatever came, and with nothing of it in the error."""
    with pytest.raises(DecryptionError) as info:
        Encryption(PASSPHRASE).decrypt(text)
    assert not text or text not in str(info.value)


MMS = OutgoingMessage(
    id="mms",
    phone_numbers=(SARA,),
    text=TEXT,
    subject="Door",
    attachments=(
        OutgoingAttachment(content_type="image/jpeg", name="a.jpg", data="AAAA"),
    ),
)


def test_words_and_files_of_an_mms_are_encrypted() -> None:
    """Those that the app decrypts (``MessagesService.sendMMS``): the name is not."""
    cipher = Encryption(PASSPHRASE, QUICK)
    secret = cipher.encrypt_message(MMS)
    (file,) = secret.attachments
    assert secret.is_encrypted
    assert (file.content_type, file.name) == ("image/jpeg", "a.jpg")
    fields = (secret.phone_numbers[0], secret.text, secret.subject, file.data)
    clear = [cipher.decrypt(field or "") for field in fields]
    assert clear == [SARA, TEXT, "Door", "AAAA"]
    bare = cipher.encrypt_message(replace(MMS, text=None, subject=None))
    assert (bare.text, bare.subject, bare.data) == (None, None, None)


INBOX = InboxMessage(
    id="text:1",
    type="SMS",
    sender=SARA,
    recipient="+966500000000",
    text=TEXT,
    created_at=datetime(2026, 6, 22, tzinfo=UTC),
)


@pytest.mark.parametrize("recipient", [None, "+966500000000"])
def test_a_servers_inbox_is_read_in_clear(recipient: str | None) -> None:
    """Each field that is encrypted; whichever the phone left as it was."""
    cipher = Encryption(PASSPHRASE, QUICK)
    clear = replace(INBOX, recipient=recipient)
    secret = replace(
        clear,
        is_encrypted=True,
        sender=cipher.encrypt(SARA),
        recipient=recipient and cipher.encrypt(recipient),
        text=cipher.encrypt(TEXT),
    )
    assert cipher.decrypt_inbox(secret) == clear
    assert cipher.decrypt_inbox(replace(secret, sender=SARA)) == clear
    with pytest.raises(DecryptionError):
        Encryption("another", QUICK).decrypt_inbox(secret)


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
