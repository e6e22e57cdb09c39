"""scripts/demo: a real Home Assistant and a virtual gateway, ready to play with."""
