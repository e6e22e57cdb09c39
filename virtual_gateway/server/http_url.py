"""Which addresses the server takes for http addresses."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9a-f]{2})")
_USER = re.compile(r"[a-z0-9\-._:~!$&'()*+,;=%@]*")
_HOST = re.compile(
    r"(?:\[[0-9a-f:.]+\]|(?:[a-z0-9\-._~!$&'()*+,;=<>\"]|[^\x00-\x7f])*)(?::[0-9]*)?"
)


def is_http_url(text: str) -> bool:
    """Return True if a text is an http or https address with a host or port."""
    address, _, fragment = text.lower().partition("#")
    scheme, mark, rest = address.partition("://")
    if not mark or scheme not in ("http", "https"):
        return False
    if _CONTROL.search(text) or _BAD_ESCAPE.search(fragment):
        return False
    authority, _, path = rest.partition("?")[0].partition("/")
    user, _, host = authority.rpartition("@")
    if _BAD_ESCAPE.search(path) or not _USER.fullmatch(user):
        return False
    return bool(host) and _HOST.fullmatch(host) is not None
