"""Where the gateway is: addresses as people type them, and the API's path."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
import ssl
from threading import Thread
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from homeassistant.core import HomeAssistant
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.sms_gate.account.login import InvalidUrlError, private_base_url
from tests.support.common import Rig
from tests.support.flows import add, typed
from virtual_gateway import VirtualGateway

LOGIN = {"username": "user", "password": "pass"}


@pytest.mark.parametrize(
    ("part", "path"), [("private", "/api/3rdparty/v1"), ("cloud", "/3rdparty/v1")]
)
@pytest.mark.parametrize(
    "more", ["", "/", "/api/3rdparty/v1", "/3rdparty/v1/", "?x=1#y"]
)
async def test_the_path_is_found(
    hass: HomeAssistant, web: Any, part: str, path: str, more: str
) -> None:
    """Both paths are tried, whatever part of one was entered."""
    async with VirtualGateway(paths=(part,)) as gateway:
        entered = typed("private", gateway, url=gateway.url + more)
        result = await add(hass, "private", entered)
        assert result["result"].data["url"] == gateway.url + path
        await hass.config_entries.async_remove(result["result"].entry_id)


@pytest.mark.parametrize("part", ["private", "cloud"])
async def test_a_wrong_password_is_told_at_either_path(
    hass: HomeAssistant, part: str
) -> None:
    """The path that is not there does not hide what the other one said."""
    async with VirtualGateway(paths=(part,)) as gateway:
        wrong = typed("private", gateway, password="wrong")
        result = await add(hass, "private", wrong)
    assert result["errors"] == {"base": "invalid_auth"}


async def test_a_phone_is_no_private_server(hass: HomeAssistant) -> None:
    """Who mixes the modes up is told."""
    async with VirtualGateway(paths=("phone",)) as gateway:
        result = await add(hass, "private", typed("private", gateway))
    assert result["errors"] == {"base": "not_a_gateway"}


async def test_a_server_is_no_phone(hass: HomeAssistant) -> None:
    """Nor the other way round."""
    async with VirtualGateway(paths=("private", "cloud")) as gateway:
        result = await add(hass, "local", typed("local", gateway))
    assert result["errors"] == {"base": "not_a_gateway"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "://",
        "https://",
        "ftp://sms.example.com",
        "http://[::1",
        "http://sms.example.com:port",
        "http://sms.example.com:99999",
        "my server",
        "http://sms example.com",
    ],
)
async def test_what_is_no_address_of_a_server_is_told(
    hass: HomeAssistant, url: str
) -> None:
    """Nothing is asked, and nobody reads a traceback."""
    result = await add(hass, "private", {"url": url, "verify_ssl": True, **LOGIN})
    assert result["errors"] == {"base": "invalid_url"}


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "http://127.0.0.1",
        "127.0.0.1:8080",
        "127.0.0.1/",
        "a phone",
        "user@127.0.0.1",
        "127.0.0.1?x",
        "[::1",
        "xn--a",
    ],
)
async def test_what_is_no_address_of_a_phone_is_told(
    hass: HomeAssistant, host: str
) -> None:
    """A host is a host; port and the rest have no place in it."""
    result = await add(hass, "local", {"host": host, "port": 8080, **LOGIN})
    assert result["errors"] == {"base": "invalid_url"}


async def test_blanks_around_a_host_do_not_matter(
    hass: HomeAssistant, rig: Rig
) -> None:
    """They come with copying from the app."""
    entered = typed("local", rig.gateway, host=" 127.0.0.1\t")
    result = await add(hass, "local", entered)
    assert result["result"].data["url"] == rig.gateway.url


@pytest.mark.parametrize(
    ("entered", "base"),
    [
        ("sms.example.com", "https://sms.example.com"),
        ("SMS.example.com:8443/", "https://sms.example.com:8443"),
        ("https://sms.example.com:443", "https://sms.example.com"),
        ("http://sms.example.com:80/", "http://sms.example.com"),
        ("http://192.168.1.5:3000", "http://192.168.1.5:3000"),
        ("https://user:pass@sms.example.com", "https://sms.example.com"),
        ("https://example.com/sms/", "https://example.com/sms"),
        (
            "https://example.com/sms/api/3rdparty/v1/messages?x",
            "https://example.com/sms/api/3rdparty/v1/messages",
        ),
        ("https://example.com/sms/api/3rdparty/v1", "https://example.com/sms"),
        ("[::1]:3000", "https://[::1]:3000"),
    ],
)
def test_an_address_is_brought_into_one_form(entered: str, base: str) -> None:
    """One server has one name, however it was written."""
    assert private_base_url(entered) == base
    assert private_base_url(base) == base


@given(
    entered=st.text(max_size=30)
    | st.text(alphabet="htps:/.[]@%#? a0\u0661-", max_size=20).map("http://{}".format)
)
@settings(deadline=None, max_examples=300)
def test_any_text_is_an_address_or_invalid(entered: str) -> None:
    """Whatever is typed, nothing else comes out."""
    try:
        assert private_base_url(entered).startswith("http")
    except InvalidUrlError:
        pass


class Refusal(BaseHTTPRequestHandler):
    """Refuses every login."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers["Authorization"])
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _certificate(path: Path) -> ssl.SSLContext:
    """Make a certificate of one's own, as people do for a server at home."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, own = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, own, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@contextmanager
def _at_home(folder: Path) -> Iterator[int]:
    """Serve over TLS; in a thread, so that a broken handshake is no error of ours."""
    Refusal.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Refusal)
    context = _certificate(folder / "own.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("verify", [True, False])
async def test_an_own_certificate_is_taken_only_when_told(
    hass: HomeAssistant, tmp_path: Path, *, verify: bool
) -> None:
    """With the check on, the password does not leave the house."""
    with _at_home(tmp_path) as port:
        url = f"https://127.0.0.1:{port}"
        result = await add(hass, "private", {"url": url, "verify_ssl": verify, **LOGIN})
    assert result["errors"]["base"] == ("cannot_connect" if verify else "invalid_auth")
    assert bool(Refusal.asked) is not verify
