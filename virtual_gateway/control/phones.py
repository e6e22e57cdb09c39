"""Adding and changing phones from outside."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from virtual_gateway.errors import Refused
from virtual_gateway.phone import VirtualSim
from virtual_gateway.phone.health import CELLULAR_GENERATIONS, TRANSPORTS

if TYPE_CHECKING:
    from virtual_gateway.gateway import VirtualGateway
    from virtual_gateway.phone import VirtualPhone

type Body = dict[str, object]
_OUTCOMES: Final = ("failed", "sent", "delivered", "undelivered", "swallowed")


def _number(low: float, high: float) -> Callable[[str, object], float]:
    """Return a reader of numbers between bounds."""

    def read(name: str, value: object) -> float:
        """Read a number."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused(400, f"{name} must be a number")
        if not low <= value <= high:
            raise Refused(400, f"{name} must be between {low:g} and {high:g}")
        return value

    return read


def _flag(name: str, value: object) -> bool:
    """Read a truth value."""
    if not isinstance(value, bool):
        raise Refused(400, f"{name} must be true or false")
    return value


def _text(name: str, value: object) -> str:
    """Read a text."""
    if not isinstance(value, str) or not value:
        raise Refused(400, f"{name} must be a text")
    return value


def _choice(*allowed: object) -> Callable[[str, object], object]:
    """Return a reader of one of a few values."""

    def read(name: str, value: object) -> object:
        """Read a value."""
        if not any(value is item or value == item for item in allowed):
            raise Refused(400, f"{name} must be one of {allowed}")
        return value

    return read


def _or_none(
    read: Callable[[str, object], object],
) -> Callable[[str, object], object]:
    """Return a reader that takes null as well."""
    return lambda name, value: None if value is None else read(name, value)


def _outcomes(name: str, value: object) -> dict[str, str]:
    """Read what shall become of SMS to some numbers."""
    if not isinstance(value, dict):
        raise Refused(400, f"{name} must be an object")
    for number, outcome in value.items():
        if outcome not in _OUTCOMES:
            raise Refused(400, f"{name}: {number} must be one of {_OUTCOMES}")
    return value


def _offset(name: str, value: object) -> timedelta:
    """Read an offset from UTC in minutes."""
    return timedelta(minutes=_number(-14 * 60, 14 * 60)(name, value))


def _sims(name: str, value: object) -> tuple[VirtualSim, ...]:
    """Read SIM cards."""
    if not isinstance(value, list):
        raise Refused(400, f"{name} must be a list")
    return tuple(_sim(item) for item in value)


def _sim(value: object) -> VirtualSim:
    """Read one SIM card."""
    if not isinstance(value, dict):
        raise Refused(400, "a SIM must be an object")
    number = int(_number(1, 3)("number", value.get("number")))
    texts = [
        None if value.get(key) is None else _text(key, value[key])
        for key in ("phone_number", "carrier", "iccid")
    ]
    return VirtualSim(number, *texts)


READERS: Final[dict[str, Callable[[str, object], object]]] = {
    "name": _text,
    "sims": _sims,
    "app_version": _text,
    "battery": _number(0, 100),
    "charging": _choice(True, False, "usb", "ac"),
    "transport": _choice(*TRANSPORTS),
    "cellular": _choice(*CELLULAR_GENERATIONS),
    "country": _text,
    "utc_offset": _offset,
    "online": _flag,
    "signing_key": _or_none(_text),
    "passphrase": _or_none(_text),
    "ping_interval": _or_none(_number(1, 86400)),
    "outcomes": _outcomes,
    "fail_reason": _text,
    "refires_known": _flag,
    "batch_support": _flag,
    "attachment_support": _flag,
    "legacy_payloads": _flag,
    "legacy_offsets": _flag,
}


def change_phone(phone: VirtualPhone, body: Body) -> None:
    """Change a phone; nothing is changed when one value is wrong."""
    if unknown := set(body) - set(READERS):
        raise Refused(400, f"a phone has no {min(unknown)}")
    changes = {name: READERS[name](name, value) for name, value in body.items()}
    for name, value in changes.items():
        setattr(phone, name, value)


def new_phone(gateway: VirtualGateway, body: Body) -> VirtualPhone:
    """Add a phone and set it up; none is added when a value is wrong."""
    if unknown := set(body) - set(READERS):
        raise Refused(400, f"a phone has no {min(unknown)}")
    for name, value in body.items():
        READERS[name](name, value)
    phone = gateway.add_phone()
    change_phone(phone, body)
    return phone
