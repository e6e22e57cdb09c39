"""The chaos runs in processes of its own: no Home Assistant in this one."""

import pytest


@pytest.fixture(autouse=True)
def _custom_integration() -> None:
    """Start no Home Assistant here."""


@pytest.fixture(autouse=True)
def _real_sockets() -> None:
    """Open no sockets here."""
