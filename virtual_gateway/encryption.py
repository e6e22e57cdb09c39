"""The gateway's cipher: AES-256-CBC under a key made from a passphrase."""

import base64
import binascii
import hashlib
from random import Random

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

ALGORITHM = "aes-256-cbc/pbkdf2-sha1"
DEFAULT_ITERATIONS = 75_000


class DecryptionError(Exception):
    """The phone cannot read an encrypted value; the text says why."""


def _cipher(passphrase: str, salt: bytes, iterations: int) -> Cipher[modes.CBC]:
    """Return the cipher; the salt is the initialisation vector as well."""
    key = hashlib.pbkdf2_hmac("sha1", passphrase.encode(), salt, iterations, 32)
    return Cipher(algorithms.AES256(key), modes.CBC(salt))


def decrypt(value: str, passphrase: str | None) -> str:
    """Return the clear text of an encrypted value; DecryptionError when that fails."""
    chunks = value.split("$")
    if len(chunks) < 5:
        raise DecryptionError("the encrypted value has a wrong format")
    if chunks[1] != ALGORITHM:
        raise DecryptionError("the algorithm is not supported")
    if passphrase is None:
        raise DecryptionError("no passphrase is set")
    try:
        params = dict(pair.split("=", 1) for pair in chunks[2].split(","))
        salt = base64.b64decode(chunks[3], validate=True)
        cipher = _cipher(passphrase, salt, int(params["i"]))
        decryptor = cipher.decryptor()
        padded = decryptor.update(base64.b64decode(chunks[4])) + decryptor.finalize()
        unpadder = PKCS7(128).unpadder()
        clear = unpadder.update(padded) + unpadder.finalize()
    except (KeyError, ValueError, binascii.Error) as err:
        raise DecryptionError("BAD_DECRYPT: the value cannot be decrypted") from err
    return clear.decode("utf-8", "replace")


def encrypt(
    text: str, passphrase: str, random: Random, iterations: int = DEFAULT_ITERATIONS
) -> str:
    """Return an encrypted value as a client makes it; the dice are for tests only."""
    salt = random.randbytes(16)
    padder = PKCS7(128).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    encryptor = _cipher(passphrase, salt, iterations).encryptor()
    sealed = encryptor.update(padded) + encryptor.finalize()
    encoded = (base64.b64encode(part).decode() for part in (salt, sealed))
    return f"${ALGORITHM}$i={iterations}${'$'.join(encoded)}"
