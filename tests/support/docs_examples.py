"""The documentation's examples, set up as a person would: pasted in, and run."""

from itertools import cycle
from pathlib import Path
import time
from typing import Any, Final

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml

from tests.support.common import Account

FOLDER: Final = Path(__file__).parents[2] / "docs" / "examples"
NAMES: Final = sorted(path.stem for path in FOLDER.glob("*.yaml"))
# The number that some examples name beside Sara's
ACCOMPLICE: Final = "+966551234567"
# SMS have whole seconds, and two of the same second, text and sender are one
_SECONDS = cycle(range(1, 100))


def example(name: str) -> dict[str, Any]:
    """Return an example as Home Assistant reads it."""
    content = parse_yaml((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def kind_of(content: dict[str, Any]) -> str:
    """Return where a person pastes an example in."""
    for key, kind in (
        ("triggers", "automation"),
        ("sequence", "script"),
        ("action", "action"),
    ):
        if key in content:
            return kind
    return "configuration"


async def automation(hass: HomeAssistant, name: str) -> None:
    """Set up an example as an automation; it must be able to run."""
    config = {"id": name, **example(name)}
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()
    (state,) = hass.states.async_all("automation")
    assert state.state == "on"


async def script(hass: HomeAssistant, name: str, *, blocking: bool = True) -> None:
    """Run an example that is a script, or one action of one."""
    if "script" not in hass.config.components:
        assert await async_setup_component(hass, "script", {"script": _scripts()})
        await hass.async_block_till_done()
    await hass.services.async_call("script", name, blocking=blocking)


def _scripts() -> dict[str, Any]:
    """Return all examples that a script can be made of."""
    contents = {name: example(name) for name in NAMES}
    return {
        name: {"sequence": [content]} if kind_of(content) == "action" else content
        for name, content in contents.items()
        if kind_of(content) in ("action", "script")
    }


async def configuration(hass: HomeAssistant, name: str) -> None:
    """Set up an example that belongs into ``configuration.yaml``."""
    content = example(name)
    for component in content:
        assert await async_setup_component(hass, component, content)
    await hass.async_block_till_done()


def notified(hass: HomeAssistant) -> list[tuple[str | None, str]]:
    """Return title and text of the notifications that are shown, the oldest first."""
    found = persistent_notification._async_get_or_create_notifications(hass)
    return [(item["title"], item["message"]) for item in found.values()]


def soon() -> float:
    """Return a time at which no message is late, another one each time."""
    return time.time() + next(_SECONDS)


def outbox(account: Account) -> list[tuple[str, str | None]]:
    """Return what left the phone, in order: number and text."""
    return [(sms.phone_number, sms.text) for sms in account.phone.outbox]
