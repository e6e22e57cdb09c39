"""Two-way SMS through SMS Gate, an Android phone as gateway."""

import logging
from pathlib import Path
from typing import Final

from homeassistant.const import CONF_NAME, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.helpers.typing import ConfigType

from .account import country_of, make_client
from .cloudhook import async_register_cloudhook, async_remove_cloudhook
from .const import (
    CONF_DAILY_LIMIT,
    CONF_ENCRYPTION_PASSPHRASE,
    CONF_PHONE_NUMBER,
    CONF_SIM_NUMBER,
    DOMAIN,
    SUBENTRY_CONTACT,
)
from .coordinator import SmsGateCoordinator
from .data import Account, SmsGateConfigEntry, SmsGateData
from .errors import GatewayAuthError, GatewayError
from .exceptions import from_gateway
from .follow import Follower
from .guard import DEFAULT_DAILY_LIMIT, Guard
from .intake import Intake
from .notify_action import async_register_notify
from .phone_numbers import Contact, PhoneBook
from .phones import Phones
from .privacy import async_guard_recorder
from .receiving import Receiving, storage as receiving_storage
from .registration import Registration, async_unregister
from .sealing import Sealing
from .seen import Seen
from .services import async_setup_services
from .tracker import Tracker, storage as tracker_storage
from .way_in import untell
from .webhook import WebhookView

_LOGGER = logging.getLogger(__name__)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
ENTRY_VERSION: Final = 2
PLATFORMS: Final = [Platform.EVENT, Platform.NOTIFY, Platform.SENSOR]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all accounts share."""
    async_setup_services(hass)
    hass.http.register_view(WebhookView())
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.version >= ENTRY_VERSION:
            async_register_cloudhook(hass, entry)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> bool:
    """Set up an account: first its parts and platforms, then the way in."""
    async_register_cloudhook(hass, entry)
    account = await _async_account(hass, entry)
    coordinator = SmsGateCoordinator(account)
    await coordinator.async_config_entry_first_refresh()
    seen = _seen(hass, entry)
    await seen.async_load()
    registration = Registration(account)
    intake = Intake(account, seen)
    guard = Guard(int(entry.options.get(CONF_DAILY_LIMIT, DEFAULT_DAILY_LIMIT)))
    tracker = Tracker(account, guard, lambda: registration.active)
    await tracker.async_start()
    Follower(account, tracker, intake).start()
    receiving = Receiving(account, intake, registration)
    entry.runtime_data = SmsGateData(
        account=account,
        coordinator=coordinator,
        intake=intake,
        tracker=tracker,
        receiving=receiving,
    )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_register_notify(hass, entry)
    async_guard_recorder(hass)
    await _async_open(hass, entry, receiving)
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


async def _async_account(hass: HomeAssistant, entry: SmsGateConfigEntry) -> Account:
    """Make what all parts of the account share."""
    return Account(
        hass=hass,
        entry=entry,
        client=make_client(hass, entry.data),
        phones=Phones(hass, entry),
        phone_book=await hass.async_add_executor_job(
            PhoneBook.build, _contacts(entry), country_of(hass, entry)
        ),
        sealing=Sealing(hass, entry.options.get(CONF_ENCRYPTION_PASSPHRASE)),
    )


async def _async_open(
    hass: HomeAssistant, entry: SmsGateConfigEntry, receiving: Receiving
) -> None:
    """Open the way in; where that fails, the set-up is tried again."""
    try:
        await receiving.async_start()
    except (GatewayError, OSError) as err:
        await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
        key = (
            from_gateway(err).translation_key
            if isinstance(err, GatewayError)
            else "disk"
        )
        kind = (
            ConfigEntryAuthFailed
            if isinstance(err, GatewayAuthError)
            else ConfigEntryNotReady
        )
        raise kind(translation_domain=DOMAIN, translation_key=key) from err


def _seen(hass: HomeAssistant, entry: SmsGateConfigEntry) -> Seen:
    """Return the memory of what an account received."""
    path = hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry.entry_id}.seen")
    return Seen(hass, Path(path))


def _contacts(entry: SmsGateConfigEntry) -> list[Contact]:
    """Return the account's contacts."""
    return [
        Contact(
            id=subentry.subentry_id,
            name=subentry.data[CONF_NAME],
            phone_number=subentry.data[CONF_PHONE_NUMBER],
            sim_number=subentry.data.get(CONF_SIM_NUMBER),
        )
        for subentry in entry.get_subentries_of_type(SUBENTRY_CONTACT)
    ]


async def _async_reload(hass: HomeAssistant, entry: SmsGateConfigEntry) -> None:
    """Take over changed options, credentials and contacts."""
    hass.config_entries.async_schedule_reload(entry.entry_id)


async def async_unload_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> bool:
    """Unload; the registrations stay, so that the phone goes on trying."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.tracker.async_stop()
        await entry.runtime_data.receiving.async_stop()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> None:
    """Leave nothing behind, here or at the gateway."""
    untell(hass, entry)
    await async_remove_cloudhook(hass, entry)
    await _seen(hass, entry).async_remove()
    await tracker_storage(hass, entry.entry_id).async_remove()
    await receiving_storage(hass, entry.entry_id).async_remove()
    try:
        await async_unregister(make_client(hass, entry.data), entry.entry_id)
    except GatewayError as err:
        _LOGGER.warning(
            "The webhooks of %s could not be removed at the gateway: %s",
            entry.title,
            err,
        )
