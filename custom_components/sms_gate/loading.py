"""Making the parts of an account when its entry loads, and removing what they kept."""

import logging
from pathlib import Path

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import STORAGE_DIR

from . import migration
from .account import issues as care, missing_sims
from .account.cipher import Sealing
from .account.contacts import Contact, PhoneBook
from .account.context import Account
from .account.coordinator import SmsGateCoordinator
from .account.exceptions import failure, from_gateway
from .account.login import country_of, make_client
from .account.pace import pace_of
from .account.phone_monitor import PhoneStates
from .account.phones import Phones
from .const import (
    CONF_DAILY_LIMIT,
    CONF_ENCRYPTION_PASSPHRASE,
    CONF_MODE,
    CONF_PHONE_NUMBER,
    CONF_SIM_NUMBER,
    DOMAIN,
    SUBENTRY_CONTACT,
    Mode,
)
from .gateway.errors import GatewayAuthError, GatewayError
from .receive import catch_up, media, mode as way_in, signature
from .receive.dedup import Seen
from .receive.pipeline import Intake
from .receive.receiver import Receiving
from .receive.registration import Registration, async_unregister
from .runtime import SmsGateConfigEntry, SmsGateData
from .send import outbox as tracker
from .send.daily_limit import DEFAULT_DAILY_LIMIT, Guard
from .send.status_poller import Follower

_LOGGER = logging.getLogger(__name__)


async def async_load(hass: HomeAssistant, entry: SmsGateConfigEntry) -> SmsGateData:
    """Return the parts of an account, its phones known and its memory read.

    Raises:
        ConfigEntryAuthFailed, ConfigEntryNotReady: the gateway could not be asked.
    """
    account = Account(
        hass=hass,
        entry=entry,
        client=make_client(hass, entry.data),
        phones=Phones(hass, entry),
        phone_book=await hass.async_add_executor_job(
            PhoneBook.build, _contacts(entry), country_of(hass, entry)
        ),
        sealing=Sealing(hass, entry.options.get(CONF_ENCRYPTION_PASSPHRASE)),
    )
    way = way_in.choose(hass, entry)
    pace = pace_of(entry, way)
    states = PhoneStates(account, pace.rhythm)
    states.async_start()
    coordinator = SmsGateCoordinator(account, states, pace)
    await coordinator.async_config_entry_first_refresh()
    _name_local_phone(hass, entry, account)
    # Without a listener a coordinator never asks again
    entry.async_on_unload(coordinator.async_add_listener(lambda: None))
    media.async_keep_tidy(hass, entry)
    seen = _seen(hass, entry)
    await seen.async_load()
    intake = Intake(account, seen)
    registration = Registration(account)
    guard = Guard(int(entry.options.get(CONF_DAILY_LIMIT, DEFAULT_DAILY_LIMIT)))
    sent = tracker.Tracker(account, guard, lambda: registration.active)
    await sent.async_start()
    Follower(account, sent, intake, states).start()
    care.Care(account, states, registration).start()
    missing_sims.MissingSims(account, states).start()
    return SmsGateData(
        account=account,
        coordinator=coordinator,
        phone_states=states,
        intake=intake,
        tracker=sent,
        receiving=Receiving(
            account,
            way=way,
            coordinator=coordinator,
            states=states,
            intake=intake,
            registration=registration,
        ),
        signatures=signature.SignatureWatch(hass, entry),
    )


def _name_local_phone(
    hass: HomeAssistant, entry: SmsGateConfigEntry, account: Account
) -> None:
    """Let an entry taken over from SMSGateHA be known by its phone."""
    if entry.unique_id is None and entry.data[CONF_MODE] == Mode.LOCAL:
        hass.config_entries.async_update_entry(entry, unique_id=account.phones.choose())


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


def _seen(hass: HomeAssistant, entry: ConfigEntry) -> Seen:
    """Return the memory of what an account received."""
    path = hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry.entry_id}.seen")
    return Seen(hass, Path(path))


async def async_open(
    hass: HomeAssistant, entry: SmsGateConfigEntry, platforms: list[Platform]
) -> None:
    """Open the way in, last of all.

    Raises:
        ConfigEntryAuthFailed, ConfigEntryNotReady: that failed; nothing stays loaded.
    """
    try:
        await entry.runtime_data.receiving.async_start()
    except (GatewayError, OSError) as err:
        await hass.config_entries.async_unload_platforms(entry, platforms)
        is_refused = (
            isinstance(err, GatewayAuthError)
            and not await entry.runtime_data.coordinator.async_is_sick()
        )
        told = from_gateway(err) if isinstance(err, GatewayError) else failure("disk")
        raise (ConfigEntryAuthFailed if is_refused else ConfigEntryNotReady)(
            translation_domain=DOMAIN,
            translation_key=told.translation_key,
            translation_placeholders=told.translation_placeholders,
        ) from err


async def async_forget(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove the files and repair issues of an account."""
    for issue_id in (
        way_in.issue_id,
        tracker.issue_id,
        signature.issue_id,
        migration.issue_id,
    ):
        ir.async_delete_issue(hass, DOMAIN, issue_id(entry))
    await _seen(hass, entry).async_remove()
    await tracker.storage(hass, entry.entry_id).async_remove()
    await catch_up.storage(hass, entry.entry_id).async_remove()
    care.async_forget(hass, entry)
    missing_sims.async_forget(hass, entry)


async def async_take_leave(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove the account's webhooks from the gateway, if it can be reached."""
    try:
        await async_unregister(make_client(hass, entry.data), entry.entry_id)
    except GatewayError as err:
        _LOGGER.warning(
            "The webhooks of %s could not be removed at the gateway: %s",
            entry.title,
            type(err).__name__,
        )
