"""The gateway's end-to-end cipher.

``$aes-256-cbc/pbkdf2-sha1$i=<iterations>$<base64 salt>$<base64 text>``: the key comes
from the passphrase by PBKDF2-HMAC-SHA1, the 16 bytes of salt are the IV as well.
https://docs.sms-gate.app/privacy/encryption/. About 30 ms each: run it in the executor.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
import os
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7

from .models import InboxMessage, OutgoingMessage

_ALGORITHM: Final = "aes-256-cbc/pbkdf2-sha1"
_PREFIX: Final = f"${_ALGORITHM}$"
_SALT_BYTES: Final = 16
_BLOCK_BITS: Final = 128
DEFAULT_ITERATIONS: Final = 75_000
MAX_ITERATIONS: Final = 2_000_000


class DecryptionError(Exception):
    """The passphrase is another one, or the text was changed on the way."""


def is_encrypted(text: str) -> bool:
    """Return True if a text is the cipher's."""
    return text.startswith(_PREFIX)


class Encryption:
    """Encrypts and decrypts with one passphrase."""

    def __init__(self, passphrase: str, iterations: int = DEFAULT_ITERATIONS) -> None:
        """Use the passphrase that the phone has as well."""
        self._passphrase = passphrase.encode()
        self._iterations = iterations

    def encrypt(self, text: str) -> str:
        """Return the text encrypted under a salt of its own."""
        salt = os.urandom(_SALT_BYTES)
        padder = PKCS7(_BLOCK_BITS).padder()
        padded = padder.update(text.encode()) + padder.finalize()
        encryptor = self._cipher(salt, self._iterations).encryptor()
        secret = encryptor.update(padded) + encryptor.finalize()
        parts = (b64encode(salt).decode(), b64encode(secret).decode())
        return f"{_PREFIX}i={self._iterations}${'$'.join(parts)}"

    def decrypt(self, text: str) -> str:
        """Return the text in clear; iterations are read from it.

        Raises:
            DecryptionError: wrong passphrase, or not the cipher's format.
        """
        salt, iterations, secret = _split(text)
        decryptor = self._cipher(salt, iterations).decryptor()
        unpadder = PKCS7(_BLOCK_BITS).unpadder()
        try:
            padded = decryptor.update(secret) + decryptor.finalize()
            return (unpadder.update(padded) + unpadder.finalize()).decode()
        except ValueError:
            raise DecryptionError("The passphrase does not fit") from None

    def encrypt_message(self, message: OutgoingMessage) -> OutgoingMessage:
        """Return the message with every number, all words and files encrypted."""
        return replace(
            message,
            is_encrypted=True,
            phone_numbers=tuple(map(self.encrypt, message.phone_numbers)),
            text=self._opt(self.encrypt, message.text),
            subject=self._opt(self.encrypt, message.subject),
            data=self._opt(self.encrypt, message.data),
            attachments=tuple(
                replace(item, data=self.encrypt(item.data))
                for item in message.attachments
            ),
        )

    def decrypt_inbox(self, message: InboxMessage) -> InboxMessage:
        """Return a received message of a server's inbox in clear.

        Raises:
            DecryptionError: wrong passphrase, or not the cipher's format.
        """
        return replace(
            message,
            is_encrypted=False,
            sender=self._if_encrypted(message.sender),
            recipient=self._opt(self._if_encrypted, message.recipient),
            text=self._if_encrypted(message.text),
        )

    def _if_encrypted(self, text: str) -> str:
        return self.decrypt(text) if is_encrypted(text) else text

    @staticmethod
    def _opt(change: Callable[[str], str], text: str | None) -> str | None:
        return None if text is None else change(text)

    def _cipher(self, salt: bytes, iterations: int) -> Cipher[modes.CBC]:
        """Derive the key."""
        key = PBKDF2HMAC(SHA1(), 32, salt, iterations).derive(self._passphrase)  # noqa: S303  # the gateway's format
        return Cipher(algorithms.AES(key), modes.CBC(salt))


def _split(text: str) -> tuple[bytes, int, bytes]:
    """Return salt, iterations and the encrypted bytes."""
    try:
        empty, algorithm, parameters, salt, secret = text.split("$")
        iterations = int(parameters.removeprefix("i="))
        result = b64decode(salt, validate=True), iterations, b64decode(secret)
    except ValueError:
        raise DecryptionError("Not the gateway's format") from None
    if empty or algorithm != _ALGORITHM or len(result[0]) != _SALT_BYTES:
        raise DecryptionError("Not the gateway's format")
    if not 0 < iterations <= MAX_ITERATIONS:
        raise DecryptionError("Too many iterations")
    return result
