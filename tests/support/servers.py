"""What can stand where a gateway should be, each on a real socket of 127.0.0.1."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
import socket
import ssl
from threading import Thread
from typing import ClassVar, override

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# Flags and counts of an answer (RFC 1035)
_NO_SUCH_NAME = b"\x81\x83\0\1\0\0\0\0\0\0"
_OUT_OF_ORDER = b"\x81\x82\0\1\0\0\0\0\0\0"


def closed_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
    return port


@asynccontextmanager
async def answering(raw: bytes, *, hangs: bool = False) -> AsyncGenerator[int]:
    """Answer every request with these bytes, then close or stay silent; yield the port."""
    over = asyncio.Event()

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        if hangs:
            await over.wait()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        over.set()


class _NameServer(asyncio.DatagramProtocol):
    """A DNS server that knows no name, and cannot even look some of them up."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = _OUT_OF_ORDER if b"\6broken" in data else _NO_SUCH_NAME
        end = data.index(b"\0", 12) + 5
        self._transport.sendto(data[:2] + answer + data[12:end], addr)


@asynccontextmanager
async def name_server() -> AsyncGenerator[str]:
    """Run a DNS server that knows no name; yield its address."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        _NameServer, local_addr=("127.0.0.1", 0)
    )
    yield "{}:{}".format(*transport.get_extra_info("sockname"))
    transport.close()


class Refusal(BaseHTTPRequestHandler):
    """Refuses every login."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers["Authorization"])
        self.send_response(401)
        self.end_headers()
        self.wfile.write(b'{"message":"Unauthorized"}')

    @override
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
def own_certificate(folder: Path) -> Iterator[int]:
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
