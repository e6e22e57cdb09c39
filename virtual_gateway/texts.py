"""Texts as both sides read them."""


def whole_text(value: str) -> str:
    """Return a text that can be written, with torn characters replaced."""
    if value.isascii():
        return value
    units = value.encode("utf-16", "surrogatepass")
    return units.decode("utf-16", "replace")
