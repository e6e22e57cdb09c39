"""Home Assistant killed again and again while messages come in."""
