"""The accounts that can send now, the default one first."""

import asyncio
from contextlib import suppress
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.util.hass_dict import HassKey

from ..account.exceptions import mistake
from ..const import CONF_IS_DEFAULT_ACCOUNT, DOMAIN
from .sender import Sender

_SENDERS: Final[HassKey[dict[str, Sender]]] = HassKey(f"{DOMAIN}_senders")
# When accounts were unloaded, by the loop's clock
_UNLOADED: Final[HassKey[dict[str, float]]] = HassKey(f"{DOMAIN}_unloaded")
# How long an action waits for an account that is loaded again
RELOAD_SECONDS: Final = 10.0


@callback
def async_register(hass: HomeAssistant, sender: Sender) -> None:
    """Let an account send until it unloads."""
    entry = sender.account.entry
    loaded = hass.data.setdefault(_SENDERS, {})
    unloaded = hass.data.setdefault(_UNLOADED, {})
    loaded[entry.entry_id] = sender
    unloaded.pop(entry.entry_id, None)

    @callback
    def unregister() -> None:
        loaded.pop(entry.entry_id, None)
        unloaded[entry.entry_id] = hass.loop.time()

    entry.async_on_unload(unregister)


def entries(hass: HomeAssistant) -> list[ConfigEntry]:
    """Return all accounts, the default one first: the option's, else the oldest."""
    return sorted(
        hass.config_entries.async_entries(
            DOMAIN, include_ignore=False, include_disabled=False
        ),
        key=lambda entry: (
            not entry.options.get(CONF_IS_DEFAULT_ACCOUNT),
            entry.created_at,
        ),
    )


def senders(hass: HomeAssistant) -> list[Sender]:
    """Return the loaded accounts' senders, the default one first."""
    loaded = hass.data.get(_SENDERS, {})
    return [
        loaded[entry.entry_id] for entry in entries(hass) if entry.entry_id in loaded
    ]


async def async_settled(hass: HomeAssistant) -> None:
    """Wait a moment for accounts that are loaded again.

    Not for one whose set-up is tried again because its gateway is away: that takes
    long, and another account's alarm must not wait for it.
    """
    unloaded, before = hass.data.get(_UNLOADED, {}), hass.loop.time() - RELOAD_SECONDS
    with suppress(TimeoutError):
        async with asyncio.timeout(RELOAD_SECONDS):
            for entry in entries(hass):
                if unloaded.get(entry.entry_id, before) > before:
                    async with entry.setup_lock:
                        pass


def sender_of(hass: HomeAssistant, entry: ConfigEntry) -> Sender:
    """Return an account's sender.

    Raises:
        ServiceValidationError: the account is not loaded.
    """
    if (sender := hass.data.get(_SENDERS, {}).get(entry.entry_id)) is None:
        raise mistake("account_not_loaded", account=entry.title)
    return sender


def default_sender(hass: HomeAssistant) -> Sender:
    """Return the default account's sender.

    Raises:
        ServiceValidationError: there is no account, or it is not loaded.
    """
    if not (accounts := entries(hass)):
        raise mistake("no_account")
    return sender_of(hass, accounts[0])


def sender_of_device(hass: HomeAssistant, device_id: str | None) -> Sender | None:
    """Return the sender of the account that a phone belongs to."""
    if device_id is None or (device := dr.async_get(hass).async_get(device_id)) is None:
        return None
    loaded = hass.data.get(_SENDERS, {})
    return next(
        (loaded[item] for item in device.config_entries if item in loaded), None
    )


def sender_of_message(hass: HomeAssistant, message_id: str) -> Sender | None:
    """Return the sender of the account that sent a message."""
    return next((it for it in senders(hass) if it.outbox.has_sent(message_id)), None)
