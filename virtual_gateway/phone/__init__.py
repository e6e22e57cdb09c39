"""The phones behind the gateway."""

from .phone import VirtualPhone
from .sims import VirtualSim

__all__ = ["VirtualPhone", "VirtualSim"]
