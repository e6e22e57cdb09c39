"""The gateway's end-to-end cipher. Nothing of Home Assistant here.

``$aes-256-cbc/pbkdf2-sha1$i=<iterations>$<base64 salt>$<base64 text>``: the key comes
from the passphrase by PBKDF2-HMAC-SHA1, the 16 bytes of salt are the IV as well.
https://docs.sms-gate.app/privacy/encryption/. About 30 ms each: run it in the executor.
"""

from base64 import b64decode, b64encode
from dataclasses import replace
import os
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7

from .models import OutgoingMessage

_ALGORITHM: Final = "aes-256-cbc/pbkdf2-sha1"
_PREFIX: Final = f"${_ALGORITHM}$"
_SALT_BYTES: Final = 16
_BLOCK_BITS: Final = 128
DEFAULT_ITERATIONS: Final = 75_000
MAX_ITERATIONS: Final = 2_000_000


class DecryptionError(Exception):
    """The passphrase is another one, or the text was changed on its way."""


def is_encrypted(text: str) -> bool:
    """Return True if a text is the cipher's."""
    return text.startswith(_PREFIX)


class Encryption:
    """Encrypts and decrypts with one passphrase."""

    def __init__(self, passphrase: str, iterations: int = DEFAULT_ITERATIONS) -> None:
        """Take the passphrase that the phone has as well."""
        self._passphrase = passphrase.encode()
        self._iterations = iterations

    def encrypt(self, text: str) -> str:
        """Return the text encrypted under a salt of its own."""
        salt = os.urandom(_SALT_BYTES)
        padder = PKCS7(_BLOCK_BITS).padder()
        padded = padder.update(text.encode()) + padder.finalize()
        encryptor = self._cipher(salt, self._iterations).encryptor()
        sealed = encryptor.update(padded) + encryptor.finalize()
        parts = (b64encode(salt).decode(), b64encode(sealed).decode())
        return f"{_PREFIX}i={self._iterations}${'$'.join(parts)}"

    def decrypt(self, text: str) -> str:
        """Return the text in clear; iterations are read from it.

        Raises:
            DecryptionError: wrong passphrase, or not the cipher's format.
        """
        salt, iterations, sealed = _split(text)
        decryptor = self._cipher(salt, iterations).decryptor()
        unpadder = PKCS7(_BLOCK_BITS).unpadder()
        try:
            padded = decryptor.update(sealed) + decryptor.finalize()
            return (unpadder.update(padded) + unpadder.finalize()).decode()
        except ValueError:
            raise DecryptionError("The passphrase does not fit") from None

    def seal(self, message: OutgoingMessage) -> OutgoingMessage:
        """Return the message with text, data and every number encrypted."""
        return replace(
            message,
            is_encrypted=True,
            phone_numbers=tuple(map(self.encrypt, message.phone_numbers)),
            text=None if message.text is None else self.encrypt(message.text),
            data=None if message.data is None else self.encrypt(message.data),
        )

    def _cipher(self, salt: bytes, iterations: int) -> Cipher[modes.CBC]:
        """Derive the key."""
        key = PBKDF2HMAC(SHA1(), 32, salt, iterations).derive(self._passphrase)  # noqa: S303  # the gateway's format
        return Cipher(algorithms.AES(key), modes.CBC(salt))


def _split(text: str) -> tuple[bytes, int, bytes]:
    """Return salt, iterations and what is encrypted."""
    try:
        empty, algorithm, parameters, salt, sealed = text.split("$")
        iterations = int(parameters.removeprefix("i="))
        result = b64decode(salt, validate=True), iterations, b64decode(sealed)
    except ValueError:
        raise DecryptionError("Not the gateway's format") from None
    if empty or algorithm != _ALGORITHM or len(result[0]) != _SALT_BYTES:
        raise DecryptionError("Not the gateway's format")
    if not 0 < iterations <= MAX_ITERATIONS:
        raise DecryptionError("Too many iterations")
    return result
