"""Ports of what demo, benchmarks and browser run start beside each other."""

import socket
import subprocess
import sys

from harness.home import ROOT
from harness.process import free_port

ASK = """
import sys
from harness.process import free_port
print(free_port(int(sys.argv[1])))
"""


def asked_by_another(port: int) -> int:
    """Return the port that another process gets."""
    command = [sys.executable, "-c", ASK, str(port)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)  # noqa: S603
    return int(done.stdout)


def test_a_port_is_given_once_before_anybody_listens() -> None:
    """Home Assistant needs half a minute until it does, and demos may start at once."""
    port = free_port()
    assert asked_by_another(port) != port
    assert free_port(port) != port


def test_the_port_of_a_process_that_ended_is_free() -> None:
    """Also when the same one is wanted."""
    port = asked_by_another(0)
    assert asked_by_another(port) == port


def test_a_port_that_somebody_listens_on_is_not_given() -> None:
    """Somebody's own Home Assistant knows nothing of this."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert free_port(port) != port
