"""What the tests about phones share."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import State
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from custom_components.sms_gate.account.phone_state import PhoneState
from custom_components.sms_gate.const import DOMAIN
from harness.until import until
from tests.support.common import Account
from tests.support.receiving import pass_time, quiet
from virtual_gateway import VirtualPhone

MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
WAYS = {
    "private": ("private", "auto"),
    "cloud": ("cloud", "auto"),
    "local by webhook": ("local", "auto"),
    "local by poll": ("local", "poll"),
}


def id_of(account: Account, phone: VirtualPhone | None = None) -> str:
    """Return what the account's gateway calls a phone."""
    phone = phone or account.phone
    return phone.local_id if account.entry.data["mode"] == "local" else phone.id


def state_of(account: Account, phone: VirtualPhone | None = None) -> PhoneState:
    """Return what is known of a phone."""
    state: PhoneState = account.entry.runtime_data.account.phones[id_of(account, phone)]
    return state


def entity_of(
    account: Account, platform: str, key: str, phone: VirtualPhone | None = None
) -> str:
    """Return the id of a phone's entity."""
    found = er.async_get(account.hass).async_get_entity_id(
        platform, DOMAIN, f"{id_of(account, phone)}-{key}"
    )
    assert found is not None
    return found


def shown(
    account: Account,
    key: str,
    platform: str = "sensor",
    phone: VirtualPhone | None = None,
) -> State:
    """Return the state of a phone's entity."""
    state = account.hass.states.get(entity_of(account, platform, key, phone))
    assert state is not None
    return state


def online(account: Account, phone: VirtualPhone | None = None) -> str:
    """Return whether a phone is shown as online: ``on``, ``off``, ``unavailable``."""
    return shown(account, "online", "binary_sensor", phone).state


async def delivered(account: Account, phone: VirtualPhone | None = None) -> None:
    """Wait until a phone has no webhook left to post, and Home Assistant is done."""
    phone = phone or account.phone
    await until(lambda: not phone.hooks.queue.busy)
    await quiet(account.hass)


async def ping(account: Account, phone: VirtualPhone | None = None) -> None:
    """Let a phone ping by its webhook."""
    (phone or account.phone).ping()
    await delivered(account, phone)


async def let_pass(
    account: Account,
    freezer: FrozenDateTimeFactory,
    seconds: float,
    step: float = MINUTE,
) -> None:
    """Let frozen time go by in steps, as it does, not in one jump."""
    left = seconds
    while left > 0:
        await pass_time(account.hass, freezer, min(step, left))
        left -= step


async def ping_for(
    account: Account, freezer: FrozenDateTimeFactory, seconds: float, every: float
) -> None:
    """Let time go by in which the phone pings."""
    for _ in range(round(seconds / every)):
        await let_pass(account, freezer, every)
        await ping(account)


def issue_ids(account: Account, key: str) -> list[str]:
    """Return the ids of our repair issues of one kind."""
    return [
        issue_id
        for (domain, issue_id), issue in ir.async_get(account.hass).issues.items()
        if domain == DOMAIN and issue.translation_key == key
    ]
