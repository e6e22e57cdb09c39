"""Who may ask: name and password, or a signed token with scopes."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
import hashlib
import hmac
import json
from random import Random
import time

from .ids import nano_id

ALL = "all:any"
REFRESH = "tokens:refresh"


@dataclass(frozen=True)
class Principal:
    """Who asks, and what that one may do."""

    scopes: frozenset[str]
    token_id: str | None = None
    original_scopes: tuple[str, ...] = ()

    def may(self, scope: str, *, exact: bool = False) -> bool:
        """Tell whether a scope is granted."""
        if exact:
            return self.scopes == {scope}
        return scope in self.scopes or ALL in self.scopes


@dataclass(frozen=True)
class Token:
    """A signed token."""

    id: str
    text: str
    expires_ms: int


def _segment(value: object) -> str:
    """Return a part of a token."""
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class TokenOffice:
    """Issues, reads and revokes the tokens of one side."""

    random: Random
    secret: bytes = b""
    revoked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Draw the secret."""
        self.secret = self.random.randbytes(32)

    def _sign(self, content: str) -> str:
        """Return the signature of a token's content."""
        digest = hmac.new(self.secret, content.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def issue(
        self, scopes: Iterable[str], lifetime: float, original: Iterable[str] = ()
    ) -> Token:
        """Return a new token for some seconds."""
        token_id = nano_id(self.random)
        expires = time.time() + lifetime
        claims = {
            "jti": token_id,
            "exp": expires,
            "scopes": list(scopes),
            "original_scopes": list(original),
        }
        content = f"{_segment({'alg': 'HS256', 'typ': 'JWT'})}.{_segment(claims)}"
        return Token(token_id, f"{content}.{self._sign(content)}", int(expires * 1000))

    def read(self, text: str) -> Principal | None:
        """Return who a token stands for; nothing when it is not good."""
        content, _, given = text.rpartition(".")
        if not hmac.compare_digest(self._sign(content).encode(), given.encode()):
            return None
        payload = content.partition(".")[2]
        claims = json.loads(
            base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        )
        if claims["exp"] < time.time() or claims["jti"] in self.revoked:
            return None
        return Principal(
            frozenset(claims["scopes"]), claims["jti"], tuple(claims["original_scopes"])
        )


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Return name and password of a Basic header."""
    try:
        text = base64.b64decode(header[6:], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as err:
        del err
        return None
    name, colon, password = text.partition(":")
    return (name, password) if colon else None


def authenticate(
    header: str,
    username: str,
    password: str,
    office: TokenOffice,
    *,
    any_case: bool = False,
) -> Principal | None:
    """Return who asks with an Authorization header; nothing when nobody known does."""
    if header[:6].lower() == "basic ":
        name, given = basic_credentials(header) or ("", "")
        same = name == username or (any_case and name.lower() == username.lower())
        return Principal(frozenset({ALL})) if same and given == password else None
    if header[:7].lower() == "bearer ":
        return office.read(header[7:])
    return None
