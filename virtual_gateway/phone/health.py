"""The phone's health checks."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .phone import VirtualPhone

TRANSPORTS: Final = {"none": 0, "unknown": 1, "cellular": 2, "wifi": 4, "ethernet": 8}
CELLULAR_GENERATIONS: Final = {
    "none": 0,
    "unknown": 1,
    "2g": 2,
    "3g": 3,
    "4g": 4,
    "5g": 5,
}
_LEVELS: Final = ("pass", "warn", "fail")


def _check(status: str, value: int, unit: str, description: str) -> dict[str, object]:
    """Return one check."""
    return {
        "status": status,
        "observedValue": value,
        "observedUnit": unit,
        "description": description,
    }


def _battery_status(level: float) -> str:
    """Return how bad a battery level is."""
    if level < 10:
        return "fail"
    return "warn" if level < 25 else "pass"


def _charging_flags(charging: bool | str) -> int:
    """Return 1 for charging, 2 for a mains plug, 4 for USB."""
    if not charging:
        return 0
    return 1 + (4 if charging == "usb" else 2)


def _failed_check(phone: VirtualPhone) -> dict[str, object]:
    """Return the check of the messages that failed."""
    failed, well = phone.sender.counts_of_last_hour()
    status = "pass"
    if failed:
        status = "warn" if well else "fail"
    return _check(status, failed, "messages", "Messages that failed in the last hour")


def checks(phone: VirtualPhone) -> dict[str, dict[str, object]]:
    """Return all checks of a phone by name."""
    connected = phone.online and phone.transport != "none"
    transport = TRANSPORTS.get(phone.transport, 1) if phone.online else 0
    cellular = CELLULAR_GENERATIONS[phone.cellular] if transport & 2 else 0
    status = "pass" if connected else "fail"
    return {
        "messages:failed": _failed_check(phone),
        "connection:status": _check(
            status, int(connected), "boolean", "Internet connection"
        ),
        "connection:transport": _check(
            "pass" if transport else "fail", transport, "flags", "Kind of network"
        ),
        "connection:cellular": _check(
            "pass", cellular, "index", "Kind of mobile network"
        ),
        "battery:level": _check(
            _battery_status(phone.battery),
            int(phone.battery),
            "percent",
            "Battery level in percent",
        ),
        "battery:charging": _check(
            "pass", _charging_flags(phone.charging), "flags", "Is the phone charging"
        ),
    }


def health(phone: VirtualPhone) -> dict[str, object]:
    """Return the health of a phone as it answers it and as its ping carries it."""
    found = checks(phone)
    worst = max(_LEVELS.index(str(item["status"])) for item in found.values())
    return {
        "status": _LEVELS[worst],
        "version": phone.app_version,
        "releaseId": phone.release_id,
        "checks": found,
    }
