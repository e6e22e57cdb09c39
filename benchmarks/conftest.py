"""Lends the tests' fixtures to the idle hour."""

from tests.conftest import _custom_integration, gateway, hass_config_dir, rig, web

__all__ = [
    "_custom_integration",
    "gateway",
    "hass_config_dir",
    "rig",
    "web",
]
