"""Most rules read files only; those that start Home Assistant ask for it."""

import pytest


@pytest.fixture(autouse=True)
def _custom_integration() -> None:
    """Start no Home Assistant where a test does not ask for one."""


@pytest.fixture(autouse=True)
def _real_sockets() -> None:
    """Open no sockets where a test does not ask for them."""


@pytest.fixture
def _running(enable_custom_integrations: None, socket_enabled: None) -> None:
    """Do what the two above do for the other folders of tests."""
