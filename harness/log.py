"""What a Home Assistant's log says of the integration."""

from collections.abc import Iterable

from .until import HarnessError

# What Home Assistant says of every custom integration, and on a slow machine
_OTHERS = ("not been tested", "Updating state for", "is taking over", "took longer")


def complaints(log: str) -> list[str]:
    """Return the integration's warnings and errors."""
    return [
        line
        for line in log.splitlines()
        if "sms_gate" in line
        and (" WARNING " in line or " ERROR " in line)
        and not any(words in line for words in _OTHERS)
    ]


def leaks(log: str, secrets: Iterable[str]) -> list[str]:
    """Return those of the secrets that stand in the log."""
    return [secret for secret in secrets if secret in log]


def check(log: str, secrets: Iterable[str] = ()) -> None:
    """Raise if the integration complains, or if a secret stands in the log."""
    if found := leaks(log, secrets):
        raise HarnessError(f"the log holds {found}")
    if found := complaints(log):
        raise HarnessError("\n".join(["Home Assistant's log complains:", *found]))
