"""End-to-end encryption, held against the virtual gateway's own implementation."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

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
from tests.support.common import SARA
from tests.support.sending import TEXT
from virtual_gateway import encryption as theirs

PASSPHRASE = "صحراء 42"
QUICK = 300
# openssl: key = PBKDF2-HMAC-SHA1("passphrase", 16 bytes 00..0f, 1000, 32)
SALT = bytes(range(16))


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


@pytest.mark.parametrize("iterations", [0, -1, 2_000_001, 2_147_483_648])
def test_work_is_bounded_before_it_begins(iterations: int) -> None:
    """A text from outside chooses how long its key takes."""
    salt = b64encode(SALT).decode()
    with pytest.raises(DecryptionError, match="Too many"):
        Encryption(PASSPHRASE).decrypt(
            f"$aes-256-cbc/pbkdf2-sha1$i={iterations}${salt}$AAAA"
        )


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
